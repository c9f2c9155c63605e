package state

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"parley/users"
)

// An Export is what an account gets of what it has said in rooms, of the direct messages to
// and from it, and of its reactions, each ascending.
type Export struct {
	Messages  []Message
	Directs   []Direct
	Reactions []Reacted
}

// A Reacted is a reaction that somebody has put to a message or a direct message.
type Reacted struct {
	Number  uint64 // of the change by which they did
	Message uint64 // the number of what it was put to
	Word    string
}

// reacted adds what an author has put to a message of a number.
func (e *Export) reacted(who Author, message uint64, marks *Marks) {
	if marks == nil {
		return
	}
	for _, r := range marks.Reactions {
		for _, by := range r.By {
			if who.Reacted(by) {
				e.Reactions = append(e.Reactions, Reacted{Number: by.Number, Message: message, Word: r.Word})
			}
		}
	}
}

// Add adds a message in a room, if an author has said it, and their reactions to it.
func (e *Export) Add(who Author, m *Message) {
	if who.Said(m) {
		e.Messages = append(e.Messages, *m)
	}
	e.reacted(who, m.Number, m.Marks)
}

// AddDirect adds a direct message, if it is to or from an author, and their reactions to it.
func (e *Export) AddDirect(who Author, d *Direct) {
	if d.From == who.Person || d.Person == who.Person {
		e.Directs = append(e.Directs, *d)
	}
	e.reacted(who, d.Number, d.Marks)
}

// Cut drops what is behind a number.
func (e *Export) Cut(upTo uint64) {
	e.Messages = slices.DeleteFunc(e.Messages, func(m Message) bool { return m.Number > upTo })
	e.Directs = slices.DeleteFunc(e.Directs, func(d Direct) bool { return d.Number > upTo })
	e.Reactions = slices.DeleteFunc(e.Reactions, func(r Reacted) bool { return r.Number > upTo })
}

// Export returns what is kept of what an account has said and heard, with numbers behind one
// and up to another, of about so many bytes of texts. Up to the number reached it is all
// there is.
func (t *Table) Export(_ context.Context, who Author, after, upTo uint64, bytes int) (e Export, reached uint64, _ error) {
	for _, room := range t.messages {
		for i := range room {
			e.Add(who, &room[i])
		}
	}
	for i := range t.directs {
		e.AddDirect(who, &t.directs[i])
	}
	slices.SortFunc(e.Messages, func(a, b Message) int { return cmp.Compare(a.Number, b.Number) })
	e, reached = e.Page(after, upTo, bytes)
	return e, reached, nil
}

// Page returns of an export what is behind a number and up to another, of about so many bytes
// of texts, and the number up to which that is all. Reactions are put in their order.
func (e Export) Page(after, upTo uint64, bytes int) (Export, uint64) {
	behind := Export{Messages: slices.Clone(e.Messages), Directs: slices.Clone(e.Directs)}
	behind.Reactions = slices.DeleteFunc(slices.Clone(e.Reactions), func(r Reacted) bool { return r.Number <= after })
	slices.SortFunc(behind.Reactions, func(a, b Reacted) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Message, b.Message))
	})
	behind.Messages = slices.DeleteFunc(behind.Messages, func(m Message) bool { return m.Number <= after })
	behind.Directs = slices.DeleteFunc(behind.Directs, func(d Direct) bool { return d.Number <= after })
	sizes := make(map[uint64]int)
	for _, m := range behind.Messages {
		sizes[m.Number] = len(m.Text)
	}
	for _, d := range behind.Directs {
		sizes[d.Number] = len(d.Text)
	}
	for _, r := range behind.Reactions {
		sizes[r.Number] += len(r.Word)
	}
	for _, number := range slices.Sorted(maps.Keys(sizes)) {
		if bytes -= sizes[number]; bytes < 0 && number < upTo {
			upTo = number
		}
	}
	behind.Cut(upTo)
	return behind, upTo
}

// An Own is what a state has of an account beside what was said.
type Own struct {
	Account     users.Account
	Joined      []Joined
	Made        []Room
	Invitations []RoomInvitation
	Read        []ReadCursor
	Unseen      [2]uint64 // the numbers of the first and the last direct message that was not seen
	Blocked     []string
	Sanctions   []Sanction // against it
	Requests    []Request  // of what is behind a number, oldest first
}

// Own returns what there is of an account, of its requests those that have created something
// with a number behind one and up to another.
func (s *State) Own(name string, after, upTo uint64) (own Own, is bool) {
	if own.Account, is = s.Account(name); !is {
		return own, false
	}
	person := users.Fold(name)
	own.Joined, own.Invitations, own.Read, own.Blocked = s.Joined(person), s.RoomInvitations(person), s.ReadCursors(person), s.blocks.Blocked(name)
	own.Unseen[0], own.Unseen[1] = s.directs.span(person)
	if p := s.participants[person]; p != nil {
		for _, r := range p.made {
			own.Made = append(own.Made, r.Room)
		}
		slices.SortFunc(own.Made, func(a, b Room) int { return cmp.Compare(users.Fold(a.Name), users.Fold(b.Name)) })
	}
	for _, v := range s.sanctions.byPerson[person] {
		own.Sanctions = append(own.Sanctions, *v)
	}
	for _, element := range s.requests.byPerson[person] {
		if q := element.Value.(*Request); q.Number > after && q.Number <= upTo {
			own.Requests = append(own.Requests, *q)
		}
	}
	slices.SortFunc(own.Requests, func(a, b Request) int { return cmp.Compare(a.Serial, b.Serial) })
	return own, true
}
