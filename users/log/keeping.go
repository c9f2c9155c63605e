package log

import (
	"time"

	"parley/users/command"
	"parley/users/state"
)

// A keeping hands rows to a keeper, a batch at a time, and says up to which position all is
// safe. Both logs have one.
type keeping struct {
	keeper    Keeper // nil: nothing is kept, so all is as safe as it will be at once
	clock     func() time.Time
	owner     Owner
	finished  func(error) // done, for the keeper: a method value made for each batch takes memory
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

func (k *keeping) begin(cfg Config) {
	k.keeper, k.clock, k.owner = cfg.Keeper, cfg.Clock, cfg.Owner
	k.rows, k.spare = new(state.Rows), new(state.Rows)
	k.finished = k.done
}

// Applied implements Log.
func (k *keeping) Applied() Position { return k.applied }

// Committed implements Log.
func (k *keeping) Committed() Position { return k.committed }

// Waiting implements Log.
func (k *keeping) Waiting() int { return k.waiting }

// full reports whether too much is decided and not yet safe.
func (k *keeping) full() bool { return k.waiting >= MaxWaiting || k.bytes() >= MaxWaitingBytes }

func (k *keeping) bytes() int {
	n := k.rows.Size
	if k.under != nil {
		n += k.under.Size
	}
	return n
}

// note counts a command that was applied, before which there were so many in the rows.
func (k *keeping) note(before int) {
	if k.rows.Count > before {
		k.applied++
	}
	if k.applied > k.committed {
		k.waiting++
	}
	if k.rows.Count > 0 && k.under == nil {
		k.ask()
	}
}

// ask asks for a Flush at the end of the turn.
func (k *keeping) ask() {
	if !k.asked {
		k.asked = true
		k.owner.AskFlush()
	}
}

// flush hands the turn's rows over, unless others are under way.
func (k *keeping) flush() {
	k.asked = false
	if k.under != nil || k.rows.Count == 0 {
		return
	}
	k.under, k.rows, k.spare = k.rows, k.spare, nil
	k.kept = k.applied
	k.keep()
}

func (k *keeping) keep() {
	k.retryAt = time.Time{}
	k.keeper.Keep(k.under, k.finished)
}

// done ends a batch, which has left something or nothing.
func (k *keeping) done(err error) {
	k.failing = err
	if err != nil {
		k.retryAt = k.clock().Add(RetryAfter)
		k.owner.AskTick(k.retryAt)
		return
	}
	last := k.under.Last
	k.under.Reset()
	k.spare, k.under = k.under, nil
	k.committed = k.kept
	k.waiting = k.rows.Count
	k.owner.Committed(last)
	if k.rows.Count > 0 {
		k.ask()
	}
}

// retry tries again what could not be kept. It returns when it is to be called again.
func (k *keeping) retry(now time.Time) time.Time {
	if !k.retryAt.IsZero() && !now.Before(k.retryAt) {
		k.keep()
	}
	return k.retryAt
}

// broken tells the owner of a panic while a command was carried out, and goes on with it.
func (k *keeping) broken(c command.Command) {
	if p := recover(); p != nil {
		k.owner.Broken(commandError(c, p))
		panic(p)
	}
}
