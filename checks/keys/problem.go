package keys

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"

	"jwt-check-bot/redact"
)

// fault is why something could not be had: a category for the log and a clause for people. It is an
// error so that it can travel through net/http, and it wraps none: what net/http, url, json, x509
// and jwx say quotes their input, so of those only the Go type is kept.
type fault struct {
	kind string
	says redact.Message // completes "… could not be had: "
	from string         // the Go type of the error behind it, if there was one
}

func (f *fault) Error() string { return redact.Policy{}.Text(f.says).String() }

func refuse(kind string, says redact.Message) *fault { return &fault{kind: kind, says: says} }

// The kinds that something else depends on.
const (
	kindStatus      = "status"
	kindHTML        = "html"
	kindNotJSON     = "not-json"
	kindRedirect    = "redirect"
	kindClosed      = "closed"
	kindOtherIssuer = "other-issuer"
	kindNoKeysURL   = "no-jwks-uri"
)

// answered reports whether the host answered, though not with what was asked for: then it may have
// that elsewhere.
func (f *fault) answered() bool {
	switch f.kind {
	case kindStatus, kindHTML, kindNotJSON, kindRedirect:
		return true
	}
	return false
}

// decided reports whether there is metadata, and what it says is the fault.
func (f *fault) decided() bool { return f.kind == kindOtherIssuer || f.kind == kindNoKeysURL }

// classify names what went wrong in an exchange, in our words.
func classify(err error) *fault {
	var own *fault
	if errors.As(err, &own) {
		return own
	}
	f := &fault{from: typeOf(err)}
	f.kind, f.says = diagnose(err)
	return f
}

func diagnose(err error) (kind string, says redact.Message) {
	var (
		dns       *net.DNSError
		timeout   net.Error
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		op        *net.OpError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout", redact.Msg("it did not answer in time")
	case errors.Is(err, context.Canceled):
		return kindClosed, redact.Msg("the bot is shutting down")
	case errors.As(err, &dns) && dns.IsNotFound:
		return "dns-not-found", redact.Msg("its host name was not found")
	case errors.As(err, &dns):
		return "dns", redact.Msg("its host name could not be looked up")
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "proxy", redact.Msg("the proxy could not be reached")
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused", redact.Msg("the connection was refused")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable", redact.Msg("there is no route to it")
	case errors.As(err, &name):
		return "tls-name", redact.Msg("its TLS certificate is for another host name")
	case errors.As(err, &authority):
		return "tls-untrusted", redact.Msg("its TLS certificate is not trusted: unknown authority")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "tls-expired", redact.Msg("its TLS certificate has expired or is not yet valid")
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "tls-untrusted", redact.Msg("its TLS certificate is not trusted")
	case errors.Is(err, http.ErrSchemeMismatch):
		return "tls", redact.Msg("it does not speak TLS")
	case errors.As(err, &record), errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // TLS alerts
		return "tls", redact.Msg("the TLS handshake failed")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return "compression", redact.Msg("its compressed answer is damaged")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "cut-off", redact.Msg("the connection was closed before the answer was complete")
	}
	return "exchange", redact.Msg("the exchange failed")
}

// classifyFile is classify for a file.
func classifyFile(err error) *fault {
	f := &fault{kind: "file", says: redact.Msg("it cannot be read"), from: typeOf(err)}
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.kind, f.says = "file-missing", redact.Msg("there is no such file")
	case errors.Is(err, os.ErrPermission):
		f.kind, f.says = "file-permission", redact.Msg("the bot may not read it")
	}
	return f
}

// typeOf is the Go type of the innermost error: all that a log may hold of it.
func typeOf(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}
