package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster/snapshots"
	"parley/users/log"
)

// ErrThere says that a cluster is there already, which nothing can be imported into.
var ErrThere = errors.New("there is a cluster of that name already; take another --cluster-name")

// ErrNone says that there is no cluster of a name.
var ErrNone = errors.New("there is no cluster of that name")

// NewID returns a name for a stream that no other has.
func NewID() string { return rand.Text() }

// Import makes the stream of a cluster that begins with a snapshot: behind its position, as one
// that was trimmed up to there. The stream is made last, so that there is none without it: whenever
// this ends, the cluster is there or it is not. The servers of NATS may take so long until they are
// reached.
func Import(ctx context.Context, within time.Duration, cfg Config, id string, position uint64, files snapshots.Bundle) error {
	reaching, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return reach(reaching, cfg, func(s *Stream) error {
		if there, err := s.js.Stream(ctx, s.cfg.stream()); err == nil {
			return s.errThere(there.CachedInfo())
		} else if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return s.explain(err)
		}
		b, err := bucket(ctx, s.js, &s.cfg, id, s.cfg.Replicas)
		if err != nil {
			return s.explain(err)
		}
		if err := dropImports(ctx, b); err != nil {
			return err
		}
		made, err := b.Put(ctx, position, files)
		if err != nil {
			return err
		}
		want := s.wanted()
		want.Metadata[idKey], want.FirstSeq = id, position+1
		if _, err = s.js.CreateStream(ctx, want); err != nil {
			var refused *jetstream.APIError
			if !errors.As(err, &refused) { // it may be there, and then it needs the snapshot
				return fmt.Errorf("the servers of NATS do not say whether the stream %s is made; try again, then they do: %w", s.cfg.stream(), err)
			}
			return errors.Join(s.explain(err), b.Drop(ctx, made.Object))
		}
		_ = s.putFirst(ctx) // what this leaves to do does the node that begins first
		return nil
	})
}

// errThere says that there is a stream already, and whether anything was done with it.
func (s *Stream) errThere(info *jetstream.StreamInfo) error {
	if begins := info.Config.FirstSeq; begins > 1 && info.State.LastSeq <= begins {
		return fmt.Errorf("%w, or begin the nodes of this one: an import has made it, and no node has begun there yet; to import again, delete its stream %s", ErrThere, s.cfg.stream())
	}
	return fmt.Errorf("%w, or delete its stream %s", ErrThere, s.cfg.stream())
}

// putFirst puts a message into a stream that begins with what was imported and has none: else what
// is behind the snapshot is said to be lost.
func (s *Stream) putFirst(ctx context.Context) error {
	_, err := s.js.Publish(ctx, s.cfg.turns(), log.Nothing())
	return err
}

// dropImports takes away what imports have left that did not come to make a stream: there is none.
func dropImports(ctx context.Context, b *snapshots.Bucket) error {
	objects, err := b.Objects(ctx)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if strings.HasSuffix(o.Name, fmt.Sprintf(".%020d", 1)) {
			if err := b.Drop(ctx, o.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Last returns the name of the stream of a cluster, and the position of its newest message.
func Last(ctx context.Context, cfg Config) (id string, position uint64, err error) {
	err = reach(ctx, cfg, func(s *Stream) error {
		stream, err := s.js.Stream(ctx, s.cfg.stream())
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("%w: %s", ErrNone, s.cfg.stream())
		}
		if err != nil {
			return s.explain(err)
		}
		info := stream.CachedInfo()
		id, position = info.Config.Metadata[idKey], info.State.LastSeq
		return nil
	})
	return id, position, err
}

// reach connects to the servers of NATS for as long as do takes, which it tries again while there
// is nobody who has streams.
func reach(ctx context.Context, cfg Config, do func(*Stream) error) error {
	cfg.Name, cfg.Replicas = cmp.Or(cfg.Name, DefaultName), cmp.Or(cfg.Replicas, DefaultReplicas)
	if err := CheckName(cfg.Name); err != nil {
		return err
	}
	conn, err := connect(ctx, &cfg)
	if err != nil {
		return err
	}
	defer conn.Close()
	s := &Stream{cfg: cfg, conn: conn}
	if err := s.checkServer(); err != nil {
		return err
	}
	if s.js, err = jetstream.New(conn); err != nil {
		return err
	}
	for {
		err := do(s)
		if !errors.Is(err, nats.ErrNoResponders) && !errors.Is(err, errNotEnabled) || wait(ctx) != nil {
			return err
		}
	}
}
