package server

import (
	"bytes"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// A shard is what one loop keeps of the server: the connections' decoders, what
// waits for plain sessions, and which of its connections hear which room. The loop
// owns it.
type shard struct {
	loop     *eventloop.Loop
	parser   protocol.Parser
	early    int // bytes that a connection may send before the login; 0: any number
	rooms    rooms
	pacer    pacer
	outgoing []*link // of which it is told when all has gone out
	asked    bool    // checkOut was posted
	tell     func(l *eventloop.Loop, id eventloop.ConnID, mark uint64)
	failed   func(sh *shard, id eventloop.ConnID, p any) // is told of a panic

	delivered uint64 // messages to connections that hear the room
}

// A link is a shard's side of a connection.
type link struct {
	conn     *eventloop.Conn
	scanner  protocol.Scanner
	queue    *queue // nil while nothing was paced: of most extended sessions for ever
	mark     uint64 // of what was sent last, of which it is to be told when it has gone out
	marked   bool   // there is such a mark
	newline  bool   // its last request ended in one, so our responses do
	early    int32  // bytes that have come before the login
	entered  bool   // it has logged in
	open     bool   // nothing has come behind its last request
	begun    int8   // bytes of a byte order mark that have come, or all where none came
	extended bool
	ended    bool // its client has ended its side, and waits for the answers
	closing  bool
}

// paced returns the link's queue.
func (k *link) paced() *queue {
	if k.queue == nil {
		k.queue = &queue{link: k}
	}
	return k.queue
}

// write sends a frame of a plain session. Whoever sends no newlines gets none:
// some clients that find the end of an object by its braces die of one. Whoever
// sends them reads lines, or is a person with nc.
func (k *link) write(frame []byte) {
	if !k.newline {
		frame = frame[:len(frame)-1]
	}
	k.conn.Send(frame)
}

// behind learns from what has come behind a request whether it ends in a newline.
func (k *link) behind(rest []byte) {
	rest = bytes.TrimLeft(rest, " \t\r")
	k.newline, k.open = len(rest) > 0 && rest[0] == '\n', len(rest) == 0
}

// An input is a request, or an error in place of one.
type input struct {
	request protocol.Request
	err     *protocol.Error
}

func newShard(l *eventloop.Loop, cfg Config, tell func(*eventloop.Loop, eventloop.ConnID, uint64), failed func(*shard, eventloop.ConnID, any)) *shard {
	return &shard{loop: l, tell: tell, failed: failed, early: cfg.LoginSize, parser: protocol.Parser{Slim: true}, rooms: newRooms(l), pacer: pacer{loop: l, pause: cfg.Pace}}
}

// nobody is the id of no connection.
const nobody eventloop.ConnID = 0

// run does something on the shard's loop for a connection, or for nobody. A panic costs that
// connection.
func (sh *shard) run(id eventloop.ConnID, f func(*shard)) {
	defer sh.contain(id)
	f(sh)
}

// contain is to be deferred: see run.
func (sh *shard) contain(id eventloop.ConnID) {
	if p := recover(); p != nil {
		sh.failed(sh, id, p)
	}
}

// abandon closes a connection without what waits for it, of which nobody knows what it is.
func (sh *shard) abandon(id eventloop.ConnID) {
	if k := sh.link(id); k != nil {
		sh.remove(k)
		k.conn.Close()
	}
}

// woke goes on with what has waited for a time.
func (sh *shard) woke() {
	for q := sh.pacer.due(); q != nil; q = sh.pacer.due() {
		sh.run(q.conn.ID(), func(sh *shard) { sh.pacer.advance(q) })
	}
	sh.pacer.askWake()
	sh.run(nobody, (*shard).askOut)
}

// byteOrderMark is what some libraries write before the first text of a stream. A
// parser of JSON may pass over it (RFC 8259, section 8.1).
const byteOrderMark = "\ufeff"

// begin returns what was read without the byte order mark, which comes in one piece or in several.
func (k *link) begin(b []byte) []byte {
	for int(k.begun) < len(byteOrderMark) && len(b) > 0 {
		if b[0] != byteOrderMark[k.begun] {
			k.begun = int8(len(byteOrderMark))
			return b
		}
		k.begun++
		b = b[1:]
	}
	return b
}

// decode cuts what was read into requests and gives each to handle. Of several
// errors in a row that leave nothing to decode it gives the first: they are
// lines of one mistake.
func (sh *shard) decode(k *link, b []byte, handle func(input)) {
	garbage := false
	b = k.begin(b)
	if k.open {
		k.behind(b)
	}
	for len(b) > 0 && !k.closing {
		frame, n, err := k.scanner.Scan(b)
		if !k.entered && sh.early > 0 {
			if k.early += int32(n); int(k.early) > sh.early {
				handle(input{err: tooMuchBeforeLogin})
				return
			}
		}
		if err != nil { // a line, be it of words or of JSON that has gone wrong
			k.newline, k.open = n == 0 || bytes.IndexByte(b[n-1:], '\n') >= 0, false // 0: behind a newline
		}
		b = b[n:]
		switch {
		case frame != nil:
			k.behind(b)
			garbage = false
			r, err := sh.parser.Parse(frame)
			handle(input{request: r, err: err})
		case err != nil && !garbage:
			garbage = true
			handle(input{err: err})
		}
	}
}

// link returns the link of a connection, nil if it is gone.
func (sh *shard) link(id eventloop.ConnID) *link {
	c := sh.loop.Conn(id)
	if c == nil {
		return nil
	}
	return c.State.(*link)
}

// send sends a frame that is valid until it returns.
func (sh *shard) send(to eventloop.ConnID, frame []byte) {
	k := sh.link(to)
	switch {
	case k == nil || k.closing:
	case k.extended:
		k.conn.Send(frame)
	default:
		sh.pacer.send(k.paced(), pacedFrame{said: protocol.SaidFrame{Bytes: bytes.Clone(frame)}, class: current})
	}
}

// sendMessage sends the frames of a message to a connection in a plain session.
func (sh *shard) sendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	if k := sh.link(to); k != nil && !k.closing {
		for _, frame := range frames {
			sh.pacer.send(k.paced(), pacedFrame{said: frame, class: current})
		}
	}
}

// replay sends frames of the history to a connection in a plain session.
func (sh *shard) replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	if k := sh.link(to); k != nil && !k.closing {
		for _, frame := range frames {
			sh.pacer.send(k.paced(), pacedFrame{said: frame, class: past})
		}
	}
}

// sendLater is for connections in extended sessions.
func (sh *shard) sendLater(to eventloop.ConnID, frame []byte) {
	if k := sh.link(to); k != nil && !k.closing {
		k.conn.SendLater(frame)
	}
}

// outInterval is how often it is looked whether something has gone out that did not at once.
const outInterval = 10 * time.Millisecond

// tellOut has it told when all has gone out that was sent to a connection so far.
func (sh *shard) tellOut(id eventloop.ConnID, mark uint64) {
	k := sh.link(id)
	if k == nil || k.closing {
		return
	}
	if !k.marked {
		sh.outgoing = append(sh.outgoing, k)
	}
	k.mark, k.marked = mark, true
	sh.askOut()
}

// askOut looks when what was sent until now is written: at the end of this turn or, of what
// was sent between turns, of the next one.
func (sh *shard) askOut() {
	if len(sh.outgoing) > 0 && !sh.asked {
		sh.asked = true
		sh.loop.Post(func() { sh.loop.Post(func() { sh.run(nobody, (*shard).checkOut) }) })
	}
}

// checkOut tells of those to whom all has gone out.
func (sh *shard) checkOut() {
	waiting := sh.outgoing
	sh.outgoing, sh.asked = nil, false
	for _, k := range waiting {
		if sh.waitsToGoOut(k) {
			sh.outgoing = append(sh.outgoing, k)
		}
	}
	if len(sh.outgoing) > 0 {
		sh.loop.WakeAt(sh.loop.Now().Add(outInterval))
	}
}

// waitsToGoOut tells it if all has gone out that was sent to a connection, and reports
// whether something has not.
func (sh *shard) waitsToGoOut(k *link) bool {
	switch {
	case !k.marked || k.closing:
		return false
	case k.queue != nil && len(k.queue.frames) > 0 || k.conn.Waiting() > 0:
		return true
	}
	k.marked = false
	sh.tell(sh.loop, k.conn.ID(), k.mark)
	return false
}

// enter has a connection send as much as it likes.
func (sh *shard) enter(id eventloop.ConnID) {
	if k := sh.link(id); k != nil {
		k.entered = true
	}
}

// extend has a connection sent what comes without pauses.
func (sh *shard) extend(id eventloop.ConnID) {
	if k := sh.link(id); k != nil && !k.closing && !k.extended {
		k.extended = true
		sh.sendAll(k)
	}
}

func (sh *shard) close(id eventloop.ConnID) {
	k := sh.link(id)
	if k == nil || k.closing {
		return
	}
	k.queue.leaveRoom()
	k.closing = true
	if k.queue != nil && !k.ended { // who leaves waits for the answer to that, and not for the rest of the past
		k.queue.drop(past)
		k.queue.drop(presence)
	}
	if k.queue == nil || len(k.queue.frames) == 0 {
		k.conn.Close()
	}
}

// remove forgets a link whose connection is gone.
func (sh *shard) remove(k *link) {
	k.queue.leaveRoom()
	k.closing = true
	if k.queue != nil {
		k.queue.frames = nil
		sh.pacer.forget(k.queue)
	}
}

// sendAll sends what waits without a pause.
func (sh *shard) sendAll(k *link) {
	if k.queue == nil {
		return
	}
	for _, f := range k.queue.frames {
		k.queue.took(&f)
		k.write(f.bytes())
	}
	sh.pacer.forget(k.queue)
	k.queue = nil
}
