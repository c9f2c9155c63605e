package state

import (
	"cmp"
	"slices"
	"strings"

	"parley/users"
	"parley/users/command"
)

// maxReading is with how many persons one may have read cursors. Beyond it the one goes that
// is furthest back. The cursor in a room is a part of being in it.
const maxReading = 1000

// A reading is what a participant has read beside those rooms, and who has a cursor with
// them. There is none that says nothing.
type reading struct {
	lobby   uint64
	with    []readWith     // in the order of the persons
	readers []*participant // who have a cursor with this one, in no order
}

// A readWith is the read cursor of direct messages with one person.
type readWith struct {
	person *participant
	number uint64
}

// find returns where the cursor with a person is, or would be.
func (r *reading) find(person string) (i int, there bool) {
	return slices.BinarySearchFunc(r.with, person, func(w readWith, person string) int { return strings.Compare(w.person.person, person) })
}

// readLobby returns up to which number a participant has read the lobby.
func (p *participant) readLobby() uint64 {
	if p == nil || p.reading == nil {
		return 0
	}
	return p.reading.lobby
}

// readWith returns up to which number a participant has read what was said to and by somebody.
func (p *participant) readWith(person string) uint64 {
	if p == nil || p.reading == nil {
		return 0
	}
	if i, there := p.reading.find(person); there {
		return p.reading.with[i].number
	}
	return 0
}

// reads returns the reading of a participant, to be changed.
func (p *participant) reads() *reading {
	if p.reading == nil {
		p.reading = new(reading)
	}
	return p.reading
}

// tidyReading leaves no reading behind that says nothing.
func (p *participant) tidyReading() {
	if r := p.reading; r != nil && r.lobby == 0 && len(r.with) == 0 && len(r.readers) == 0 {
		p.reading = nil
	}
}

// read moves a read cursor of who asks, but neither back nor beyond the last number.
func (s *State) read(c *command.Read, rows *Rows) Result {
	who, err := s.caller(c.By)
	number := min(c.Number, s.last)
	switch {
	case err != nil:
		return refused(err)
	case !who.Account:
		return refused(ErrNoAccount)
	case c.Room == "" && c.Name != "":
		return s.readDirects(who, c.Name, number, rows)
	case users.Fold(c.Room) == Lobby:
		return s.readLobby(who, number, rows)
	}
	p, r, i, err := s.inRoom(who, c.Room)
	if err != nil {
		return refused(err)
	}
	if before := p.joined[i].read; number <= before {
		return Result{Room: r.snapshot(), Number: before, Again: true}
	}
	p.joined[i].read = number
	rows.readCursor(ReadCursor{Person: p.person, Room: r.Name, Number: number}, false)
	return Result{Room: r.snapshot(), Number: number}
}

func (s *State) readLobby(who Online, number uint64, rows *Rows) Result {
	if before := s.participants[who.Person].readLobby(); number <= before {
		return Result{Room: &Room{Name: Lobby}, Number: before, Again: true}
	}
	s.participants.of(who, true).reads().lobby = number
	rows.readCursor(ReadCursor{Person: who.Person, Room: Lobby, Number: number}, false)
	return Result{Room: &Room{Name: Lobby}, Number: number}
}

func (s *State) readDirects(who Online, name string, number uint64, rows *Rows) Result {
	if users.Fold(name) == users.Fold(who.Name) {
		return refused(users.ErrSelf)
	}
	other, there, err := s.receiver(name)
	if err != nil {
		return Result{Err: err, Name: other.Name}
	}
	before := s.participants[who.Person].readWith(other.Person)
	if number <= before {
		return Result{Name: other.Name, Number: before, Again: true}
	}
	p, with := s.participants.of(who, true), s.participants.of(other, there)
	if r := p.reading; before == 0 && r != nil && len(r.with) >= maxReading {
		oldest := slices.MinFunc(r.with, func(a, b readWith) int { return cmp.Compare(a.number, b.number) })
		s.unread(p, oldest.person, rows)
	}
	putReadWith(p, with, number)
	rows.readCursor(ReadCursor{Person: p.person, With: with.person, Number: number}, false)
	return Result{Name: other.Name, Number: number}
}

// putReadWith has a participant have read up to a number what was said to and by another.
func putReadWith(p, other *participant, number uint64) {
	r := p.reads()
	i, there := r.find(other.person)
	if there {
		r.with[i].number = number
		return
	}
	r.with = slices.Insert(r.with, i, readWith{person: other, number: number})
	by := other.reads()
	by.readers = append(by.readers, p)
}

// unread ends a cursor with somebody, that there is.
func (s *State) unread(p, other *participant, rows *Rows) {
	p.dropReadWith(other, rows)
	other.reading.readers = slices.DeleteFunc(other.reading.readers, func(reader *participant) bool { return reader == p })
	other.tidyReading()
	s.participants.tidy(other)
}

// dropReadWith ends a cursor with somebody who does not know it yet.
func (p *participant) dropReadWith(other *participant, rows *Rows) {
	i, _ := p.reading.find(other.person)
	rows.readCursor(ReadCursor{Person: p.person, With: other.person, Number: p.reading.with[i].number}, true)
	p.reading.with = slices.Delete(p.reading.with, i, i+1)
}

// forgetReading ends all cursors of a participant but those in rooms, and those of others
// with them.
func (s *State) forgetReading(p *participant, rows *Rows) {
	if p.reading == nil {
		return
	}
	if n := p.reading.lobby; n > 0 {
		rows.readCursor(ReadCursor{Person: p.person, Room: Lobby, Number: n}, true)
	}
	for len(p.reading.with) > 0 {
		s.unread(p, p.reading.with[0].person, rows)
	}
	for _, reader := range p.reading.readers {
		reader.dropReadWith(p, rows)
		reader.tidyReading()
		s.participants.tidy(reader)
	}
	p.reading = nil
}

// renameReading is for a guest who is another person now. Guests have no cursors, but others
// have some with them.
func (s *State) renameReading(p *participant, from string, rows *Rows) {
	if p.reading == nil {
		return
	}
	for _, reader := range p.reading.readers {
		r := reader.reading
		i := slices.IndexFunc(r.with, func(w readWith) bool { return w.person == p })
		moved := r.with[i]
		r.with = slices.Delete(r.with, i, i+1)
		i, _ = r.find(p.person)
		r.with = slices.Insert(r.with, i, moved)
		rows.readCursor(ReadCursor{Person: reader.person, With: from, Number: moved.number}, true)
		rows.readCursor(ReadCursor{Person: reader.person, With: p.person, Number: moved.number}, false)
	}
}
