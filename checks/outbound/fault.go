package outbound

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
	"syscall"

	"jwt-check-bot/redact"
)

// Fault is why something could not be had: a category for the log and a clause for people. It is an
// error so that it can travel through net/http, and it wraps none: what net/http, url, json, x509
// and jwx say quotes their input, so of those only the Go type is kept.
type Fault struct {
	Kind string
	Says redact.Message // completes "… could not be had: "
	Mend redact.Message // what the operator has to set, where the answer shows that; zero elsewhere
	From string         // the Go type of the error behind it, if there was one
}

func (f *Fault) Error() string { return redact.Policy{}.Text(f.Says).String() }

// Refuse is a fault with no error behind it.
func Refuse(kind string, says redact.Message) *Fault { return &Fault{Kind: kind, Says: says} }

// The kinds that something else depends on.
const (
	KindRedirect = "redirect"
	KindClosed   = "closed"
	KindTimeout  = "timeout"
)

// Classify names what went wrong in an exchange, in our words.
func Classify(err error) *Fault {
	var own *Fault
	if errors.As(err, &own) {
		return own
	}
	f := &Fault{From: TypeOf(err)}
	f.Kind, f.Says = diagnose(err)
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
		return KindTimeout, redact.Msg("it did not answer in time")
	case errors.Is(err, context.Canceled):
		return KindClosed, redact.Msg("the bot is shutting down")
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

// TypeOf is the Go type of the innermost error: all that a log may hold of it.
func TypeOf(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}
