package log

import (
	"fmt"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// A Local is the log of one process. Its methods must be called by one goroutine.
type Local struct {
	cfg       Config
	finished  func(error) // done, for the keeper: a method value made for each batch takes memory
	began     time.Time   // a time of the clock, and
	start     time.Time   // the log's time then
	last      time.Time   // the log's, of the last command
	applied   Position
	kept      Position // of the batch that is under way
	committed Position

	rows    *state.Rows // of the next batch
	spare   *state.Rows
	under   *state.Rows // way, or failed and to be tried again
	waiting int         // commands that were applied since all was safe
	failing error
	retryAt time.Time
	asked   bool // for the end of the turn
}

// A Config is what a Local needs.
type Config struct {
	Name   string
	State  *state.State
	Keeper Keeper // nil: nothing is kept, so all is as safe as it will be at once
	Clock  func() time.Time
	Owner  Owner
}

// An Owner is told what has happened in a log.
type Owner interface {
	// Applied comes for each command, before its then.
	Applied(at time.Time, c command.Command, r state.Result)
	// Committed says that more is safe, up to a number.
	Committed(last uint64)
	// Broken says that a command could not be carried out as it must be.
	Broken(err error)
	// AskFlush asks for a Flush at the end of this turn of the loop.
	AskFlush()
	// AskTick asks for a Tick at a time.
	AskTick(at time.Time)
}

// NewLocal returns a log.
func NewLocal(cfg Config) *Local {
	l := &Local{cfg: cfg, began: cfg.Clock(), rows: new(state.Rows), spare: new(state.Rows)}
	l.start = l.began.Round(0).UTC()
	if last := cfg.State.Time(); last.After(l.start) {
		l.start = last
	}
	l.last = l.start
	l.finished = l.done
	return l
}

// Name returns the log's name.
func (l *Local) Name() string { return l.cfg.Name }

// Time implements Log. Only the first time of the clock counts; from there on it is how
// long the process has run.
func (l *Local) Time(now time.Time) time.Time {
	at := l.start.Add(now.Sub(l.began))
	if at.Before(l.last) {
		return l.last
	}
	return at
}

// Propose implements Log.
func (l *Local) Propose(now time.Time, c command.Command, then func(state.Result)) error {
	switch {
	case l.failing != nil:
		return ErrFailing
	case l.waiting >= MaxWaiting || l.bytes() >= MaxWaitingBytes:
		return ErrBusy
	}
	l.Insist(now, c, then)
	return nil
}

func (l *Local) bytes() int {
	n := l.rows.Size
	if l.under != nil {
		n += l.under.Size
	}
	return n
}

// Insist implements Log.
func (l *Local) Insist(now time.Time, c command.Command, then func(state.Result)) {
	l.last = l.Time(now)
	r := l.carryOut(c)
	if then != nil {
		then(r)
	}
}

// carryOut has the state carry out a command, and the owner tell it. If that panics, the state,
// or what the owner has of it, is half changed, and some have been told and some have not: the
// process has to end, and the owner sees to it.
func (l *Local) carryOut(c command.Command) state.Result {
	defer func() {
		if p := recover(); p != nil {
			l.cfg.Owner.Broken(fmt.Errorf("%T: %v", c, p))
			panic(p)
		}
	}()
	if l.cfg.Keeper == nil {
		r := l.cfg.State.Apply(l.last, c, nil)
		l.cfg.Owner.Applied(l.last, c, r)
		return r
	}
	before := l.rows.Count // which is how many of its commands left something
	r := l.cfg.State.Apply(l.last, c, l.rows)
	if l.rows.Count > before {
		l.applied++
	}
	if l.applied > l.committed {
		l.waiting++
	}
	if l.rows.Count > 0 && l.under == nil && !l.asked {
		l.asked = true
		l.cfg.Owner.AskFlush()
	}
	l.cfg.Owner.Applied(l.last, c, r)
	return r
}

// Applied implements Log.
func (l *Local) Applied() Position { return l.applied }

// Committed implements Log.
func (l *Local) Committed() Position { return l.committed }

// Failing implements Log.
func (l *Local) Failing() error { return l.failing }

// Flush hands the turn's rows over, unless others are under way.
func (l *Local) Flush(now time.Time) {
	l.asked = false
	if l.under != nil || l.rows.Count == 0 {
		return
	}
	l.under, l.rows, l.spare = l.rows, l.spare, nil
	l.kept = l.applied
	l.keep()
}

func (l *Local) keep() {
	l.retryAt = time.Time{}
	l.cfg.Keeper.Keep(l.under, l.finished)
}

// done ends a batch, which has left something or nothing.
func (l *Local) done(err error) {
	l.failing = err
	if err != nil {
		l.retryAt = l.cfg.Clock().Add(RetryAfter)
		l.cfg.Owner.AskTick(l.retryAt)
		return
	}
	last := l.under.Last
	l.under.Reset()
	l.spare, l.under = l.under, nil
	l.committed = l.kept
	l.waiting = l.rows.Count
	l.cfg.Owner.Committed(last)
	if l.rows.Count > 0 && !l.asked {
		l.asked = true
		l.cfg.Owner.AskFlush()
	}
}

// Tick tries again what could not be kept.
func (l *Local) Tick(now time.Time) time.Time {
	if !l.retryAt.IsZero() && !now.Before(l.retryAt) {
		l.keep()
	}
	return l.retryAt
}
