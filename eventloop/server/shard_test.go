package server

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// A valve is a socket that takes nothing while it is shut.
type valve struct {
	shut bool
	took int // bytes
}

func (v *valve) Write(b []byte) int {
	if v.shut {
		return 0
	}
	v.took += len(b)
	return len(b)
}
func (*valve) CloseWrite() {}
func (*valve) Close()      {}

// A handDriver is turned by hand.
type handDriver struct {
	now  time.Time
	rung bool
	wake time.Time
}

func (d *handDriver) Ring()              { d.rung = true }
func (d *handDriver) WakeAt(t time.Time) { d.wake = t }
func (d *handDriver) Now() time.Time     { return d.now }

// outStage is a shard of which it is noted when all has gone out.
type outStage struct {
	*shard
	driver *handDriver
	told   []string
}

// Woke and the others implement eventloop.Handler.
func (s *outStage) Started(l *eventloop.Loop) {
	s.shard = newShard(l, Config{Pace: 50 * time.Millisecond}, func(_ *eventloop.Loop, id eventloop.ConnID, mark uint64) {
		s.told = append(s.told, fmt.Sprint(id.Index()+1, ":", mark))
	}, func(_ *shard, _ eventloop.ConnID, p any) { panic(p) })
}
func (s *outStage) Opened(c *eventloop.Conn) {
	c.State = &link{conn: c, scanner: *protocol.NewScanner(protocol.MaxFrame), newline: true}
}
func (s *outStage) Received(*eventloop.Conn, []byte)  {}
func (s *outStage) Ended(*eventloop.Conn)             {}
func (s *outStage) Closed(c *eventloop.Conn, _ error) { s.remove(c.State.(*link)) }
func (s *outStage) Stopping(*eventloop.Loop)          {}
func (s *outStage) Woke(*eventloop.Loop) {
	s.woke()
	s.checkOut()
}

func newOutStage() *outStage {
	s := &outStage{driver: &handDriver{now: benchStart}}
	eventloop.NewLoop(0, s, s.driver, 1<<20, eventloop.NewMemory(0)).Start()
	return s
}

// open opens a connection in an extended or a plain session.
func (s *outStage) open(v *valve, extended bool) eventloop.ConnID {
	id := s.loop.Open(v, loopback).ID()
	s.join(id, "lobby", extended)
	return id
}

// run turns the loop for a time, and returns what was told.
func (s *outStage) run(d time.Duration) string {
	for end := s.driver.now.Add(d); ; {
		for s.driver.rung || !s.driver.wake.IsZero() && !s.driver.now.Before(s.driver.wake) {
			if s.driver.rung = false; !s.driver.now.Before(s.driver.wake) {
				s.driver.wake = time.Time{}
			}
			s.loop.Turn()
		}
		if s.driver.wake.IsZero() || s.driver.wake.After(end) {
			s.driver.now = end
			break
		}
		s.driver.now = s.driver.wake
	}
	slices.Sort(s.told)
	told := fmt.Sprint(s.told)
	s.told = nil
	return told
}

func TestItIsToldWhenAllHasGoneOut(t *testing.T) {
	s := newOutStage()
	reads, stalls, plain := new(valve), &valve{shut: true}, new(valve)
	a, b, p := s.open(reads, true), s.open(stalls, true), s.open(plain, false)
	s.loop.Post(func() {
		for range 3 { // with pauses for the plain one
			s.send(p, []byte("hello\n"))
		}
		for i, id := range []eventloop.ConnID{a, b, p} {
			s.send(id, []byte("hello\n"))
			s.tellOut(id, uint64(i+1))
		}
	})
	s.loop.Turn()
	if s.told != nil {
		t.Errorf("in the turn in which it was sent are told %s", s.told)
	}
	if got := s.run(0); got != "[1:1]" || reads.took == 0 {
		t.Errorf("at once are told %s", got)
	}
	s.tellOut(a, 4) // while others wait
	if got := s.run(0); got != "[1:4]" {
		t.Errorf("with nothing to send are told %s", got)
	}
	if got := s.run(149 * time.Millisecond); got != "[]" {
		t.Errorf("before the last response of the plain one: %s", got)
	}
	if got := s.run(20 * time.Millisecond); got != "[3:3]" {
		t.Errorf("behind it: %s", got)
	}
	s.tellOut(b, 5) // in place of the one before
	if stalls.shut = false; len(s.outgoing) != 1 {
		t.Errorf("%d wait", len(s.outgoing))
	}
	if got := s.run(time.Second); got != "[2:5]" || len(s.outgoing) != 0 {
		t.Errorf("when the stalled one reads again: %s", got)
	}
	s.tellOut(b, 6)
	if got := s.run(0); got != "[2:6]" {
		t.Errorf("the next time: %s", got)
	}
}

func TestNothingIsToldOfWhoIsGone(t *testing.T) {
	s := newOutStage()
	stalls := &valve{shut: true}
	var all []eventloop.ConnID
	for range 3 {
		all = append(all, s.open(stalls, true))
		s.send(all[len(all)-1], []byte("hello\n"))
		s.tellOut(all[len(all)-1], 1)
	}
	s.run(0)
	s.close(all[0])
	s.loop.Closed(s.loop.Conn(all[1]), nil)
	s.tellOut(all[1], 2)
	s.tellOut(99, 3)
	s.run(outInterval)
	if len(s.outgoing) != 1 || s.outgoing[0].conn.ID() != all[2] {
		t.Errorf("%d wait", len(s.outgoing))
	}
	s.close(all[2])
	if got := s.run(time.Second); got != "[]" || len(s.outgoing) != 0 {
		t.Errorf("told is %s, %d wait", got, len(s.outgoing))
	}
	if wake := s.driver.wake; !wake.IsZero() && wake.Sub(s.driver.now) < outInterval {
		t.Error("it is still being looked")
	}
}
