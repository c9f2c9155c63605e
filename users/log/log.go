package log

import (
	"errors"
	"time"

	"parley/users/command"
	"parley/users/state"
)

var (
	// ErrBusy says that too much is decided and not yet safe.
	ErrBusy = errors.New("too much waits to be kept")

	// ErrFailing says that the last try to keep something has failed.
	ErrFailing = errors.New("what was decided cannot be kept now")
)

const (
	// MaxWaiting is how many commands may be decided and not yet safe: with 4 KiB each
	// they are MaxWaitingBytes.
	MaxWaiting = 8192

	// MaxWaitingBytes is how many bytes of texts may be.
	MaxWaitingBytes = 32 << 20

	// RetryAfter is how long after a failure it is tried again.
	RetryAfter = 250 * time.Millisecond
)

// A Position is how many of the commands that leave something were applied.
type Position uint64

// A Log decides the order of commands. One goroutine owns it.
type Log interface {
	// Name is another one for every log: numbers of two logs must not be compared.
	Name() string

	// Propose has a command applied, and then is called with the result, if it is not
	// nil, in the order of the log: before Propose returns where one process decides.
	// With an error, ErrBusy or ErrFailing, nothing happens.
	Propose(now time.Time, c command.Command, then func(state.Result)) error

	// Insist is Propose of what has happened and cannot be refused: that somebody is gone.
	Insist(now time.Time, c command.Command, then func(state.Result))

	// Time returns the log's time at a time of the clock: it goes on evenly, whoever sets
	// the clock, and never back.
	Time(now time.Time) time.Time

	// Applied is the position of the last command, and Committed that up to which all is
	// safe. What shows something of the first must not be told before the second is as far.
	Applied() Position
	Committed() Position

	// Waiting is how many commands were proposed and are not safe yet.
	Waiting() int

	// Flush is called at the end of each turn of the loop.
	Flush(now time.Time)

	// Tick does what is due, and returns when it is to be called again; zero: there is
	// nothing to wait for.
	Tick(now time.Time) time.Time

	// Failing returns why the last try to keep something has failed; nil if it has not.
	Failing() error
}

// A Keeper keeps rows.
type Keeper interface {
	// Keep keeps rows and calls done, once, on the goroutine that owns the log: with nil
	// when they are safe, with an error when nothing of them was kept. It may do so before
	// it returns. Until then the rows are the keeper's.
	Keep(rows *state.Rows, done func(error))
}
