package eventloop_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/eventloop"
	"parley/eventloop/cert"
)

// hello returns what a client of TLS sends first.
func hello(t testing.TB) []byte {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	go func() {
		_ = tls.Client(there, trusting()).Handshake()
		there.Close()
	}()
	b := make([]byte, 16<<10)
	n, err := here.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// Who does not speak TLS is told so; whoever does it badly gets TLS's own words. The
// handler is told of none of them, and their room is free afterwards.
func TestTLSHandshakesThatFail(t *testing.T) {
	first := hello(t)
	var opened, good atomic.Int32
	gone := make(chan bool, 1)
	h := &hooks{received: echo, opened: func(*eventloop.Conn) { opened.Add(1) }, closed: func(*eventloop.Conn, error) { gone <- true }}
	r := runTLS(t, h, eventloop.Config{MaxConns: 1})
	for _, way := range []struct{ name, sent, want string }{
		{"JSON", `{"type":"login"}` + "\n", notTLS},
		{"HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", notTLS},
		{"zeros", strings.Repeat("\x00", 100<<10), notTLS},
		{"one byte", "x", notTLS},
		{"SSL 2", "\x80\x2e\x01\x00\x02", notTLS},
		{"nothing", "", ""},
		{"half a hello", string(first[:len(first)/2]), ""},
		{"a handshake of garbage", "\x16\x03\x01\x00\x05hello", "\x15\x03\x01\x00\x02\x02\x50"}, // internal_error
		{"a version of long ago", tls10(), "\x15\x03\x01\x00\x02\x02\x46"},                      // protocol_version
	} {
		c := dial(t, r.addr)
		fmt.Fprint(c, way.sent)
		_ = c.CloseWrite()
		if got, err := io.ReadAll(c); string(got) != way.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", way.name, got, err, way.want)
		}
		c.Close()
		untilRoom(t, r.addr)
		receive(t, gone)
		good.Add(1)
	}
	for _, length := range []int{1, len(first) / 2, len(first)} {
		c := dial(t, r.addr)
		_, _ = c.Write(first[:length])
		if length == len(first) {
			read(t, c, 1)
		}
		_ = c.SetLinger(0)
		c.Close() // a reset
		untilRoom(t, r.addr)
		receive(t, gone)
		good.Add(1)
	}
	if opened.Load() != good.Load() {
		t.Errorf("the handler was told of %d connections, and %d were good", opened.Load(), good.Load())
	}
}

// The words for one who does not speak TLS arrive, also while more is sent.
func TestTLSWordsToOneWhoGoesOn(t *testing.T) {
	r := runTLS(t, &hooks{}, eventloop.Config{})
	for range 20 {
		c := dial(t, r.addr)
		go func() {
			for b := make([]byte, 4096); ; {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		}()
		if got := read(t, c, len(notTLS)); got != notTLS {
			t.Fatalf("got %q", got)
		}
		if n, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Fatalf("after the words: %d, %v", n, err)
		}
		c.Close()
	}
}

// tls10 is a hello of a client that speaks TLS 1.0 only.
func tls10() string {
	body := "\x03\x01" + strings.Repeat("r", 32) + "\x00" + "\x00\x02\x00\x2f" + "\x01\x00"
	shake := "\x01\x00\x00" + string(rune(len(body))) + body
	return "\x16\x03\x01\x00" + string(rune(len(shake))) + shake
}

// untilRoom waits until the only connection that there may be is gone: then another one
// is served.
func untilRoom(t testing.TB, addr string) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		c := dial(t, addr)
		s := tls.Client(c, trusting())
		if s.Handshake() == nil {
			fmt.Fprint(s, "x")
			read(t, s, 1)
			s.Close()
			return
		}
		c.Close()
	}
	t.Fatal("there is no room")
}

// Who does not go on is put out.
func TestTLSHandshakeTimeout(t *testing.T) {
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{HandshakeTimeout: 20 * time.Millisecond})
	first := hello(t)
	for _, sent := range [][]byte{nil, first[:20], first} {
		c := dial(t, r.addr)
		_, _ = c.Write(sent)
		if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) { // a reset is an end, too
			t.Errorf("after %d bytes it goes on", len(sent))
		}
	}
}

// What may come before a handshake is over is a connection's own, and beyond it what all of a
// loop may have together. A client begins with some hundred bytes at least.
func TestTLSHandshakeInput(t *testing.T) {
	for _, tt := range []struct {
		own, shared int // bytes
		ends        bool
	}{{10, 10, true}, {10, 1 << 20, false}, {1 << 20, 10, false}, {0, 0, false}} {
		r := runTLS(t, &hooks{received: echo}, eventloop.Config{HandshakeInput: tt.own, HandshakeMemory: tt.shared})
		c := tls.Client(dial(t, r.addr), trusting())
		if err := c.Handshake(); (err != nil) != tt.ends {
			t.Errorf("with %d bytes for each and %d for all the handshake ends with %v", tt.own, tt.shared, err)
		}
		c.Close()
	}
}

// No more handshakes are under way than may be: others wait for their turn.
func TestTLSHandshakesWait(t *testing.T) {
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{MaxHandshakes: 1})
	first := dial(t, r.addr)
	_, _ = first.Write(hello(t))
	read(t, first, 1) // it is under way
	silent := dial(t, r.addr)
	fmt.Fprint(silent, "\x16") // takes no turn
	second := make(chan error, 1)
	go func() {
		c := tls.Client(dial(t, r.addr), trusting())
		err := c.Handshake()
		c.Close()
		second <- err
	}()
	third := dial(t, r.addr)
	_, _ = third.Write(hello(t))
	third.Close()  // before its turn
	for range 50 { // much more than it takes to do a handshake
		other := dial(t, r.addr)
		fmt.Fprint(other, "no TLS")
		if got, err := io.ReadAll(other); string(got) != notTLS || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	select {
	case err := <-second:
		t.Errorf("the second did not wait: %v", err)
	default:
	}
	first.Close()
	if err := receive(t, second); err != nil {
		t.Errorf("the second: %v", err)
	}
}

// What a client sends behind its handshake is kept while the server has not done its own
// part, of which the client cannot know. What is kept for all of them has a limit: of six
// who send more than a sixth of it one is put out, and none who sends little.
func TestTLSMuchBehindAHandshake(t *testing.T) {
	own, err := cert.NewOwn(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cfg, goOn := own.Config(), make(chan struct{})
	defer close(goOn)
	cfg.VerifyConnection = func(tls.ConnectionState) error { // behind all that the client waits for
		<-goOn
		return nil
	}
	const much, most = 768 << 10, 4 << 20
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{TLS: cfg, MaxOutbound: 2 * much, HandshakeMemory: most})
	sent, results := make([]byte, much), make(chan error, 6)
	_, _ = rand.Read(sent)
	for range 2 { // the second time there is as much room as the first time
		for range cap(results) {
			c := dialTLS(t, r.addr)
			go func() { results <- comesBack(c, sent) }()
		}
		if err := receive(t, results); err == nil {
			t.Error("an answer came before the handshake was over")
		}
		little := dialTLS(t, r.addr)
		fmt.Fprint(little, "hello")
		for range cap(results) + 1 {
			goOn <- struct{}{}
		}
		for range cap(results) - 1 {
			if err := receive(t, results); err != nil {
				t.Error(err)
			}
		}
		if got := read(t, little, 5); got != "hello" {
			t.Errorf("who sent little got %q", got)
		}
	}
}

// comesBack writes something, and reads as much.
func comesBack(c net.Conn, sent []byte) error {
	if _, err := c.Write(sent); err != nil {
		return err
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if !bytes.Equal(got, sent) {
		return errors.New("other bytes came back")
	}
	return nil
}
