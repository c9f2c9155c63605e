package server

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/log"
)

// A scribe is Effects that are written down.
type scribe struct {
	nowhere // of what nobody holds
	done    []string
}

func (s *scribe) note(format string, args ...any) {
	s.done = append(s.done, fmt.Sprintf(format, args...))
}

func (s *scribe) Enter(eventloop.ConnID)                 {}
func (s *scribe) Send(to eventloop.ConnID, frame []byte) { s.note("send %d %s", to.Index(), frame) }
func (s *scribe) SendLater(to eventloop.ConnID, frame []byte) {
	s.note("later %d %s", to.Index(), frame)
}
func (s *scribe) Replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	s.note("replay %d %s", to.Index(), frames[0].Bytes)
}
func (s *scribe) SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	s.note("message %d %s", to.Index(), frames[0].Bytes)
}
func (s *scribe) Withdraw(number uint64) { s.note("withdraw %d", number) }
func (s *scribe) Join(id eventloop.ConnID, room string, extended bool) {
	s.note("join %d %s", id.Index(), room)
}
func (s *scribe) Leave(id eventloop.ConnID, room string)   { s.note("leave %d %s", id.Index(), room) }
func (s *scribe) Deliver(d Delivery)                       { s.note("deliver %s but %d", d.Extended, d.Except[0].Index()) }
func (s *scribe) Close(id eventloop.ConnID)                { s.note("close %d", id.Index()) }
func (s *scribe) TellOut(id eventloop.ConnID, mark uint64) { s.note("out %d %d", id.Index(), mark) }
func (s *scribe) Extend(id eventloop.ConnID)               { s.note("extend %d", id.Index()) }

// take returns what was done since the last time.
func (s *scribe) take() string {
	all := strings.Join(s.done, ", ")
	s.done = nil
	return all
}

// A ledger is a log of which only the positions are there.
type ledger struct {
	log.Log
	applied, committed log.Position
	failing            error
}

func (l *ledger) Applied() log.Position   { return l.applied }
func (l *ledger) Committed() log.Position { return l.committed }
func (l *ledger) Failing() error          { return l.failing }

// heldStage is where effects are held of the sessions 1 and 2.
type heldStage struct {
	*held
	ledger ledger
	scribe scribe
}

func newHeldStage() *heldStage {
	h := &heldStage{}
	h.held = &held{log: &h.ledger, sessions: new(sessions), contain: func(f func()) { f() }}
	for n := range 2 {
		h.sessions.put(&session{id: conn(n + 1)})
	}
	h.held.Effects = &h.scribe
	return h
}

// step does what one line says.
func (h *heldStage) step(t *testing.T, line string) {
	var n int
	var text string
	verb, rest, _ := strings.Cut(line, " ")
	h.free = verb == "free"
	if h.free {
		verb, rest, _ = strings.Cut(rest, " ")
	}
	_, _ = fmt.Sscan(rest, &n, &text)
	to := conn(n)
	switch verb {
	case "apply":
		h.ledger.applied++
	case "commit": // so much more
		h.ledger.committed += log.Position(n)
		h.release()
	case "fails":
		h.ledger.failing = errors.New("the disk is full")
	case "send":
		h.Send(to, []byte(text))
	case "later":
		h.SendLater(to, []byte(text))
	case "replay":
		h.Replay(to, []protocol.SaidFrame{{Bytes: []byte(text)}})
	case "message":
		h.SendMessage(to, []protocol.SaidFrame{{Bytes: []byte(text)}})
	case "withdraw":
		h.Withdraw(7)
	case "extend":
		h.Extend(to)
	case "join":
		h.Join(to, text, true)
	case "leave":
		h.Leave(to, text)
	case "deliver":
		h.Deliver(Delivery{Extended: []byte(rest), Except: []eventloop.ConnID{conn(2)}})
	case "close":
		h.Close(to)
	case "out":
		h.TellOut(to, 7)
	default:
		t.Fatalf("cannot read %q", line)
	}
}

func TestNobodyIsToldBeforeItIsSafe(t *testing.T) {
	for name, script := range map[string]string{
		"what follows nothing goes at once": `
			send 1 a, later 1 b, replay 2 c, message 2 m, withdraw, extend 1, join 1 lobby, deliver d, close 2, out 1 => send 1 a, later 1 b, replay 2 c, message 2 m, withdraw 7, extend 1, join 1 lobby, deliver d but 2, close 2, out 1 7`,
		"what follows something waits for it, in order": `
			apply, send 1 a, deliver b, later 1 c, extend 2, join 2 lobby, replay 2 d, message 2 m, withdraw, out 2, deliver e, close 1 =>
			commit 1 => send 1 a, deliver b but 2, later 1 c, extend 2, join 2 lobby, replay 2 d, message 2 m, withdraw 7, out 2 7, deliver e but 2, close 1
			send 1 f => send 1 f`,
		"only what is safe is released": `
			apply, send 1 a, apply, send 2 b, apply, deliver c, send 1 d =>
			commit 1 => send 1 a
			commit 2 => send 2 b, deliver c but 2, send 1 d`,
		"what shows nothing does not wait for others": `
			apply, send 1 a =>
			free send 2 pong => send 2 pong
			commit 1 => send 1 a`,
		"but its own session's answers keep their order": `
			apply, send 1 a, apply, free send 1 pong =>
			commit 1 => send 1 a
			free send 1 pong2 =>
			commit 1 => send 1 pong, send 1 pong2
			apply, free send 1 pong3 => send 1 pong3`,
		"a delivery waits whoever has brought it about": `
			apply, free deliver a =>
			commit 1 => deliver a but 2`,
		"who leaves is not kept waiting for what others have said": `
			apply, deliver a, free close 2, apply, deliver b => close 2
			commit 2 => deliver a but 2, deliver b but 2`,
		"who has something coming gets it before the end": `
			apply, send 2 a, free close 2 =>
			commit 1 => send 2 a, close 2`,
		"who comes hears what is decided from then on": `
			apply, deliver a, join 1 lobby, apply, deliver b =>
			commit 2 => deliver a but 2, join 1 lobby, deliver b but 2`,
		"while nothing can be kept, what shows nothing goes in any case": `
			apply, send 1 a, fails, free send 1 pong => send 1 pong
			send 1 b, free deliver c =>
			commit 1 => send 1 a, send 1 b, deliver c but 2`,
		"and behind what of that kind waited already": `
			apply, send 1 a, free send 1 one, free later 1 two, free send 2 other, fails, free send 1 three => send 2 other, send 1 one, later 1 two, send 1 three
			free send 1 four => send 1 four
			commit 1, free send 1 five => send 1 a, send 1 five`,
		"of a connection that is gone nothing is remembered": `
			apply, send 3 a, free send 3 b => send 3 b
			commit 1 => send 3 a`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeldStage()
			for line := range strings.Lines(strings.TrimSpace(script)) {
				steps, want, _ := strings.Cut(strings.TrimSpace(line), "=>")
				for step := range strings.SplitSeq(steps, ",") {
					h.step(t, strings.TrimSpace(step))
				}
				if got := h.scribe.take(); got != strings.TrimSpace(want) {
					t.Fatalf("%s: done is %q", line, got)
				}
			}
		})
	}
}

// What was a burst does not take memory for ever.
func TestTheQueueOfABurstIsLetGo(t *testing.T) {
	h := newHeldStage()
	for _, n := range []int{10, maxIdleQueue + 1} {
		h.ledger.applied++
		for range n {
			h.Send(conn(1), []byte("a"))
		}
		h.ledger.committed = h.ledger.applied
		h.release()
		if kept := cap(h.queue); len(h.queue) != 0 || (kept > 0) != (n <= maxIdleQueue) {
			t.Errorf("after %d effects there is memory for %d", n, kept)
		}
		for _, e := range h.queue[:cap(h.queue)] {
			if e.frame != nil {
				t.Error("a frame is still referred to")
			}
		}
	}
}

// BenchmarkHeld is what one effect costs that has to wait.
func BenchmarkHeld(b *testing.B) {
	h := &held{Effects: nowhere{}, log: &ledger{}, sessions: new(sessions)}
	l := h.log.(*ledger)
	frame := []byte("frame")
	b.ReportAllocs()
	for b.Loop() {
		l.applied++
		for range 64 {
			h.Send(conn(1), frame)
		}
		l.committed++
		h.release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/effect")
}
