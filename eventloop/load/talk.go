package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/protocol"
)

// A sender says what is due. Its own goroutine writes, so a connection that the
// server does not read holds up nobody else.
type sender struct {
	c       *client
	index   int           // among the senders
	allowed atomic.Int64  // messages that are due
	wake    chan struct{} // there are more
	sent    atomic.Int64

	mu      sync.Mutex // the reader adds what the rest looks up at the end
	refused map[uint64]struct{}
}

const (
	maxBatch      = 64 << 10         // bytes of one write
	answerTimeout = 10 * time.Second // for a plain server to tell a sender its own message
)

// allow lets the sender say one more message.
func (s *sender) allow() {
	s.allowed.Add(1)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// talk has senders say messages for the scenario's duration, each of which goes
// to so many receivers, and returns when the last one is written or ctx ends.
func (r *round) talk(ctx context.Context, senders []*sender, receivers int64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.receivers.Store(receivers)
	var writers sync.WaitGroup
	closed := make(chan struct{})
	for _, s := range senders {
		writers.Go(func() { s.run(ctx, len(senders), closed) })
	}
	if r.Rate > 0 {
		r.pace(ctx, senders)
	} else {
		r.fill(ctx, senders)
	}
	close(closed)
	written := make(chan struct{})
	go func() { writers.Wait(); close(written) }()
	select {
	case <-written:
	case <-r.cfg.Clock.After(r.cfg.Drain):
		cancel()
		for _, s := range senders {
			_ = s.c.conn.SetWriteDeadline(time.Unix(1, 0))
		}
		<-written
	case <-ctx.Done():
		for _, s := range senders {
			_ = s.c.conn.SetWriteDeadline(time.Unix(1, 0))
		}
		<-written
	}
}

// pace allows each message when it is due, to the senders in turn.
func (r *round) pace(ctx context.Context, senders []*sender) {
	alarm := newAlarm()
	defer alarm.close()
	plan := r.schedule()
	count := plan.count(r.Duration)
	for k := 0; k < count; {
		due := r.began + int64(plan.due(k))
		if !r.wait(ctx, due-int64(alarmReach)) {
			return
		}
		alarm.wait(time.Duration(due - r.now()))
		for now := r.now(); k < count && r.began+int64(plan.due(k)) <= now; k++ {
			senders[k%len(senders)].allow()
		}
	}
	r.wait(ctx, r.began+int64(r.Duration))
}

// fill keeps as many messages under way as the window allows.
func (r *round) fill(ctx context.Context, senders []*sender) {
	end := r.cfg.Clock.After(r.Duration)
	for k := int64(0); ; {
		receivers := r.receivers.Load()
		for ; k*receivers-r.through() < int64(r.Window)*receivers; k++ {
			senders[k%int64(len(senders))].allow()
		}
		r.threshold.Store((k-int64(r.Window))*receivers + 1)
		if r.through() >= r.threshold.Load() || r.receivers.Load() != receivers {
			continue // it has opened meanwhile
		}
		select {
		case <-r.opened:
		case <-end:
			return
		case <-ctx.Done():
			return
		}
	}
}

// run writes what is allowed until no more comes.
func (s *sender) run(ctx context.Context, senders int, closed <-chan struct{}) {
	r := s.c.r
	var out []byte
	for {
		if s.sent.Load() == s.allowed.Load() {
			select {
			case <-s.wake:
				continue
			case <-s.c.left:
				return
			case <-ctx.Done():
				return
			case <-closed:
				if s.sent.Load() == s.allowed.Load() {
					return
				}
			}
		}
		out = s.batch(out[:0], senders)
		if err := s.c.write(out); err != nil {
			return // the reader tells why
		}
		if r.cfg.Plain && !s.await(ctx) {
			return
		}
	}
}

// batch appends requests for what is due: one to a plain server, which may read
// one at a time.
func (s *sender) batch(out []byte, senders int) []byte {
	r := s.c.r
	now := r.now()
	w := <-r.workers
	for sent, allowed := s.sent.Load(), s.allowed.Load(); sent < allowed && len(out) < maxBatch; sent++ {
		due := now
		if r.Rate > 0 {
			due = r.began + int64(r.schedule().due(int(sent)*senders+s.index))
			record(w.lag, now-due)
		}
		out = r.appendMessage(out, s.c, mark{uint32(s.index), uint32(sent) + 1, due})
		s.sent.Store(sent + 1)
		if !r.cfg.Plain {
			s.c.owed.Add(1)
		}
		r.sent.Add(1)
		if r.cfg.Plain {
			break
		}
	}
	r.workers <- w
	return out
}

// await waits until a plain server has told the sender its own message.
func (s *sender) await(ctx context.Context) bool {
	if !s.c.r.echoes {
		return true
	}
	select {
	case heard := <-s.c.echoed:
		if !heard {
			s.c.r.refuse(s.c, uint32(s.sent.Load()))
		}
		return true
	case <-s.c.left:
	case <-ctx.Done():
	case <-s.c.r.cfg.Clock.After(answerTimeout):
		s.c.r.troubles.add(noAnswerKind, s.c.name+" has not been told its own message")
	}
	return false
}

// appendMessage appends the request to say a message.
func (r *round) appendMessage(dst []byte, c *client, m mark) []byte {
	text := string(appendText(nil, r.reading.tag, m, r.Size))
	request := protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}}
	if c.partner != nil {
		request.Verb, request.Content.Text = "dm", c.partner.name+" "+text
	}
	if !r.cfg.Plain {
		request.Ref = ref(m)
	}
	return protocol.AppendRequest(dst, request)
}

// refuse notes that the server has refused a message: nobody is told it.
func (r *round) refuse(c *client, seq uint32) {
	r.excused.Add(r.receivers.Load())
	r.open()
	if c.index >= len(r.senders) {
		return
	}
	s := r.senders[c.index]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = make(map[uint64]struct{})
	}
	s.refused[uint64(seq)] = struct{}{}
}

// wasRefused reports whether the server has refused a message.
func (r *round) wasRefused(sender int, n uint64) bool {
	s := r.senders[sender]
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.refused[n]
	return ok
}

// trial has one message said before the measurement. It is over when all have
// heard it: so the room is complete, and it is known whether a plain server
// tells senders their own messages.
func (r *round) trial(ctx context.Context, first *client, all int64) error {
	if err := first.write(r.appendMessage(nil, first, mark{sender: uint32(first.index), due: r.now()})); err != nil {
		return err
	}
	if !r.await(func() bool { return r.heard.Load() >= all || ctx.Err() != nil }) {
		if r.heard.Load() == all-1 && len(first.echoed) == 0 && r.cfg.Plain {
			r.echoes = false
			return nil
		}
		return fmt.Errorf("a trial message was told to %d of %d clients within %s: this server cannot be measured so", r.heard.Load(), all, r.cfg.Drain)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.cfg.Plain {
		<-first.echoed // of the trial
	}
	return nil
}
