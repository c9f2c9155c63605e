package server

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley/users/log"
	"parley/users/search"
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

	Shared *Shared // nil: this is the only node

	Changed func(tail.Entry)    // is told what a message is after each change of it; nil: nobody is
	Acted   func(*state.Act)    // is called with each act, where nothing is kept; or nil
	Erased  func(*state.Erased) // and with who has had themselves forgotten; or nil
}

// A Source is what is kept, such as a store.
type Source interface {
	tail.Source
	FindCut(ctx context.Context, c state.Cut) (upTo uint64, err error)
	Export(ctx context.Context, who state.Author, after, upTo uint64, bytes int) (e state.Export, reached uint64, err error)
	Load(ctx context.Context) (state.Kept, error)
	// Acts returns the newest acts of the audit log that a filter wants, n at most, oldest
	// first.
	Acts(ctx context.Context, f state.ActFilter, n int) ([]state.Act, error)
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

// A Reader reads what is not in the tail any more. done is called on the Core's own
// goroutine.
type Reader interface {
	Read(q tail.Query, done func(tail.Page, error))
	// Newest reads the newest messages of a room behind a number and up to another one, n
	// at most, oldest first.
	Newest(room string, after, upTo uint64, n int, done func([]state.Message, error))
	// Unread completes what the tail has of what somebody has not read.
	Unread(p *tail.Part, done func([]tail.Unread, error))
	// History completes what the tail has of pages of what was said earlier.
	History(parts []*tail.HistoryPart, done func([]tail.HistoryPage, error))
	// FindCuts finds up to which number all is to go; 0: nothing is.
	FindCuts(cuts []state.Cut, done func([]state.Cut, error))
	// Export reads some of what an account has said and heard, with numbers behind one and up
	// to another. Up to the number reached it is all there is.
	Export(who state.Author, after, upTo uint64, bytes int, done func(e state.Export, reached uint64, _ error))
	// Search finds messages by their words. Of a server that keeps nothing recent is what
	// the tail has.
	Search(q search.Query, recent []tail.Entry, done func(search.Page, error))
	// Find reads a message or a direct message as it is now; nil if there is none.
	Find(number uint64, done func(*tail.Entry, error))
	// Versions reads what a message in a room said before it was edited, oldest first.
	Versions(number uint64, done func([]state.Version, error))
	// Acts reads the newest acts of the audit log that a filter wants, n at most, oldest first.
	Acts(f state.ActFilter, n int, done func([]state.Act, error))
}

// A FileReader is a Reader of a source that takes a while.
type FileReader struct {
	Source   Source
	Searcher Searcher
	Post     func(func()) // has a function run on the core's goroutine
}

// Read implements Reader.
func (r FileReader) Read(q tail.Query, done func(tail.Page, error)) {
	go func() {
		page, err := tail.Read(context.Background(), r.Source, q)
		r.Post(func() { done(page, err) })
	}()
}

// Newest implements Reader.
func (r FileReader) Newest(room string, after, upTo uint64, n int, done func([]state.Message, error)) {
	go func() {
		messages, err := Newest(context.Background(), r.Source, room, after, upTo, n)
		r.Post(func() { done(messages, err) })
	}()
}

// Unread implements Reader.
func (r FileReader) Unread(p *tail.Part, done func([]tail.Unread, error)) {
	go func() {
		all, err := tail.Count(context.Background(), r.Source, p)
		r.Post(func() { done(all, err) })
	}()
}

// Find implements Reader.
func (r FileReader) Find(number uint64, done func(*tail.Entry, error)) {
	within(r, func(ctx context.Context) (*tail.Entry, error) { return Find(ctx, r.Source, number) }, done)
}

// Versions implements Reader.
func (r FileReader) Versions(number uint64, done func([]state.Version, error)) {
	within(r, func(ctx context.Context) ([]state.Version, error) { return r.Source.Versions(ctx, number) }, done)
}

// within has something read in the time that one has for it. Whoever waits is told in time,
// also if the source does not come back.
func within[T any](r FileReader, read func(context.Context) (T, error), done func(T, error)) {
	type answer struct {
		found T
		err   error
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	answers := make(chan answer, 1)
	go func() {
		found, err := read(ctx)
		answers <- answer{found, err}
	}()
	go func() {
		defer cancel()
		a := answer{err: errTooSlow}
		select {
		case a = <-answers:
		case <-ctx.Done():
		}
		if errors.Is(a.err, context.DeadlineExceeded) {
			a.err = errTooSlow
		}
		r.Post(func() { done(a.found, a.err) })
	}()
}

// Find returns the message of a number as it is now, nil if there is none.
func Find(ctx context.Context, from Source, number uint64) (*tail.Entry, error) {
	message, direct, err := from.Find(ctx, number)
	if err != nil || message == nil && direct == nil {
		return nil, err
	}
	return &tail.Entry{Message: message, Direct: direct}, nil
}

// Newest returns the newest messages of a room behind a number and up to another one, n at
// most, oldest first.
func Newest(ctx context.Context, from Source, room string, after, upTo uint64, n int) ([]state.Message, error) {
	return from.Between(ctx, room, after, upTo+1, n)
}

// An attic keeps in memory the direct messages that a tail has no place for any more and
// that were not seen. It is the Reader of a server that keeps nothing.
type attic struct {
	state   *state.State
	tail    *tail.Tail
	directs map[string][]*state.Direct // by the receiver's person, ascending; some were seen since
	n       int                        // of them
	most    int                        // so many may be there before it is looked who has seen what
	acts    []state.Act                // the newest of the audit log, ascending
}

const minAttic = 1024

func newAttic(s *state.State) *attic {
	return &attic{state: s, directs: make(map[string][]*state.Direct), most: minAttic}
}

// put keeps what the tail drops, if it is a direct message.
func (a *attic) put(e tail.Entry) {
	d := e.Direct
	if d == nil {
		return
	}
	a.directs[d.Person] = append(a.directs[d.Person], d)
	if a.n++; a.n > a.most {
		a.sweep()
	}
}

// sweep drops what was seen. It is when there may be twice as many as it has left the
// last time: to ask the state for each costs more.
func (a *attic) sweep() {
	a.n = 0
	for person, list := range a.directs {
		first, _ := a.state.Unseen(person)
		list = slices.DeleteFunc(list, func(d *state.Direct) bool { return first == 0 || d.Number < first })
		if a.n += len(list); len(list) == 0 {
			delete(a.directs, person)
		} else {
			a.directs[person] = list
		}
	}
	a.most = max(minAttic, 2*a.n)
}

// maxAtticActs is how many acts of the audit log are kept in memory. A quarter more are there
// at times, so that the oldest are seldom let go.
const maxAtticActs = 10_000

// note keeps an act.
func (a *attic) note(act *state.Act) {
	if len(a.acts) >= maxAtticActs+maxAtticActs/4 {
		a.acts = slices.Clone(a.acts[len(a.acts)-maxAtticActs+1:])
	}
	a.acts = append(a.acts, *act)
}

// erase puts a pseudonym in place of who is forgotten.
func (a *attic) erase(who *state.Erased) {
	for i := range a.acts {
		a.acts[i] = *who.RenameAct(&a.acts[i])
	}
}

// Acts implements Reader. An act does not say which addresses it was about when no ban is about
// them any more.
func (a *attic) Acts(f state.ActFilter, n int, done func([]state.Act, error)) {
	found := f.Newest(a.acts, n)
	for i := range found {
		if v := &found[i]; v.Addr != "" && !a.state.BannedPrefix(v.Addr) {
			v.Addr = ""
		}
	}
	done(found, nil)
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

// change replaces a direct message that is here by what it is now.
func (a *attic) change(now tail.Entry) {
	d := now.Direct
	if d == nil {
		return
	}
	list := a.directs[d.Person]
	if i, there := findDirect(list, d.Number); there {
		list[i] = d
	}
}

func findDirect(list []*state.Direct, number uint64) (i int, there bool) {
	return slices.BinarySearchFunc(list, number, func(d *state.Direct, number uint64) int { return cmp.Compare(d.Number, number) })
}

// Find implements Reader: of rooms there is nothing but the tail.
func (a *attic) Find(number uint64, done func(*tail.Entry, error)) {
	for _, list := range a.directs {
		if i, there := findDirect(list, number); there {
			done(&tail.Entry{Direct: list[i]}, nil)
			return
		}
	}
	done(nil, nil)
}

// Versions implements Reader: nothing of them is kept.
func (a *attic) Versions(_ uint64, done func([]state.Version, error)) { done(nil, nil) }

// Newest implements Reader: of rooms there is nothing but the tail.
func (a *attic) Newest(_ string, _, _ uint64, _ int, done func([]state.Message, error)) {
	done(nil, nil)
}

// Unread implements Reader: there is nothing but the tail.
func (a *attic) Unread(p *tail.Part, done func([]tail.Unread, error)) {
	done(tail.Count(context.Background(), nil, p))
}

// StartInMemory returns the start of a server that keeps nothing, under the name of a log.
func StartInMemory(name string, now time.Time) Start {
	s := state.New(state.Kept{}, now.Round(0).UTC())
	a, t := newAttic(s), tail.New(tail.Limit, 0)
	t.Dropped, a.tail = a.put, t
	return Start{Log: name, State: s, Tail: t, Reader: a, Changed: a.change, Acted: a.note, Erased: a.erase}
}
