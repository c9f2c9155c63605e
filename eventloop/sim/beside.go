package sim

import (
	"context"
	"errors"
	"iter"
	"time"
)

// A beside is what a node's process does beside its loop, as a goroutine of it would that may wait.
// It takes turns with all else: while it waits, time goes on. It stands still while the node is
// paused, and is over in the middle of what it does when the node is killed.
type beside struct {
	member *Member
	ctx    context.Context
	cancel context.CancelFunc
	next   func() (time.Duration, bool)
	stop   func()
	yield  func(time.Duration) bool
	over   bool
}

// errOver says that the process has ended.
var errOver = errors.New("the process has ended")

// whilePaused is how often it is looked whether a node has woken.
const whilePaused = 100 * time.Millisecond

// beside has something done.
func (m *Member) beside(do func(*beside)) *beside {
	b := &beside{member: m}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.next, b.stop = iter.Pull(func(yield func(time.Duration) bool) {
		b.yield = yield
		do(b)
	})
	m.stream.after(0, b.step)
	return b
}

// step has it go on until it waits again.
func (b *beside) step() {
	switch m := b.member; {
	case b.over:
	case m.Broken != nil:
		b.end()
	case m.Paused:
		m.stream.after(whilePaused, b.step)
	default:
		d, more := b.next()
		if !more {
			b.over = true
			b.cancel()
			return
		}
		m.stream.after(d, b.step)
	}
}

// wait has time go on. Where it returns an error nothing more may be done.
func (b *beside) wait(d time.Duration) error {
	if b.over || !b.yield(d) {
		return errOver
	}
	return nil
}

// end ends it where it waits.
func (b *beside) end() {
	if b != nil && !b.over {
		b.over = true
		b.cancel()
		b.stop()
	}
}

// ask waits until a question has come to the servers of NATS. Where they are down, or the node does
// not reach them, it takes longer, and there is an error.
func (b *beside) ask(down *bool) error {
	m := b.member
	if err := b.wait(m.stream.between(500*time.Microsecond, m.Lag+10*time.Millisecond)); err != nil {
		return err
	}
	if !m.Cut && !*down {
		return nil
	}
	if err := b.wait(2 * time.Second); err != nil {
		return err
	}
	return errUnreachable
}
