package store

import (
	"errors"
	"log/slog"
	"time"

	"parley/users/state"
)

// A Keeper keeps rows while a goroutine that must not wait goes on.
type Keeper struct {
	Store *Store
	Post  func(func()) // has a function run on that goroutine
	Log   *slog.Logger
	Fatal func(error)                         // ends the process; nil: it panics
	Tried func(took time.Duration, err error) // is told of each commit, on any goroutine; nil: nobody is

	failing bool // the last commit failed; of the one that is under way
}

// Keep commits rows and posts done with what became of that: an error of the disk, as
// [Disk] says, is there to be tried again. Until done is called, rows are not touched and
// Keep is not called again.
func (k *Keeper) Keep(rows *state.Rows, done func(error)) {
	go func() {
		began := time.Now()
		err := k.Store.Commit(rows)
		if k.Tried != nil {
			k.Tried(time.Since(began), err)
		}
		if err != nil && !Disk(err) && !errors.Is(err, ErrClosed) {
			k.broken(err)
		}
		k.note(err)
		k.Post(func() { done(err) })
	}()
}

// note logs the first failure of a row, and its end.
func (k *Keeper) note(err error) {
	failed := err != nil
	if failed && !k.failing {
		k.Log.Error("storage has failed; nothing new is told until it works again", "error", k.Store.Advise(err))
	}
	if !failed && k.failing {
		k.Log.Info("storage works again")
	}
	k.failing = failed
}

// broken ends the process: what was decided cannot be kept, however often it is tried.
func (k *Keeper) broken(err error) {
	if k.Fatal == nil {
		panic(err)
	}
	k.Fatal(err)
}
