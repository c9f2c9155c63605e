//go:build unix

package main

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// listeners are how many hear all that is said when the server restarts, beside those who
// say it.
const listeners = 200

// TestNothingIsLostByARestart ends the server with SIGTERM in the middle of a talk, in which
// it was stopped for a moment, too. Everybody is told of each end once; and what was
// acknowledged, also while the server ended, is on the disk, and everybody has heard it, once
// and in order.
func TestNothingIsLostByARestart(t *testing.T) {
	w := newTrial(t, "always", listeners)
	for _, p := range w.talkers[:len(w.talkers)-listeners] {
		p.perRound = 1000 // more than is said until then
	}
	w.settle()
	w.rounds = 2
	for range w.rounds {
		w.restart()
	}
	for _, p := range w.talkers {
		p.begin = nil
	}
	w.end()
	for _, p := range w.talkers {
		if p.ends != w.rounds {
			t.Errorf("%s was told of %d ends, not %d", p.name, p.ends, w.rounds)
		}
	}
	w.compare()
}

// restart has everybody come back and talk until the server has ended.
func (w *trial) restart() {
	s := w.start()
	var wg sync.WaitGroup
	events, begin := make(chan event, 100_000), make(chan struct{})
	for i, p := range w.talkers {
		if p.events = events; i < len(w.talkers)-listeners {
			p.begin = begin
		}
		wg.Go(func() { p.talk(s.addrs[0], nil) })
	}
	if !await(events, len(w.talkers), 0) {
		w.t.Fatal("not all have come")
	}
	close(begin)
	if !await(events, 0, 50) {
		w.t.Fatal("nothing is acknowledged")
	}
	w.pause(s)
	if !await(events, 0, 50) {
		w.t.Fatal("nothing is acknowledged after a pause")
	}
	w.signal(s, syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		w.t.Errorf("the server ends with %v: %s", err, s.log)
	}
	w.noComplaint(s)
	wg.Wait()
}

// pause stops the server's process until somebody has noticed that it does not answer.
func (w *trial) pause(s serving) {
	c, err := dial(s.addrs[0])
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	w.signal(s, syscall.SIGSTOP)
	for late := time.Now().Add(deadline); err == nil; { // it stops in a moment
		if time.Now().After(late) {
			w.t.Fatal("a server that is stopped answers")
		}
		c.send(protocol.Request{Verb: "help"})
		_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		_, err = c.in.ReadBytes('\n')
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		w.t.Fatalf("a server that is stopped: %v", err)
	}
	w.signal(s, syscall.SIGCONT)
	_ = c.SetReadDeadline(time.Now().Add(deadline))
	if _, ok := c.read(); !ok {
		w.t.Error("a server that goes on does not answer")
	}
}

func (w *trial) signal(s serving, sig syscall.Signal) {
	if err := s.Process.Signal(sig); err != nil {
		w.t.Fatal(err)
	}
}
