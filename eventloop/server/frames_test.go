package server

import (
	"strings"
	"testing"
	"time"

	"parley/eventloop"
)

// wire is a socket that keeps what is written.
type wire struct{ strings.Builder }

func (w *wire) Write(b []byte) int { n, _ := w.Builder.Write(b); return n }
func (*wire) CloseWrite()          {}
func (*wire) Close()               {}

// The memory of a frame is used for the next one, also while the first has to wait.
func TestFrameThatWaitsIsCopied(t *testing.T) {
	cfg := benchConfig()
	cfg.Pace = time.Second
	s, d := New(cfg, StartInMemory("test", benchStart), nil), &stillDriver{benchStart}
	l := eventloop.NewLoop(0, s, d, 1<<20, eventloop.NewMemory(0))
	l.Start()
	w := new(wire)
	id := l.Open(w, loopback).ID()
	frame := make([]byte, 4)
	for _, text := range []string{"one\n", "two\n", "six\n"} {
		copy(frame, text)
		s.Send(id, frame)
	}
	for range 3 {
		l.Turn()
		d.now = d.now.Add(cfg.Pace)
	}
	if got := w.String(); got != "onetwosix" {
		t.Errorf("got %q", got)
	}
}
