package checks_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"jwt-check-bot/checks"
	"jwt-check-bot/redact"
)

// The examples of RFC 7515 (Appendix A), RFC 7520 (§4) and RFC 7797 (§4), put together from their
// published parts: no token stands in this file.

const (
	joe   = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
	frodo = "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there\u2019s no knowing where you might be swept off to."

	rsaA2 = `{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}`
	ecA3  = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	ecA4  = `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}`
	bilbo = `{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","e":"AQAB","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"}`
	// The elliptic curve key of RFC 7520 §3.1 has the same kid.
	bilboEC = `{"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}`

	octA1   = `{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}`
	octSalt = `{"kty":"oct","alg":"HS256","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}`

	bilboKid = `"kid":"bilbo.baggins@hobbiton.example"`
	saltKid  = `"kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037"`
)

func encoded(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// TestRFCExamples: what the RFCs sign verifies.
func TestRFCExamples(t *testing.T) {
	for _, c := range []struct{ name, header, payload, signature, jwk string }{
		{"RFC 7515 A.1", "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", joe, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", octA1},
		{"RFC 7515 A.2", `{"alg":"RS256"}`, joe, "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw", rsaA2},
		{"RFC 7515 A.3", `{"alg":"ES256"}`, joe, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", ecA3},
		{"RFC 7515 A.4", `{"alg":"ES512"}`, "Payload", "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn", ecA4},
		{"RFC 7520 4.1", `{"alg":"RS256",` + bilboKid + `}`, frodo, "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg", bilbo},
		{"RFC 7520 4.2", `{"alg":"PS384",` + bilboKid + `}`, frodo, "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw", bilbo},
		{"RFC 7520 4.3", `{"alg":"ES512",` + bilboKid + `}`, frodo, "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2", bilboEC},
		{"RFC 7520 4.3, both keys of that kid", `{"alg":"ES512",` + bilboKid + `}`, frodo, "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2", `{"keys":[` + bilbo + `,` + bilboEC + `]}`},
		{"RFC 7520 4.4", `{"alg":"HS256",` + saltKid + `}`, frodo, "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0", octSalt},
		{"RFC 7797 4.1", `{"alg":"HS256"}`, "$.02", "5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ", octA1},
	} {
		r := judge(t, encoded(c.header)+"."+encoded(c.payload)+"."+c.signature, json.RawMessage(c.jwk))
		if r.Verdict != checks.Accept {
			t.Errorf("%s: verdict %s, cause %s", c.name, r.Verdict, r.Cause)
		}
		for _, f := range r.Findings {
			if f.Status() == "warn" && f.ID != "format.json_indented" { // the RFCs do indent some
				t.Errorf("%s: %s", c.name, f.ID)
			}
		}
	}
}

// TestRFCForms: what is no compact JWS of a JWT is recognized as what it is.
func TestRFCForms(t *testing.T) {
	const salt, kid = "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0", "018c0ae5-4d9b-471b-bfd6-eef314bc7037"
	serialized := func(v map[string]any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	specific := map[string]any{"protected": encoded(`{"alg":"HS256"}`), "header": map[string]any{"kid": kid}, "signature": "bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20"}
	contentOnly := map[string]any{"header": map[string]any{"alg": "HS256", "kid": kid}, "signature": "xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk"}
	with := func(signature map[string]any) map[string]any {
		flat := map[string]any{"payload": encoded(frodo)}
		for name, value := range signature {
			flat[name] = value
		}
		return flat
	}
	unencoded := encoded(`{"alg":"HS256","b64":false,"crit":["b64"]}`)
	for _, c := range []struct {
		name, pasted string
		cause        checks.Cause
		says         string
	}{
		{"RFC 7520 4.5, detached", encoded(`{"alg":"HS256",`+saltKid+`}`) + ".." + salt, checks.NotAJWT, "detached"},
		{"RFC 7520 4.6, flattened", serialized(with(specific)), checks.NotAJWT, "JSON serialization"},
		{"RFC 7520 4.6, general", serialized(map[string]any{"payload": encoded(frodo), "signatures": []any{specific}}), checks.NotAJWT, "JSON serialization"},
		{"RFC 7520 4.7, flattened", serialized(with(contentOnly)), checks.NotAJWT, "JSON serialization"},
		{"RFC 7520 4.8, general", serialized(map[string]any{"payload": encoded(frodo), "signatures": []any{specific, contentOnly, map[string]any{"protected": encoded(`{"alg":"HS256",` + saltKid + `}`), "signature": salt}}}), checks.NotAJWT, "JSON serialization"},
		{"RFC 7797 4.2, detached", unencoded + "..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY", checks.NotAJWT, "b64 false"},
		{"RFC 7797 4.2, flattened", serialized(map[string]any{"protected": unencoded, "payload": "$.02", "signature": "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"}), checks.NotAJWT, "JSON serialization"},
		{"RFC 7797 with claims", unencoded + "." + encoded(`{"iss":"joe"}`) + "." + encoded(strings.Repeat("x", 32)), checks.UnsupportedHeader, "b64"},
		{"RFC 7515 A.5, unsecured", encoded(`{"alg":"none"}`) + "." + encoded(joe) + ".", checks.AlgorithmNone, "alg is none"},
	} {
		token, err := checks.Parse(redact.NewSecret(c.pasted))
		if err != nil {
			t.Fatal(err)
		}
		profile := &checks.Profile{Name: "vectors", Algorithms: checks.Algorithms(), Secret: redact.NewSecret(strings.Repeat("k", 32))}
		r := checks.Run(&checks.Case{Token: token, Profile: profile, Profiles: []*checks.Profile{profile}, Now: now}, checks.Ladder())
		if r.Lead == nil || r.Cause != c.cause || !strings.Contains(sentences(r.Lead), c.says) {
			t.Errorf("%s: cause %s; %s", c.name, r.Cause, sentences(r.Lead))
		}
	}
}
