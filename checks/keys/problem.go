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
	kindNotFound    = "not-found" // 404 or 410
	kindHTML        = "html"
	kindNotJSON     = "not-json"
	kindOtherIssuer = "other-issuer"
	kindNoKeysURL   = "no-jwks-uri"

	kindBareKey        = "bare-jwk"
	kindMetadataAsKeys = "metadata-as-keys"
	kindCertificates   = "certificates-as-keys"
	kindNoKeys         = "no-keys"
)

// answered reports whether the host answered, though not with what was asked for: then it may have
// that elsewhere.
func answered(f *fault) bool {
	switch f.Kind {
	case kindStatus, kindNotFound, kindHTML, kindNotJSON, outbound.KindRedirect:
		return true
	}
	return false
}

// elsewhere reports whether what the host answered shows that the document is not at that address.
func elsewhere(f *fault) bool { return f.Kind == kindNotFound || f.Kind == kindHTML }

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

var mendIssuer = redact.Msg("Set JWT_CHECK_…_ISSUER to exactly what iss in its tokens is; if that publishes no metadata, set JWT_CHECK_…_JWKS_URL to its key set")

// mend says what to set where an answer was received that shows that the address is the wrong one. It is
// zero where nobody answered, and where the issuer itself named the address.
func (o Origin) mend(f *fault) redact.Message {
	switch f.Kind {
	case kindOtherIssuer:
		return f.Mend
	case "metadata-" + kindNotFound, "metadata-" + kindHTML:
		return mendIssuer
	case kindNoKeysURL:
		return redact.Msg("Set JWT_CHECK_…_JWKS_URL to the issuer's key set")
	case kindNotFound, kindHTML, kindBareKey, kindMetadataAsKeys, kindCertificates, kindNoKeys:
		if o.JWKSURL != "" {
			return redact.Msg("The address is not that of the key set: set JWT_CHECK_…_JWKS_URL to the jwks_uri in the issuer's metadata, or unset it and it is looked up there")
		}
	}
	return redact.Message{}
}
