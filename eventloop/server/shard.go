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
	plain    []*link // members in plain sessions
	paced    pacedLinks
}

// A link is a shard's side of a connection.
type link struct {
	conn     *eventloop.Conn
	scanner  *protocol.Scanner
	extended bool
	closing  bool
	slot     int       // index in the shard's plain, plus 1; 0 if it is not there
	queue    [][]byte  // frames that wait
	nextAt   time.Time // when the next one may be sent
	heapSlot int       // index in the shard's paced, plus 1; 0 if it is not there
}

// An input is a request, or an error in place of one.
type input struct {
	request protocol.Request
	err     *protocol.Error
}

func newShard(l *eventloop.Loop, pace time.Duration) *shard {
	return &shard{loop: l, pace: pace, extended: l.NewGroup()}
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
		sh.enqueue(k, frame)
	}
}

func (sh *shard) join(id eventloop.ConnID, extended bool) {
	k := sh.link(id)
	if k == nil || k.closing {
		return
	}
	if !extended {
		sh.plain = append(sh.plain, k)
		k.slot = len(sh.plain)
		return
	}
	k.extended = true
	sh.sendAll(k)
	sh.extended.Add(k.conn)
}

func (sh *shard) deliver(extended []byte, plain [][]byte, except []eventloop.ConnID) {
	if extended != nil {
		var conns []*eventloop.Conn
		for _, id := range except {
			if c := sh.loop.Conn(id); c != nil {
				conns = append(conns, c)
			}
		}
		sh.extended.Send(extended, conns...)
	}
	if plain == nil {
		return
	}
	for _, k := range sh.plain {
		if len(except) > 0 && slices.Contains(except, k.conn.ID()) {
			continue
		}
		for _, frame := range plain {
			sh.enqueue(k, frame)
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
	if len(k.queue) == 0 {
		k.conn.Close()
	}
}

// leave takes a link out of the room.
func (sh *shard) leave(k *link) {
	if k.slot == 0 {
		return
	}
	last := len(sh.plain) - 1
	moved := sh.plain[last]
	sh.plain[k.slot-1], moved.slot = moved, k.slot
	sh.plain[last] = nil
	sh.plain = sh.plain[:last]
	k.slot = 0
}

// remove forgets a link whose connection is gone.
func (sh *shard) remove(k *link) {
	sh.leave(k)
	k.closing, k.queue = true, nil
	sh.unpace(k)
}

// enqueue sends a frame to a plain session as soon as it may be sent.
func (sh *shard) enqueue(k *link, frame []byte) {
	k.queue = append(k.queue, frame)
	sh.advance(k)
}

// advance sends what may be sent now: the next frame if the pause is over, and
// all that are more than a handful.
func (sh *shard) advance(k *link) {
	now := sh.loop.Now()
	sent := 0
	for sent < len(k.queue) && (len(k.queue)-sent > handful || !now.Before(k.nextAt)) {
		k.conn.Send(k.queue[sent])
		k.nextAt = now.Add(sh.pace)
		sent++
	}
	k.queue = k.queue[sent:]
	if len(k.queue) == 0 {
		k.queue = nil
		sh.unpace(k)
		if k.closing {
			k.conn.Close()
		}
		return
	}
	if k.heapSlot == 0 {
		heap.Push(&sh.paced, k)
	} else {
		heap.Fix(&sh.paced, k.heapSlot-1)
	}
	sh.loop.WakeAt(k.nextAt)
}

// unpace takes k out of those for which something waits.
func (sh *shard) unpace(k *link) {
	if k.heapSlot > 0 {
		heap.Remove(&sh.paced, k.heapSlot-1)
	}
}

// sendAll sends what waits without a pause.
func (sh *shard) sendAll(k *link) {
	for _, frame := range k.queue {
		k.conn.Send(frame)
	}
	k.queue = nil
	sh.unpace(k)
}

// pump goes on with the plain sessions whose pause is over.
func (sh *shard) pump() {
	now := sh.loop.Now()
	for len(sh.paced) > 0 && !now.Before(sh.paced[0].nextAt) {
		sh.advance(heap.Pop(&sh.paced).(*link))
	}
	if len(sh.paced) > 0 {
		sh.loop.WakeAt(sh.paced[0].nextAt)
	}
}

// hurry gives up all pauses but those that have begun: the server ends.
func (sh *shard) hurry() { sh.pace = 0 }

// pacedLinks is a heap of the plain sessions for which something waits, the one
// whose pause ends first on top.
type pacedLinks []*link

func (p pacedLinks) Len() int           { return len(p) }
func (p pacedLinks) Less(i, j int) bool { return p[i].nextAt.Before(p[j].nextAt) }

func (p pacedLinks) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].heapSlot, p[j].heapSlot = i+1, j+1
}

func (p *pacedLinks) Push(x any) {
	k := x.(*link)
	*p = append(*p, k)
	k.heapSlot = len(*p)
}

func (p *pacedLinks) Pop() any {
	last := len(*p) - 1
	k := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	k.heapSlot = 0
	return k
}
