package outgoing

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

// A hook sends what is said in its room. All but what is said otherwise belongs to its
// goroutine.
type hook struct {
	state.Hook
	sender *Sender
	log    string // under whose name numbers are known
	key    []byte
	end    context.CancelFunc
	news   chan struct{}             // there may be something new
	since  atomic.Pointer[time.Time] // since when there is what is not delivered; nil: all is. Others read it

	failures int    // tries that have failed, one after the other
	trying   uint64 // the number of what is being sent
	blind    bool   // what is new could not be read
}

// start has a hook send what its receiver has not acknowledged, as far as that is known. It is
// called under the sender's mutex.
func (s *Sender) start(of state.Hook) *hook {
	ctx, end := context.WithCancel(s.life)
	of.Sent = max(of.Number, of.Sent, s.sent[of.Number])
	h := &hook{Hook: of, sender: s, log: s.log, end: end, news: make(chan struct{}, 1)}
	h.key, _ = users.HookKey(of.Secret)
	s.all.Go(func() { h.run(ctx) })
	return h
}

// run sends one event after the other until ctx ends, or the receiver wants no more.
func (h *hook) run(ctx context.Context) {
	defer h.end()
	for ctx.Err() == nil {
		n, err := h.read(ctx)
		switch {
		case err != nil:
			h.cannotRead(ctx, err)
			h.wait(ctx, h.sender.cfg.Pause)
		case n.Ended:
			return
		case n.Number() == 0:
			h.since.Store(nil)
			select {
			case <-ctx.Done():
			case <-h.news:
			}
		default:
			if !h.send(ctx, &n) {
				return
			}
		}
	}
}

// read reads what is next, when no other hook does.
func (h *hook) read(ctx context.Context) (store.News, error) {
	select {
	case h.sender.turn <- struct{}{}:
		defer func() { <-h.sender.turn }()
	case <-ctx.Done():
		return store.News{}, ctx.Err()
	}
	n, err := h.sender.cfg.Source.News(ctx, h.Number, h.Sent)
	if err == nil && h.blind {
		h.blind = false
		h.sender.cfg.Log.Info("an outgoing hook can read again what is said", "hook", h.Name, "room", h.Room)
	}
	return n, err
}

func (h *hook) cannotRead(ctx context.Context, err error) {
	if ctx.Err() == nil && !h.blind {
		h.blind = true
		h.sender.cfg.Log.Error("an outgoing hook cannot read what is said", "hook", h.Name, "room", h.Room, "error", err)
	}
}

// send tries to deliver an event, and waits if that has failed. It returns false if the hook is
// stopped.
func (h *hook) send(ctx context.Context, n *store.News) (goOn bool) {
	now, log := time.Now(), h.sender.cfg.Log.With("hook", h.Name, "room", h.Room)
	e, id, is := eventOf(h.log, h.Room, n, now)
	if !is {
		h.acknowledged(n.Number())
		return true
	}
	if h.trying != n.Number() {
		h.trying = n.Number()
		h.since.Store(&e.Time)
		if e.Type == missing {
			log.Warn("what was said is gone before an outgoing hook could send it", "behind", h.Sent, "up_to", n.Missing)
		}
	}
	body, err := e.body()
	pause := time.Duration(0)
	if err == nil {
		pause, err = h.post(ctx, id, body)
	}
	if errors.Is(err, errGone) {
		if err = h.stop(ctx); err == nil {
			h.sender.failed.Add(1)
			log.Warn("an outgoing hook is stopped: its receiver answers that it is gone (410)")
			return false
		}
	}
	switch {
	case err == nil:
		if h.failures > 0 {
			log.Info("the receiver of an outgoing hook takes what is sent again", "failed_tries", h.failures)
		}
		h.failures = 0
		h.acknowledged(n.Number())
		h.sender.delivered.Add(1)
	case ctx.Err() != nil:
		return false
	default:
		h.sender.failed.Add(1)
		pause = h.pause(pause)
		if h.failures++; h.failures == 1 {
			log.Warn("the receiver of an outgoing hook does not take what is sent; it is tried again and again", "error", err.Error(), "next_try", pause)
		}
		h.wait(ctx, pause)
	}
	return true
}

// stop has the hook stopped for good.
func (h *hook) stop(ctx context.Context) error {
	results, err := h.sender.cfg.Propose(ctx, []command.Command{&command.StopHook{Name: h.Name, Number: h.Number}})
	if err != nil {
		return err
	}
	return results[0].Err
}

// acknowledged notes that all up to a number need not be sent any more.
func (h *hook) acknowledged(number uint64) {
	h.Sent = number
	h.sender.note(h.Number, number)
}

// pause returns how long to wait after a try that has failed, whose receiver has asked for a
// time.
func (h *hook) pause(asked time.Duration) time.Duration {
	first := h.sender.cfg.Pause
	own := first << min(h.failures, 10)
	return max(min(own, maxPause*first), min(asked, maxRetryAfter))
}

func (h *hook) wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
