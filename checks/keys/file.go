package keys

import (
	"os"
	"time"

	"jwt-check-bot/checks"
	"jwt-check-bot/checks/outbound"
	"jwt-check-bot/redact"
)

// version tells one content of a file from the next.
type version struct {
	modified time.Time
	size     int64
}

// fromFile returns the set of a file, read again where the file changed. Nothing of it is cached
// beyond that, so the copy is always fresh.
func (p *place) fromFile() checks.KeyEvidence {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(p.origin.JWKSFile)
	switch {
	case err != nil:
		p.file, p.failure = version{}, classifyFile(err)
	case !info.Mode().IsRegular(): // opening a pipe would wait for a writer
		p.file, p.failure = version{}, refuse("file", redact.Msg("it is not a regular file"))
	case p.file != version{info.ModTime(), info.Size()}:
		p.file = version{info.ModTime(), info.Size()}
		p.read()
	}
	return p.evidence(true, p.failure == nil)
}

func (p *place) read() {
	file, err := os.Open(p.origin.JWKSFile)
	if err != nil {
		p.file, p.failure = version{}, classifyFile(err)
		return
	}
	defer file.Close()
	body, f := outbound.Read(file, maxDocument)
	if f != nil {
		p.failure = f
		return
	}
	set, f := parse(body)
	if p.failure = f; f == nil {
		p.set = set
	}
}
