package eventloop_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
)

// A connection that we close is sent all that is left, however slowly its peer reads; then the
// peer has a second to close its side. One that reads nothing any more is dropped, also where
// others may wait for ever.
func TestCloseWaitsForTheBacklog(t *testing.T) {
	for name, tt := range map[string]struct {
		stall time.Duration
		steps int // of which each takes a tenth of what waits, after 5 s
		want  error
		after time.Duration // until it is closed
	}{
		"reads all slowly":              {10 * time.Second, 10, nil, 51 * time.Second},
		"reads half":                    {10 * time.Second, 5, eventloop.ErrStalled, 35 * time.Second},
		"reads nothing":                 {10 * time.Second, 0, eventloop.ErrStalled, 10 * time.Second},
		"reads all slowly, and no end":  {0, 10, nil, 51 * time.Second},
		"reads nothing, and has no end": {0, 0, eventloop.ErrStalled, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var reason error
			l, d := newLoop(&hooks{closed: func(_ *eventloop.Conn, err error) { reason = err }})
			l.CloseStalled(tt.stall)
			s := open(l)
			s.full = true
			s.conn.Send(make([]byte, testOutbound))
			s.conn.Close()
			began := d.now
			for took := time.Duration(0); !s.closed && took < time.Minute; took = d.now.Sub(began) {
				if took > 0 && took%(5*time.Second) == 0 && took <= time.Duration(tt.steps)*5*time.Second {
					s.room = testOutbound / 10
				}
				l.Turn()
				d.now = d.now.Add(50 * time.Millisecond)
			}
			got := len(strings.Join(s.writes, ""))
			if took := d.now.Sub(began); got != tt.steps*testOutbound/10 || s.ended != (tt.want == nil) || took < tt.after || took > tt.after+300*time.Millisecond {
				t.Errorf("after %s %d bytes are out, and the end: %v", took, got, s.ended)
			}
			if !errors.Is(reason, tt.want) {
				t.Errorf("closed because of %v", reason)
			}
		})
	}
}

// dialSlowly dials for one who has a small buffer.
func dialSlowly(t *testing.T, addr string, secure bool) net.Conn {
	t.Helper()
	c := dial(t, addr)
	_ = c.SetReadBuffer(4096)
	if secure {
		return overTLS(t, noticing{c}, trusting())
	}
	return c
}

// behind returns a client for which a good part of so many bytes waits. The last
// words for it come when the loops end.
func behind(t *testing.T, size int, secure bool, cfg eventloop.Config) (net.Conn, running) {
	t.Helper()
	conns, sent := make(chan *eventloop.Conn, 1), make(chan int, 1)
	var up *eventloop.Conn
	h := &hooks{opened: func(c *eventloop.Conn) { up = c; conns <- c }}
	h.stopping = func(*eventloop.Loop) { up.Send([]byte("bye")); up.Close() }
	if !secure {
		cfg.Listen, cfg.ListenTLS = []string{"127.0.0.1:0"}, []string{}
	}
	r := runTLS(t, h, cfg)
	client := dialSlowly(t, r.addr, secure)
	receive(t, conns).Loop().Post(func() {
		up.Send(make([]byte, size))
		up.Loop().Post(func() { sent <- up.Waiting() })
	})
	if waiting := receive(t, sent); waiting < size/4 {
		t.Fatalf("only %d bytes wait: that is no test", waiting)
	}
	return client, r
}

// Who reads slowly is sent to the end what waits, and that the server ends.
func TestDrainWaitsForSlowReaders(t *testing.T) {
	for _, secure := range []bool{false, true} {
		const size = 300 << 10 // which takes some seconds with so small a buffer
		client, r := behind(t, size, secure, eventloop.Config{Drain: time.Hour})
		began := time.Now()
		r.stop()
		_ = client.SetDeadline(began.Add(time.Minute))
		got, err := io.ReadAll(client)
		if len(got) != size+len("bye") || !strings.HasSuffix(string(got), "bye") || err != nil {
			t.Errorf("TLS: %v: got %d bytes of %d in %s, %v", secure, len(got), size, time.Since(began), err)
		}
		client.Close()
		if err := receive(t, r.ended); err != nil {
			t.Error(err)
		}
	}
}

// Who reads nothing is not waited for any longer than the time that was set, and the log says so.
func TestDrainEndsForOneWhoReadsNothing(t *testing.T) {
	const drain = eventloop.LastWordsTime + 200*time.Millisecond
	for _, secure := range []bool{false, true} {
		lines := make(chan string, 100)
		_, r := behind(t, 1<<20, secure, eventloop.Config{MaxOutbound: 8 << 20, Drain: drain, Log: slog.New(lineHandler{lines})})
		began := time.Now()
		r.stop()
		if err := receive(t, r.ended); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took < drain {
			t.Errorf("TLS: %v: it has ended after %s", secure, took)
		}
		for !strings.Contains(receive(t, lines), "have not read all") {
		}
	}
}
