package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parley/eventloop/client/timeline"
)

// mostListed is how many people of a kind are listed.
const mostListed = 300

// lane is how a private session is: a class, a picture and words.
func lane(p *Peer) (class, picture, words string) {
	switch {
	case p == nil:
	case p.Changed:
		return ".bad", "alert", "key changed"
	case p.State == "open" && p.Verified:
		return ".ok", "shield", "verified"
	case p.State == "open":
		return ".warn", "lock", "not verified"
	case p.State == "asked":
		return ".warn", "key", "asks you"
	case p.State == "asking":
		return "", "clock", "was asked"
	case p.State == "connecting":
		return "", "clock", "connecting"
	}
	return "", "none", "over"
}

// way is that of a private session, in a word.
func way(relay bool) string { return pick(relay, "relay", "direct") }

// keyOf is a name as people and peers are found by it.
func keyOf(name string) string { return timeline.With(timeline.Private, name).Name }

func (s *State) plain() bool            { return s.Server.Dialect == "plain" }
func (s *State) loggedIn() bool         { return s.Connection.Phase == "logged_in" }
func (s *State) peer(name string) *Peer { return s.Peers[keyOf(name)] }

// conversation is the one of an id; one that does not exist can be looked at, too.
func (s *State) conversation(id string) *Conversation {
	if c := s.Conversations[id]; c != nil {
		return c
	}
	kind, name, _ := strings.Cut(id, ":")
	c := &Conversation{ID: id, Kind: kind, Name: name}
	if kind == "room" {
		c.Closed = "You are not in " + name + "."
	}
	return c
}

// listed is the conversations of a kind, by name.
func (s *State) listed(kind string) []*Conversation {
	var all []*Conversation
	for _, c := range s.Conversations {
		if c.Kind == kind {
			all = append(all, c)
		}
	}
	return sorted(all, func(c *Conversation) string { return c.Name })
}

func sorted[T any](all []T, name func(T) string) []T {
	slices.SortFunc(all, func(x, y T) int {
		return cmp.Or(strings.Compare(strings.ToLower(name(x)), strings.ToLower(name(y))), strings.Compare(name(x), name(y)))
	})
	return all
}

// members are those who are in a room, by name: in the lobby everybody is.
func (s *State) members(c *Conversation) []*Person {
	var all []*Person
	for _, p := range s.People {
		if c.Kind != "room" || slices.Contains(p.Rooms, c.ID) {
			all = append(all, p)
		}
	}
	return sorted(all, func(p *Person) string { return p.Name })
}

// mentions is how often one is meant by what was not read.
func (s *State) mentions() (sum int) {
	for _, c := range s.Conversations {
		sum += c.Mentions
	}
	return sum
}

// title is what a conversation is called.
func (s *State) title(c *Conversation) string {
	switch c.Kind {
	case "lobby":
		return s.lobby()
	case "private":
		return c.Name + ", private"
	}
	return c.Name
}

func (s *State) lobby() string { return pick(s.plain(), "everyone", "lobby") }

// presence is a sign of where somebody is.
func presence(p *Person) node {
	is := "here"
	switch {
	case p == nil:
		is = "offline"
	case p.Away:
		is = "away"
	}
	return el("span.p."+is, hidden(is))
}

// whereabouts are the same in words.
func whereabouts(p *Person) string {
	if p == nil {
		return "not connected"
	}
	words := "here"
	if p.Away {
		words = "away" + pick(p.Why != "", ": "+p.Why, "")
	}
	return words + pick(p.Like != "", " · not "+p.Like, "")
}

// conversations is the left column. here is the conversation that is shown; "": none is. Those have to do with
// what somebody is looking for.
func (s *State) conversations(here, jump string) list {
	item := func(c *Conversation, picture node, label, sub string) any {
		if !s.isFound(c, jump) {
			return nil
		}
		return el("li", at{"data-key": c.ID}, el("a.it"+pick(c.Unread > 0, ".new", ""), at{"href": "#" + c.ID, "aria-current": pick(c.ID == here, "page", "")},
			picture, el("span.t", name(label), have(sub != "", el("small", sub))),
			have(c.Unread > 0, el("span.n", c.Unread, hidden(" unread"))), have(c.Mentions > 0, el("span.n.at", fmt.Sprint("@", c.Mentions), hidden(" mention you")))))
	}
	under := func(label string, more any, all []any) any {
		all = flat(all)
		return have(len(all) > 0, el("h2", label, more), el("ul", all...))
	}
	var privates, rooms, directs []any
	for _, c := range s.privates() {
		p := s.peer(c.Name)
		class, picture, words := lane(p)
		label := c.Name
		if p != nil {
			label, words = p.Name, words+pick(p.State == "open", " · "+way(p.Relay), "")
		}
		privates = append(privates, item(c, el("span"+class, icon(picture)), label, words))
	}
	for _, c := range append([]*Conversation{s.conversation("lobby")}, s.listed("room")...) {
		rooms = append(rooms, item(c, icon("people"), s.title(c), ""))
	}
	for _, c := range s.listed("direct") {
		directs = append(directs, item(c, presence(s.People[keyOf(c.Name)]), c.Name, ""))
	}
	self := list{name(pick(s.Self.Name != "", s.Self.Name, "not logged in")), have(s.Self.Name != "", pick(s.Self.Away, ", away", ", here"))}
	return list{
		el("div.bar", el("div.grow", el("h2", pick(s.Server.Label != "", s.Server.Label, "parley")), el("button.lk", does("selfMenu", ""), self)),
			iconButton("tune", "Settings", "settings", "", ""), iconButton("x", "Close", "closeDrawer", "", ".narrow")),
		el("div.body", el("form", does("jumpTo", ""), el("input.in", at{"id": "jump", "name": "jump", "aria-label": "Jump to a room or person", "placeholder": "Jump to…"})),
			under("Private sessions", nil, privates), under("Rooms", have(!s.plain(), iconButton("search", "All rooms", "go", "/rooms", "")), rooms), under("Direct, through the server", nil, directs)),
		el("div.foot", el("span.grow", pick(s.loggedIn(), "Connected", "Not connected")), iconButton("info", "Keyboard", "keys", "", "")),
	}
}

func (s *State) isFound(c *Conversation, jump string) bool {
	return strings.Contains(strings.ToLower(s.title(c)), strings.ToLower(strings.TrimSpace(jump)))
}

// found is the first conversation in the left column of those that somebody is looking for, or one with a person of
// that name; "": nothing was typed.
func (s *State) found(jump string) string {
	if jump = strings.TrimSpace(jump); jump == "" {
		return ""
	}
	for _, c := range s.inOrder() {
		if s.isFound(c, jump) {
			return c.ID
		}
	}
	return "direct:" + keyOf(jump)
}

// inOrder is the conversations as the left column has them.
func (s *State) inOrder() []*Conversation {
	return slices.Concat(s.privates(), []*Conversation{s.conversation("lobby")}, s.listed("room"), s.listed("direct"))
}

// beside is the conversation above or below another one in the left column, or the next one there with something new. The first
// one follows the last.
func (s *State) beside(id string, above, fresh bool) string {
	all := slices.DeleteFunc(s.inOrder(), func(c *Conversation) bool { return fresh && c.Unread == 0 && c.ID != id })
	at := slices.IndexFunc(all, func(c *Conversation) bool { return c.ID == id })
	if len(all) == 0 {
		return ""
	}
	if above {
		at += len(all) - 2
	}
	return all[(at+1)%len(all)].ID
}

// privates are the private sessions that there are, and were.
func (s *State) privates() []*Conversation {
	all := s.listed("private")
	for key, p := range s.Peers {
		if s.Conversations["private:"+key] == nil && p.State != "closed" {
			all = append(all, &Conversation{ID: "private:" + key, Kind: "private", Name: p.Name})
		}
	}
	return sorted(all, func(c *Conversation) string { return c.Name })
}

// head is what stands above the lines.
func (s *State) head(c *Conversation) list {
	sub := c.Topic
	switch p := s.peer(c.Name); {
	case c.Kind == "direct":
		sub = "through the server · " + whereabouts(s.People[keyOf(c.Name)])
	case c.Kind == "private" && p != nil && p.State == "open":
		sub = pick(p.Verified, "verified", "not verified") + ", " + p.Path
	case c.Kind == "private":
		sub = "not open"
	case sub == "" && s.plain():
		sub = "a plain server"
	}
	label, mentions := "Conversations", s.mentions()
	if mentions > 0 {
		label = fmt.Sprintf("%s, %d mention you", label, mentions)
	}
	return list{
		el("button.ib.narrow", does("openDrawer", "nav").and(at{"aria-label": label}), icon("menu"), have(mentions > 0, el("span.n.at", mentions))),
		el("div.grow", el("h1", at{"id": "title"}, name(s.title(c))), el("p", name(sub))),
		have(!s.plain(), iconButton("search", "Search", "go", "/search", "")), iconButton("people", "People", "openDrawer", "aside", ".narrow.wing"),
	}
}

// aside is the right column: who is there, or the other one.
func (s *State) aside(c *Conversation) list {
	alone := isAlone(c)
	title, body := el("h2.grow", "People"), any(nil)
	if alone {
		title, body = el("h2.grow", name(c.Name)), s.about(c)
	} else {
		body = s.people(c)
	}
	return list{el("div.bar", title, iconButton("x", "Close", "closeDrawer", "", ".narrow")), el("div.body", body)}
}

func isAlone(c *Conversation) bool { return c.Kind == "direct" || c.Kind == "private" }

func (s *State) people(c *Conversation) any {
	var here, away []any
	for _, p := range s.members(c) {
		why := "you"
		if p.Name != s.Self.Name {
			why = strings.Join(slices.DeleteFunc([]string{pick(p.Like != "", "not "+p.Like, ""), p.Why}, func(s string) bool { return s == "" }), " · ")
		}
		item := el("li", at{"data-key": "p:" + p.Name}, el("button.it", does("person", p.Name), presence(p), el("span.t", name(p.Name)), el("small", name(why))))
		if p.Away {
			away = append(away, item)
		} else {
			here = append(here, item)
		}
	}
	if len(here)+len(away) == 0 {
		return el("p.dim.it", "Nobody else is here.")
	}
	group := func(label string, all []any) any {
		return have(len(all) > 0, el("h2", fmt.Sprintf("%s, %d", label, len(all))), el("ul", list(all[:min(len(all), mostListed)]),
			have(len(all) > mostListed, el("li.it.dim", fmt.Sprintf("and %d more", len(all)-mostListed)))))
	}
	return list{group("Here", here), group("Away", away)}
}

func (s *State) about(c *Conversation) any {
	p := s.peer(c.Name)
	open := p != nil && p.State == "open"
	fact := func(term string, is ...any) any { return list{el("dt", term), el("dd", is...)} }
	facts := list{fact("Is", whereabouts(s.People[keyOf(c.Name)]))}
	if p != nil && (open || p.Changed) {
		class, picture, words := lane(p)
		facts = append(facts, fact("Key", pill(class, picture, words)))
	}
	if open {
		facts = append(facts, fact("Path", pill("", way(p.Relay), way(p.Relay)), have(!p.Relay, el("code", " "+strings.TrimPrefix(p.Path, "direct ")))),
			have(p.RoundTrip > 0, fact("Round trip", fmt.Sprintf("%.1f ms", p.RoundTrip))))
	}
	can := list{have(!s.plain(), button("Block…", "block", c.Name, ".risk"))}
	switch {
	case open:
		can = list{have(!p.Verified, el("button.b.go", does("words", c.Name), icon("shield"), "Compare words")), button("End the session", "end", c.Name, ""), can}
	case (p == nil || p.State == "closed") && s.Server.Private:
		can = list{el("button.b.go", does("startPrivate", c.Name), icon("lock"), "Ask for a private session"), can}
	}
	return list{el("dl.kv", facts), have(p != nil && p.Fingerprint != "", el("h2", el("span", "Key of ", name(c.Name))), el("div.it", fingerprint(p, ""))), el("div.stack", can)}
}

// fingerprint shows that of a peer in groups of four; where it differs from another one shows.
func fingerprint(p *Peer, other string) node {
	if p == nil {
		return nil
	}
	return printed(p.Fingerprint, pick(other != "", other, p.Fingerprint))
}

func printed(fingerprint, other string) node {
	mine, theirs := fours(fingerprint), fours(other)
	all := list{el("span.dim", "SHA256")}
	for i, group := range mine {
		all = append(all, el("span"+pick(i >= len(theirs) || theirs[i] != group, ".diff", ""), group))
	}
	return el("span.fp", all)
}

func fours(fingerprint string) (groups []string) {
	for runes := range slices.Chunk([]rune(strings.TrimPrefix(fingerprint, "SHA256:")), 4) {
		groups = append(groups, string(runes))
	}
	return groups
}
