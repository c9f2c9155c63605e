package snapshots

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"parley/users/log"
	"parley/users/state"
)

// A Read is the stream of a cluster as a node sees it that begins.
type Read interface {
	ID() string
	Skipped() []uint64

	// Check compares it with what a node has kept of it (log.CheckStream), and CheckMessage the
	// message of a mark, which Check says is there, with what is in it, unless that was trimmed.
	Check(mark state.Mark, from uint64) error
	CheckMessage(ctx context.Context, mark state.Mark) error
}

// A Folder is where a node has its database and its snapshot.
type Folder interface {
	State() ([]byte, error) // its snapshot; nil: there is none

	// WriteState and CopyDatabase write what the folder has, or is to have, beside it, for Remove
	// to take away.
	WriteState(snapshot []byte) (path string, err error)
	CopyDatabase(context.Context) (path string, err error)
	Remove(path string)

	Read(path string) ([]byte, error)
	Mark(ctx context.Context, database string) (state.Mark, error)

	// Receive has a database and a snapshot fetched into a folder of their own and takes them, or
	// neither, in place of those that it has. With ErrFolder it can take none at all.
	Receive(ctx context.Context, fetch func(folder string) (database, snapshot string, err error)) error
}

// ErrFolder says that a data folder cannot be changed now, whatever is put there.
var ErrFolder = errors.New("the data folder cannot be changed")

// A Beginning is a node that begins, or makes a snapshot of what it has.
type Beginning struct {
	Stream Read
	Folder Folder
	Open   func(context.Context) (*Bucket, []Saved, error) // the bucket, and the snapshots in it, newest first
	Log    *slog.Logger
}

// Own returns the snapshot of the folder, whose rows are kept up to a mark; nil: there is none that
// can be used with the stream, and the error says why if there is one.
func (b *Beginning) Own(mark state.Mark) (*log.Snapshot, error) {
	encoded, err := b.Folder.State()
	if encoded == nil || err != nil {
		return nil, err
	}
	s, err := log.DecodeSnapshot(encoded)
	if err == nil {
		err = s.Fits(mark, b.Stream.ID(), b.Stream.Skipped())
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// GoOn has a node resume with the snapshot of its folder, if there is one and it fits: else with
// nil, to read the stream from its first message. With state.ErrSnapshot it could not with that one.
func (b *Beginning) GoOn(mark state.Mark, resume func(from *log.Snapshot) error) error {
	from, err := b.Own(mark)
	if from != nil {
		if err := b.Stream.Check(mark, from.Position); err != nil {
			return err
		}
		if err = resume(from); !errors.Is(err, state.ErrSnapshot) {
			b.Log.Info("this node goes on from a snapshot", "message", from.Position)
			return err
		}
	}
	if err != nil {
		b.Log.Warn("the snapshot of this node is not used: the stream is read from its first message", "error", err)
	}
	if err := b.Stream.Check(mark, 0); err != nil {
		return err
	}
	return resume(nil)
}

// Fetch puts the newest snapshot of the cluster into the folder, if that is empty, or lacks what the
// stream does not have any more. Nothing is done where it can go on as it is, or has what the stream
// has lost.
func (b *Beginning) Fetch(ctx context.Context, mark state.Mark, empty bool) error {
	own := uint64(0)
	if from, _ := b.Own(mark); from != nil { // one that is damaged is said to be, if it is needed
		own = from.Position
	}
	behind := b.Stream.Check(mark, own)
	switch {
	case behind == nil && !empty:
		return nil
	case behind != nil && !errors.Is(behind, log.ErrTrimmed):
		return behind
	}
	if err := b.Stream.CheckMessage(ctx, mark); err != nil {
		return err
	}
	bucket, all, err := b.Open(ctx)
	if err != nil {
		return err
	}
	why := "there is none"
	for _, one := range all {
		if why = "the stream begins behind it"; b.Stream.Check(state.Mark{}, one.Position) != nil {
			break
		}
		began := time.Now()
		err := b.receive(ctx, bucket, one)
		if err == nil {
			b.Log.Info("this node is new, or was too far behind: it begins with a snapshot of the cluster", "message", one.Position, "bytes", one.Bytes, "was_at", mark.Position, "seconds", time.Since(began).Seconds())
			return nil
		}
		if ctx.Err() != nil || errors.Is(err, ErrFolder) {
			return err
		}
		why = err.Error()
		b.Log.Warn("a snapshot of the cluster cannot be used", "message", one.Position, "error", err)
	}
	if behind == nil { // the stream has everything
		return nil
	}
	return fmt.Errorf("the log of the cluster is trimmed: %w, and no snapshot of the cluster can be used (%s); copy the data folder of another node while that does not run, or wait until one has made a snapshot (--cluster-snapshots)", behind, why)
}

// receive puts a snapshot of the cluster into the folder, if all of it is as it should be.
func (b *Beginning) receive(ctx context.Context, from *Bucket, one Saved) error {
	return b.Folder.Receive(ctx, func(folder string) (database, snapshot string, err error) {
		files, err := from.Get(ctx, one, folder)
		if err != nil {
			return "", "", err
		}
		encoded, err := b.Folder.Read(files.State)
		if err != nil {
			return "", "", err
		}
		s, err := log.DecodeSnapshot(encoded)
		if err != nil {
			return "", "", err
		}
		if s.Position != one.Position {
			return "", "", fmt.Errorf("%w: it is of message %d", log.ErrSnapshot, s.Position)
		}
		return files.Database, files.State, b.fits(ctx, s, files.Database)
	})
}

// fits returns an error if a database does not have what a snapshot needs.
func (b *Beginning) fits(ctx context.Context, s *log.Snapshot, database string) error {
	mark, err := b.Folder.Mark(ctx, database)
	if err != nil {
		return err
	}
	return s.Fits(mark, b.Stream.ID(), b.Stream.Skipped())
}

// Make writes copies of what the folder has beside it, which done takes away, for Keeper. The
// database is read last: it has all that the snapshot needs.
func (b *Beginning) Make(ctx context.Context) (position uint64, files Bundle, done func(), err error) {
	done = func() {
		b.Folder.Remove(files.State)
		b.Folder.Remove(files.Database)
	}
	encoded, err := b.Folder.State()
	if encoded == nil || err != nil {
		return 0, files, done, err
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	s, err := log.DecodeSnapshot(encoded)
	if err != nil {
		return 0, files, done, err
	}
	if files.State, err = b.Folder.WriteState(encoded); err != nil {
		return 0, files, done, err
	}
	if files.Database, err = b.Folder.CopyDatabase(ctx); err != nil {
		return 0, files, done, err
	}
	return s.Position, files, done, b.fits(ctx, s, files.Database)
}
