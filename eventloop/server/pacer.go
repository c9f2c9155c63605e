package server

import (
	"container/heap"
	"slices"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

// maxDelay is how long what is said now may wait for a plain session because of
// the pauses between responses. When more waits, who comes and goes is not told,
// and if that is not enough the pause is given up: a client in a busy room must
// not fall behind. A history takes as long at most.
const maxDelay = 2 * time.Second

// A class is what a response to a plain session is, for the order in which
// responses give way to each other.
type class uint8

const (
	current  class = iota // what somebody says, an answer: loses its pause when too much waits
	past                  // part of a history: always has its pause
	presence              // who comes and goes: joins the one before it, or is left out
)

// A pacer sends plain sessions their responses with pauses between them, since
// most third-party clients read one response per recv. The loop owns it.
type pacer struct {
	loop   *eventloop.Loop
	pause  time.Duration
	queues pausedQueues // in which something waits
}

// A queue is what waits for a plain session.
type queue struct {
	*link
	frames   []pacedFrame
	counts   [presence + 1]int // of the frames, by class
	nextAt   time.Time         // when the next one may be sent
	room     *hearing          // that it hears; nil: none
	slot     int               // index among those that hear it, plus 1
	heapSlot int               // index in the pacer's queues, plus 1; 0 if it is not there
}

// A pacedFrame is a response that waits.
type pacedFrame struct {
	said  protocol.SaidFrame // without bytes: made of the news when it is sent
	class class
	size  int                  // in bytes; of news, what each alone would take
	news  []users.Announcement // of class presence: what it tells
	at    time.Time            // of class presence: the newest of it
}

// capacity returns how many responses may wait for a session within maxDelay; of 0
// pauses there is no limit.
func capacity(pause time.Duration) int {
	if pause <= 0 {
		return 1 << 30
	}
	return max(int(maxDelay/pause), 1)
}

// add puts a frame behind those that wait, unless more waits then than may.
func (q *queue) add(f pacedFrame) bool {
	f.size = len(f.said.Bytes)
	if !q.conn.SetAside(f.size) {
		return false
	}
	q.frames = append(q.frames, f)
	q.counts[f.class]++
	return true
}

// took notes that a frame does not wait any more.
func (q *queue) took(f *pacedFrame) {
	q.conn.TakeUp(f.size)
	q.counts[f.class]--
}

// send sends a frame as soon as it may be sent.
func (p *pacer) send(q *queue, f pacedFrame) {
	if p.sendNow(q, f.said.Bytes) || !q.add(f) {
		return
	}
	if f.class == current && q.counts[current] > capacity(p.pause) {
		q.drop(presence)
	}
	p.advance(q)
}

// sendNow sends what need not wait, and so is kept nowhere: most of what is said where few speak.
func (p *pacer) sendNow(q *queue, b []byte) bool {
	now := p.loop.Now()
	if len(q.frames) > 0 || now.Before(q.nextAt) {
		return false
	}
	q.write(b)
	q.nextAt = now.Add(p.pause)
	return true
}

// drop takes what waits of a class out of q.
func (q *queue) drop(c class) {
	if q.counts[c] > 0 {
		q.frames = slices.DeleteFunc(q.frames, func(f pacedFrame) bool {
			if f.class == c {
				q.took(&f)
			}
			return f.class == c
		})
	}
}

// withdraw takes what waits of a message out of all queues: the message, its text in a
// history, a quote of it. What of it has gone out stays the beginning of a message.
func (p *pacer) withdraw(number uint64) {
	for _, q := range slices.Clone(p.queues) {
		left := q.frames[:0]
		for _, f := range q.frames {
			var has bool
			if f.said, has = f.said.Without(number); has {
				q.conn.TakeUp(f.size - len(f.said.Bytes))
				f.size = len(f.said.Bytes)
				if f.size == 0 {
					q.counts[f.class]--
					continue
				}
			}
			left = append(left, f)
		}
		if len(left) < len(q.frames) {
			clear(q.frames[len(left):])
			q.frames = left
			p.advance(q)
		}
	}
}

// tell sends who came or went; frame is the response that says it. If the one
// before it tells the same of others and waits still, they become one.
func (p *pacer) tell(q *queue, frame []byte, a users.Announcement, at time.Time) {
	if last := len(q.frames) - 1; last >= 0 && q.frames[last].class == presence {
		f := &q.frames[last]
		if q.conn.SetAside(len(frame)) {
			f.said, f.size, f.news, f.at = protocol.SaidFrame{}, f.size+len(frame), append(f.news, a), at
		}
		if q.conn.AsideFull() {
			p.advance(q)
		}
		return
	}
	if q.counts[current] > capacity(p.pause) || p.sendNow(q, frame) {
		return
	}
	if q.add(pacedFrame{said: protocol.SaidFrame{Bytes: frame}, class: presence, news: []users.Announcement{a}, at: at}) {
		p.advance(q)
	}
}

// advance sends what may be sent now: the next frame if the pause is over, and
// what has lost its pause.
func (p *pacer) advance(q *queue) {
	now := p.loop.Now()
	sent := 0
	for sent < len(q.frames) && (!now.Before(q.nextAt) || p.late(q, q.frames[sent].class)) {
		f := &q.frames[sent]
		q.took(f)
		q.write(f.bytes())
		q.nextAt = now.Add(p.pause)
		sent++
		if f.class == past && !q.conn.AsideFull() {
			break // nothing shares a segment with it
		}
	}
	q.frames = q.frames[sent:]
	if len(q.frames) == 0 {
		q.frames = nil
		p.forget(q)
		if q.closing {
			q.conn.Close()
		}
		return
	}
	if q.heapSlot == 0 {
		heap.Push(&p.queues, q)
	} else {
		heap.Fix(&p.queues, q.heapSlot-1)
	}
	p.loop.WakeAt(q.nextAt)
}

// late reports whether the next frame of q, which has that class, goes without a
// pause. Behind a history, which keeps its pauses, more may wait; but what waits must
// stay less than what a connection may have waiting, or it is closed, and less than all may.
func (p *pacer) late(q *queue, c class) bool {
	const behindHistory = 10
	most := capacity(p.pause)
	if c == past {
		most *= behindHistory
	}
	return q.counts[current] > most || q.conn.AsideFull()
}

// bytes returns what is sent.
func (f *pacedFrame) bytes() []byte {
	if f.said.Bytes == nil {
		return presenceFrame(f.news, f.at)
	}
	return f.said.Bytes
}

// presenceFrame says in one response who came and went.
func presenceFrame(news []users.Announcement, at time.Time) []byte {
	return protocol.AppendPlain(nil, protocol.Response{Time: at, Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: users.Phrase(news)})
}

// forget takes q out of those in which something waits.
func (p *pacer) forget(q *queue) {
	if q.heapSlot > 0 {
		heap.Remove(&p.queues, q.heapSlot-1)
	}
}

// due takes out a queue whose pause is over; nil: there is none.
func (p *pacer) due() *queue {
	if len(p.queues) == 0 || p.loop.Now().Before(p.queues[0].nextAt) {
		return nil
	}
	return heap.Pop(&p.queues).(*queue)
}

// askWake asks for the time at which the next pause is over.
func (p *pacer) askWake() {
	if len(p.queues) > 0 {
		p.loop.WakeAt(p.queues[0].nextAt)
	}
}

// stop gives up all pauses but those that have begun: the server ends.
func (p *pacer) stop() { p.pause = 0 }

// pausedQueues is a heap of those in which something waits, the one whose pause
// ends first on top.
type pausedQueues []*queue

func (p pausedQueues) Len() int           { return len(p) }
func (p pausedQueues) Less(i, j int) bool { return p[i].nextAt.Before(p[j].nextAt) }

func (p pausedQueues) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].heapSlot, p[j].heapSlot = i+1, j+1
}

func (p *pausedQueues) Push(x any) {
	q := x.(*queue)
	*p = append(*p, q)
	q.heapSlot = len(*p)
}

func (p *pausedQueues) Pop() any {
	last := len(*p) - 1
	q := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	q.heapSlot = 0
	return q
}
