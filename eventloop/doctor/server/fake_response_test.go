package server

import (
	"encoding/json"
	"strings"
	"time"
)

func (c *fakeConn) answer(kind string, content any) { c.queue(c.bytes(kind, content, "server")) }

func (c *fakeConn) bytes(kind string, content, sender any) []byte {
	if c.s.nullSender {
		sender = nil
	}
	return c.shape(map[string]any{"timestamp": "12:00", "sender": sender, "response": kind, "content": content})
}

// shape writes a response as the faults have it.
func (c *fakeConn) shape(r map[string]any) []byte {
	out := map[string]any{}
	for k, v := range r {
		if c.s.capitals {
			k = strings.ToUpper(k[:1]) + k[1:]
		}
		if k == "timestamp" && c.s.numberTime {
			v = 1234567890
		}
		if k != "timestamp" || !c.s.keyMissing {
			out[k] = v
		}
	}
	b := object(out)
	if c.s.indented {
		b, _ = json.MarshalIndent(out, "", "  ")
	}
	if c.s.newline || c.s.inKind && c.line {
		b = append(b, '\n')
	}
	return b
}

func (c *fakeConn) queue(b []byte) {
	if c.gone {
		return
	}
	pieces := [][]byte{b}
	if c.s.split {
		pieces = [][]byte{b[:len(b)/2], b[len(b)/2:]}
	}
	if c.s.loneNewline {
		pieces = append(pieces, []byte("\n"))
	}
	for _, p := range pieces {
		if c.s.blocks {
			c.conn.SetWriteDeadline(time.Now().Add(time.Hour))
			c.conn.Write(p)
		} else {
			c.out <- p
		}
	}
}
