package keys

import (
	"errors"
	"os"

	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// fault is why a key set could not be had.
type fault = outbound.Fault

func refuse(kind string, says redact.Message) *fault { return outbound.Refuse(kind, says) }

// The kinds that something else depends on.
const (
	kindStatus      = "status"
	kindHTML        = "html"
	kindNotJSON     = "not-json"
	kindOtherIssuer = "other-issuer"
	kindNoKeysURL   = "no-jwks-uri"
)

// answered reports whether the host answered, though not with what was asked for: then it may have
// that elsewhere.
func answered(f *fault) bool {
	switch f.Kind {
	case kindStatus, kindHTML, kindNotJSON, outbound.KindRedirect:
		return true
	}
	return false
}

// decided reports whether there is metadata, and what it says is the fault.
func decided(f *fault) bool { return f.Kind == kindOtherIssuer || f.Kind == kindNoKeysURL }

// classifyFile is classify for a file.
func classifyFile(err error) *fault {
	f := &fault{Kind: "file", Says: redact.Msg("it cannot be read"), From: outbound.TypeOf(err)}
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.Kind, f.Says = "file-missing", redact.Msg("there is no such file")
	case errors.Is(err, os.ErrPermission):
		f.Kind, f.Says = "file-permission", redact.Msg("the bot may not read it")
	}
	return f
}
