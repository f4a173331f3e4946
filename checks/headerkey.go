package checks

import (
	"net/url"
	"strings"

	"jwt-check-bot/redact"
)

// What the header says about the key, and what else may stand in it. A key that a token brings along
// is reported and never used: whoever wrote the token chose it (RFC 8725 §3.10).

var kidNotString = Check{
	ID:       "key.kid_not_string",
	Subject:  "Key (kid)",
	Title:    "kid is not a string, so it names no key",
	Doc:      "A key ID is a string. Verifiers look keys up by it and refuse a token whose kid they cannot even read; others pass it on to a query or a file name, which is an attack.",
	Cite:     "RFC 7515 §4.1.4, RFC 8725 §3.10",
	Severity: Blocks,
	Cause:    UnknownKey,
	Run: func(p *Pass) *Result {
		if p.form != formJWS || !p.kidMistyped() {
			return nil
		}
		m, _ := p.head.find("kid")
		kind := kindOf(p.head.raw(m))
		return &Result{
			Outcome: Failed,
			Says:    redact.Msg("Unknown key: kid is {}, and a verifier can look up no key by that", kind),
			Want:    redact.Msg("a string that names a key of the issuer's set"),
			Got:     redact.Msg("{}", kind),
			Next:    redact.Msg("Ask the issuer to write kid as a string; if the token is not the issuer's, treat it as an attack"),
		}
	},
}

// kidMistyped reports whether kid is neither a string nor null, which is as good as none.
func (p *Pass) kidMistyped() bool {
	m, ok := p.head.find("kid")
	return ok && m.kind != '"' && m.kind != 'n'
}

var kidSuspicious = Check{
	ID:       "header.kid_suspicious",
	Subject:  "Key ID (kid)",
	Title:    "kid looks like an attack on whoever looks the key up",
	Doc:      "kid is an attacker's input until the signature is verified. A verifier that puts it into a file name, a query, a command or a URL lets the token choose its own key. No honest issuer writes such a kid: find out who made the token.",
	Cite:     "RFC 8725 §3.10",
	Severity: Security,
	Run: func(p *Pass) *Result {
		kid, ok := p.head.str("kid")
		if !ok || p.form != formJWS {
			return nil
		}
		shape := kidShape(kid)
		if shape.IsZero() {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("kid {}", redact.Part(shape))}
	},
}

const longestKid = 256

// kidShape says what is wrong with a key ID. Thumbprints, UUIDs, standard base64 (Amazon Cognito's),
// names and DIDs are fine.
func kidShape(kid string) redact.Message {
	plain := true
	for i := range len(kid) {
		if c := kid[i]; !isCompactByte(c) && c != '=' && c != '+' && c != ' ' {
			plain = false
			break
		}
	}
	if plain && len(kid) <= longestKid && !strings.Contains(kid, "..") {
		return redact.Message{}
	}
	lower := strings.ToLower(kid)
	switch {
	case strings.Contains(lower, "../") || strings.Contains(lower, `..\`) || strings.Contains(lower, "%2e%2e") || hasAnyPrefix(lower, systemFolders[:]):
		return redact.Msg("has the shape of a file path, which a verifier that reads keys from files would follow")
	case hasAnyPrefix(lower, []string{"http://", "https://", "ftp://", "file:", "ldap:", "data:"}):
		return redact.Msg("has the shape of a URL, which a verifier that fetches keys would follow; it was not fetched")
	case strings.ContainsAny(lower, `'"`) || strings.Contains(lower, " union ") || strings.Contains(lower, " select ") || strings.Contains(lower, "/*"):
		return redact.Msg("has the shape of an SQL injection")
	case strings.ContainsAny(lower, "|;`<>&") || strings.Contains(lower, "$("):
		return redact.Msg("has the shape of a shell command")
	case strings.ContainsAny(lower, "{}$*()\\"):
		return redact.Msg("has the shape of a template or a query")
	case strings.ContainsFunc(kid, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return redact.Msg("holds control characters")
	case len(kid) > longestKid:
		return redact.Msg("has {} characters, more than any key's name needs", redact.Count(len(kid)))
	}
	return redact.Message{}
}

var systemFolders = [...]string{"/dev/", "/etc/", "/proc/", "/sys/", "/var/", "/tmp/", "/usr/", "/home/", "/root/", "/opt/", "c:\\", "c:/"}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

var keyEmbedded = Check{
	ID:       "header.key_embedded",
	Subject:  "Key in the header",
	Title:    "The token brings its own key, or says where to get it",
	Doc:      "Whoever writes a token can sign it with any key and put that key, or its address, into the header. A verifier that uses it accepts forgeries, and one that fetches it can be sent anywhere. Here it was neither used nor fetched; make sure that the API does not either.",
	Cite:     "RFC 7515 §4.1.2, §4.1.3, §4.1.5, §4.1.6; RFC 8725 §3.10",
	Severity: Security,
	Run: func(p *Pass) *Result {
		t := p.traits()
		if t.has&hasBrought == 0 {
			return nil
		}
		var found []redact.Message
		for _, name := range [...]string{"jwk", "jku", "x5u", "x5c"} {
			if name == "jwk" && (t.kind == dpopProof || t.kind == credential) {
				continue // where it belongs (RFC 9449 §4.2)
			}
			if p.head.has(name) && !(name == "jku" && p.atIssuer(name)) {
				found = append(found, redact.Msg("{}", redact.Operator(name)))
			}
		}
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The header brings its own key ({}), which was neither used nor fetched", redact.Items(found))}
	},
}

// atIssuer reports whether the address in a header parameter has the host of the profile's issuer, as
// Cloud Foundry's and SAP's tokens have.
func (p *Pass) atIssuer(name string) bool {
	address, _ := p.head.str(name)
	got, err := url.Parse(address)
	want, wrong := url.Parse(p.Profile.Issuer)
	return err == nil && wrong == nil && want.Host != "" && got.Scheme == want.Scheme && got.Host == want.Host && got.User == nil
}

var keyLocated = Check{
	ID:       "header.key_located",
	Subject:  "Key in the header",
	Title:    "The header says where the issuer's keys are",
	Doc:      "jku points to the issuer's own host, as some authorization servers write it. A verifier must still not follow it but have the key set's address in its configuration.",
	Cite:     "RFC 7515 §4.1.2, RFC 8725 §3.10",
	Severity: Info,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasBrought == 0 || !p.head.has("jku") || !p.atIssuer("jku") {
			return nil
		}
		return pass(redact.Msg("jku names an address at the issuer's own host; it was not fetched, and a verifier should not fetch it either"))
	},
}

var privateExposed = Check{
	ID:       "header.private_key_exposed",
	Subject:  "Private key",
	Title:    "A private key stands in the token",
	Doc:      "A key in the header (jwk) or in cnf is there for others to verify with: the public half. With the private one, whoever sees the token can sign in the owner's name. Replace the key pair, and have the client export the public key only.",
	Cite:     "RFC 7515 §4.1.3, RFC 7800 §3.2, RFC 9449 §4.2",
	Severity: Security,
	Run: func(p *Pass) *Result {
		has := p.traits().has
		if has&hasBrought != 0 && holdsPrivate(&p.head, "jwk") {
			return &Result{Outcome: Failed, Says: redact.Msg("The header's jwk holds a private or secret key; replace that key")}
		}
		if has&hasBinding != 0 {
			if cnf, ok := p.confirmation(); ok && holdsPrivate(&cnf, "jwk") {
				return &Result{Outcome: Failed, Says: redact.Msg("The jwk in cnf holds a private or secret key; replace that key")}
			}
		}
		return nil
	},
}

// holdsPrivate reports whether a member is a JWK with a member of a private or symmetric key
// (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
func holdsPrivate(o *object, name string) bool {
	m, ok := o.find(name)
	if !ok || m.kind != '{' {
		return false
	}
	jwk, err := scanObject(o.raw(m))
	return err == nil && (jwk.has("d") || jwk.has("p") || jwk.has("q") || jwk.has("dp") || jwk.has("dq") || jwk.has("qi") || jwk.has("oth") || jwk.has("k") || jwk.has("priv"))
}

var certificateNamed = Check{
	ID:       "header.certificate_named",
	Subject:  "Key (x5t)",
	Title:    "The token names its key by a certificate's thumbprint only",
	Doc:      "There is x5t but no kid. Verifiers that look keys up by kid alone find none, or try every key; others compare the thumbprint with the key set's x5t.",
	Cite:     "RFC 7515 §4.1.7, §4.1.8",
	Severity: Info,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasThumbprint == 0 || p.head.has("kid") {
			return nil
		}
		name := redact.Word("x5t#S256")
		if p.head.has("x5t") {
			name = redact.Word("x5t")
		}
		return pass(redact.Msg("the header names the key by {} and has no kid, so verifiers that look keys up by kid have to try them all", name))
	},
}

var nestedClaimed = Check{
	ID:       "header.nested_claimed",
	Subject:  "Content type (cty)",
	Title:    "The header says that another token is inside, and there is none",
	Doc:      "cty JWT announces a nested token as the payload. Here the payload is the claims themselves; a verifier that goes by cty tries to parse them as a token and fails.",
	Cite:     "RFC 7519 §5.2",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasContentType == 0 {
			return nil
		}
		if cty, _ := p.head.str("cty"); mediaType(cty) != "jwt" {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("cty says that the payload is another token, but it is plain claims")}
	},
}

var jweMembers = Check{
	ID:       "header.encryption_members",
	Subject:  "Header parameters",
	Title:    "A signed token has header parameters of encrypted ones",
	Doc:      "enc, epk, apu, apv, iv, tag, p2c and p2s mean something in a JWE only. Their presence in a token of three parts shows a broken issuer, or a token put together by hand.",
	Cite:     "RFC 7516 §4.1, RFC 7518 §4",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasJWE == 0 {
			return nil
		}
		var found []redact.Message
		for _, name := range [...]string{"enc", "epk", "apu", "apv", "iv", "tag", "p2c", "p2s"} {
			if p.head.has(name) {
				found = append(found, redact.Msg("{}", redact.Operator(name)))
			}
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The header has {}, which only encrypted tokens have", redact.Items(found))}
	},
}

var claimContradicted = Check{
	ID:       "header.claim_contradicted",
	Subject:  "Claims in the header",
	Title:    "A claim stands in the header too, with another value",
	Doc:      "Claims may be repeated in the header, and then they must be the same. Where they differ, a gateway that routes by the header and an API that reads the claims see two tokens.",
	Cite:     "RFC 7519 §5.3",
	Severity: Warns,
	Run: func(p *Pass) *Result {
		if p.traits().has&hasReplica == 0 {
			return nil
		}
		var found []redact.Message
		for _, name := range [...]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"} {
			in, ok := p.head.find(name)
			if claim, also := p.claims.find(name); ok && also && !sameJSON(p.head.raw(in), p.claims.raw(claim)) {
				found = append(found, redact.Msg("{}", redact.Operator(name)))
			}
		}
		if len(found) == 0 {
			return nil
		}
		return &Result{Outcome: Failed, Says: redact.Msg("The header contradicts the claims: {}", redact.Items(found))}
	},
}

// sameJSON compares two values, strings by what they mean.
func sameJSON(a, b string) bool {
	if a[0] == '"' && b[0] == '"' {
		return unquote(a) == unquote(b)
	}
	return a == b
}
