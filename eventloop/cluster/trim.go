package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster/snapshots"
)

// Snapshots are how a node makes those of the cluster, if it is the first that lives.
type Snapshots struct {
	Every time.Duration // as snapshots.Keeper has it, and so has Make

	// Passed says, on the goroutine that owns the log, whether this is the first node that lives,
	// and up to which message all have come that live.
	Passed func() (first bool, position uint64)

	Make func(context.Context) (position uint64, files snapshots.Bundle, done func(), err error)
}

// KeepSnapshots has a node make snapshots, and trim the stream in front of them, until the Stream
// is closed. It is called once, behind Start. A nil Stream does nothing.
func (s *Stream) KeepSnapshots(of Snapshots) {
	if s == nil {
		return
	}
	k := s.keeper(of)
	s.all.Go(func() {
		ticks := time.NewTicker(k.Pause())
		defer ticks.Stop()
		for {
			select {
			case <-s.life.Done():
				return
			case <-ticks.C:
				k.Tick(s.life)
			}
		}
	})
}

func (s *Stream) keeper(of Snapshots) *snapshots.Keeper {
	return &snapshots.Keeper{Every: of.Every, Stream: trimmed{s}, Open: s.Bucket, Log: s.cfg.Log, Make: of.Make,
		Passed: func(ctx context.Context) (first bool, position uint64, err error) {
			answer := make(chan struct{})
			s.node.Post(func() {
				first, position = of.Passed()
				close(answer)
			})
			select {
			case <-answer:
				return first, position, nil
			case <-ctx.Done():
				return false, 0, ctx.Err()
			}
		}}
}

// A trimmed is the stream as snapshots.Stream.
type trimmed struct{ *Stream }

// Extent implements snapshots.Stream.
func (s trimmed) Extent(ctx context.Context) (snapshots.Extent, error) {
	stream, err := s.own(ctx)
	if err != nil {
		return snapshots.Extent{}, err
	}
	has := stream.CachedInfo().State
	return snapshots.Extent{First: has.FirstSeq, Last: has.LastSeq, Messages: has.Msgs, Bytes: has.Bytes, LastTime: has.LastTime}, nil
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

// Trim implements snapshots.Stream. It looks once more which stream that is.
func (s trimmed) Trim(ctx context.Context, first uint64) error {
	stream, err := s.own(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if err := stream.Purge(ctx, jetstream.WithPurgeSequence(first)); err != nil {
		return fmt.Errorf("the stream %s cannot be trimmed: %w", s.cfg.stream(), err)
	}
	return nil
}
