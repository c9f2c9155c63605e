package tail

import (
	"context"
	"slices"

	"parley/users/state"
)

// A HistoryQuery asks for a page of one conversation: what was said in a room, or the
// direct messages between two persons. It is the asker's own: nobody else changes what is
// in it.
type HistoryQuery struct {
	Room         string                   // "": direct messages
	Person, With string                   // between whom those are
	After        uint64                   // numbers behind it
	Before       uint64                   // and before another one, 1 or more
	Oldest       bool                     // the first of them, else the last
	Most         int                      // messages
	Bytes        int                      // of their texts and marks; one message there is in any case
	Skip         func(sender string) bool // whose are passed over, by the name as it was spelled; nil: nobody's
}

// A HistoryPage is the answer.
type HistoryPage struct {
	Entries []Entry // ascending
	// Left is behind or before which number there may be more: that of the last message
	// that was looked at, which is the asker's way to the next page also where all were
	// passed over. 0: there is no more.
	Left uint64
}

// historyLookedAt is at how many messages a page looks: somebody may have blocked who fills
// a room.
const historyLookedAt = 5000

// historyAtOnce is how many are read at once at least.
const historyAtOnce = 64

// A HistoryPart is what a tail has for a page, to go on from with what is kept.
type HistoryPart struct {
	query   HistoryQuery
	after   uint64  // the tail has all behind it
	entries []Entry // ascending: those that the query would look at first
}

// From returns the number behind which all of the page is in the part. What is not behind
// it is to be read.
func (p *HistoryPart) From() uint64 { return p.after }

// History collects what a tail has for a page. It copies pointers, and looks at no text.
func (t *Tail) History(q HistoryQuery) *HistoryPart {
	p := &HistoryPart{query: q, after: t.after}
	if q.Room != "" {
		all := t.rooms[q.Room]
		all = all[:behind(all, q.Before-1, messageNumber)]
		all = all[behind(all, q.After, messageNumber):]
		for _, m := range limited(all, q.Oldest) {
			p.entries = append(p.entries, Entry{Message: m})
		}
		return p
	}
	for _, e := range t.From(q.After) {
		if d := e.Direct; d != nil && e.Change == 0 && d.Number < q.Before && between(d, q.Person, q.With) {
			p.entries = append(p.entries, Entry{Direct: d})
		}
	}
	p.entries = slices.Clone(limited(p.entries, q.Oldest))
	return p
}

// limited returns as many as are looked at, and one more.
func limited[T any](all []T, oldest bool) []T {
	if over := len(all) - historyLookedAt - 1; over > 0 && oldest {
		return all[:len(all)-over]
	} else if over > 0 {
		return all[over:]
	}
	return all
}

func between(d *state.Direct, a, b string) bool {
	return d.From == a && d.Person == b || d.From == b && d.Person == a
}

// History completes a page with what is kept; if from is nil, it is what the tail has. Any
// goroutine may do that.
func History(ctx context.Context, from Source, p *HistoryPart) (HistoryPage, error) {
	h := historian{HistoryPart: p, ctx: ctx, from: from, bytes: p.query.Bytes}
	var err error
	if p.query.Oldest {
		h.last = p.query.After
		err = h.ascend()
	} else {
		h.last = p.query.Before
		err = h.descend()
	}
	if err != nil {
		return HistoryPage{}, err
	}
	if !p.query.Oldest {
		slices.Reverse(h.page.Entries)
	}
	return h.page, nil
}

// A historian completes one page.
type historian struct {
	*HistoryPart
	ctx    context.Context
	from   Source
	page   HistoryPage // its entries in the order in which they are found
	looked int
	last   uint64 // number of the one that was looked at last
	bytes  int    // for which there is room
}

// descend looks at the newest first: what the tail has, then what is before it.
func (h *historian) descend() error {
	for _, e := range slices.Backward(h.entries) {
		if !h.look(e) {
			return nil
		}
	}
	before := min(h.query.Before, h.after+1)
	for h.from != nil && h.query.After+1 < before {
		found, err := h.read(before)
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(found) {
			if before = e.Number(); !h.look(e) {
				return nil
			}
		}
		if len(found) < h.atOnce() {
			break
		}
	}
	return nil
}

// atOnce returns how many are read at once. It stays the same while a page is made.
func (h *historian) atOnce() int { return max(historyAtOnce, h.query.Most+1) }

// read reads the newest with numbers before one.
func (h *historian) read(before uint64) ([]Entry, error) {
	if h.query.Room != "" {
		messages, err := h.from.Between(h.ctx, h.query.Room, h.query.After, before, h.atOnce())
		return Merge(messages, nil), err
	}
	directs, err := h.from.DirectsWith(h.ctx, h.query.Person, h.query.With, h.query.After, before, h.atOnce())
	return Merge(nil, directs), err
}

// ascend looks at the oldest first: what is before the tail, then what that has.
func (h *historian) ascend() error {
	after, upTo := h.query.After, min(h.after, h.query.Before-1)
	for h.from != nil && after < upTo {
		found, reached, err := h.readOldest(after, upTo)
		if err != nil {
			return err
		}
		for _, e := range found {
			if !h.look(e) {
				return nil
			}
		}
		after = reached
	}
	for _, e := range h.entries {
		if !h.look(e) {
			return nil
		}
	}
	return nil
}

// readOldest reads the oldest with numbers behind one and up to another. Up to the number
// reached they are all there are.
func (h *historian) readOldest(after, upTo uint64) (found []Entry, reached uint64, err error) {
	if h.query.Room != "" {
		messages, reached, err := h.from.MessagesAfter(h.ctx, []RoomFrom{{Room: h.query.Room, After: after}}, after, upTo, max(h.bytes, 1))
		return Merge(messages, nil), reached, err
	}
	directs, err := h.from.DirectsWithAfter(h.ctx, h.query.Person, h.query.With, after, upTo+1, h.atOnce())
	if reached = upTo; len(directs) == h.atOnce() {
		reached = directs[len(directs)-1].Number
	}
	return Merge(nil, directs), reached, err
}

// look takes one into the page, and reports whether to go on. What is over shows that there
// is more.
func (h *historian) look(e Entry) (goOn bool) {
	sender, _ := saying(e)
	size, skipped := e.text(), h.query.Skip != nil && h.query.Skip(sender)
	full := len(h.page.Entries) >= h.query.Most || len(h.page.Entries) > 0 && size > h.bytes
	if h.looked++; h.looked > historyLookedAt || full && !skipped {
		h.page.Left = h.last
		return false
	}
	if h.last = e.Number(); !skipped {
		h.page.Entries, h.bytes = append(h.page.Entries, e), h.bytes-size
	}
	return true
}

// saying returns who has said something, and what.
func saying(e Entry) (sender, text string) {
	if e.Message != nil {
		return e.Message.Sender, e.Message.Text
	}
	return e.Direct.Sender, e.Direct.Text
}
