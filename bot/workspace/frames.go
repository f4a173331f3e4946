package workspace

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
)

// tap lets the WebSocket library take the connection over, and watches what the app writes: the library joins the
// frames of a message, and Slack drops every frame but a whole one.
type tap struct {
	http.ResponseWriter
	conn     net.Conn
	fragment func()
}

// Hijack hands out the connection with the watch in its way.
func (t *tap) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	t.conn = conn
	return &watched{Conn: conn, fragment: t.fragment}, rw, nil
}

// watched follows frame headers (RFC 6455 §5.2) in what is read.
type watched struct {
	net.Conn
	fragment func()
	header   []byte
	skip     uint64 // bytes of payload still to come
}

func (c *watched) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.follow(p[:n])
	return n, err
}

func (c *watched) follow(b []byte) {
	for len(b) > 0 {
		if c.skip > 0 {
			n := min(c.skip, uint64(len(b)))
			c.skip -= n
			b = b[n:]
			continue
		}
		c.header = append(c.header, b[0])
		b = b[1:]
		size, ok := c.complete()
		if !ok {
			continue
		}
		if fin, opcode := c.header[0]&0x80 != 0, c.header[0]&0x0f; !fin && opcode != 0 {
			c.fragment() // at the first frame of the message, not at its continuations
		}
		c.header, c.skip = c.header[:0], size
	}
}

// complete returns the payload's length once the header is whole.
func (c *watched) complete() (uint64, bool) {
	h := c.header
	if len(h) < 2 {
		return 0, false
	}
	mask := 0
	if h[1]&0x80 != 0 {
		mask = 4
	}
	switch n := h[1] & 0x7f; {
	case n < 126:
		return uint64(n), len(h) == 2+mask
	case n == 126 && len(h) == 4+mask:
		return uint64(binary.BigEndian.Uint16(h[2:])), true
	case n == 127 && len(h) == 10+mask:
		return binary.BigEndian.Uint64(h[2:]), true
	}
	return 0, false
}
