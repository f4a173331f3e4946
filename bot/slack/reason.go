package slack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// reason is in words why there was no answer: errors of the network quote addresses, of which some are
// secrets. What it does not know it names by its types.
func reason(err error) string {
	dns, unnamed := errors.AsType[*net.DNSError](err)
	timeout, network := errors.AsType[net.Error](err)
	op, operation := errors.AsType[*net.OpError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	invalid, certificate := errors.AsType[x509.CertificateInvalidError](err)
	_, verification := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "the bot gave up"
	case errors.Is(err, context.DeadlineExceeded), network && timeout.Timeout():
		return "there was no answer in time"
	case operation && op.Op == "proxyconnect":
		return "the proxy could not be reached"
	case unnamed && dns.IsNotFound:
		return "the host name was not found"
	case unnamed:
		return "the host name could not be looked up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the host"
	case name:
		return "the TLS certificate is for another host name"
	case authority:
		return "the TLS certificate is not trusted: unknown authority"
	case certificate && invalid.Reason == x509.Expired:
		return "the TLS certificate has expired or is not yet valid"
	case certificate, verification:
		return "the TLS certificate is not trusted"
	case record, errors.Is(err, http.ErrSchemeMismatch):
		return "what answers does not speak TLS"
	case operation && (op.Op == "remote error" || op.Op == "local error"):
		return "the TLS handshake failed"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was closed before an answer came"
	}
	return "the exchange failed (" + typeOf(err) + ")"
}
