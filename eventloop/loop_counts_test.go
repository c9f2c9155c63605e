package eventloop_test

import (
	"testing"
	"time"

	"parley/eventloop"
)

// A loop counts its turns, those in which a time had come, and what waits in it.
func TestLoopCounts(t *testing.T) {
	l, d := newLoop(&hooks{})
	s := open(l)
	for _, step := range []struct {
		what string
		do   func()
		want eventloop.LoopCounts
	}{
		{"nothing", func() {}, eventloop.LoopCounts{}},
		{"a turn", func() {}, eventloop.LoopCounts{Turns: 1}},
		{"a turn before the time", func() { l.WakeAt(d.now.Add(time.Second)) }, eventloop.LoopCounts{Turns: 2}},
		{"one when it has come", func() { d.now = d.now.Add(time.Second) }, eventloop.LoopCounts{Turns: 3, Wakes: 1}},
		{"one more", func() {}, eventloop.LoopCounts{Turns: 4, Wakes: 1}},
		{"a client does not read", func() { s.full = true; s.conn.Send([]byte("hello")) }, eventloop.LoopCounts{Turns: 5, Wakes: 1, Backlog: 512}},
		{"and is gone", func() { s.Close() }, eventloop.LoopCounts{Turns: 6, Wakes: 1}},
	} {
		step.do()
		if step.what != "nothing" {
			l.Turn()
		}
		if got := l.Counts(); got != step.want {
			t.Errorf("%s: %+v, want %+v", step.what, got, step.want)
		}
	}
}
