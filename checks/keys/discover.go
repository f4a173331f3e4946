package keys

import (
	"context"
	"net/url"
	"strings"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// metadata is what an issuer says of itself.
type metadata struct {
	keysURL string
	reach   outbound.Zone // how far inside the issuer's host lies: its keys may not lie further inside
	read    time.Time
	clock   checks.Clock
}

// discover asks the issuer where its keys are: at the address of OpenID Connect Discovery §4.1, then
// at that of RFC 8414 §3.1.
func (s *Source) discover(ctx context.Context, issuer string) (*metadata, *fault) {
	connect, oauth, f := wellKnown(issuer)
	if f != nil {
		return nil, f
	}
	m, f := s.metadataAt(ctx, connect, issuer)
	if f == nil || decided(f) {
		return m, f
	}
	if !answered(f) {
		return nil, unread(f, f.Says)
	}
	m, again := s.metadataAt(ctx, oauth, issuer)
	if again == nil || decided(again) {
		return m, again
	}
	says := redact.Msg("OpenID Connect: {}; OAuth: {}", redact.Part(f.Says), redact.Part(again.Says))
	if elsewhere(again) && !elsewhere(f) { // the first address may be right, and out of order
		again = f
	}
	return nil, unread(again, says)
}

// unread says that there is no metadata, and why.
func unread(f *fault, why redact.Message) *fault {
	return &fault{Kind: "metadata-" + f.Kind, Says: redact.Msg("its metadata could not be read ({})", redact.Part(why)), From: f.From}
}

// wellKnown returns the two addresses of an issuer's metadata.
func wellKnown(issuer string) (connect, oauth string, f *fault) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", "", refuse("issuer", redact.Msg("the issuer is not a URL, so that its keys cannot be discovered; a key set has to be configured"))
	}
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", "", refuse("issuer", redact.Msg("an issuer has no user, query or fragment (RFC 8414 §2), so that its keys cannot be discovered"))
	}
	base := strings.TrimSuffix(issuer, "/")
	host := u.Scheme + "://" + u.Host
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	return base + "/.well-known/openid-configuration", host + "/.well-known/oauth-authorization-server" + path, nil
}

func (s *Source) metadataAt(ctx context.Context, url, issuer string) (*metadata, *fault) {
	a, f := s.get(ctx, request{url: url, accept: "application/json"})
	if f != nil {
		return nil, f
	}
	named, keysURL, f := parseMetadata(a.body)
	switch {
	case f != nil:
		return nil, f
	case named != issuer:
		return nil, otherIssuer(named, issuer)
	case keysURL == "":
		return nil, refuse(kindNoKeysURL, redact.Msg("the metadata names no key set (jwks_uri)"))
	}
	return &metadata{keysURL: keysURL, reach: a.reach, read: s.options.Now(), clock: a.clock}, nil
}

// otherIssuer is the fault of metadata for somebody else (OpenID Connect Discovery §4.3, RFC 8414 §3.3).
// Entra's metadata for all tenants names https://login.microsoftonline.com/{tenantid}/v2.0, braces
// included, which is no token's issuer: nothing is put in its place.
func otherIssuer(named, issuer string) *fault {
	f := refuse(kindOtherIssuer, redact.Msg("the metadata names another issuer: {} instead of {}", redact.Public(named), redact.Operator(issuer)))
	f.Mend = redact.Msg("Set JWT_CHECK_…_ISSUER to exactly {}, if that is the iss of its tokens: a slash at the end counts", redact.Public(named))
	switch {
	case named == "":
		f.Says, f.Mend = redact.Msg("the metadata names no issuer"), mendIssuer
	case strings.Contains(named, "{tenantid}"):
		f.Says = redact.Msg("the metadata names another issuer: {} instead of {}; its {tenantid} stands for any tenant, and is matched literally only", redact.Public(named), redact.Operator(issuer))
		f.Mend = redact.Msg("Set JWT_CHECK_…_ISSUER to the issuer of your own tenant, as iss in its tokens has it")
	}
	return f
}

// parseMetadata reads the two members that matter. As in most parsers, the last of a name counts.
func parseMetadata(b []byte) (issuer, keysURL string, f *fault) {
	r := newReader(b)
	if !r.enter('{') {
		return "", "", r.fault()
	}
	for r.more('}') {
		name := string(r.name())
		switch value := r.value(); name {
		case "issuer":
			issuer, _ = text(value)
		case "jwks_uri":
			keysURL, _ = text(value)
		}
	}
	if !r.leave() || !r.end() {
		return "", "", r.fault()
	}
	return issuer, keysURL, nil
}
