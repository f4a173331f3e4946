package redact

import (
	"fmt"
	"io"
	"log/slog"
)

// Mask is the one form in which a held type prints, logs and encodes.
const Mask = "[redacted]"

// Veil, embedded, gives a held type that one form on every route on which a method is asked.
// Where none is (an unexported field of somebody's struct), a held type shows sizes and the
// address of a closure: content is never in a string field.
type Veil struct{}

// Format writes the mask for every verb and flag.
func (Veil) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

func (Veil) String() string               { return Mask }
func (Veil) GoString() string             { return Mask }
func (Veil) MarshalText() ([]byte, error) { return []byte(Mask), nil }
func (Veil) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }
func (Veil) LogValue() slog.Value         { return slog.StringValue(Mask) }
