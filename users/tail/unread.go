package tail

import (
	"context"
	"slices"

	"parley/users"
	"parley/users/state"
)

// An UnreadQuery asks how much there is in conversations behind what a person has read
// of them. What was removed does not count. It is the asker's own: nobody else changes what is in it.
type UnreadQuery struct {
	Person  string                   // whose direct messages, of those to them
	Name    string                   // theirs: what was said under it in a room is their own
	Rooms   []RoomFrom               // and in each of these behind a number
	Directs map[string]uint64        // of those from a person behind a number; of others all
	After   uint64                   // of all those only what is behind this number
	Most    int                      // so many are counted of each conversation
	Skip    func(sender string) bool // whose are not counted, by the name as it was spelled; nil: nobody's
	Mention func(text string) bool   // which texts are counted among the mentions; nil: none
}

// An Unread is a conversation in which there is something.
type Unread struct {
	RoomFrom        // of direct messages Room is ""
	With     string // the person whom direct messages are from; "" of a room
	Name     string // that one's, as it was spelled in the newest of them
	Count    int    // of messages of others, the newest ones
	Mentions int    // among them
	More     bool   // there are more than that, or so many that were not counted that it was not looked further
}

// It is not looked at more than that: somebody may have blocked who fills a room, and
// there is no index of who has written to whom.
const (
	lookedAt        = 2000   // messages of one room, the newest
	directsLookedAt = 10_000 // direct messages in all, the newest

	// keptLookedAt is at how many messages it is looked that are not in the tail, in all
	// rooms together; then at keptAtLeast in each.
	keptLookedAt = 20_000
	keptAtLeast  = 100

	keptAtOnce = 500 // are read
)

// A Part of an answer is what a tail has for it, to go on from with what is kept.
type Part struct {
	query   UnreadQuery
	after   uint64             // the tail has all behind it
	rooms   [][]*state.Message // as query.Rooms has them, ascending
	directs []*state.Direct    // ascending
}

// Unread collects what a tail has for an answer. It copies pointers, and looks at no text:
// for what it costs see BenchmarkUnread.
func (t *Tail) Unread(q UnreadQuery) *Part {
	p := &Part{query: q, after: t.after, rooms: make([][]*state.Message, len(q.Rooms))}
	for i, r := range q.Rooms {
		p.rooms[i] = t.NewestAfter(r.Room, r.After, lookedAt+1)
	}
	for _, e := range slices.Backward(t.From(0)) {
		if d := e.Direct; d != nil && e.Change == 0 && d.Person == q.Person && len(p.directs) <= directsLookedAt {
			p.directs = append(p.directs, d)
		}
	}
	slices.Reverse(p.directs)
	return p
}

// Count completes an answer with what is kept; if from is nil, it is what the tail has.
// Any goroutine may do that. Conversations in which there is nothing are left out; rooms
// come in the order of the query, then persons, the one first that has written last.
func Count(ctx context.Context, from Source, p *Part) ([]Unread, error) {
	c := counter{Part: p, ctx: ctx, from: from, left: keptLookedAt}
	var all []Unread
	for i := range p.query.Rooms {
		u, err := c.room(i)
		if err != nil {
			return nil, err
		}
		if u.Count > 0 || u.More {
			all = append(all, u)
		}
	}
	directs, err := c.directs()
	if err != nil {
		return nil, err
	}
	return append(all, directs...), nil
}

// A counter completes one answer.
type counter struct {
	*Part
	ctx  context.Context
	from Source
	left int // messages of rooms that are to be read before it is enough
}

// room counts what is in a room of the query.
func (c *counter) room(i int) (Unread, error) {
	r, looked, cut := c.query.Rooms[i], 0, false
	u, own := Unread{RoomFrom: r}, users.Fold(c.query.Name)
	look := func(m *state.Message) bool {
		if looked == lookedAt {
			u.More = true
		} else if looked++; users.Fold(m.Sender) != own && !m.Marks.IsRemoved() && !c.skips(m.Sender) {
			c.count(&u, m.Text)
		}
		return !u.More
	}
	var read pages[state.Message]
	if c.from != nil && r.After < c.after {
		read = func(before uint64) (page []state.Message, more bool, err error) {
			most := keptAtOnce
			if c.left <= 0 {
				most = keptAtLeast
			}
			page, err = c.from.Between(c.ctx, r.Room, r.After, before, most)
			c.left -= len(page)
			more = len(page) == most
			cut = more && most == keptAtLeast
			return page, more && !cut, err
		}
	}
	err := walk(c.rooms[i], c.after+1, read, messageNumber, look)
	u.More = u.More || cut
	return u, err
}

// directs counts the direct messages of all persons at once.
func (c *counter) directs() ([]Unread, error) {
	var all []*Unread // the one first that has written last
	byPerson, looked := make(map[string]*Unread), 0
	look := func(d *state.Direct) bool {
		if looked == directsLookedAt {
			for _, u := range all {
				u.More = true
			}
			return false
		}
		looked++
		if d.Number <= max(c.query.After, c.query.Directs[d.From]) || d.From == c.query.Person || d.Marks.IsRemoved() || c.skips(d.Sender) {
			return true
		}
		u := byPerson[d.From]
		if u == nil {
			u = &Unread{With: d.From, Name: d.Sender, RoomFrom: RoomFrom{After: c.query.Directs[d.From]}}
			byPerson[d.From], all = u, append(all, u)
		}
		c.count(u, d.Text)
		return true
	}
	var read pages[state.Direct]
	if c.from != nil && c.after > 0 {
		read = func(before uint64) ([]state.Direct, bool, error) {
			page, err := c.from.DirectsTo(c.ctx, c.query.Person, 0, before, keptAtOnce)
			return page, len(page) == keptAtOnce, err
		}
	}
	err := walk(c.Part.directs, c.after+1, read, func(d *state.Direct) uint64 { return d.Number }, look)
	counted := make([]Unread, len(all))
	for i, u := range all {
		counted[i] = *u
	}
	return counted, err
}

func (c *counter) skips(sender string) bool { return c.query.Skip != nil && c.query.Skip(sender) }

// count counts one message.
func (c *counter) count(u *Unread, text string) {
	if u.Count == c.query.Most {
		u.More = true
		return
	}
	u.Count++
	if c.query.Mention != nil && c.query.Mention(text) {
		u.Mentions++
	}
}

// pages returns what is kept with numbers before one, ascending, and whether there may be
// more before that.
type pages[T any] func(before uint64) (page []T, more bool, err error)

// walk shows look the newest first of what a tail has, and then, if there is read, of the
// pages that are before it, until look says that it is enough.
func walk[T any](inTail []*T, before uint64, read pages[T], number func(*T) uint64, look func(*T) (goOn bool)) error {
	for _, v := range slices.Backward(inTail) {
		if !look(v) {
			return nil
		}
	}
	for more := read != nil; more; {
		var page []T
		var err error
		if page, more, err = read(before); err != nil {
			return err
		}
		for i := range slices.Backward(page) {
			if before = number(&page[i]); !look(&page[i]) {
				return nil
			}
		}
	}
	return nil
}
