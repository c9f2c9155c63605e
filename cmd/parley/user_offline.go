package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/eventloop/admin"
	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

const (
	// folderWait is how long a command waits for a folder that is somebody's who cannot
	// be asked: a server that starts or stops, or another command, which takes
	// milliseconds.
	folderWait = 5 * time.Second

	// folderPause is the pause between two tries.
	folderPause = 20 * time.Millisecond
)

// reachFolder returns a client of the server that runs at a data folder or, if none
// does, of an offline one. The client ends with the function that is returned, too.
func reachFolder(folder string, wait time.Duration) (_ *admin.Client, end func() error, err error) {
	for last := time.Now().Add(wait); ; time.Sleep(folderPause) {
		owner, noServer := admin.Dial(folder)
		if noServer == nil {
			return owner, owner.Close, nil
		}
		here, err := openOffline(folder)
		if err == nil {
			owner = admin.Within(here)
			return owner, func() error { return errors.Join(owner.Close(), here.Close()) }, nil
		}
		if !errors.Is(err, store.ErrInUse) {
			return nil, nil, explainDamage(err, folder)
		}
		if !time.Now().Before(last) {
			return nil, nil, fmt.Errorf("%w, which does not answer its owner: %w", err, noServer)
		}
	}
}

// An offline is in the place of a server at a data folder where none runs: it applies
// the same commands to the same state, and has the folder's lock meanwhile. One
// goroutine owns it, the one that answers its only client.
type offline struct {
	folder string
	disk   *store.Store // nil: there is no database yet
	state  *state.State
}

// openOffline opens a data folder, if there is a database in it. If not, the folder is
// left as it is until there is something to keep: it may be a typing error.
func openOffline(folder string) (*offline, error) {
	o := &offline{folder: folder, state: state.New(state.Kept{}, now())}
	if !store.Exists(folder) {
		return o, nil
	}
	return o, o.open(context.Background())
}

func (o *offline) open(ctx context.Context) error {
	disk, err := store.Open(o.folder, store.Options{Random: rand.Reader, Sync: store.SyncAlways})
	if err != nil {
		return err
	}
	for _, found := range disk.Found() { // the server finds it no more
		fmt.Fprintln(os.Stderr, "parley:", sentence(found))
	}
	kept, err := disk.Load(ctx)
	if err != nil {
		return errors.Join(err, disk.Close())
	}
	if kept.Mark != (state.Mark{}) {
		return errors.Join(errors.New("the data folder belongs to a node of a cluster, which does not run: ask a node that runs, with its folder for --data, or begin this one"), disk.Close())
	}
	o.disk, o.state = disk, state.New(kept, later(kept.Time, now()))
	return nil
}

// Propose implements admin.Server.
func (o *offline) Propose(ctx context.Context, commands []command.Command) ([]state.Result, error) {
	results, rows := o.apply(commands)
	if rows.Empty() {
		return results, nil
	}
	if o.disk == nil {
		if err := o.open(ctx); err != nil {
			return nil, err
		}
		results, rows = o.apply(commands)
	}
	return results, o.disk.Commit(rows)
}

func (o *offline) apply(commands []command.Command) ([]state.Result, *state.Rows) {
	at, rows, results := later(o.state.Time(), now()), new(state.Rows), make([]state.Result, len(commands))
	for i, c := range commands {
		results[i] = o.state.Apply(at, c, rows)
	}
	return results, rows
}

// Kept implements admin.Server.
func (o *offline) Kept(ctx context.Context) (state.Kept, error) {
	if o.disk == nil {
		return state.Kept{}, nil
	}
	return o.disk.Load(ctx)
}

// Acts implements admin.Server.
func (o *offline) Acts(ctx context.Context, f state.ActFilter, n int) ([]state.Act, error) {
	if o.disk == nil {
		return nil, nil
	}
	return o.disk.Acts(ctx, f, n)
}

// Online implements admin.Server.
func (o *offline) Online(context.Context) ([]string, error) { return nil, nil }

// Close lets others have the folder.
func (o *offline) Close() error {
	if o.disk == nil {
		return nil
	}
	return o.disk.Close()
}

// now returns the time as a log has it, without a monotonic part.
func now() time.Time { return time.Now().UTC().Round(0) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
