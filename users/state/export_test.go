package state

import (
	"fmt"
	"maps"
	"strings"

	"parley/users"
)

// MaxUnseen is how many messages to somebody who is there are waited for to be seen.
const MaxUnseen = maxUnseen

// Lasting returns the lines of Dump about what a store keeps.
func (s *State) Lasting() string {
	var b strings.Builder
	fmt.Fprintln(&b, "last", s.last)
	s.accounts.Dump(&b)
	for _, name := range s.accounts.Names() {
		fmt.Fprintln(&b, "blocks", s.blocks.Made(name))
	}
	fmt.Fprintln(&b, "lockouts", s.lockouts.Export())
	s.directs.dump(&b)
	s.requests.dump(&b)
	s.changes.dump(&b)
	s.rooms.dump(&b)
	s.participants.dump(&b)
	s.dumpPruned(&b)
	s.dumpOrder(&b)
	lines := strings.SplitAfter(b.String(), "\n")
	kept := lines[:0]
	for _, line := range lines {
		// A guest who was forgotten is known again after a start, if something of
		// theirs still waits for an account; and what was the serial of a request that
		// is forgotten does not matter. Nobody is there after a start.
		if !strings.HasPrefix(line, "guests of direct messages") && !strings.HasPrefix(line, "last request") && !strings.HasPrefix(line, "participant") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// lookalikesContradiction says which names are not looked at as they are shown.
func (s *State) lookalikesContradiction() string {
	var all users.Lookalikes
	for _, name := range s.presence.Names() {
		all.Put(name)
	}
	for _, name := range s.accounts.Names() {
		all.Put(name)
	}
	var want, got strings.Builder
	all.Dump(&want)
	s.lookalikes.Dump(&got)
	if want.String() != got.String() {
		return fmt.Sprintf("the names that are looked at are\n%s and should be\n%s", got.String(), want.String())
	}
	return ""
}

// Contradiction says what in the state does not fit together; "": nothing.
func (s *State) Contradiction() string {
	if why := s.directs.contradiction(s.last); why != "" {
		return why
	}
	if why := s.sessionsContradiction(); why != "" {
		return why
	}
	if why := s.lookalikesContradiction(); why != "" {
		return why
	}
	asked := 0
	for person, of := range s.requests.byPerson {
		asked += len(of)
		for id, element := range of {
			if q := element.Value.(*Request); q.Person != person || q.ID != id {
				return fmt.Sprintf("the request %+v is found under %q %q", q, person, id)
			}
		}
	}
	if asked != s.requests.order.Len() {
		return fmt.Sprintf("%d requests are found, %d are in the order", asked, s.requests.order.Len())
	}
	if why := s.contradictionOfOrder(); why != "" {
		return why
	}
	return s.contradictionOfRooms()
}

func (d directs) contradiction(last uint64) string {
	sent := make(map[*mailbox]map[*mailbox]int)
	for person, b := range d {
		if b.person != person || len(b.unseen) == 0 && len(b.sent) == 0 && !b.guest {
			return fmt.Sprintf("there is an empty mailbox of %q under %q", b.person, person)
		}
		for i, w := range b.unseen {
			if sent[w.from] == nil {
				sent[w.from] = make(map[*mailbox]int)
			}
			sent[w.from][b]++
			if i > 0 && w.number <= b.unseen[i-1].number || w.number > last {
				return fmt.Sprintf("the unseen messages of %q are in no order: %v", person, b.unseen)
			}
			if d[w.from.person] != w.from {
				return fmt.Sprintf("%q has sent %d, and is not there", w.from.person, w.number)
			}
		}
	}
	for person, b := range d {
		if !maps.Equal(sent[b], b.sent) {
			return fmt.Sprintf("of %q %v are unseen, %v are counted", person, sent[b], b.sent)
		}
	}
	return ""
}
