package timeline

import (
	"slices"
	"time"
)

const (
	// MaxEntries is how many entries of one conversation are kept: some hours of a
	// busy room.
	MaxEntries = 5_000

	// MaxBytes is how many bytes of text one conversation keeps, roughly: an entry
	// counts for its texts and entrySize.
	MaxBytes = 4 << 20

	// MaxText is how many bytes of one text are kept: what one may have that people
	// send by Parley.
	MaxText = 64 << 10

	// MaxTotal is how many bytes all conversations keep together. Of more, the
	// conversations go that have been silent for longest, but never the lobby.
	MaxTotal = 64 << 20

	maxField = 1 << 10 // bytes of a sender and the like; names are far below

	// MaxConversations is how many conversations are kept beside the lobby and the
	// status.
	MaxConversations = 300

	entrySize = 250 // bytes of an entry without its texts
)

// A Change is what subscribers are told.
type Change struct {
	Entry   Entry // as it is now
	Before  Entry // as it was, if it was changed
	Updated bool  // it was changed; else it was added
}

// Heard reports whether somebody else has just said something: it was added, and is
// none of the history.
func (c Change) Heard() bool { return c.Said() && !c.Entry.Old && !c.Entry.Own }

// Said reports whether something that was said was added, and is not told again.
func (c Change) Said() bool {
	return !c.Updated && c.Entry.Kind == Message && !c.Entry.In.retold()
}

// A Summary is what a list of conversations shows of one.
type Summary struct {
	In       Conversation
	Index    int       // which conversation it was, counted from 1 on; 0 is the status
	Name     string    // of the other one, or of the room, as it was last written; "" in the lobby
	Last     ID        // the newest entry; 0: there was none
	Spoke    time.Time // when somebody has last said something; zero: nobody has
	Cursor   ID        // entries up to this one were read
	New      ID        // from this entry on it is new to who looks at it
	Read     uint64    // the largest number, in the server's log, of what was read
	Unread   int       // entries that others have said behind the cursor
	Mentions int       // those of them that mention one
	Held     bool      // some of these were not shown
}

// A Timeline holds entries. The zero value is an empty one. One goroutine owns it.
type Timeline struct {
	last        ID
	opened      int     // conversations that there ever were
	away        ID      // the first entry since the person went away; 0: has not
	talks       []*talk // the one with the newest entry is last
	subscribers []func(Change)
}

// Subscribe has f called for each change from now on. f must not change the timeline.
func (t *Timeline) Subscribe(f func(Change)) { t.subscribers = append(t.subscribers, f) }

// Add adds an entry, gives it the next ID, which is returned, and tells subscribers.
// What is too long is cut.
func (t *Timeline) Add(e Entry) ID {
	e = t.add(e)
	t.tell(Change{Entry: e})
	return e.ID
}

// Keep adds an entry of the past, which was fetched for somebody who looks back, and gives it
// the next ID. Nobody is told, but of what becomes of it from now on.
func (t *Timeline) Keep(e Entry) ID {
	e.From, e.In, e.Held = e.Where(), Conversation{Place: Past}, false
	return t.add(e).ID
}

func (t *Timeline) add(e Entry) Entry {
	e.Cut()
	t.last++
	e.ID = t.last
	k := t.open(e.In)
	if e.Kind == Message {
		t.toEnd(k)
	}
	k.add(e)
	for t.bytes() > MaxTotal && t.forgetSilent() {
	}
	return e
}

// Open has a conversation be there in which nothing was said yet, or tells how the name
// of the other one, or of the room, is written.
func (t *Timeline) Open(c Conversation, name string) { t.open(c).Name = name }

// Update changes an entry and tells subscribers. It reports whether the entry is
// still kept. Its ID, its conversation and its kind stay.
func (t *Timeline) Update(id ID, change func(*Entry)) bool {
	for _, k := range t.talks {
		i, ok := k.find(id)
		if !ok {
			continue
		}
		before := k.entries[i]
		e := before
		change(&e)
		e.ID, e.In, e.Kind = id, k.In, before.Kind
		k.bytes += e.size() - before.size()
		k.entries[i] = e
		t.tell(Change{Entry: e, Before: before, Updated: true})
		return true
	}
	return false
}

// Lookup returns an entry, if it is still kept.
func (t *Timeline) Lookup(id ID) (Entry, bool) {
	for _, k := range t.talks {
		if i, ok := k.find(id); ok {
			return k.entries[i], true
		}
	}
	return Entry{}, false
}

// Page returns the newest n entries of a conversation before the given one, oldest
// first; before 0 is the end.
func (t *Timeline) Page(c Conversation, before ID, n int) []Entry {
	k := t.lookup(c)
	if k == nil || n <= 0 {
		return nil
	}
	end := len(k.entries)
	if before > 0 {
		end, _ = k.find(before)
	}
	return slices.Clone(k.entries[max(0, end-n):end])
}

// Conversations returns what is there, the one with the newest entry last, without what is
// told again, or was fetched.
func (t *Timeline) Conversations() []Summary {
	var all []Summary
	for _, k := range t.talks {
		if !k.In.retold() {
			all = append(all, t.summary(k))
		}
	}
	return all
}

// Read notes that all of a conversation up to an entry was read. The cursor never
// goes back.
func (t *Timeline) Read(c Conversation, upTo ID) {
	k := t.lookup(c)
	if k == nil || min(upTo, k.Last) <= k.Cursor {
		return
	}
	upTo = min(upTo, k.Last)
	begin, _ := k.find(k.Cursor + 1)
	first, _ := k.find(upTo + 1)
	for _, e := range k.entries[begin:first] {
		if e.State == Foreign { // what was typed here is read
			k.Read = max(k.Read, e.Number)
		}
	}
	k.Cursor = upTo
	k.Unread, k.Mentions, k.Held = 0, 0, false
	for _, e := range k.entries[first:] {
		k.count(e, 1)
	}
}

// Mark notes that the person has gone away: what comes from now on is new to who looks at
// its conversation, also when it was read meanwhile.
func (t *Timeline) Mark() { t.away = t.last + 1 }

// Look notes that the person has looked at a conversation.
func (t *Timeline) Look(c Conversation) {
	if k := t.lookup(c); k != nil {
		t.Read(c, k.Last)
		k.looked = t.last
	}
}

// summary is what there is to be known of a conversation.
func (t *Timeline) summary(k *talk) Summary {
	s := k.Summary
	s.New = s.Cursor + 1
	if k.looked < t.away {
		s.New = min(s.New, t.away)
	}
	return s
}

// ReadNumber notes that what a conversation has up to a number of the server's log was
// read, on another screen.
func (t *Timeline) ReadNumber(c Conversation, number uint64) {
	if k := t.lookup(c); k != nil {
		for _, e := range slices.Backward(k.entries) {
			if 0 < e.Number && e.Number <= number {
				t.Read(c, e.ID)
				return
			}
		}
	}
}

// ForgetNumbers notes that the numbers of entries up to now are of another log, or that
// somebody else has read them.
func (t *Timeline) ForgetNumbers() {
	for _, k := range t.talks {
		k.Read = 0
		for i := range k.entries {
			k.entries[i].Number = 0
		}
	}
}

// Summary returns what a list of conversations shows of one.
func (t *Timeline) Summary(c Conversation) (s Summary, ok bool) {
	if k := t.lookup(c); k != nil {
		return t.summary(k), true
	}
	return s, false
}

func (t *Timeline) tell(c Change) {
	for _, f := range t.subscribers {
		f(c)
	}
}

func (t *Timeline) lookup(c Conversation) *talk {
	i := slices.IndexFunc(t.talks, func(k *talk) bool { return k.In == c })
	if i < 0 {
		return nil
	}
	return t.talks[i]
}

// open returns a conversation, which it begins if it is not there. If it is one too many,
// the one goes that has been silent for longest.
func (t *Timeline) open(c Conversation) *talk {
	k := t.lookup(c)
	if k == nil {
		k = &talk{Summary: Summary{In: c}}
		if !c.apart() {
			t.opened++
			k.Index = t.opened
		}
		if c.mayGo() {
			t.makeRoom()
		}
		t.talks = append(t.talks, k)
	}
	return k
}

// toEnd makes a conversation the one with the newest message.
func (t *Timeline) toEnd(k *talk) {
	if t.talks[len(t.talks)-1] != k {
		t.talks = append(slices.DeleteFunc(t.talks, func(other *talk) bool { return other == k }), k)
	}
}

// apart reports whether nothing is said there, so that it is none to turn to.
func (c Conversation) apart() bool { return c.Place == Status || c.retold() }

// retold reports whether what stands there was said somewhere else.
func (c Conversation) retold() bool { return c.Place == Again || c.Place == Past }

// mayGo reports whether a conversation can be forgotten.
func (c Conversation) mayGo() bool { return !c.apart() && c.Place != Lobby }

// makeRoom makes room for one more conversation.
func (t *Timeline) makeRoom() {
	n := 0
	for _, k := range t.talks {
		if k.In.mayGo() {
			n++
		}
	}
	if n >= MaxConversations {
		t.forgetSilent()
	}
}

// forgetSilent forgets the conversation that has been silent for longest. It reports
// whether there was one. One alone never has MaxTotal.
func (t *Timeline) forgetSilent() bool {
	i := slices.IndexFunc(t.talks, func(k *talk) bool { return k.In.mayGo() })
	if i < 0 {
		return false
	}
	t.talks = slices.Delete(t.talks, i, i+1)
	return true
}

func (t *Timeline) bytes() (n int) {
	for _, k := range t.talks {
		n += k.bytes
	}
	return n
}
