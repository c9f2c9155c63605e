package server

import (
	"container/heap"
	"slices"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// handful is how many responses may wait for a plain session before the pause
// between them is given up.
const handful = 5

// A shard is what one loop keeps of the server: the connections' decoders, what
// waits for plain sessions, and which of its connections are in the room. The
// loop owns it.
type shard struct {
	loop     *eventloop.Loop
	pace     time.Duration
	parser   protocol.Parser
	extended *eventloop.Group
	plain    []*queue // members in plain sessions
	paced    pacedQueues
}

// A link is a shard's side of a connection.
type link struct {
	conn     *eventloop.Conn
	scanner  protocol.Scanner
	queue    *queue // nil while nothing was paced: of most extended sessions for ever
	extended bool
	closing  bool
}

// A queue is what waits for a plain session.
type queue struct {
	*link
	frames   [][]byte
	nextAt   time.Time // when the next one may be sent
	slot     int       // index in the shard's plain, plus 1; 0 if it is not there
	heapSlot int       // index in the shard's paced, plus 1; 0 if it is not there
}

// paced returns the link's queue.
func (k *link) paced() *queue {
	if k.queue == nil {
		k.queue = &queue{link: k}
	}
	return k.queue
}

// An input is a request, or an error in place of one.
type input struct {
	request protocol.Request
	err     *protocol.Error
}

func newShard(l *eventloop.Loop, pace time.Duration) *shard {
	return &shard{loop: l, pace: pace, parser: protocol.Parser{Slim: true}, extended: l.NewGroup()}
}

// decode cuts what was read into requests and gives each to handle. Of several
// errors in a row that leave nothing to decode it gives the first: they are
// lines of one mistake.
func (sh *shard) decode(k *link, b []byte, handle func(input)) {
	garbage := false
	for len(b) > 0 && !k.closing {
		frame, n, err := k.scanner.Scan(b)
		b = b[n:]
		switch {
		case frame != nil:
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

func (sh *shard) send(to eventloop.ConnID, frame []byte) {
	k := sh.link(to)
	switch {
	case k == nil || k.closing:
	case k.extended:
		k.conn.Send(frame)
	default:
		sh.enqueue(k.paced(), frame)
	}
}

// sendLater is for connections in extended sessions.
func (sh *shard) sendLater(to eventloop.ConnID, frame []byte) {
	if k := sh.link(to); k != nil && !k.closing {
		k.conn.SendLater(frame)
	}
}

func (sh *shard) join(id eventloop.ConnID, extended bool) {
	k := sh.link(id)
	if k == nil || k.closing {
		return
	}
	if !extended {
		sh.plain = append(sh.plain, k.paced())
		k.queue.slot = len(sh.plain)
		return
	}
	k.extended = true
	sh.sendAll(k)
	sh.extended.Add(k.conn)
}

func (sh *shard) deliver(d Delivery) {
	if d.Extended != nil {
		var except []*eventloop.Conn
		for _, id := range d.Except {
			if c := sh.loop.Conn(id); c != nil {
				except = append(except, c)
			}
		}
		if d.Later {
			sh.extended.SendLater(d.Extended, except...)
		} else {
			sh.extended.Send(d.Extended, except...)
		}
	}
	if d.Plain == nil {
		return
	}
	for _, q := range sh.plain {
		if len(d.Except) > 0 && slices.Contains(d.Except, q.conn.ID()) {
			continue
		}
		for _, frame := range d.Plain {
			sh.enqueue(q, frame)
		}
	}
}

func (sh *shard) close(id eventloop.ConnID) {
	k := sh.link(id)
	if k == nil || k.closing {
		return
	}
	sh.leave(k)
	k.closing = true
	if k.queue == nil || len(k.queue.frames) == 0 {
		k.conn.Close()
	}
}

// leave takes a link out of the room.
func (sh *shard) leave(k *link) {
	q := k.queue
	if q == nil || q.slot == 0 {
		return
	}
	last := len(sh.plain) - 1
	moved := sh.plain[last]
	sh.plain[q.slot-1], moved.slot = moved, q.slot
	sh.plain[last] = nil
	sh.plain = sh.plain[:last]
	q.slot = 0
}

// remove forgets a link whose connection is gone.
func (sh *shard) remove(k *link) {
	sh.leave(k)
	k.closing = true
	if k.queue != nil {
		k.queue.frames = nil
		sh.unpace(k.queue)
	}
}

// enqueue sends a frame to a plain session as soon as it may be sent.
func (sh *shard) enqueue(q *queue, frame []byte) {
	q.frames = append(q.frames, frame)
	sh.advance(q)
}

// advance sends what may be sent now: the next frame if the pause is over, and
// all that are more than a handful.
func (sh *shard) advance(q *queue) {
	now := sh.loop.Now()
	sent := 0
	for sent < len(q.frames) && (len(q.frames)-sent > handful || !now.Before(q.nextAt)) {
		q.conn.Send(q.frames[sent])
		q.nextAt = now.Add(sh.pace)
		sent++
	}
	q.frames = q.frames[sent:]
	if len(q.frames) == 0 {
		q.frames = nil
		sh.unpace(q)
		if q.closing {
			q.conn.Close()
		}
		return
	}
	if q.heapSlot == 0 {
		heap.Push(&sh.paced, q)
	} else {
		heap.Fix(&sh.paced, q.heapSlot-1)
	}
	sh.loop.WakeAt(q.nextAt)
}

// unpace takes q out of those in which something waits.
func (sh *shard) unpace(q *queue) {
	if q.heapSlot > 0 {
		heap.Remove(&sh.paced, q.heapSlot-1)
	}
}

// sendAll sends what waits without a pause.
func (sh *shard) sendAll(k *link) {
	if k.queue == nil {
		return
	}
	for _, frame := range k.queue.frames {
		k.conn.Send(frame)
	}
	sh.unpace(k.queue)
	k.queue = nil
}

// pump goes on with the plain sessions whose pause is over.
func (sh *shard) pump() {
	now := sh.loop.Now()
	for len(sh.paced) > 0 && !now.Before(sh.paced[0].nextAt) {
		sh.advance(heap.Pop(&sh.paced).(*queue))
	}
	if len(sh.paced) > 0 {
		sh.loop.WakeAt(sh.paced[0].nextAt)
	}
}

// hurry gives up all pauses but those that have begun: the server ends.
func (sh *shard) hurry() { sh.pace = 0 }

// pacedQueues is a heap of those in which something waits, the one whose pause
// ends first on top.
type pacedQueues []*queue

func (p pacedQueues) Len() int           { return len(p) }
func (p pacedQueues) Less(i, j int) bool { return p[i].nextAt.Before(p[j].nextAt) }

func (p pacedQueues) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].heapSlot, p[j].heapSlot = i+1, j+1
}

func (p *pacedQueues) Push(x any) {
	q := x.(*queue)
	*p = append(*p, q)
	q.heapSlot = len(*p)
}

func (p *pacedQueues) Pop() any {
	last := len(*p) - 1
	q := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	q.heapSlot = 0
	return q
}
