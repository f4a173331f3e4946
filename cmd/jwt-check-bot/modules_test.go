package main

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// linked lists every module of the binary and why it is there, so that none slips in unnoticed.
var linked = map[string]string{
	"github.com/beorn7/perks":              "prometheus/client_golang: quantiles",
	"github.com/cespare/xxhash/v2":         "prometheus/client_golang: hashes of labels; redis/go-redis",
	"github.com/coder/websocket":           "the demo's workspace: a WebSocket server that is not the bot's own implementation",
	"github.com/go-json-experiment/json":   "strict JSON: duplicate names, invalid UTF-8 and depth are refused or reported",
	"github.com/golang-jwt/jwt/v5":         "the signature methods; fixed by the user",
	"github.com/gorilla/websocket":         "Socket Mode; slack-go links it already",
	"github.com/kelseyhightower/envconfig": "the environment; fixed by the user",
	"github.com/lestrrat-go/blackmagic":    "lestrrat-go/jwx",
	"github.com/lestrrat-go/httpcc":        "lestrrat-go/jwx",
	"github.com/lestrrat-go/httprc/v3":     "lestrrat-go/jwx",
	"github.com/lestrrat-go/jwx/v3":        "key sets: oddly encoded keys and the registry of algorithms",
	"github.com/lestrrat-go/option/v2":     "lestrrat-go/jwx",
	"github.com/munnerz/goautoneg":         "prometheus/client_golang: content negotiation",
	"github.com/prometheus/client_golang":  "metrics",
	"github.com/prometheus/client_model":   "prometheus/client_golang",
	"github.com/prometheus/common":         "prometheus/client_golang",
	"github.com/prometheus/procfs":         "prometheus/client_golang: the process's own figures",
	"github.com/redis/go-redis/v9":         "the store that replicas share: Redis, Valkey",
	"github.com/slack-go/slack":            "Slack's Web API and blocks; fixed by the user",
	"github.com/spf13/cobra":               "commands",
	"github.com/spf13/pflag":               "spf13/cobra",
	"github.com/valyala/fastjson":          "lestrrat-go/jwx",
	"go.uber.org/atomic":                   "redis/go-redis",
	"golang.org/x/sync":                    "a channel is looked up once for all who ask at the same time",
	"golang.org/x/sys":                     "no core dumps; golang.org/x/term, prometheus/procfs",
	"golang.org/x/term":                    "the hidden prompt",
	"golang.org/x/time":                    "the rate of opening connections",
	"google.golang.org/protobuf":           "prometheus/client_golang",
}

func TestLinkedModules(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	found := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		found[path] = path != "jwt-check-bot"
	}
	delete(found, "jwt-check-bot")
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if linked[path] == "" {
			t.Errorf("%s is linked into the binary: say why in this list, or do without", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(linked)) {
		if !found[path] {
			t.Errorf("%s is not linked (any more): take it off this list", path)
		}
	}
}
