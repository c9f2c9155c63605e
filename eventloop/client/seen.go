package client

import (
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
	// did not come back yet.
	maxOwnIDs = 1_000

	// maxDirects is how many direct messages are remembered: more than a server
	// keeps for one person.
	maxDirects = 256
)

// seen knows which messages have been shown, so that those of the history that
// comes with every login are not shown again.
//
// Parley numbers its messages within a log: one number tells it all. Other
// servers do not. There a message is known by its sender, text and timestamp,
// and each message that was shown on an earlier connection explains one
// repeated one: somebody who says the same thing twice is shown twice.
type seen struct {
	log  string
	last uint64   // number of the newest message that was shown
	own  []uint64 // accepted own messages after last, which have been shown as well

	directs []direct // the newest direct messages that had waited

	order  []*record // oldest first
	byLine map[string][]*record
}

// A record is a message that was shown. A message of one's own has no stamp
// until its echo comes.
type record struct {
	line    string
	stamp   string
	earlier bool // shown on an earlier connection and not repeated on this one yet
}

// A direct is a direct message that had waited for the person.
type direct struct {
	id           uint64
	sender, text string
}

// hasDirect reports whether a direct message was shown before, and notes it. One
// that had waited comes again if the connection was lost when it was delivered.
func (s *seen) hasDirect(m protocol.Response) bool {
	d := direct{idOf(m), m.Sender, m.Content}
	if d.id == 0 {
		return false
	}
	if slices.Contains(s.directs, d) {
		return true
	}
	s.directs = append(s.directs, d)
	if len(s.directs) > maxDirects {
		s.directs = s.directs[1:]
	}
	return false
}

// useLog begins to count by another log's numbers.
func (s *seen) useLog(log string) {
	if log != s.log {
		s.log, s.last, s.own = log, 0, nil
	}
}

// accepted notes the number of an own message, which was shown when typed.
func (s *seen) accepted(id uint64) {
	if id > s.last && !slices.Contains(s.own, id) {
		s.own = append(s.own, id)
		if len(s.own) > maxOwnIDs {
			s.own = s.own[1:]
		}
	}
}

// hasID reports whether the message of that number was shown.
func (s *seen) hasID(id uint64) bool {
	return id != 0 && (id <= s.last || slices.Contains(s.own, id))
}

// addID notes that the message of that number was shown. They come in order.
func (s *seen) addID(id uint64) {
	s.last = max(s.last, id)
	s.own = slices.DeleteFunc(s.own, func(own uint64) bool { return own <= s.last })
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

// add notes that a message was shown on this connection.
func (s *seen) add(sender, text, stamp string) *record {
	if s.byLine == nil {
		s.byLine = make(map[string][]*record)
	}
	r := &record{line: lineOf(sender, text), stamp: stamp}
	s.order = append(s.order, r)
	s.byLine[r.line] = append(s.byLine[r.line], r)
	if len(s.order) > maxRecords {
		s.forgetOldest()
	}
	return r
}

// echoed notes in what form an own message comes back: so it comes again, too.
func (s *seen) echoed(r *record, m protocol.Response) {
	r.stamp = m.Stamp
	if line := lineOf(m.Sender, m.Content); line != r.line {
		s.unlist(r)
		r.line = line
		s.byLine[line] = append(s.byLine[line], r)
	}
}

func (s *seen) forgetOldest() {
	s.unlist(s.order[0])
	s.order = s.order[1:]
}

func (s *seen) unlist(r *record) {
	list := s.byLine[r.line]
	if i := slices.Index(list, r); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if s.byLine[r.line] = list; len(list) == 0 {
		delete(s.byLine, r.line)
	}
}

// reconnected says that from now on messages may be repeated.
func (s *seen) reconnected() {
	for _, r := range s.order {
		r.earlier = true
	}
}

// repeats reports whether m repeats a message of an earlier connection.
func (s *seen) repeats(m protocol.Response) bool {
	for _, r := range s.byLine[lineOf(m.Sender, m.Content)] {
		if r.earlier && (r.stamp == m.Stamp || r.stamp == "" || m.Stamp == "") {
			r.earlier = false
			if r.stamp == "" {
				r.stamp = m.Stamp
			}
			return true
		}
	}
	return false
}
