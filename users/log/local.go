package log

import (
	"fmt"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// A Local is the log of one process. Its methods must be called by one goroutine.
type Local struct {
	keeping
	cfg   Config
	began time.Time // a time of the clock, and
	start time.Time // the log's time then
	last  time.Time // the log's, of the last command
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
	l := &Local{cfg: cfg, began: cfg.Clock()}
	l.begin(cfg)
	l.start = l.began.Round(0).UTC()
	if last := cfg.State.Time(); last.After(l.start) {
		l.start = last
	}
	l.last = l.start
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
	case l.full():
		return ErrBusy
	}
	l.Insist(now, c, then)
	return nil
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
	defer l.broken(c)
	if l.cfg.Keeper == nil {
		r := l.cfg.State.Apply(l.last, c, nil)
		l.cfg.Owner.Applied(l.last, c, r)
		return r
	}
	before := l.rows.Count // which is how many of its commands left something
	r := l.cfg.State.Apply(l.last, c, l.rows)
	l.note(before)
	l.cfg.Owner.Applied(l.last, c, r)
	return r
}

// commandError says that a command could not be carried out as it must be.
func commandError(c command.Command, p any) error { return fmt.Errorf("%T: %v", c, p) }

// Failing implements Log.
func (l *Local) Failing() error { return l.failing }

// Flush implements Log.
func (l *Local) Flush(time.Time) { l.flush() }

// Tick implements Log: it tries again what could not be kept.
func (l *Local) Tick(now time.Time) time.Time { return l.retry(now) }
