package server

import (
	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/log"
)

// held are the Effects that wait until what they tell of is safe, in the order in which
// they were decided: nobody is told what a crash can lose. Who comes and goes is in the
// queue too, so that a message is heard by those who were there when it was decided.
//
// What shows nothing that is kept goes at once (free), unless something of that session
// waits: its answers keep their order. But while nothing can be kept it goes in any case:
// a session that waits for a failing disk is to have its pings answered. Nothing goes before
// the answer to the login: a client would take it for that.
type held struct {
	Effects  // to whom what is safe goes
	log      log.Log
	sessions *sessions
	queue    []effect       // in order
	frames   []byte         // those that are for one session each, behind each other
	free     bool           // what is done now shows nothing that is kept
	contain  func(f func()) // runs what may panic
}

// An effect is a call of Effects that waits. It is one entry of a slice that is used
// again: a closure for each takes twice as long, and memory of its own.
type effect struct {
	at       log.Position // is safe when so much is
	kind     effectKind
	extended bool
	free     bool // shows nothing that is kept, and waits for what its session is told before
	to       eventloop.ConnID
	room     string
	frame    []byte               // of a delivery
	said     []protocol.SaidFrame // of a delivery
	size     int                  // of a frame for one session, which lies in held.frames
	except   []eventloop.ConnID
	news     *users.Announcement
	later    bool
	mark     uint64
	call     func()
}

type effectKind uint8

const (
	effectNone effectKind = iota
	effectSend
	effectSendLater
	effectWithdraw
	effectExtend
	effectJoin
	effectLeave
	effectDeliver
	effectClose
	effectTellOut
	effectCall
)

// through reports whether an effect on one session need not wait.
func (h *held) through(id eventloop.ConnID) bool {
	committed := h.log.Committed()
	if h.log.Applied() == committed {
		return true
	}
	if !h.free {
		return false
	}
	s := h.sessions.get(id)
	if s == nil || s.behind <= committed {
		return true
	}
	if h.log.Failing() == nil || s.unwelcome {
		return false
	}
	h.overtake(s)
	return true
}

// overtake does what waits for a session only to keep the order, and shows nothing that is kept:
// what goes at once, while nothing can be kept, goes behind that.
func (h *held) overtake(s *session) {
	if !s.queued {
		return
	}
	s.queued = false
	for i, used := 0, 0; i < len(h.queue); i++ { // it may grow meanwhile
		e := h.queue[i]
		if e.free && e.to == s.id && (e.kind == effectSend || e.kind == effectSendLater) {
			h.queue[i] = effect{at: e.at, size: e.size} // nothing is left of it but its place in frames
			h.do(&e, h.frames[used:used+e.size])
		}
		used += e.size
	}
}

// holdFrame puts a frame for one session into the queue, which has it only for now.
func (h *held) holdFrame(kind effectKind, to eventloop.ConnID, frame []byte) {
	h.frames = append(h.frames, frame...)
	h.hold(effect{kind: kind, to: to, size: len(frame)})
}

// hold puts an effect on one session into the queue.
func (h *held) hold(e effect) {
	e.at = h.log.Applied()
	e.free = h.free
	if s := h.sessions.get(e.to); s != nil {
		s.behind = e.at
		s.queued = s.queued || e.free
	}
	h.queue = append(h.queue, e)
}

// bytes returns how much waits, in bytes of frames.
func (h *held) bytes() int {
	n := len(h.frames)
	for i := range h.queue {
		n += len(h.queue[i].frame)
		for _, frame := range h.queue[i].said {
			n += len(frame.Bytes)
		}
	}
	return n
}

// release does what is safe by now.
func (h *held) release() {
	committed, n, used := h.log.Committed(), 0, 0
	for n < len(h.queue) && h.queue[n].at <= committed { // it may grow meanwhile: a connection may be closed
		e := h.queue[n]
		h.do(&e, h.frames[used:used+e.size])
		used += e.size
		n++
	}
	h.frames = h.frames[:copy(h.frames, h.frames[used:])]
	rest := copy(h.queue, h.queue[n:])
	clear(h.queue[rest:])
	h.queue = h.queue[:rest]
	if rest == 0 && (cap(h.queue) > maxIdleQueue || cap(h.frames) > maxIdleFrames) {
		h.queue, h.frames = nil, nil
	}
}

// maxIdleQueue and maxIdleFrames are of how many effects and bytes the memory is kept while
// none waits.
const (
	maxIdleQueue  = 1024
	maxIdleFrames = 256 << 10
)

// do does one. frame is that of an effect on one session.
func (h *held) do(e *effect, frame []byte) {
	switch e.kind {
	case effectSend:
		h.Effects.Send(e.to, frame)
	case effectSendLater:
		h.Effects.SendLater(e.to, frame)
	case effectWithdraw:
		h.Effects.Withdraw(e.mark)
	case effectExtend:
		h.Effects.Extend(e.to)
	case effectJoin:
		h.Effects.Join(e.to, e.room, e.extended)
	case effectLeave:
		h.Effects.Leave(e.to, e.room)
	case effectDeliver:
		h.Effects.Deliver(Delivery{Room: e.room, Extended: e.frame, Plain: e.said, Number: e.mark, Except: e.except, News: e.news, Later: e.later})
	case effectClose:
		h.Effects.Close(e.to)
	case effectTellOut:
		h.Effects.TellOut(e.to, e.mark)
	case effectCall:
		h.contain(e.call)
	}
}

// Send implements Effects.
func (h *held) Send(to eventloop.ConnID, frame []byte) {
	if h.through(to) {
		h.Effects.Send(to, frame)
		return
	}
	h.holdFrame(effectSend, to, frame)
}

// SendLater implements Effects.
func (h *held) SendLater(to eventloop.ConnID, frame []byte) {
	if h.through(to) {
		h.Effects.SendLater(to, frame)
		return
	}
	h.holdFrame(effectSendLater, to, frame)
}

// pass does an effect on one session, or holds it. Frames for one session, of which there
// are many, have no effect made of them before it is known that they wait.
func (h *held) pass(e effect) {
	if h.through(e.to) {
		h.do(&e, nil)
		return
	}
	h.hold(e)
}

// SendMessage implements Effects.
func (h *held) SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	h.pass(effect{kind: effectCall, to: to, call: func() { h.Effects.SendMessage(to, frames) }})
}

// Replay implements Effects.
func (h *held) Replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	h.pass(effect{kind: effectCall, to: to, call: func() { h.Effects.Replay(to, frames) }})
}

// Withdraw implements Effects. What is in the queue before it is told, and taken back.
func (h *held) Withdraw(number uint64) {
	at := h.log.Applied()
	if at == h.log.Committed() {
		h.Effects.Withdraw(number)
		return
	}
	h.queue = append(h.queue, effect{at: at, kind: effectWithdraw, mark: number})
}

// Extend implements Effects.
func (h *held) Extend(id eventloop.ConnID) { h.pass(effect{kind: effectExtend, to: id}) }

// Join implements Effects.
func (h *held) Join(id eventloop.ConnID, room string, extended bool) {
	h.pass(effect{kind: effectJoin, to: id, room: room, extended: extended})
}

// Leave implements Effects.
func (h *held) Leave(id eventloop.ConnID, room string) {
	h.pass(effect{kind: effectLeave, to: id, room: room})
}

// Close implements Effects.
func (h *held) Close(id eventloop.ConnID) { h.pass(effect{kind: effectClose, to: id}) }

// TellOut implements Effects.
func (h *held) TellOut(id eventloop.ConnID, mark uint64) {
	h.pass(effect{kind: effectTellOut, to: id, mark: mark})
}

// Deliver implements Effects.
func (h *held) Deliver(d Delivery) {
	at := h.log.Applied()
	if at == h.log.Committed() {
		h.Effects.Deliver(d)
		return
	}
	h.queue = append(h.queue, effect{at: at, kind: effectDeliver, room: d.Room, frame: d.Extended, said: d.Plain, mark: d.Number, except: d.Except, news: d.News, later: d.Later})
}

// call has f called when all that was decided is safe.
func (h *held) call(f func()) {
	at := h.log.Applied()
	if at == h.log.Committed() {
		f()
		return
	}
	h.queue = append(h.queue, effect{at: at, kind: effectCall, call: f})
}
