package server

import (
	"context"
	"time"

	"parley/users/log"
	"parley/users/state"
	"parley/users/tail"
)

// A Start is what a server goes on from.
type Start struct {
	Log    string // its name
	State  *state.State
	Tail   *tail.Tail
	Keeper log.Keeper // nil: nothing is kept, and the Reader has direct messages only
	Reader Reader
}

// A Source is what is kept, such as a store.
type Source interface {
	tail.Source
	Load(ctx context.Context) (state.Kept, error)
}

// Resume returns a start from what is kept under the name of a log, at a time. Who keeps
// and reads from now on is to be added.
func Resume(ctx context.Context, name string, from Source, now time.Time) (Start, error) {
	kept, err := from.Load(ctx)
	if err != nil {
		return Start{}, err
	}
	newest, err := tail.Load(ctx, from, tail.Limit)
	if err != nil {
		return Start{}, err
	}
	return Start{Log: name, State: state.New(kept, now.Round(0).UTC()), Tail: newest}, nil
}

// A Hasher hashes passwords, which takes long, somewhere else. It serves those who
// ask by turns; from names who asks, such as an address. Its methods return false if
// there is too much to do, in all or for that one. done is called on the Core's own
// goroutine.
type Hasher interface {
	// Verify reports whether password has the hash, and whether the hash should
	// be made anew. An empty hash costs the same time and is nobody's.
	Verify(from, hash, password string, done func(ok, rehash bool)) bool
	Hash(from, password string, done func(hash string)) bool
}

// A FileReader is a Reader of a source that takes a while.
type FileReader struct {
	Source tail.Source
	Post   func(func()) // has a function run on the core's goroutine
}

// Read implements Reader.
func (r FileReader) Read(q tail.Query, done func(tail.Page, error)) {
	go func() {
		page, err := tail.Read(context.Background(), r.Source, q)
		r.Post(func() { done(page, err) })
	}()
}

// An attic keeps in memory the direct messages that a tail has no place for any more and
// that were not seen. It is the Reader of a server that keeps nothing.
type attic struct {
	state   *state.State
	directs map[string][]*state.Direct // by the receiver's person, ascending
}

// put keeps what the tail drops, if it is still to be seen.
func (a *attic) put(e tail.Entry) {
	d := e.Direct
	if d == nil {
		return
	}
	first, _ := a.state.Unseen(d.Person)
	if first == 0 || d.Number < first {
		return
	}
	unseen := a.directs[d.Person]
	for len(unseen) > 0 && unseen[0].Number < first {
		unseen = unseen[1:]
	}
	a.directs[d.Person] = append(unseen, d)
}

// Read implements Reader.
func (a *attic) Read(q tail.Query, done func(tail.Page, error)) {
	p := tail.Page{UpTo: q.UpTo}
	for _, d := range a.directs[q.Person] {
		if d.Number > q.After && d.Number <= q.UpTo {
			p.Entries = append(p.Entries, tail.Entry{Direct: d})
		}
	}
	done(p, nil)
}

// StartInMemory returns the start of a server that keeps nothing, under the name of a log.
func StartInMemory(name string, now time.Time) Start {
	s := state.New(state.Kept{}, now.Round(0).UTC())
	a := &attic{state: s, directs: make(map[string][]*state.Direct)}
	t := tail.New(tail.Limit, 0)
	t.Dropped = a.put
	return Start{Log: name, State: s, Tail: t, Reader: a}
}
