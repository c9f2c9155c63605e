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

	answers // its client's reader's

	mu      sync.Mutex
	refused bits    // the reader adds what the rest looks up at the end
	free    bool    // in mixed: is there to say something
	dues    []int64 // in mixed: when what is allowed and not sent is due
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
		writers.Go(func() {
			if r.returns() {
				s.runOn(ctx, len(senders), closed)
			} else {
				s.run(ctx, len(senders), closed)
			}
		})
	}
	if r.Rate > 0 {
		r.pace(ctx, func(k int, _ int64) { senders[k%len(senders)].allow() })
	} else {
		r.fill(ctx, senders)
	}
	close(closed)
	r.finish(ctx, cancel, senders, &writers)
}

// finish waits until all that is due is written, or the server has read nothing for as
// long as Drain says.
func (r *round) finish(ctx context.Context, cancel func(), senders []*sender, writers *sync.WaitGroup) {
	written := make(chan struct{})
	go func() { writers.Wait(); close(written) }()
	select {
	case <-written:
	case <-r.cfg.Clock.After(r.cfg.Drain):
		cancel()
		for _, s := range senders {
			s.c.cut()
		}
		<-written
	case <-ctx.Done():
		for _, s := range senders {
			s.c.cut()
		}
		<-written
	}
}

// pace allows each message when it is due.
func (r *round) pace(ctx context.Context, allow func(k int, due int64)) {
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
		for now := r.now(); k < count; k++ {
			due := r.began + int64(plan.due(k))
			if due > now {
				break
			}
			allow(k, due)
		}
	}
	r.wait(ctx, r.began+int64(r.Duration))
}

// fill keeps as many messages under way as the window allows.
func (r *round) fill(ctx context.Context, senders []*sender) {
	end := r.cfg.Clock.After(r.Duration)
	deliveries := int64(0) // of what was allowed
	for k := int64(0); ; {
		receivers := r.receivers.Load()
		if r.plan == nil {
			deliveries = k * receivers
		}
		for ; deliveries-r.through() < int64(r.Window)*receivers; k++ {
			deliveries += r.receiversOf(senders[k%int64(len(senders))])
			senders[k%int64(len(senders))].allow()
		}
		r.threshold.Store(deliveries - int64(r.Window)*receivers + 1)
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

// receiversOf returns how many are told the message that a sender is to be allowed next.
func (r *round) receiversOf(s *sender) int64 {
	if r.plan == nil {
		return r.receivers.Load()
	}
	return r.plan.inside[r.plan.turn(uint32(s.index), uint32(s.allowed.Load())+1).room].Load()
}

// run writes what is allowed until no more comes.
func (s *sender) run(ctx context.Context, senders int, closed <-chan struct{}) {
	r := s.c.r
	var out []byte
	for idle := false; ; idle = false {
		for s.sent.Load() == s.allowed.Load() {
			idle = true
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
		out = s.batch(out[:0], senders, idle)
		if err := s.c.write(out); err != nil {
			return // the reader tells why
		}
		if r.cfg.Plain && !s.await(ctx) {
			return
		}
	}
}

// batch appends requests for what is due: one to a plain server, which may read
// one at a time. If the sender was idle, it is the tester's own fault if that is late;
// otherwise the server has not read what came before.
func (s *sender) batch(out []byte, senders int, idle bool) []byte {
	r := s.c.r
	now := r.now()
	w := <-r.workers
	for sent, allowed := s.sent.Load(), s.allowed.Load(); sent < allowed && len(out) < maxBatch; sent++ {
		due := now
		if r.Rate > 0 {
			due = s.due(sent, senders)
			if idle {
				w.record(sending, now-due)
			}
		}
		out = r.appendMessage(out, s.c, mark{uint32(s.index), uint32(sent) + 1, due})
		s.sent.Store(sent + 1)
		if r.plan != nil {
			r.plan.say(uint32(s.index), uint32(sent)+1)
		}
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

// due returns when the sender's message behind so many is due.
func (s *sender) due(sent int64, senders int) int64 {
	r := s.c.r
	if r.Name != "mixed" {
		return r.began + int64(r.schedule().due(int(sent)*senders+s.index))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.dues[0]
	s.dues = s.dues[1:]
	return due
}

// await waits until a plain server has told the sender its own message.
func (s *sender) await(ctx context.Context) bool {
	if !s.c.r.echoes.Load() {
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
	if r.plan != nil {
		return r.appendRoomMessage(dst, c, m, r.plan.turn(m.sender, m.seq).room)
	}
	text := string(appendText(nil, r.shape.tag, m, r.Size))
	request := protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}}
	if c.partner != nil {
		request.Verb, request.Content.Text = "dm", c.partner.name+" "+text
	}
	if !r.cfg.Plain {
		request.Ref = ref(r.shape.tag, m)
	}
	if r.returns() && m.seq > 0 {
		request.ID = request.Ref
	}
	return protocol.AppendRequest(dst, request)
}

// appendRoomMessage appends the request to say a message in a room.
func (r *round) appendRoomMessage(dst []byte, c *client, m mark, room int32) []byte {
	fields := map[string]string{"room": r.plan.name(room), "text": string(appendText(nil, r.shape.tag, m, r.Size))}
	request := protocol.Request{Verb: "msg", Content: protocol.Content{Fields: fields}, Ref: ref(r.shape.tag, m)}
	if r.returns() && m.seq > 0 {
		request.ID = request.Ref
	}
	return protocol.AppendRequest(dst, request)
}

// refuse notes that the server has refused a message: nobody is told it.
func (r *round) refuse(c *client, seq uint32) {
	if r.plan != nil && seq > 0 {
		r.excused.Add(r.plan.inside[r.plan.turn(uint32(c.index), seq).room].Load())
	} else {
		r.excused.Add(r.receivers.Load())
	}
	r.open()
	if c.index >= len(r.senders) {
		return
	}
	s := r.senders[c.index]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused.add(seq)
}

// wasRefused reports whether the server has refused a message.
func (r *round) wasRefused(sender int, n uint64) bool {
	s := r.senders[sender]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused.has(uint32(n))
}

// trial has one message said before the measurement. It is over when all have
// heard it: so the room is complete, and it is known whether a plain server
// tells senders their own messages.
func (r *round) trial(ctx context.Context, first *client, all int64) error {
	if err := first.sayWord(); err != nil {
		return err
	}
	if !r.await(func() bool { return r.heard.Load() >= all && r.owed() == 0 || ctx.Err() != nil }) {
		if r.heard.Load() == all-1 && len(first.echoed) == 0 && r.cfg.Plain {
			r.echoes.Store(false)
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
