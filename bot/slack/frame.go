package slack

import (
	"context"
	"io"
	"net"
)

// leastBuffer is the smallest read buffer that gorilla takes, the size of a control frame's payload.
const leastBuffer = 125

// wiped is a connection under TLS or under a WebSocket. Both read into buffers of their own, where
// what was decrypted stays until more arrives than it was long. They ask for more into the same
// place once it has been read, and a reader may use all of that (io.Reader): so it is cleared.
type wiped struct{ net.Conn }

func (w wiped) Read(p []byte) (int, error) {
	clear(p)
	return w.Conn.Read(p)
}

func dialWiped(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return wiped{c}, nil
}

// frame is a buffer for one frame at a time, overwritten after each.
type frame struct{ b []byte }

const (
	usualFrame = 8 << 10
	keptFrame  = 64 << 10
)

// fill reads r to its end. The result is good until wipe.
func (f *frame) fill(r io.Reader) ([]byte, error) {
	if f.b == nil {
		f.b = make([]byte, 0, usualFrame)
	}
	b := f.b[:0]
	for {
		if cap(b)-len(b) < leastBuffer { // into less than that, gorilla reads through its own
			larger := make([]byte, len(b), 4*cap(b))
			copy(larger, b)
			clear(b)
			b = larger
		}
		read, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+read]
		f.b = b
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// wipe overwrites what was read.
func (f *frame) wipe() {
	clear(f.b)
	if f.b = f.b[:0]; cap(f.b) > keptFrame {
		f.b = nil
	}
}
