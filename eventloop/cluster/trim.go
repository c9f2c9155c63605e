package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
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

// Snapshots are how a node makes those of the cluster, if it is the first that lives.
type Snapshots struct {
	Every time.Duration // 0: DefaultEvery

	// Passed says, on the goroutine that owns the log, whether this is the first node that lives,
	// and up to which message all have come that live.
	Passed func() (first bool, position uint64)

	// Make writes the files of a snapshot, which done takes away, and returns the position of its
	// state. 0: there is none yet.
	Make func(context.Context) (position uint64, files Bundle, done func(), err error)
}

// KeepSnapshots has a node make snapshots, and trim the stream in front of them, until the Stream
// is closed. It is called once, behind Start. A nil Stream does nothing.
func (s *Stream) KeepSnapshots(of Snapshots) {
	if s == nil {
		return
	}
	if of.Every == 0 {
		of.Every = DefaultEvery
	}
	s.all.Go(func() {
		ticks := time.NewTicker(min(of.Every/4, seeEvery))
		defer ticks.Stop()
		t := trimmer{s: s, of: of}
		for {
			select {
			case <-s.life.Done():
				return
			case <-ticks.C:
			}
			if t.rests > 0 {
				t.rests--
				continue
			}
			if err := t.see(s.life); err != nil && s.life.Err() == nil {
				t.rests = notAgain
				s.cfg.Log.Warn("no snapshot of the cluster is made, or the log is not trimmed; it is tried again", "error", err)
			}
		}
	})
}

// A trimmer is the goroutine that makes snapshots and trims.
type trimmer struct {
	s      *Stream
	of     Snapshots
	bucket *Bucket
	rests  int // how many times nothing is done
}

// see makes a snapshot if it is due, and trims the stream.
func (t *trimmer) see(ctx context.Context) error {
	first, passed, err := t.passed(ctx)
	if err != nil || !first {
		return err
	}
	if t.bucket == nil {
		if t.bucket, err = t.s.Bucket(ctx); err != nil {
			return err
		}
	}
	stream, err := t.s.own(ctx)
	if err != nil {
		return err
	}
	all, err := t.bucket.All(ctx)
	if err != nil {
		return err
	}
	if t.due(stream.CachedInfo().State, all) {
		if err := t.make(ctx, all); err != nil {
			return err
		}
		if all, err = t.bucket.All(ctx); err != nil {
			return err
		}
	}
	return t.trim(ctx, stream, all, passed)
}

// passed asks the node.
func (t *trimmer) passed(ctx context.Context) (first bool, position uint64, err error) {
	answer := make(chan struct{})
	t.s.node.Post(func() {
		first, position = t.of.Passed()
		close(answer)
	})
	select {
	case <-answer:
		return first, position, nil
	case <-ctx.Done():
		return false, 0, ctx.Err()
	}
}

// own returns the stream as it is now, if it is still the one that was opened.
func (s *Stream) own(ctx context.Context) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	stream, err := s.js.Stream(ctx, s.cfg.stream())
	if err != nil {
		return nil, fmt.Errorf("the stream %s: %w", s.cfg.stream(), err)
	}
	if id := stream.CachedInfo().Config.Metadata[idKey]; id != s.id {
		return nil, fmt.Errorf("%w: %s is another one now", ErrStream, s.cfg.stream())
	}
	return stream, nil
}

// due reports whether it is time for a snapshot. Both times are of the servers of NATS.
func (t *trimmer) due(now jetstream.StreamState, all []Saved) bool {
	if len(all) == 0 {
		return true
	}
	since := now.LastSeq - min(all[0].Position, now.LastSeq)
	return now.LastTime.Sub(all[0].Made) >= t.of.Every || since >= growsBy || now.Bytes >= growsTo && since >= now.Msgs/2
}

// make makes a snapshot that is newer than those that are there.
func (t *trimmer) make(ctx context.Context, all []Saved) error {
	position, files, done, err := t.of.Make(ctx)
	if err != nil {
		return err
	}
	defer done()
	if position == 0 || len(all) > 0 && position <= all[0].Position {
		return nil
	}
	began := time.Now()
	made, err := t.bucket.Put(ctx, position, files)
	if err != nil {
		return err
	}
	t.s.cfg.Log.Info("a snapshot of the cluster was made", "message", made.Position, "bytes", made.Bytes, "seconds", time.Since(began).Seconds())
	return nil
}

// trim takes away the front of the stream, up to where every node that lives has come, and a
// second snapshot would have a node begin. The message there stays, to be compared with it.
func (t *trimmer) trim(ctx context.Context, stream jetstream.Stream, all []Saved, passed uint64) error {
	if len(all) < keptSnapshots {
		return nil
	}
	upTo := min(all[keptSnapshots-1].Position, passed)
	if upTo <= stream.CachedInfo().State.FirstSeq {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if err := stream.Purge(ctx, jetstream.WithPurgeSequence(upTo)); err != nil {
		return fmt.Errorf("the stream %s cannot be trimmed: %w", t.s.cfg.stream(), err)
	}
	t.s.cfg.Log.Info("the log was trimmed", "begins_at", upTo)
	return nil
}
