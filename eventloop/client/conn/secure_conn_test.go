package conn

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/eventloop/client/known"
)

// A connection with TLS carries what others do, in both versions and however the bytes come,
// and tells how it has ended.
func TestEventsOfASecureConnection(t *testing.T) {
	own := certify(t, nil, time.Now().Add(time.Hour))
	long := strings.Repeat("x", 200<<10)
	for _, tt := range []struct {
		name    string
		version uint16
		size    int // of a write to the client
		end     func(raw net.Conn, c *tls.Conn)
		lost    error
	}{
		{"TLS 1.3", tls.VersionTLS13, 64 << 10, func(_ net.Conn, c *tls.Conn) { c.Close() }, io.EOF},
		{"TLS 1.2", tls.VersionTLS12, 64 << 10, func(_ net.Conn, c *tls.Conn) { c.Close() }, io.EOF},
		{"one byte at a time", tls.VersionTLS13, 1, func(_ net.Conn, c *tls.Conn) { c.Close() }, io.EOF},
		{"without the word of the end", tls.VersionTLS13, 64 << 10, func(raw net.Conn, _ *tls.Conn) { raw.Close() }, io.EOF},
		{"in the middle of a record", tls.VersionTLS13, 64 << 10, func(raw net.Conn, _ *tls.Conn) {
			_, _ = raw.Write([]byte{23, 3, 3, 0, 50, 1})
			raw.Close()
		}, io.ErrUnexpectedEOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			addr := answering(t, func(raw net.Conn) {
				c := tls.Server(inParts{raw, tt.size}, &tls.Config{Certificates: []tls.Certificate{own.Certificate}, MaxVersion: tt.version})
				got := make([]byte, len(long)+1)
				_, err := io.ReadFull(c, got)
				if err != nil || string(got) != long+"\n" {
					t.Errorf("the server reads %d bytes, %v", len(got), err)
				}
				_, _ = io.WriteString(c, `{"response":"info","content":"`+long+`"}`+"\n")
				tt.end(raw, c)
			})
			s := to(addr, "chat.example")
			s.Known = known.In(filepath.Join(t.TempDir(), "known_servers"))
			l := New(s.Connect)
			defer l.Stop()
			l.Dial(1)
			e := <-l.Events()
			if e.Kind != Dialled || e.Err != nil || e.First == nil || e.First.Fingerprint != own.fingerprint() || e.Unkept != nil || e.Local == nil {
				t.Fatalf("%+v", e)
			}
			if !e.Link.Send([]byte(long + "\n")) {
				t.Error("an empty queue is full")
			}
			if e := <-l.Events(); e.Kind != Response || len(e.Response.Content) != len(long) {
				t.Errorf("%d: %d bytes", e.Kind, len(e.Response.Content))
			}
			if e := <-l.Events(); e.Kind != Lost || !errors.Is(e.Err, tt.lost) {
				t.Errorf("%d: %v", e.Kind, e.Err)
			}
		})
	}
}

// inParts is a connection whose writes are small.
type inParts struct {
	net.Conn
	size int
}

func (c inParts) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var k int
		k, err = c.Conn.Write(b[n:min(n+c.size, len(b))])
		n += k
	}
	return n, err
}

// A server that reads nothing holds up nobody who goes away, nor does Stop.
func TestSecureConnectionIsClosedAtOnce(t *testing.T) {
	own := certify(t, nil, time.Now().Add(time.Hour))
	stay := make(chan struct{})
	addr := answering(t, func(raw net.Conn) {
		_ = raw.(*net.TCPConn).SetReadBuffer(4 << 10)
		_ = tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{own.Certificate}}).Handshake()
		<-stay
	})
	defer close(stay)
	s := to(addr, "127.0.0.1")
	s.Pin = own.fingerprint()
	c, err := s.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Fill what the system takes, so that the last word has no room.
	raw := c.(*secureConn).NetConn()
	_ = raw.SetWriteDeadline(time.Now().Add(partingPatience))
	for err := error(nil); err == nil; {
		_, err = raw.Write(bytes.Repeat([]byte("x"), 64<<10))
	}
	_ = raw.SetWriteDeadline(time.Time{})
	began := time.Now()
	c.Close()
	if took := time.Since(began); took > 20*partingPatience {
		t.Errorf("it took %s", took)
	}
}
