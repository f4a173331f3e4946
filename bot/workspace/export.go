package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Export writes what the app has sent into dir as JSON, a file for each body, so that another program can look at it:
// the arguments of methods and response URLs, and the payloads of acknowledgements. A file is named after the method,
// or after "ack" and the kind of envelope, and a hash of its content.
func (w *Workspace) Export(dir string) error {
	w.mu.Lock()
	bodies := map[string][]any{}
	for _, c := range w.calls {
		if args := arguments(c.Body); len(args) > 0 {
			bodies[c.Method] = append(bodies[c.Method], args)
		}
	}
	for _, e := range w.envelopes {
		if e.Payload != nil {
			bodies["ack."+e.Kind] = append(bodies["ack."+e.Kind], e.Payload)
		}
	}
	w.mu.Unlock()
	for name, list := range bodies {
		for _, body := range list {
			b, err := json.MarshalIndent(body, "", "  ")
			if err != nil {
				return fmt.Errorf("export: %w", err)
			}
			sum := sha256.Sum256(b)
			if err := os.WriteFile(filepath.Join(dir, name+"-"+hex.EncodeToString(sum[:6])+".json"), b, 0o644); err != nil {
				return fmt.Errorf("export: %w", err)
			}
		}
	}
	return nil
}

// arguments decodes a call's body. In a form, what is not text is written as JSON.
func arguments(body []byte) map[string]any {
	if args, ok := decodeObject(body); ok {
		return args
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	args := map[string]any{}
	for k := range form {
		s := form.Get(k)
		args[k] = s
		if k != "text" && (s == "true" || s == "false" || strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) {
			if v, err := decodeJSON([]byte(s)); err == nil {
				args[k] = v
			}
		}
	}
	return args
}
