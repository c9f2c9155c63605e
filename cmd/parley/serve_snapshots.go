package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/server"
	"parley/users/log"
	"parley/users/state"
	"parley/users/store"
)

// goOn returns a start with the snapshot of the data folder, if there is one and it fits: else
// the stream is read from its first message.
func goOn(ctx context.Context, p *process, disk *store.Store, folder string, mark state.Mark, with server.Shared, s *cluster.Stream) (server.Start, error) {
	from, err := loadSnapshot(folder, mark, s)
	if err != nil {
		p.log.Warn("the snapshot of this node is not used: the stream is read from its first message", "error", err)
	}
	if from != nil {
		if err := s.Check(mark, from.Position); err != nil {
			return server.Start{}, err
		}
		with.From = from
		start, err := server.ResumeShared(ctx, disk.LogName(), disk, with)
		if !errors.Is(err, state.ErrSnapshot) {
			p.log.Info("this node goes on from a snapshot", "message", from.Position)
			return start, err
		}
		p.log.Warn("the snapshot of this node is not used: the stream is read from its first message", "error", err)
	}
	if err := s.Check(mark, 0); err != nil {
		return server.Start{}, err
	}
	with.From = nil
	return server.ResumeShared(ctx, disk.LogName(), disk, with)
}

// loadSnapshot returns the snapshot of a data folder whose rows are kept up to a mark; nil: there
// is none that can be used with a stream, and the error says why if there is one.
func loadSnapshot(folder string, mark state.Mark, of *cluster.Stream) (*log.Snapshot, error) {
	s, err := readSnapshot(folder)
	if s != nil && err == nil {
		err = s.Fits(mark, of.ID(), of.Skipped())
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readSnapshot returns the snapshot of a data folder; nil: there is none.
func readSnapshot(folder string) (*log.Snapshot, error) {
	b, err := store.LoadState(folder)
	if b == nil || err != nil {
		return nil, err
	}
	return log.DecodeSnapshot(b)
}

// keepSnapshots has a node keep its snapshots in its data folder, so often that the cluster's are
// of what is new.
func (f *clusterFlags) keepSnapshots(start *server.Start, folder string, post func(func())) {
	if start.Shared == nil {
		return
	}
	start.Shared.Every = min(f.ClusterSnapshots/2, server.SnapshotEvery)
	start.Shared.Keep = func(s *log.Snapshot, done func(error)) {
		go func() {
			b, err := s.Encode()
			if err == nil {
				err = store.KeepState(folder, b)
			}
			post(func() { done(err) })
		}()
	}
}

// shareSnapshots has the first node make those of the cluster, of the one in its data folder and
// a copy of its database.
func (f *clusterFlags) shareSnapshots(srv *server.Server, folder string, s *cluster.Stream) {
	s.KeepSnapshots(cluster.Snapshots{Every: f.ClusterSnapshots, Passed: srv.Passed, Make: func(ctx context.Context) (uint64, cluster.Bundle, func(), error) {
		return bundle(ctx, folder, s)
	}})
}

// bundle writes copies of what a node keeps into its data folder, which done takes away. The
// database is read last: it has all that the snapshot needs.
func bundle(ctx context.Context, folder string, s *cluster.Stream) (position uint64, files cluster.Bundle, done func(), err error) {
	done = func() { _, _ = os.Remove(files.State), os.Remove(files.Database) } // else they go at the next start
	b, err := store.LoadState(folder)
	if b == nil || err != nil {
		return 0, files, done, err
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	snapshot, err := log.DecodeSnapshot(b)
	if err != nil {
		return 0, files, done, err
	}
	if files.State, err = store.WriteState(folder, b); err != nil {
		return 0, files, done, err
	}
	if files.Database, err = store.CopyInto(ctx, folder); err != nil {
		return 0, files, done, err
	}
	mark, _, err := store.Look(ctx, files.Database)
	if err == nil {
		err = snapshot.Fits(mark, s.ID(), s.Skipped())
	}
	return snapshot.Position, files, done, err
}

// fetchInto puts the newest snapshot of a cluster into a data folder that is empty, or that lacks
// what the stream does not have any more. Nothing is done where it can go on as it is, or has what
// the stream has lost.
func fetchInto(ctx context.Context, p *process, folder string, s *cluster.Stream, mark state.Mark, empty bool) error {
	own := uint64(0)
	if from, _ := loadSnapshot(folder, mark, s); from != nil { // one that is damaged is said to be, if it is needed
		own = from.Position
	}
	behind := s.Check(mark, own)
	switch {
	case behind == nil && !empty:
		return nil
	case behind != nil && !errors.Is(behind, log.ErrTrimmed):
		return behind
	}
	waiting, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	if err := s.CheckMessage(waiting, mark); err != nil {
		return err
	}
	b, all, err := snapshotsOf(waiting, s)
	if err != nil {
		return fmt.Errorf("--cluster: %w", err)
	}
	why := "there is none"
	for _, one := range all {
		if why = "the stream begins behind it"; s.Check(state.Mark{}, one.Position) != nil {
			break
		}
		began := time.Now()
		err := receive(ctx, b, one, folder, s)
		if err == nil {
			p.log.Info("this node is new, or was too far behind: it begins with a snapshot of the cluster", "message", one.Position, "bytes", one.Bytes, "was_at", mark.Position, "seconds", time.Since(began).Seconds())
			return nil
		}
		if ctx.Err() != nil || errors.Is(err, store.ErrInUse) {
			return err
		}
		why = err.Error()
		p.log.Warn("a snapshot of the cluster cannot be used", "message", one.Position, "error", err)
	}
	if behind == nil { // the stream has everything
		return nil
	}
	return fmt.Errorf("the log of the cluster is trimmed: %w, and no snapshot of the cluster can be used (%s); copy the data folder of another node while that does not run, or wait until one has made a snapshot (--cluster-snapshots)", behind, why)
}

// snapshotsOf returns the snapshots of a cluster, newest first. Servers of NATS that start take
// some seconds until they say which there are.
func snapshotsOf(ctx context.Context, s *cluster.Stream) (b *cluster.Bucket, all []cluster.Saved, err error) {
	for {
		if b, err = s.Bucket(ctx); err == nil {
			if all, err = b.All(ctx); err == nil {
				return b, all, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, nil, err
		case <-time.After(time.Second):
		}
	}
}

// receive puts a snapshot of a cluster into a data folder, if all of it is as it should be.
func receive(ctx context.Context, b *cluster.Bucket, one cluster.Saved, folder string, s *cluster.Stream) error {
	_, faults, err := store.Receive(ctx, folder, func(temp string) (database, snapshot string, err error) {
		files, err := b.Get(ctx, one, temp)
		if err != nil {
			return "", "", err
		}
		encoded, err := os.ReadFile(files.State)
		if err != nil {
			return "", "", err
		}
		from, err := log.DecodeSnapshot(encoded)
		if err != nil {
			return "", "", err
		}
		mark, _, err := store.Look(ctx, files.Database)
		if err == nil && from.Position != one.Position {
			err = fmt.Errorf("%w: it is of message %d", log.ErrSnapshot, from.Position)
		}
		if err == nil {
			err = from.Fits(mark, s.ID(), s.Skipped())
		}
		return files.Database, files.State, err
	})
	if len(faults) > 0 {
		return errors.New(faults[0].Words)
	}
	return err
}
