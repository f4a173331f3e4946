package bot_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"jwt-check-bot/bot/workspace"
)

// TestWitnessFindsWhatIsPlanted: a suite that finds nothing must be one that would. A leak is planted
// on purpose on each route, from the bot's side where the route is a real one, and has to be found
// where the suite looks.
func TestWitnessFindsWhatIsPlanted(t *testing.T) {
	one := specimenOf(at, "planted", "{}", `{}`)
	part := one.token[200:230]
	s := newTrial(t, weathers[0])
	s.converse(0, one)
	post := func(method, contentType, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(s.context(), http.MethodPost, s.workspace.APIURL()+method, strings.NewReader(body))
		s.must(err)
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+s.workspace.BotToken())
		answer, err := http.DefaultClient.Do(r)
		s.must(err)
		_ = answer.Body.Close()
	}
	defer http.DefaultClient.CloseIdleConnections()
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	planted := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "planted_total", Help: "A leak."}, []string{"of"})
	if err := s.metrics.Gatherer().(*prometheus.Registry).Register(planted); err != nil {
		t.Fatal(err)
	}
	received := func() string {
		var b strings.Builder
		for _, sent := range s.workspace.Received() {
			b.Write(sent)
			b.WriteByte('\n')
		}
		return b.String()
	}
	logged := func() string { return s.log.String() }
	for _, read := range []func() string{received, logged, s.scrape} {
		if at, found := s.witness.in([]byte(read())); found {
			t.Fatalf("a piece is there before one is planted, at byte %d", at)
		}
	}
	for _, leak := range []struct {
		route string
		plant func()
		read  func() string
	}{
		{"a message to Slack", func() {
			post("chat.postMessage", "application/x-www-form-urlencoded", url.Values{"channel": {workspace.Incidents}, "text": {"found " + part}}.Encode())
		}, received},
		{"a view", func() {
			post("views.update", "application/json", `{"view_id":"V0","view":{"type":"modal","title":{"type":"plain_text","text":"x"},"blocks":[{"type":"section","text":{"type":"plain_text","text":"`+one.hidden[3]+`"}}]}}`)
		}, received},
		{"a log line", func() { logger.Info("checked", "token", part) }, logged},
		{"an error's words in the log", func() { logger.Warn("failed", "error", fmt.Errorf("parse %q: %w", part, errors.New("no"))) }, logged},
		{"a panic's words in the log", func() {
			defer func() { logger.Error("panic", "value", recover()) }()
			panic(errors.New("cannot handle " + part))
		}, logged},
		{"a log line in hex", func() { logger.Info("x", "b", hex.EncodeToString([]byte(part))) }, logged},
		{"a log line in base64", func() { logger.Info("x", "b", base64.StdEncoding.EncodeToString([]byte("ab"+part))) }, logged},
		{"a log line backwards", func() { logger.Info("x", "b", reversed(part)) }, logged},
		{"bytes as numbers in the log", func() { logger.Info("x", "b", fmt.Sprint([]byte(part))) }, logged},
		{"a metric's label", func() { planted.WithLabelValues(part).Inc() }, s.scrape},
	} {
		t.Run(leak.route, func(t *testing.T) {
			before := leak.read()
			leak.plant()
			after := leak.read()
			if len(after) <= len(before) {
				t.Fatal("nothing was planted")
			}
			fresh := strings.TrimPrefix(after, before) // what was planted before does not count
			if _, found := s.witness.in([]byte(fresh)); !found {
				t.Error("the witness did not find it")
			}
		})
	}
	s.stop()
}

// TestWitnessReadsEveryWriting: a piece is found in each of the writings, wherever in it it begins.
func TestWitnessReadsEveryWriting(t *testing.T) {
	one := specimenOf(at, "planted", "{}", `{}`)
	w := newWitness()
	w.token(one.token)
	w.claim(one.hidden[0])
	w.claim("a hidden value with <marks>, \"quotes\" & more")
	signature, err := base64.RawURLEncoding.DecodeString(one.token[strings.LastIndexByte(one.token, '.')+1:])
	if err != nil {
		t.Fatal(err)
	}
	for from := range 12 {
		for name, part := range map[string]string{
			"token": one.token[100+from : 100+from+24], "signature": string(signature[20+from : 20+from+24]), "claim": one.hidden[0], "marks": "a hidden value with <marks>, \"quotes\" & more",
		} {
			before := "xyz"[:from%3]
			for writing, text := range map[string]string{
				"plain": part, "reversed": reversed(part), "hex": hex.EncodeToString([]byte(before + part)), "HEX": fmt.Sprintf("%X", before+part),
				"base64": base64.StdEncoding.EncodeToString([]byte(before + part)), "base64url": base64.RawURLEncoding.EncodeToString([]byte(before + part)),
				"percent": each(part, "%%%02X"), "small percent": each(part, "%%%02x"), "escaped": each(part, `\u%04x`), "query": url.QueryEscape(part),
				"numbers": fmt.Sprint([]byte(part)), "JSON": quoted(part),
			} {
				if name == "signature" && writing == "JSON" {
					continue // what is no UTF-8 has no spelling in JSON
				}
				if _, found := w.in([]byte("before " + text + " after")); !found {
					t.Errorf("%s, %s: not found", name, writing)
				}
			}
		}
	}
	for _, text := range []string{"", "short", strings.Repeat("Every check passes: production would accept this token. ", 1000), one.token[100:111] + " " + one.token[111:122]} {
		if _, found := w.in([]byte(text)); found {
			t.Errorf("found in %d bytes that hold nothing", len(text))
		}
	}
}

// TestPlantedAcknowledgement: an acknowledgement is searched as well, since the workspace keeps it.
func TestPlantedAcknowledgement(t *testing.T) {
	s := newTrial(t, weathers[0])
	one := specimenOf(at, "planted", "{}", `{}`)
	s.converse(0, one)
	s.stop()
	acks := 0
	for _, b := range s.workspace.Received() {
		if strings.Contains(string(b), `"envelope_id"`) {
			acks++
			leaking := strings.Replace(string(b), "Checking", one.token[300:330], 1)
			if leaking != string(b) {
				if _, found := s.witness.in([]byte(leaking)); !found {
					t.Error("a leak in an acknowledgement was not found")
				}
				return
			}
		}
	}
	t.Errorf("no acknowledgement of the form among %d", acks)
}
