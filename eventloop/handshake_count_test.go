package eventloop_test

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/eventloop"
)

// Each connection that has no TLS where it is spoken is counted, with a line of the log a second,
// but for those that end without a word: so it is looked whether a port is there.
func TestRefusalsOfTLSAreCounted(t *testing.T) {
	first := string(hello(t))
	for _, way := range []struct {
		name, sent string
		reset      bool
		says       string // in the log; "": nothing
	}{
		{"JSON", "{}\n", false, "do not speak TLS"},
		{"a fake hello", "\x16\x03\x01\x00\x05hello", false, "TLS handshakes have failed"},
		{"a version of long ago", tls10(), false, "TLS handshakes have failed"},
		{"half a hello", first[:len(first)/2], false, "TLS handshakes have failed"},
		{"half a hello and a reset", first[:len(first)/2], true, "TLS handshakes have failed"},
		{"a hello and no more", first, false, "TLS handshakes have failed"},
		{"a hello and a reset", first, true, "TLS handshakes have failed"},
		{"nothing", "", false, ""},
		{"nothing, and a reset", "", true, ""},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			lines := make(chan string, 1000)
			var failed atomic.Int32
			var count eventloop.HandshakeCount
			r := runTLS(t, &hooks{received: echo}, eventloop.Config{MaxConns: 1, Handshakes: &count, HandshakeFailed: func() { failed.Add(1) }, Log: slog.New(lineHandler{lines})})
			c := dial(t, r.addr)
			fmt.Fprint(c, way.sent)
			if way.reset {
				until(t, "nothing has come", func() bool { hello, waiting, running := count.Now(); return hello+waiting+running == 1 })
				_ = c.SetLinger(0)
			} else {
				_ = c.CloseWrite()
				_, _ = io.ReadAll(c)
			}
			c.Close()
			untilRoom(t, r.addr)
			if want := strings.HasPrefix(way.says, "TLS handshakes"); (failed.Load() == 1) != want || failed.Load() > 1 {
				t.Errorf("%d handshakes have failed", failed.Load())
			}
			for way.says != "" && !strings.Contains(receive(t, lines), way.says) {
			}
			if hello, waiting, running := count.Now(); hello+waiting+running != 0 {
				t.Errorf("there are %d, %d, %d handshakes", hello, waiting, running)
			}
		})
	}
}

// What takes too long is counted, also if nothing has come.
func TestHandshakesThatTakeTooLongAreCounted(t *testing.T) {
	var failed atomic.Int32
	r := runTLS(t, &hooks{}, eventloop.Config{HandshakeTimeout: 20 * time.Millisecond, HandshakeFailed: func() { failed.Add(1) }})
	first := hello(t)
	for _, sent := range [][]byte{nil, first[:20], first} {
		c := dial(t, r.addr)
		_, _ = c.Write(sent)
		_, _ = io.ReadAll(c)
	}
	until(t, "not all are counted", func() bool { return failed.Load() == 3 })
}

// It is known how many handshakes there are, and how far they are.
func TestHandshakesAreCounted(t *testing.T) {
	var count eventloop.HandshakeCount
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{MaxHandshakes: 1, Handshakes: &count})
	is := func(hello, waiting, running int64) {
		t.Helper()
		until(t, fmt.Sprint("there are not ", hello, waiting, running), func() bool { h, w, r := count.Now(); return h == hello && w == waiting && r == running })
	}
	silent, first, second := dial(t, r.addr), dial(t, r.addr), dial(t, r.addr)
	is(3, 0, 0)
	_, _ = first.Write(hello(t))
	is(2, 0, 1)
	_, _ = second.Write(hello(t))
	is(1, 1, 1)
	first.Close()
	is(1, 0, 1)
	silent.Close()
	is(0, 0, 1)
	second.Close()
	is(0, 0, 0)
	dialTLS(t, r.addr)
	is(0, 0, 0)
}
