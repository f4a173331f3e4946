package keys

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

const (
	maxDocument  = 1 << 20 // bytes after decompression; sets of 50 KiB and more exist
	maxRedirects = 3
)

// request is one document to get.
type request struct {
	url    string
	accept string
	within *outbound.Zone // where the issuer lies that named the URL; nil where the operator did
}

// answer is a document that came with status 200.
type answer struct {
	body  []byte
	keep  time.Duration // how long it says that it may be kept; negative where it does not say
	reach outbound.Zone
	clock checks.Clock
}

// get fetches one document.
func (s *Source) get(ctx context.Context, r request) (*answer, *fault) {
	a, f := s.client.Do(ctx, outbound.Request{URL: r.url, Accept: r.accept, Within: r.within, Redirects: maxRedirects, Limit: maxDocument})
	switch {
	case a != nil && (a.Status == http.StatusNotFound || a.Status == http.StatusGone):
		return nil, refuse(kindNotFound, redact.Msg("it answered with status {}", redact.Count(a.Status)))
	case a != nil && a.Status != http.StatusOK:
		return nil, refuse(kindStatus, redact.Msg("it answered with status {}", redact.Count(a.Status)))
	case f != nil:
		return nil, f
	case isHTML(a.Body):
		return nil, refuse(kindHTML, redact.Msg("it answered with an HTML page instead of JSON, as a login or error page would be"))
	}
	return &answer{body: a.Body, keep: maxAge(a.Header), reach: a.Reach, clock: checks.ReadClock(a.Times())}, nil
}

// isHTML goes by the content: there are servers that call their JSON text/html.
func isHTML(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return bytes.HasPrefix(body, []byte("<")) && !bytes.HasPrefix(body, []byte("<?xml"))
}

// maxAge reads Cache-Control (RFC 9111 §5.2.2). An answer that is not to be stored has the age 0.
func maxAge(h http.Header) time.Duration {
	keep := time.Duration(-1)
	for directive := range strings.SplitSeq(strings.ToLower(strings.Join(h.Values("Cache-Control"), ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31)
			if err == nil {
				keep = time.Duration(seconds) * time.Second
			}
		}
	}
	return keep
}
