package eventloop_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"parley/eventloop"
)

// Requests and the end of the stream in one go, as printf and nc -N send them: all are
// answered, then the connection is closed.
func TestRequestsAndEndInOneGo(t *testing.T) {
	for _, loops := range []int{1, 2} {
		t.Run(fmt.Sprint(loops, " loops"), func(t *testing.T) {
			r := run(t, &hooks{received: echo}, eventloop.Config{Loops: loops})
			want := strings.Repeat("request\n", 20)
			for i := range 200 {
				c := dial(t, r.addr)
				fmt.Fprint(c, want)
				_ = c.CloseWrite()
				if got, err := io.ReadAll(c); string(got) != want || err != nil {
					t.Fatalf("connection %d got %d answers of 20, %v", i, strings.Count(string(got), "\n"), err)
				}
				c.Close()
			}
		})
	}
}

// Answers that are more than the sockets hold are sent to the end, too, to one who
// reads late; so is what comes long after the end of the requests.
func TestManyAnswersAfterTheEnd(t *testing.T) {
	ended, waiting := make(chan *eventloop.Conn, 1), 0
	h := &hooks{received: echo, ended: func(c *eventloop.Conn) {
		waiting = c.Waiting()
		ended <- c
	}}
	r := run(t, h, eventloop.Config{MaxOutbound: 8 << 20})
	c := dial(t, r.addr)
	want := bytes.Repeat([]byte("0123456789abcdef"), 256<<10) // 4 MiB
	if _, err := c.Write(want); err != nil {
		t.Fatal(err)
	}
	_ = c.CloseWrite()
	up := receive(t, ended)
	if waiting < 1<<20 {
		t.Fatalf("only %d bytes wait: that is no test", waiting)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%v", err)
	}
	up.Loop().Post(func() {
		up.Send([]byte("last words"))
		up.Close()
	})
	if rest, err := io.ReadAll(c); string(rest) != "last words" || err != nil {
		t.Errorf("got %q, %v", rest, err)
	}
}

// Who ends and is gone is found out by the first write.
func TestEndAndGone(t *testing.T) {
	ended, closed := make(chan *eventloop.Conn, 1), make(chan bool, 2)
	h := &hooks{ended: func(c *eventloop.Conn) { ended <- c }, closed: func(*eventloop.Conn, error) { closed <- true }}
	r := run(t, h, eventloop.Config{MaxConns: 1})
	c := dial(t, r.addr)
	c.Close()
	up := receive(t, ended)
	for sent := make(chan bool); len(closed) == 0; {
		up.Loop().Post(func() {
			up.Send([]byte("are you there?"))
			sent <- true
		})
		receive(t, sent)
	}
	again := dial(t, r.addr) // there is room again
	fmt.Fprint(again, "x")
	again.Close()
	receive(t, ended)
}

// A connection whose input has ended is closed at once when everything is out: there
// is no unread input that would turn the close into a reset.
func TestEndOfInput(t *testing.T) {
	var reason error
	h := &hooks{closed: func(_ *eventloop.Conn, err error) { reason = errors.Join(err, errors.New("closed")) }}
	l, d := newLoop(h)
	s := open(l)
	s.full, s.room = true, 3
	s.conn.Send([]byte("answer"))
	if !l.EndOfInput(s.conn) {
		t.Fatal("nothing more is sent")
	}
	l.Turn()
	if s.closed || s.ended {
		t.Fatal("closed before everything was out")
	}
	s.full = false
	for range 10 {
		turnAt(l, d, d.wakeAt)
	}
	if got := strings.Join(s.writes, ""); got != "answer" || !s.closed || reason == nil {
		t.Errorf("written: %q, closed: %v, %v", got, s.closed, reason)
	}
	if l.EndOfInput(s.conn) {
		t.Error("a connection that is closed goes on")
	}
}
