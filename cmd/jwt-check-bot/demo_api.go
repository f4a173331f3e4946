package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// api is one environment's API of the demo. It verifies for real, with the faults that the incidents
// are about, and says as little as a careful service does.
type api struct {
	world *world
	env   string           // of the issuer
	aud   string           // the one accepted
	key   string           // the only one in its copy of the key set
	clock func() time.Time // its own
}

// slowClock is how far staging's clock is behind.
const slowClock = 94 * time.Second

// kiosk is a client that the gateway before production does not let through.
const kiosk = "kiosk-7"

// loggedOut is the ID of a token whose session was ended.
const loggedOut = "51f0a6c2-77d4-4c1b-8f43-9be6d1d2a7e0"

func (a *api) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Date", a.clock().UTC().Format(http.TimeFormat))
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		refuse(rw, http.StatusUnauthorized, "Bearer", "")
		return
	}
	// The gateway reads who the client is, and lets nobody through whom it does not know.
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(bearer, claims)
	if client, _ := claims["client_id"].(string); a.env == "prod" && (err != nil || client == "" || client == kiosk) {
		rw.Header().Set("Server", "envoy")
		refuse(rw, http.StatusUnauthorized, `Bearer realm="edge", error="invalid_token"`, "Jwt verification fails")
		return
	}
	_, err = jwt.ParseWithClaims(bearer, claims, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != a.key {
			return nil, jwt.ErrTokenUnverifiable
		}
		return a.world.keys.Public(a.key), nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(a.world.issuer(a.env)), jwt.WithAudience(a.aud),
		jwt.WithLeeway(time.Minute), jwt.WithIssuedAt(), jwt.WithTimeFunc(a.clock))
	switch scope, _ := claims["scope"].(string); {
	case err != nil, claims["jti"] == loggedOut:
		refuse(rw, http.StatusUnauthorized, `Bearer error="invalid_token"`, "")
	case !strings.Contains(" "+scope+" ", " orders:read "):
		refuse(rw, http.StatusForbidden, `Bearer error="insufficient_scope", scope="orders:read"`, "")
	default:
		_, _ = fmt.Fprintln(rw, `{"orders":[]}`)
	}
}

func refuse(rw http.ResponseWriter, status int, challenge, body string) {
	rw.Header().Set("WWW-Authenticate", challenge)
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, body)
}

// Whom the issuer lets introspect tokens.
const botClient, botSecret = "jwt-check-bot", "of-the-demo"

// introspect is production's endpoint (RFC 7662): it says whether a session lives.
func (w *world) introspect(rw http.ResponseWriter, r *http.Request) {
	if id, secret, _ := r.BasicAuth(); id != botClient || secret != botSecret {
		refuse(rw, http.StatusUnauthorized, "Basic", "")
		return
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(r.PostFormValue("token"), claims, func(t *jwt.Token) (any, error) {
		if kid := t.Header["kid"]; kid == prodKey || kid == nextKey {
			return w.keys.Public(kid.(string)), nil
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(w.issuer("prod")), jwt.WithTimeFunc(w.now))
	rw.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(rw, `{"active":%t}`, err == nil && claims["jti"] != loggedOut)
}

// call sends a token to production's API and returns the answer's first lines.
func (w *world) call(ctx context.Context, token string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.apiURL+"/orders", nil)
	if err != nil {
		return "no answer"
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	answer := "HTTP/1.1 " + resp.Status
	if challenge := resp.Header.Get("WWW-Authenticate"); challenge != "" {
		answer += "\nWWW-Authenticate: " + challenge
	}
	return answer
}
