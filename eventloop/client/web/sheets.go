package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// login asks what the process asks: a name or a password. failed is why the last was not taken, of which nothing stays
// in the field: there is a new one behind each answer.
func (s *State) login(failed string) node {
	q, first, secret := s.Question, s.Settings["met"] == "", s.Question.Kind == "password"
	title, label, note := "Log in to ", "Name", "Letters and digits. A registered name asks for its password."
	input := at{"id": "answer", "type": "text", "name": "answer", "autocomplete": "username", "autocapitalize": "off", "spellcheck": "false", "required": true,
		"aria-describedby": "note" + pick(failed != "", " wrong", ""), "aria-invalid": pick(failed != "", "true", "")}
	if first {
		title = "Welcome to "
	}
	if secret {
		label, note = capital(q.Prompt), fmt.Sprintf("The password goes to %s only, and is not kept here.", s.Server.Label)
		input["type"], input["autocomplete"] = "password", "current-password"
	}
	var why any
	switch c := s.Connection; {
	case c.Refused != "":
		why = s.refused()
	case c.Why != "":
		why = wrong(c.because(), countdown(c.Retry))
	}
	return el("div.center.stack", at{"data-key": "login"}, el("h1", at{"id": "title"}, title+s.Server.Label), why,
		have(first && !secret, el("p", "Choose the name that others see. You need no account.")),
		el("form.stack", does("answer", fmt.Sprint(q.ID)).and(at{"data-key": fmt.Sprint("q", q.Kind, q.Prompt, s.Answers)}), el("label", label, el("input.in", input)),
			have(secret, el("label.chk", el("input", at{"type": "checkbox", "data-change": "reveal"}), "Show the password")),
			have(failed != "", el("p.err", at{"id": "wrong"}, icon("alert"), el("span", failed))),
			row(el("button.b.go", at{"type": "submit", "aria-disabled": q.Busy}, pick(q.Busy, "The server is asked…", pick(secret, "Log in", "Go in"))), have(secret, button("Another name", "cancelQuestion", "", ""))),
			el("p.small.dim", at{"id": "note"}, note)),
		have(first, card("plain", "info", "Three things to know", el("p", "Above the field it always says who hears your line. Look there first."),
			el("p", "The server can read rooms and direct messages, but no private session whose words you have compared."),
			el("p", el("kbd", "Ctrl /"), " lists the keys. Notifications stay off until you turn them on."))))
}

// capital is words as they begin a line.
func capital(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	if size == 0 {
		return words
	}
	return string(unicode.ToUpper(first)) + words[size:]
}

func sheet(title, sub string, kids ...any) node {
	return el("div.page.stack", at{"data-key": title}, row(el("div.grow", el("h1", at{"id": "title"}, title), el("p.small.dim", sub)), button("Back to the lines", "back", "", "")), list(kids))
}

// A search is what was found of a text.
type search struct {
	text    string
	asked   bool
	busy    bool
	entries []Entry // oldest first
	next    uint64
	failed  string
}

// maxFound is how many lines a tab is shown of what was found.
const maxFound = 1000

// bracketed is a word, or several, that a search has found in a text.
var bracketed = regexp.MustCompile(`\[([^][]*[\pL\pN][^][]*)\]`)

// excerpt is what stands around the words that were found, with these marked. There are no links in it: it may end in
// the middle of one.
func excerpt(text string) (all list) {
	behind := 0
	for _, m := range bracketed.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, text[behind:m[0]], el("mark", text[m[2]:m[3]]))
		behind = m[1]
	}
	return append(all, text[behind:])
}

func (s *State) search(found search) node {
	state := pick(found.busy, "Searching…", "")
	if found.asked && !found.busy {
		state = fmt.Sprintf("%d%s found. ", len(found.entries), pick(found.next > 0, " or more", ""))
	}
	var hits []any
	for _, e := range slices.Backward(found.entries) {
		where := pick(e.Where != "", e.Where, e.In)
		_, label, named := strings.Cut(where, ":")
		hits = append(hits, el("article.hit", at{"data-key": fmt.Sprint("h", e.ID)},
			el("header", icon("people"), el("b", name(pick(named, label, where))), el("span.grow", at{"at": e.At, "long": true}), link("Show there", "showThere", fmt.Sprintf("%s %d", where, e.Number))),
			el("p", el("b", name(pick(e.Own, "you", e.Sender))), ": ", el("span.text", excerpt(e.Text)))))
	}
	return sheet("Search", "In rooms and conversations that you may see",
		el("form.row", at{"role": "search", "data-do": "search"}, el("input.in.grow", at{"id": "words", "name": "words", "aria-label": "Search for", "value": found.text, "required": true, "autocomplete": "off"}),
			el("button.b.go", at{"type": "submit"}, "Search")),
		el("p.small.dim", at{"role": "status"}, state, "Also from:NAME in:ROOM with:NAME before:DATE after:DATE"), wrong(found.failed), list(hits),
		have(found.asked && !found.busy && found.failed == "" && len(hits) == 0, el("div.empty.stack", icon("search"), el("h2", "No line has ", name(found.text)), el("p", "Your rooms and conversations were searched."))),
		have(found.next > 0 && len(hits) < maxFound, button("More", "searchMore", fmt.Sprintf("%d %s", found.next, found.text), "")))
}

// rooms lists those of the server.
func (s *State) rooms(all []Room, failed string) node {
	var rows []any
	for _, r := range all {
		about := r.Topic
		switch {
		case about != "":
		case r.Key:
			about = "needs a key"
		case r.Private:
			about = "by invitation"
		}
		var can any = button(pick(r.Invited, "Accept", "Join"+pick(r.Key, "…", "")), pick(r.Key && !r.Invited, "joinKey", "join"), r.Name, "")
		switch {
		case r.Name == "lobby":
			can = "joined"
		case r.Joined:
			can = link("joined", "go", "room:"+strings.ToLower(r.Name))
		}
		rows = append(rows, el("tr", el("td", el("b", name(r.Name)), " "), el("td", name(about), " "), el("td", r.Members), el("td", can)))
	}
	var heads []any
	for _, label := range []string{"Room", "About", "Here", "You"} {
		heads = append(heads, el("th", at{"scope": "col"}, label))
	}
	return sheet("Rooms", "On "+s.Server.Label, row(button("New room…", "newRoom", "", "")), wrong(failed),
		have(rows != nil, el("table.tbl", el("thead", el("tr", heads...)), el("tbody", rows...))))
}

// empty stands where nothing has been said.
func (s *State) empty(c *Conversation) node {
	return el("div.empty.stack", icon("people"), el("h2", "Nothing has been said in ", name(s.title(c))),
		el("p", pick(c.Kind == "private", "What you say here is kept by nobody but the two of you.", "What you say is kept for those who come later.")))
}

// banner says what is wrong with the connection, or that the server is a plain one.
func (s *State) banner() any {
	c := s.Connection
	switch {
	case !s.loggedIn():
		ended := c.Phase == "ended"
		if c.Refused != "" && !ended {
			return s.refused()
		}
		return el("div.banner.warn", at{"data-key": "banner"}, icon("alert"), el("span.grow", el("b", pick(ended, "The chat has ended. ", "Not connected to "+s.Server.Label+". ")), c.because(),
			have(c.Retry > 0, "Trying again in ", countdown(c.Retry), ". "), have(c.Kept > 0, fmt.Sprintf("%d of your lines are kept.", c.Kept))), have(!ended, button("Try now", "retry", "", "")))
	case s.plain():
		return el("div.banner", at{"data-key": "banner"}, icon("info"), el("span.grow", "A plain server: one room, and no direct messages, private sessions, edits or search."))
	}
	return nil
}

// because is why there is no connection, as a sentence with a space behind it; "" if that is not known.
func (c *Connection) because() string {
	if c.Why == "" {
		return ""
	}
	return sentence(capital(c.Why)) + " "
}

// refused says why the server is not used that has answered. It is tried again, but that helps only if that one was not
// the right one: so it is not counted down, and there is no button for it.
func (s *State) refused() node {
	var lines list
	for line := range strings.SplitSeq(s.Connection.Refused, "\n") {
		lines = append(lines, el("p.text", pick(strings.HasPrefix(line, "parley "), "", line), have(strings.HasPrefix(line, "parley "), el("code", line))))
	}
	alarm := card("bad", "alert", "Not connected to "+s.Server.Label, lines, el("p", "Nothing is sent until it is the server of before."),
		have(s.Connection.Kept > 0, el("p", fmt.Sprintf("%d of your lines are kept.", s.Connection.Kept))))
	alarm[1].(at)["role"] = "alert"
	return alarm
}
