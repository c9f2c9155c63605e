package snapshots

import (
	"context"
	"log/slog"
	"time"
)

const (
	// DefaultEvery is how long after a snapshot the next one is made. What was removed is in the
	// stream and in older snapshots until two more were made: a day.
	DefaultEvery = 12 * time.Hour

	// growsBy is how many messages may come before that is due: a node reads so many in 10 s.
	growsBy = 1 << 20

	// growsTo is from how many bytes of the stream on the next one is made when half of it has
	// come since the last.
	growsTo = 512 << 20

	// seeEvery is how often it is looked whether something is due, where snapshots are not made
	// more often than that.
	seeEvery = time.Minute

	// notAgain is how many times nothing is made after that has failed, since it may be much.
	notAgain = 10
)

// A Stream is the one of a cluster, as the node sees it that makes snapshots.
type Stream interface {
	Extent(context.Context) (Extent, error)       // fails if it is not the one any more that was opened
	Trim(ctx context.Context, first uint64) error // takes away all that is in front of a message
}

// An Extent is what a stream has.
type Extent struct {
	First, Last     uint64 // positions; a stream that is empty begins behind its last
	Messages, Bytes uint64
	LastTime        time.Time // of its last message, by the clock of the store
}

// A Keeper makes snapshots, and trims the stream in front of them, if its node is the first one
// that lives.
type Keeper struct {
	Every  time.Duration // after a snapshot; 0: DefaultEvery
	Stream Stream
	Open   func(context.Context) (*Bucket, error)
	Log    *slog.Logger

	// Passed says whether this is the first node that lives, and up to which message all have
	// come that live.
	Passed func(context.Context) (first bool, position uint64, err error)

	// Make writes the files of a snapshot, which done takes away, and returns the position of its
	// state. 0: there is none yet.
	Make func(context.Context) (position uint64, files Bundle, done func(), err error)

	bucket *Bucket
	rests  int // how many times nothing is done
}

func (k *Keeper) every() time.Duration {
	if k.Every == 0 {
		return DefaultEvery
	}
	return k.Every
}

// Pause is how long it is between two times at which Tick is to be called.
func (k *Keeper) Pause() time.Duration { return min(k.every()/4, seeEvery) }

// Tick does what is due. What fails is logged, and tried again later.
func (k *Keeper) Tick(ctx context.Context) {
	if k.rests > 0 {
		k.rests--
		return
	}
	if err := k.See(ctx); err != nil && ctx.Err() == nil {
		k.rests = notAgain
		k.Log.Warn("no snapshot of the cluster is made, or the log is not trimmed; it is tried again", "error", err)
	}
}

// See makes a snapshot if it is due, and trims the stream.
func (k *Keeper) See(ctx context.Context) error {
	first, passed, err := k.Passed(ctx)
	if err != nil || !first {
		return err
	}
	if k.bucket == nil {
		if k.bucket, err = k.Open(ctx); err != nil {
			return err
		}
	}
	has, err := k.Stream.Extent(ctx)
	if err != nil {
		return err
	}
	all, err := k.bucket.All(ctx)
	if err != nil {
		return err
	}
	if k.due(has, all) {
		if err := k.make(ctx, all); err != nil {
			return err
		}
		if all, err = k.bucket.All(ctx); err != nil {
			return err
		}
	}
	return k.trim(ctx, has, all, passed)
}

// due reports whether it is time for a snapshot. Both times are of the servers that keep them.
func (k *Keeper) due(now Extent, all []Saved) bool {
	if len(all) == 0 {
		return true
	}
	since := now.Last - min(all[0].Position, now.Last)
	return now.LastTime.Sub(all[0].Made) >= k.every() || since >= growsBy || now.Bytes >= growsTo && since >= now.Messages/2
}

// make makes a snapshot that is newer than those that are there.
func (k *Keeper) make(ctx context.Context, all []Saved) error {
	position, files, done, err := k.Make(ctx)
	if err != nil {
		return err
	}
	defer done()
	if position == 0 || len(all) > 0 && position <= all[0].Position {
		return nil
	}
	began := time.Now()
	made, err := k.bucket.Put(ctx, position, files)
	if err != nil {
		return err
	}
	k.Log.Info("a snapshot of the cluster was made", "message", made.Position, "bytes", made.Bytes, "seconds", time.Since(began).Seconds())
	return nil
}

// trim takes away the front of the stream, up to where every node that lives has come, and a
// second snapshot would have a node begin. The message there stays, to be compared with it.
func (k *Keeper) trim(ctx context.Context, has Extent, all []Saved, passed uint64) error {
	if len(all) < Kept {
		return nil
	}
	first := min(all[Kept-1].Position, passed)
	if first <= has.First {
		return nil
	}
	if err := k.Stream.Trim(ctx, first); err != nil {
		return err
	}
	k.Log.Info("the log was trimmed", "begins_at", first)
	return nil
}
