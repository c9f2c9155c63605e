package eventloop_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"parley/eventloop"
)

// While the loops end, who is there is served on, who comes is told so, and the last one who
// leaves is not waited for any longer.
func TestDrain(t *testing.T) {
	for _, loops := range []int{1, 2} {
		t.Run(fmt.Sprint(loops, " loops"), func(t *testing.T) {
			stopping := make(chan *eventloop.Loop, loops)
			h := &hooks{received: echo, stopping: func(l *eventloop.Loop) { stopping <- l }}
			r := run(t, h, eventloop.Config{Loops: loops, Drain: time.Hour, Ending: func() []byte { return []byte("later") }})
			c := dial(t, r.addr)
			fmt.Fprint(c, "x")
			if read(t, c, 1) != "x" {
				t.Fatal("no echo")
			}
			r.stop()
			receive(t, stopping)
			late := dial(t, r.addr)
			if got, err := io.ReadAll(late); string(got) != "later" || err != nil {
				t.Errorf("who comes late is told %q, %v", got, err)
			}
			fmt.Fprint(c, "y")
			if got := read(t, c, 1); got != "y" {
				t.Errorf("got %q", got)
			}
			c.Close()
			if err := receive(t, r.ended); err != nil {
				t.Error(err)
			}
		})
	}
}

// Who does not go has the time that was set for it, and is closed then.
func TestDrainHasAnEnd(t *testing.T) {
	opened := make(chan bool, 1)
	r := run(t, &hooks{opened: func(*eventloop.Conn) { opened <- true }}, eventloop.Config{Drain: eventloop.LastWordsTime + 200*time.Millisecond})
	c := dial(t, r.addr)
	receive(t, opened)
	began := time.Now()
	r.stop()
	if err := receive(t, r.ended); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < eventloop.LastWordsTime+200*time.Millisecond {
		t.Errorf("it has ended after %s", took)
	}
	if n, err := c.Read(make([]byte, 1)); err == nil {
		t.Errorf("the connection is open, and %d bytes came", n)
	}
}
