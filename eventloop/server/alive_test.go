package server

import (
	"log/slog"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// A server lives when all of its loops turn, and not when one hangs.
func TestAlive(t *testing.T) {
	cfg := Config{Loops: 3, Clock: time.Now, Log: slog.New(slog.DiscardHandler)}
	s := New(cfg, StartInMemory("log", time.Now()), nil)
	alive := 0
	ask := func() { s.Alive(func() { alive++ }) }
	ask()
	if alive != 1 {
		t.Errorf("before anybody has come it lives %d times", alive)
	}
	var loops []*eventloop.Loop
	for i := range 3 {
		l := eventloop.NewLoop(i, s, &handDriver{now: time.Now()}, protocol.MaxOutbound, eventloop.NewMemory(0))
		l.Start()
		loops = append(loops, l)
		alive = 0
		ask()
		for k, l := range loops {
			if alive != 0 {
				t.Errorf("of %d loops, %d have turned, and it lives", len(loops), k)
			}
			l.Turn()
		}
		if alive != 1 {
			t.Errorf("%d loops have turned, and it lives %d times", len(loops), alive)
		}
	}
}
