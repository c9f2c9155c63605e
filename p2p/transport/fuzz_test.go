package transport

import (
	"bytes"
	"encoding/base64"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// newLonely returns a Transport that reports into a channel with room, and has no goroutines.
func newLonely(room int) *Transport {
	t := New(Config{})
	t.events = make(chan p2p.Event, room)
	return t
}

// What comes through the relay is read in order, each byte once, until the first thing that the
// other side may not send; and it is never given more credit than what was read of it.
func FuzzRelayed(f *testing.F) {
	f.Add([]byte("\x00\x05hello\x02\x40\x01\x01\x40"), true)
	f.Add([]byte("\x00\xffA\x00\xffB\x00\xffC\x02\xff\x02\xff\x02\xff"), true)
	f.Add([]byte("\x01\xff\x01\x80"), true)
	f.Add([]byte("\x00\x04====\x00\x02AB\x02\x08"), false)
	f.Fuzz(func(t *testing.T, script []byte, encode bool) {
		c := newRelayConn(newLonely(len(script)+1), 1)
		var sent, read []byte
		spent, buf := 0, make([]byte, protocol.MaxRelayed)
		for len(script) > 1 {
			what, n := script[0]%3, int(script[1])
			script = script[2:]
			switch what {
			case 0:
				data := bytes.Repeat(script[:min(1, len(script))], n*33) // up to a little more than a frame has
				payload := string(data)
				if encode {
					payload = base64.StdEncoding.EncodeToString(data)
				}
				ended := c.err != nil
				c.relayed(0, payload)
				if decoded, err := base64.StdEncoding.Strict().DecodeString(payload); c.err == nil {
					if err != nil || len(decoded) > protocol.MaxRelayed {
						t.Fatalf("%q is taken", payload)
					}
					sent = append(sent, decoded...)
					spent += protocol.RelayCost(payload)
				} else if !ended && encode && len(data) <= protocol.MaxRelayed && c.held+protocol.RelayCost(payload) <= protocol.RelayWindow {
					t.Fatalf("%d bytes end it: %v", len(data), c.err)
				}
			case 1:
				c.relayed(n*n*n*n-1, "") // from -1 on
			case 2:
				if len(c.frames) == 0 && c.err == nil {
					continue // it would wait
				}
				if c.err != nil && len(c.frames) > 0 {
					c.frames = c.frames[:0] // what comes after an end
				}
				k, _ := c.Read(buf[:n])
				read = append(read, buf[:k]...)
			}
			if !bytes.HasPrefix(sent, read) {
				t.Fatal("what is read is not what was sent")
			}
			if c.held < 0 || c.held > protocol.RelayWindow || c.err == nil && (c.credit < 0 || c.credit > protocol.RelayWindow) {
				t.Fatalf("held are %d, and the credit is %d", c.held, c.credit)
			}
		}
		given := c.owed
		for len(c.t.events) > 0 {
			given += (<-c.t.events).Credit
		}
		if given > spent {
			t.Errorf("%d of credit are given for %d", given, spent)
		}
	})
}

// Frames of a link are the same however they are cut, and what is none ends it.
func FuzzLink(f *testing.F) {
	f.Add([]byte(`{"response":"message","content":"hi","data":{"event":"message","id":7}}`+"\n"+`{"response":"info","content":""}`), uint8(3))
	f.Add([]byte("\x00\xff{}"), uint8(1))
	f.Add([]byte(`{"response":"message","content":`+strings.Repeat("[", 1000)), uint8(200))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		read := func(size int) (events []p2p.Event, failed string) {
			l := &link{t: newLonely(len(b) + 1), id: 1, closing: make(chan struct{})}
			scanner := protocol.NewScanner(protocol.MaxFrame)
			var err error
			for rest := b; len(rest) > 0 && err == nil; rest = rest[min(size, len(rest)):] {
				err = l.take(scanner, bytes.Clone(rest[:min(size, len(rest))]))
			}
			if err != nil {
				failed = err.Error()
			}
			for len(l.t.events) > 0 {
				events = append(events, <-l.t.events)
			}
			return events, failed
		}
		whole, failed := read(len(b) + 1)
		cut, failedCut := read(int(size) + 1)
		if !reflect.DeepEqual(whole, cut) || failed != failedCut {
			t.Errorf("whole it is %+v, %q, and in parts %+v, %q", whole, failed, cut, failedCut)
		}
		for _, e := range whole {
			if e.Kind != p2p.Received || e.ID != 1 || e.Response.Kind == "" {
				t.Errorf("%+v comes of it", e)
			}
		}
	})
}

// A recorded is a connection on which all was said before.
type recorded struct {
	net.Conn
	said    *bytes.Reader
	written bytes.Buffer
}

func (r *recorded) Read(b []byte) (int, error)       { return r.said.Read(b) }
func (r *recorded) Write(b []byte) (int, error)      { return r.written.Write(b) }
func (r *recorded) SetDeadline(time.Time) error      { return nil }
func (r *recorded) SetWriteDeadline(time.Time) error { return nil }
func (r *recorded) Close() error                     { return nil }

// A stranger is recognised by the proof and nothing else, is told nothing before, and gets no
// further without the key. Nor does one who was dialled.
func FuzzStranger(f *testing.F) {
	side := newSide(f, "alice", func(c *Config) { c.Listen = listenOff })
	side.Stop()
	f.Add([]byte(""), uint8(0))
	f.Add([]byte(""), uint8(sizeOfProof))
	f.Add([]byte("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"), uint8(sizeOfProof))
	f.Add(bytes.Repeat([]byte("x"), 40), uint8(sizeOfProof-1))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), uint8(0))
	f.Fuzz(func(t *testing.T, said []byte, right uint8) {
		tr := New(side.cfg)
		a := newAttempt(tr, p2p.Plan{Session: 1, Token: "token", Name: "bob", Fingerprint: "SHA256:" + strings.Repeat("b", 43)})
		defer tr.cancel()
		tr.attempts[1] = a
		said = append(a.theirs[:min(int(right), sizeOfProof):min(int(right), sizeOfProof)], said...)
		proven := bytes.HasPrefix(said, a.theirs[:])
		come := &recorded{said: bytes.NewReader(said)}
		found, err := tr.recognize(come, time.Now())
		if (err == nil) != proven || proven && found != a || come.written.Len() > 0 {
			t.Fatalf("%q is recognised as %v (%v), and told %q", said, found, err, come.written.Bytes())
		}
		dialled := &recorded{said: bytes.NewReader(said)}
		if err := a.showFirst(dialled); (err == nil) != proven || !bytes.Equal(dialled.written.Bytes(), a.mine[:]) {
			t.Fatalf("who answers %q is taken: %v", said, err)
		}
		if !proven {
			return
		}
		if err := a.greet(come, netip.AddrPort{}, time.Now().Add(time.Hour)); err == nil || len(tr.links) > 0 {
			t.Fatalf("%q opens a link", said)
		}
	})
}

const sizeOfProof = len(proof{})
