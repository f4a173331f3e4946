package redact

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Log is a slog.Handler with the net behind it: each line is scanned before it is written, for
// whatever looks like a credential and for the submissions that its context is about. A line with a
// hit is replaced by a sentence of our own and counted.
type Log struct {
	next slog.Handler
	out  *outlet
}

// outlet is what a Log and those derived from it share.
type outlet struct {
	mu       sync.Mutex
	to       io.Writer
	line     bytes.Buffer
	withheld atomic.Int64
	spell    slog.Handler // as the operator's lines are spelt, for the sentence
}

// NewLog returns a Log to w whose lines are spelt by what makes returns for a writer.
func NewLog(w io.Writer, makes func(io.Writer) slog.Handler) *Log {
	out := &outlet{to: w}
	l := &Log{next: makes(&out.line), out: out}
	out.spell = l.next
	return l
}

// Withheld is how many lines were replaced.
func (l *Log) Withheld() int64 { return l.out.withheld.Load() }

// Enabled is slog.Handler's.
func (l *Log) Enabled(ctx context.Context, level slog.Level) bool { return l.next.Enabled(ctx, level) }

// WithAttrs is slog.Handler's.
func (l *Log) WithAttrs(attrs []slog.Attr) slog.Handler { return &Log{l.next.WithAttrs(attrs), l.out} }

// WithGroup is slog.Handler's.
func (l *Log) WithGroup(name string) slog.Handler { return &Log{l.next.WithGroup(name), l.out} }

const lineWithheld = "a line of the log was withheld: it looked as if it held a credential; this is a fault in the bot"

// Handle is slog.Handler's.
func (l *Log) Handle(ctx context.Context, r slog.Record) error {
	o := l.out
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() {
		clear(o.line.Bytes()[:o.line.Cap()])
		o.line.Reset()
	}()
	if err := l.next.Handle(ctx, r); err != nil {
		return err
	}
	if found := Screen(ctx, o.line.Bytes()); found != Nothing {
		o.withheld.Add(1)
		clear(o.line.Bytes())
		o.line.Reset()
		said := slog.NewRecord(time.Now(), slog.LevelError, lineWithheld, 0)
		said.AddAttrs(slog.String("found", found.String()))
		if err := o.spell.Handle(ctx, said); err != nil {
			return err
		}
	}
	_, err := o.to.Write(o.line.Bytes())
	return err
}
