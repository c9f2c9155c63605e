package state

import (
	"fmt"
	"maps"
	"strings"
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
	fmt.Fprintln(&b, "lockouts", s.guard.Export())
	s.directs.dump(&b)
	s.requests.dump(&b)
	lines := strings.SplitAfter(b.String(), "\n")
	kept := lines[:0]
	for _, line := range lines {
		// A guest who was forgotten is known again after a start, if something of
		// theirs still waits for an account; and what was the serial of a request that
		// is forgotten does not matter.
		if !strings.HasPrefix(line, "guests of direct messages") && !strings.HasPrefix(line, "last request") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// Contradiction says what in the state does not fit together; "": nothing.
func (s *State) Contradiction() string {
	sent := make(map[string]map[string]int)
	for person, list := range s.directs.unseen {
		for i, w := range list {
			if sent[w.from] == nil {
				sent[w.from] = make(map[string]int)
			}
			sent[w.from][person]++
			if i > 0 && w.number <= list[i-1].number || w.number > s.last {
				return fmt.Sprintf("the unseen messages of %q are in no order: %v", person, list)
			}
		}
		if len(list) == 0 {
			return fmt.Sprintf("there is an empty list of %q", person)
		}
	}
	if !maps.EqualFunc(sent, s.directs.sent, maps.Equal[map[string]int, map[string]int]) {
		return fmt.Sprintf("%v are unseen, %v are counted", sent, s.directs.sent)
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
	return ""
}
