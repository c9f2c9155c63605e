package main

import (
	"context"
	"errors"
	"os"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/snapshots"
	"parley/eventloop/server"
	"parley/users/log"
	"parley/users/state"
	"parley/users/store"
)

// beginning returns what decides with what a node begins, and makes snapshots of what it has.
func beginning(p *process, folder string, s *cluster.Stream) *snapshots.Beginning {
	return &snapshots.Beginning{Stream: patient{s}, Folder: nodeFolder(folder), Log: p.log,
		Open: func(ctx context.Context) (*snapshots.Bucket, []snapshots.Saved, error) { return snapshotsOf(ctx, s) }}
}

// goOn returns a start with the snapshot of the data folder, if there is one and it fits: else
// the stream is read from its first message.
func goOn(ctx context.Context, p *process, disk *store.Store, folder string, mark state.Mark, with server.Shared, s *cluster.Stream) (start server.Start, err error) {
	err = beginning(p, folder, s).GoOn(mark, func(from *log.Snapshot) (err error) {
		with.From = from
		start, err = server.ResumeShared(ctx, disk.LogName(), disk, with)
		return err
	})
	return start, err
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
func (f *clusterFlags) shareSnapshots(p *process, srv *server.Server, folder string, s *cluster.Stream) {
	s.KeepSnapshots(cluster.Snapshots{Every: f.ClusterSnapshots, Passed: srv.Passed, Make: beginning(p, folder, s).Make})
}

// A patient is a stream of servers of NATS that may have begun a moment ago, and take some seconds
// until they say what they have.
type patient struct{ *cluster.Stream }

// CheckMessage implements snapshots.Read.
func (s patient) CheckMessage(ctx context.Context, mark state.Mark) error {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	return s.Stream.CheckMessage(ctx, mark)
}

// snapshotsOf returns the snapshots of a cluster, newest first.
func snapshotsOf(ctx context.Context, s *cluster.Stream) (b *snapshots.Bucket, all []snapshots.Saved, err error) {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
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

// A nodeFolder is the data folder of a node: a snapshots.Folder.
type nodeFolder string

// State implements snapshots.Folder.
func (f nodeFolder) State() ([]byte, error) { return store.LoadState(string(f)) }

// WriteState implements snapshots.Folder.
func (f nodeFolder) WriteState(b []byte) (path string, err error) {
	return store.WriteState(string(f), b)
}

// CopyDatabase implements snapshots.Folder.
func (f nodeFolder) CopyDatabase(ctx context.Context) (path string, err error) {
	return store.CopyInto(ctx, string(f))
}

// Remove implements snapshots.Folder. What stays goes at the next start.
func (f nodeFolder) Remove(path string) {
	if path != "" {
		_ = os.Remove(path)
	}
}

// Read implements snapshots.Folder.
func (f nodeFolder) Read(path string) ([]byte, error) { return os.ReadFile(path) }

// Mark implements snapshots.Folder.
func (f nodeFolder) Mark(ctx context.Context, database string) (state.Mark, error) {
	mark, _, err := store.Look(ctx, database)
	return mark, err
}

// Receive implements snapshots.Folder.
func (f nodeFolder) Receive(ctx context.Context, fetch func(string) (database, snapshot string, err error)) error {
	_, faults, err := store.Receive(ctx, string(f), fetch)
	switch {
	case len(faults) > 0:
		return errors.New(faults[0].Words)
	case errors.Is(err, store.ErrInUse):
		return inUse{err}
	}
	return err
}

// An inUse says that another process has the folder.
type inUse struct{ error }

// Unwrap lets errors.Is see both.
func (e inUse) Unwrap() []error { return []error{e.error, snapshots.ErrFolder} }
