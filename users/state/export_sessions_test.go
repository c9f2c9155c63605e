package state

import (
	"fmt"
	"slices"

	"parley/users"
)

// sessionsContradiction says what does not fit together of sessions, and of what is bound
// to them; "": nothing.
func (s *State) sessionsContradiction() string {
	seen := make(map[users.Session]bool)
	for _, name := range s.Names() {
		who, _ := s.Online(name)
		all := s.Sessions(name)
		if why := oneSet(who, all); why != "" {
			return fmt.Sprintf("%s: %s: %+v", name, why, all)
		}
		for _, l := range all {
			if seen[l.Session] {
				return "" // it was made up, and nothing is bound to one of the two
			}
			seen[l.Session] = true
		}
		if person, left := s.leftBlocks.names[users.Fold(name)]; left {
			return fmt.Sprintf("%s is there, with the blocks of %q", name, person)
		}
	}
	if why := s.deafContradiction(); why != "" {
		return why
	}
	return s.boundContradiction()
}

// oneSet says what is wrong with somebody's sessions.
func oneSet(who Online, all []users.Login) string {
	ids := make(map[int]bool)
	for i, l := range all {
		switch {
		case l.ID < 1 || ids[l.ID]:
			return "an id is none, or not its own"
		case l.Plain && len(all) > 1:
			return "a plain session is not alone"
		case i > 0 && l.Since.Before(all[i-1].Since):
			return "they are in no order"
		}
		ids[l.ID] = true
	}
	switch {
	case len(all) == 0:
		return "is there without a session"
	case len(all) > 1 && !who.Account:
		return "a guest has several"
	case who.Session != all[0].Session || who.Token != all[0].Token || who.Plain != all[0].Plain:
		return "who is online is not with the first"
	}
	return ""
}

// deafContradiction says whom the wrong sessions hear.
func (s *State) deafContradiction() string {
	want := make(map[string][]users.Session)
	for _, name := range s.Names() {
		for _, blocked := range s.blocks.Blocked(name) {
			want[users.Fold(blocked)] = s.presence.AppendSessions(want[users.Fold(blocked)], name)
		}
	}
	for _, name := range append(s.Names(), s.accounts.Names()...) {
		name = users.Fold(name)
		slices.SortFunc(want[name], users.Session.Compare)
		if got := s.blocks.Deaf(name); !slices.Equal(got, want[name]) {
			return fmt.Sprintf("%s is not heard by %v, want %v", name, got, want[name])
		}
	}
	return ""
}

// boundContradiction says what is left of who is gone: an invitation of a session that is
// over, or blocks of a guest who does not come back.
func (s *State) boundContradiction() string {
	for _, name := range s.Names() {
		for _, other := range s.Names() {
			if i, waits := s.invitations.Find(name, other); waits && !s.presence.Has(name, i.Asker) {
				return fmt.Sprintf("%s has asked %s with %v, which is over", name, other, i.Asker)
			}
		}
	}
	n := 0
	for person, b := range s.leftBlocks.persons {
		n += b.n
		if _, may := s.guests.left[person]; !may || s.leftBlocks.names[b.name] != person {
			return fmt.Sprintf("%q has left blocks as %q, and does not come back", person, b.name)
		}
	}
	if n != s.leftBlocks.n || len(s.leftBlocks.names) != len(s.leftBlocks.persons) {
		return fmt.Sprintf("%d blocks of guests are counted: %+v", s.leftBlocks.n, s.leftBlocks)
	}
	return ""
}
