// Package seen knows which messages have been shown, so that those of the history
// that comes with every login are not shown again. It is pure.
//
// Parley numbers its messages within a log: one number tells it all. There are gaps,
// since direct messages have numbers of the same sequence, those of others, too. So a
// number says what was shown, and behind which one something can have been missed; what
// is missing between two says nothing. What comes when one joins a room was said before
// what was shown of others, so how far one has been shown is known for each room. Direct messages come again until they are
// acknowledged, whatever came meanwhile, so each of them is known by its own number.
// Other servers number nothing. There a message is known by its sender, text and timestamp, and each
// message that was shown on an earlier connection explains one repeated one:
// somebody who says the same thing twice is shown twice.
package seen

import (
	"crypto/sha256"
	"slices"
	"strings"

	"parley/protocol"
)

const (
	// maxRecords is how many messages of plain servers are remembered so that
	// none is shown twice: more than the history of any server seen, and a few
	// megabytes at most in practice.
	maxRecords = 10_000

	// maxOwnIDs is how many own messages are remembered that were accepted but
	// did not come back yet. A message costs one look at them: 8 KB, in order.
	maxOwnIDs = 1_000

	// maxDirects is how many direct messages are remembered: as many as a server
	// keeps for one person who has not seen them.
	maxDirects = 1_000

	// maxRooms is how many rooms are known: more than one may be in. With one more all
	// but the lobby are forgotten, and what was shown of them may be shown again.
	maxRooms = 1_000
)

// Messages are the messages that were shown. The zero value knows none.
type Messages struct {
	log  string
	last uint64            // number of the newest message that was shown, of any room
	room map[string]uint64 // the same for each room, by its name in lower case; "" is the lobby
	own  []accepted        // own messages behind that, which have been shown as well

	directs []direct // the newest direct messages
	point

	order   []*Record // oldest first
	present map[string][]*Record
	earlier map[string][]*Record
}

// A Record is a message of a plain server that was shown. Its line is in present if
// it came on this connection, or was repeated on it; in earlier if it still can be.
// A message of one's own has no stamp until its echo comes.
type Record struct {
	line  string
	stamp string
	old   bool // it is in earlier
}

// An accepted is an own message that was accepted, in a room.
type accepted struct {
	room string
	id   uint64
}

// A direct is a direct message with a number.
type direct struct {
	id   uint64
	line string
}

// HasDirect reports whether a direct message was shown before, and notes it.
func (s *Messages) HasDirect(m protocol.Response) bool {
	d := direct{ID(m), brief(lineOf(m.Sender, m.Content))}
	if d.id == 0 {
		return false
	}
	s.directShown(d.id)
	changed := m.Data.Marks != nil // so its text may be another one
	if slices.ContainsFunc(s.directs, func(was direct) bool { return was == d || changed && was.id == d.id }) {
		return true
	}
	s.directs = append(s.directs, d)
	if len(s.directs) > maxDirects {
		s.directs = s.directs[1:]
	}
	return false
}

// Log returns the log that is counted by, "" before there is one.
func (s *Messages) Log() string { return s.log }

// Accepted notes the number of an own message, which was shown when typed. room is where
// it was said; "" is the lobby, and stands for direct messages, too.
func (s *Messages) Accepted(room string, id uint64) {
	own := accepted{strings.ToLower(room), id}
	if id > s.room[own.room] && !slices.Contains(s.own, own) {
		s.own = append(s.own, own)
		if len(s.own) > maxOwnIDs {
			s.own = s.own[1:]
		}
	}
}

// IsOwn reports whether m is an own message that was accepted.
func (s *Messages) IsOwn(m protocol.Response) bool {
	id := ID(m)
	return id != 0 && slices.ContainsFunc(s.own, func(own accepted) bool { return own.id == id })
}

// Has reports whether m was shown before. Without a number it can only be one of an
// earlier connection, and only if maybe is set; then it counts as repeated.
func (s *Messages) Has(m protocol.Response, maybe bool) bool {
	if id := ID(m); id != 0 {
		return id <= s.room[roomOf(m)] || s.IsOwn(m)
	}
	return maybe && s.repeats(m)
}

// Knows reports whether a message of a room was shown.
func (s *Messages) Knows(room string) bool { return s.room[strings.ToLower(room)] > 0 }

// Add notes that m was shown.
func (s *Messages) Add(m protocol.Response) {
	if !s.AddID(m) {
		s.AddLine(m.Sender, m.Content, m.Stamp)
	}
}

// AddOld notes that m was shown, which came in the history of a room. That says nothing of
// what was said in other rooms up to it: while they are still told what was missed, one may
// join another.
func (s *Messages) AddOld(m protocol.Response) {
	last := s.last
	s.Add(m)
	s.last = last
}

// AddID notes that a message with a number was shown, and reports whether m is one. Those
// of one room come in order.
func (s *Messages) AddID(m protocol.Response) bool {
	id := ID(m)
	if id == 0 {
		return false
	}
	room := roomOf(m)
	if _, known := s.room[room]; s.room == nil || !known && len(s.room) >= maxRooms {
		s.room = map[string]uint64{"": s.room[""]}
	}
	s.last = max(s.last, id)
	s.room[room] = max(s.room[room], id)
	s.own = slices.DeleteFunc(s.own, func(own accepted) bool { return own.room == room && own.id <= s.room[room] })
	return true
}

// roomOf returns the room in which m was said, in lower case; "" is the lobby.
func roomOf(m protocol.Response) string {
	if m.Data == nil {
		return ""
	}
	return strings.ToLower(m.Data.Room)
}

// ID returns a message's number, 0 if it has none.
func ID(m protocol.Response) uint64 {
	if m.Data == nil {
		return 0
	}
	return m.Data.ID
}

// lineOf is what a message is known by beside its stamp. It is the form in which
// servers that send their history as text write it.
func lineOf(sender, text string) string {
	text = strings.TrimSpace(text)
	if sender == "" {
		return text
	}
	return sender + ": " + text
}

// brief returns what stands for a text where texts are compared: all of a short one.
func brief(text string) string {
	const most = 256
	if len(text) <= most {
		return text
	}
	hash := sha256.Sum256([]byte(text))
	return string(hash[:])
}

// AddLine notes that a message without a number was shown on this connection.
func (s *Messages) AddLine(sender, text, stamp string) *Record {
	if s.present == nil {
		s.present, s.earlier = make(map[string][]*Record), make(map[string][]*Record)
	}
	r := &Record{line: brief(lineOf(sender, text)), stamp: brief(stamp)}
	s.order = append(s.order, r)
	s.present[r.line] = append(s.present[r.line], r)
	if len(s.order) > maxRecords {
		s.unlist(s.order[0])
		s.order = s.order[1:]
	}
	return r
}

// CameBack notes in what form an own message comes back: so it comes again, too.
func (s *Messages) CameBack(r *Record, m protocol.Response) {
	r.stamp = brief(m.Stamp)
	if line := brief(lineOf(m.Sender, m.Content)); line != r.line && s.unlist(r) {
		r.line = line
		s.list(r)
	}
}

// lists returns where r belongs.
func (s *Messages) lists(r *Record) map[string][]*Record {
	if r.old {
		return s.earlier
	}
	return s.present
}

func (s *Messages) list(r *Record) {
	m := s.lists(r)
	m[r.line] = append(m[r.line], r)
}

// unlist forgets where r is and reports whether it was anywhere. The oldest record
// of a line is the first one, which costs nothing.
func (s *Messages) unlist(r *Record) bool {
	m := s.lists(r)
	i := slices.Index(m[r.line], r)
	if i < 0 {
		return false
	}
	remove(m, r.line, i)
	return true
}

// remove takes one record out of a list.
func remove(m map[string][]*Record, line string, i int) {
	list := m[line]
	switch {
	case len(list) == 1:
		delete(m, line)
	case i == 0:
		m[line] = list[1:]
	default:
		m[line] = slices.Delete(list, i, i+1)
	}
}

// Reconnected says that from now on messages may be repeated.
func (s *Messages) Reconnected() {
	clear(s.present)
	clear(s.earlier)
	for _, r := range s.order {
		r.old = true
		s.list(r)
	}
}

// repeats reports whether m repeats a message of an earlier connection. Those of one
// line are looked at from the oldest on, in which order a history has them.
func (s *Messages) repeats(m protocol.Response) bool {
	line, stamp := brief(lineOf(m.Sender, m.Content)), brief(m.Stamp)
	for i, r := range s.earlier[line] {
		if r.stamp == stamp || r.stamp == "" || stamp == "" {
			remove(s.earlier, line, i)
			if r.stamp == "" {
				r.stamp = stamp
			}
			r.old = false
			s.list(r)
			return true
		}
	}
	return false
}
