package tail

import (
	"cmp"
	"context"
	"slices"

	"parley/users/state"
)

// A Query asks for what concerns a person.
type Query struct {
	Person string     // whose direct messages, to and from them
	Rooms  []RoomFrom // and what was said in these, of each behind its own number
	// Changes has the rooms of which changes are told, too, of each those of messages behind
	// its own number, and with them changes of direct messages; nil: no changes are.
	Changes []RoomFrom
	After   uint64 // numbers behind it
	UpTo    uint64 // up to which what is kept is known to be there
	Bytes   int    // of texts, about
}

// A RoomFrom is what was said in a room behind a number.
type RoomFrom = state.RoomFrom

// A Page is the answer.
type Page struct {
	Entries []Entry // ascending; changes are those of messages that are not behind Query.After
	UpTo    uint64  // up to this number they are all there are
}

// A Source is what is kept, such as a store.
type Source interface {
	// MessagesAfter returns the oldest messages of several rooms with numbers behind one
	// and up to another, of each room only what is behind its own, ascending, about so many
	// bytes of texts: none only if there is none. Up to the number reached they are all
	// there are.
	MessagesAfter(ctx context.Context, rooms []RoomFrom, after, upTo uint64, bytes int) (_ []state.Message, reached uint64, _ error)
	// DirectsAfter returns the first direct messages to and from a person that are behind
	// a number, ascending, about so many bytes of texts: none only if there is none.
	DirectsAfter(ctx context.Context, person string, after uint64, bytes int) ([]state.Direct, error)
	// Between returns the newest messages of a room with numbers behind one and before
	// another, ascending, n at most; DirectsTo the newest direct messages to a person.
	Between(ctx context.Context, room string, after, before uint64, n int) ([]state.Message, error)
	DirectsTo(ctx context.Context, person string, after, before uint64, n int) ([]state.Direct, error)
	// DirectsWith returns the newest direct messages between two persons, whoever has sent
	// them, with numbers behind one and before another, ascending, n at most;
	// DirectsWithAfter the oldest.
	DirectsWith(ctx context.Context, person, with string, after, before uint64, n int) ([]state.Direct, error)
	DirectsWithAfter(ctx context.Context, person, with string, after, before uint64, n int) ([]state.Direct, error)
	// Find returns a message, or a direct message, as it is now: one of both, or none.
	Find(ctx context.Context, number uint64) (*state.Message, *state.Direct, error)
	// Versions returns what a message in a room said before it was edited, oldest first.
	Versions(ctx context.Context, number uint64) ([]state.Version, error)
	// ChangesAfter returns messages with a number up to one whose last change is behind it
	// and up to another number, in the order of those changes, about so many bytes of texts:
	// those of several rooms, of each only what is behind its own number, and direct messages
	// to and from a person. Up to the change reached they are all there are.
	ChangesAfter(ctx context.Context, person string, rooms []RoomFrom, after, upTo uint64, bytes int) (_ []state.Message, _ []state.Direct, reached uint64, _ error)
	// RecentChanges returns all messages and direct messages with a number up to one whose
	// last change is behind it, ascending by their own numbers, but for changes up to the
	// number from: those are not remembered.
	RecentChanges(ctx context.Context, after uint64) (_ []state.Message, _ []state.Direct, from uint64, _ error)
	// Recent returns the newest messages of all rooms and direct messages, ascending,
	// about so many bytes of texts, and the number behind which they are all there are.
	Recent(ctx context.Context, bytes int) (messages []state.Message, directs []state.Direct, after uint64, err error)
}

// Load returns a tail of what is kept. So many bytes of texts are read as will have room
// with what an entry takes beside.
func Load(ctx context.Context, from Source, limit int) (*Tail, error) {
	messages, directs, after, err := from.Recent(ctx, limit/4)
	if err != nil {
		return nil, err
	}
	changed, changedDirects, since, err := from.RecentChanges(ctx, after)
	if err != nil {
		return nil, err
	}
	after = max(after, since)
	entries := Merge(messages, directs)
	for _, e := range entries {
		if e.Marks() != nil {
			e.Change = e.Marks().Changed
			entries = append(entries, e)
		}
	}
	t := New(limit, after)
	for _, e := range sorted(append(entries, changes(changed, changedDirects)...)) {
		if e.Number() > after {
			t.Add(e)
		}
	}
	return t, nil
}

// Merge makes entries of both, in the order of the numbers.
func Merge(messages []state.Message, directs []state.Direct) []Entry {
	entries := make([]Entry, 0, len(messages)+len(directs))
	for len(directs) > 0 || len(messages) > 0 {
		if len(messages) == 0 || len(directs) > 0 && directs[0].Number < messages[0].Number {
			entries, directs = append(entries, Entry{Direct: &directs[0]}), directs[1:]
		} else {
			entries, messages = append(entries, Entry{Message: &messages[0]}), messages[1:]
		}
	}
	return entries
}

// changes makes entries of the last change of each.
func changes(messages []state.Message, directs []state.Direct) []Entry {
	entries := make([]Entry, 0, len(messages)+len(directs))
	for i := range messages {
		entries = append(entries, Entry{Message: &messages[i], Change: messages[i].Marks.Changed})
	}
	for i := range directs {
		entries = append(entries, Entry{Direct: &directs[i], Change: directs[i].Marks.Changed})
	}
	return entries
}

// sorted puts entries in order.
func sorted(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Number(), b.Number()) })
	return entries
}

// Read reads a page: direct messages, and up to where they go the messages of all rooms
// at once, so that neither the number of rooms nor what is in them makes it larger; and up
// to where those go what was changed before them.
func Read(ctx context.Context, from Source, q Query) (Page, error) {
	directs, err := from.DirectsAfter(ctx, q.Person, q.After, q.Bytes)
	if err != nil {
		return Page{}, err
	}
	p := Page{UpTo: q.UpTo}
	if n := len(directs); n > 0 { // there may be more behind the last one
		p.UpTo = min(p.UpTo, directs[n-1].Number)
	}
	var messages []state.Message
	if len(q.Rooms) > 0 {
		if messages, p.UpTo, err = from.MessagesAfter(ctx, q.Rooms, q.After, p.UpTo, q.Bytes); err != nil {
			return Page{}, err
		}
	}
	p.Entries = Merge(messages, directs)
	if q.Changes != nil {
		changed, changedDirects, reached, err := from.ChangesAfter(ctx, q.Person, q.Changes, q.After, p.UpTo, q.Bytes)
		if err != nil {
			return Page{}, err
		}
		p.UpTo, p.Entries = reached, sorted(append(p.Entries, changes(changed, changedDirects)...))
	}
	for len(p.Entries) > 0 && p.Entries[len(p.Entries)-1].Number() > p.UpTo {
		p.Entries = p.Entries[:len(p.Entries)-1]
	}
	return p, nil
}
