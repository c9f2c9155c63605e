package web

import (
	"fmt"
	"slices"
)

// facts are what a page has to know by itself, whatever it looks at:
//
//	self, server, connection, question   as the State has them
//	to         the conversation that lines of the terminal are for; "": none that is there
//	settings   that pages have kept
//	read       of each conversation: the entry up to which it was read, and how many are new
//	drafts     of the conversations that have one
//	gone       see there: of a snapshot only, as those that follow
//	pictures, shell
//
// Of what it looks at there are more: see seen.
func (s *State) facts() map[string]any {
	read, drafts := make(map[string][2]uint64), make(map[string]string)
	for id, c := range s.Conversations {
		read[id] = [2]uint64{c.Cursor, uint64(c.Unread)}
		if c.Draft != "" {
			drafts[id] = c.Draft
		}
	}
	to := *s.To
	if s.Conversations[to] == nil {
		to = ""
	}
	return map[string]any{
		"self": s.Self, "server": s.Server, "connection": s.Connection, "question": s.Question, "to": to, "settings": s.Settings,
		"read": read, "drafts": drafts,
	}
}

// changed are those whose keys have changed.
func (s *State) changed() (all []string) {
	for _, p := range s.Peers {
		if p.Changed {
			all = append(all, p.Name)
		}
	}
	slices.Sort(all)
	return all
}

// favicon is the picture of the tab.
func (s *State) favicon() string {
	for _, c := range s.Conversations {
		if c.Unread > 0 && s.mentions() == 0 {
			return "icon-unread.svg"
		}
	}
	return pick(s.mentions() > 0, "icon-mention.svg", "icon.svg")
}

// seen are the facts of what is looked at:
//
//	dialog  asks what the process asks, if the login does not; null: nothing is asked
//	leads   of all tabs it is this one that notifies
func (s *State) seen(l Look) map[string]any {
	return map[string]any{"dialog": s.question(s.Wrong), "leads": l.leads}
}

// tabTitle is the title of the tab.
func (s *State) tabTitle(c *Conversation) string {
	title := s.title(c)
	switch {
	case !s.loggedIn():
		title = "Not connected"
	case s.asksToLogIn():
		title = "Log in"
	}
	if n := s.mentions(); n > 0 {
		title = fmt.Sprintf("(%d) %s", n, title)
	}
	return title + " · parley"
}
