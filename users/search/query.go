package search

import (
	"context"
	"math"
	"slices"
	"time"

	"parley/users"
	"parley/users/state"
	"parley/users/tail"
)

// A Query asks for messages with all of some words that somebody may see. It is the
// asker's own: nobody else changes what is in it.
type Query struct {
	Words  []Word                   // one at least, each with a letter or a digit
	From   string                   // the folded name of who has said it; "": no matter who
	Rooms  []state.RoomFrom         // in which it was said, each once; of each what is behind its own number
	Person string                   // whose direct messages, too; "": none
	With   string                   // of those, the ones with this person; "": all
	Since  time.Time                // said then or later; zero: no matter when
	Until  time.Time                // said before that; likewise
	Before uint64                   // numbers before it
	Most   int                      // messages
	Bytes  int                      // of their texts; one message there is in any case
	Skip   func(sender string) bool // whose are passed over, by the name as it was spelled; nil: nobody's
}

// A Page is the answer.
type Page struct {
	Hits []tail.Entry // newest first
	Left uint64       // before which number there may be more; 0: there is no more

	// What has a number up to From or behind UpTo was not looked through: its index is still
	// being made.
	From, UpTo uint64
}

// A Filter decides which messages a Page has. It does not look at words.
type Filter struct {
	query Query
	rooms map[string]uint64
	bytes int
}

// NewFilter returns the filter of a query.
func NewFilter(q Query) *Filter {
	f := &Filter{query: q, rooms: make(map[string]uint64, len(q.Rooms)), bytes: q.Bytes}
	for _, r := range q.Rooms {
		f.rooms[r.Room] = r.After
	}
	return f
}

// Shows reports whether somebody who asks may see an entry, and wants to.
func (f *Filter) Shows(e tail.Entry) bool {
	var at time.Time
	var sender string
	if m := e.Message; m != nil {
		if after, in := f.rooms[m.Room]; !in || m.Number <= after {
			return false
		}
		at, sender = m.Time, m.Sender
	} else {
		d := e.Direct
		if !f.query.mine(d) {
			return false
		}
		at, sender = d.Time, d.Sender
	}
	q := &f.query
	return e.Number() < q.Before &&
		(q.From == "" || users.Fold(sender) == q.From) &&
		(q.Skip == nil || !q.Skip(sender)) &&
		(q.Since.IsZero() || !at.Before(q.Since)) &&
		(q.Until.IsZero() || at.Before(q.Until))
}

// mine reports whether a direct message is one of those that are asked for.
func (q *Query) mine(d *state.Direct) bool {
	switch {
	case q.Person == "":
		return false
	case q.With == "":
		return d.From == q.Person || d.Person == q.Person
	}
	return d.From == q.Person && d.Person == q.With || d.From == q.With && d.Person == q.Person
}

// Take adds an entry to a page, which is what is looked at next, and reports whether there
// was room for it.
func (f *Filter) Take(p *Page, e tail.Entry) bool {
	text := textOf(e)
	if n := len(p.Hits); n >= f.query.Most || n > 0 && len(text) > f.bytes {
		p.Left = p.Hits[n-1].Number()
		return false
	}
	p.Hits, f.bytes = append(p.Hits, e), f.bytes-len(text)
	return true
}

func textOf(e tail.Entry) string {
	if e.Message != nil {
		return e.Message.Text
	}
	return e.Direct.Text
}

// Among returns a page of those of some entries, which are ascending, that a query asks
// for. It looks at all of them, until the page is full.
func Among(entries []tail.Entry, q Query) (p Page) {
	f, m := NewFilter(q), NewMatcher(q.Words)
	p.UpTo = ^uint64(0)
	for _, e := range slices.Backward(entries) {
		if e.Change == 0 && f.Shows(e) && m.Has(textOf(e)) && !f.Take(&p, e) {
			break
		}
	}
	return p
}

// AmongAll is Among for all that a source has. It is read, and is to be little, as in tests.
func AmongAll(ctx context.Context, from tail.Source, q Query) (Page, error) {
	messages, directs, _, err := from.Recent(ctx, math.MaxInt)
	return Among(tail.Merge(messages, directs), q), err
}
