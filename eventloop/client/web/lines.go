package web

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Line is an Entry as a page shows it. What depends on where it stands, and on the person who
// points at it, is in its tree under when:
//
//	first    it begins a group
//	current  Tab leads to it
//	hot      it has the pointer or the focus
//
// If the text has no links and no marked name, the tree has the attribute text instead of it.
type Line struct {
	ID     uint64 `json:"id"`
	In     string `json:"in"`
	Kind   string `json:"kind"`
	At     int64  `json:"at"`
	Own    bool   `json:"own,omitempty"`
	Old    bool   `json:"old,omitempty"`
	Number uint64 `json:"number,omitempty"`
	Able   bool   `json:"able,omitempty"`  // it can be answered, and changed if it is one's own
	Who    string `json:"who"`             // has said it: a name, you, or nobody
	Text   string `json:"text"`            // "" if it was removed
	State  string `json:"state,omitempty"` // as that of the Entry

	Group string `json:"group,omitempty"` // is the same of lines that can stand in one group; "": it can in none
	Alone bool   `json:"alone,omitempty"` // it begins one in any case
	Tree  node   `json:"tree"`
	Note  *Note  `json:"note,omitempty"` // is shown on the desktop if nobody looks; nil: nothing is
}

// A Note is a notification.
type Note struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

const (
	foldLines = 12 // of a text that are shown before it is unfolded
	foldBytes = 1500
	monoLines = 3   // with more, a text is shown in letters of one width
	noteRunes = 200 // of a text that stand on the desktop
)

var outcomes = map[string]string{"typed": "kept, sent when the connection is back", "doubtful": "may not have arrived", "stored": "kept by the server until they come"}

// columns are in a text that is meant to be read as a table.
var columns = regexp.MustCompile(`\S {2,}\S`)

// LineOf is an entry as the pages of a chat show it.
func (s *State) LineOf(e Entry) Line {
	l := Line{ID: e.ID, In: e.In, Kind: e.Kind, At: e.At, Own: e.Own, Old: e.Old, Number: e.Number, Who: e.Sender, Text: e.Text, State: e.State}
	l.Able = e.Number > 0 && e.Removed == nil && !s.plain()
	switch {
	case e.Own:
		l.Who = "you"
	case e.Sender == "":
		l.Who = "nobody"
	}
	switch e.Kind {
	case "message":
		l.Group, l.Alone = strings.Join([]string{l.Who, e.In, e.Path, fmt.Sprint(e.Verified)}, "\n"), e.Re != nil
		l.Tree = s.message(e, l)
		l.Note = s.note(e)
	case "presence":
		l.Tree = el("li.sys", name(e.Text))
	default:
		l.Tree = told(e)
	}
	return l
}

// LinesOf are several of them.
func (s *State) LinesOf(all []Entry) []Line {
	var lines []Line
	for _, e := range all {
		lines = append(lines, s.LineOf(e))
	}
	return lines
}

// note tells of a line on the desktop. What is private does not say its text there.
func (s *State) note(e Entry) *Note {
	c := s.conversation(e.In)
	meant := e.Mention || isAlone(c)
	if s.Settings["notify"] != "yes" || e.Own || e.Old || e.In == "again" || !meant && s.Settings["meant"] != "no" {
		return nil
	}
	n := &Note{e.Sender, e.Text}
	switch {
	case c.Kind == "private":
		n.Body = "A private line"
	case c.Kind != "direct":
		n.Title = e.Sender + " in " + s.title(c)
	}
	if runes := []rune(n.Body); len(runes) > noteRunes {
		n.Body = string(runes[:noteRunes])
	}
	return n
}

// told is words of the client or of the server, and what is told again.
func told(e Entry) node {
	kind, picture := "", "info"
	switch e.Kind {
	case "failure", "error":
		kind, picture = ".bad", "alert"
	case "warning":
		kind, picture = ".warn", "alert"
	case "announcement":
		picture = "people"
	}
	text := any(rich(e.Text, ""))
	if columns.MatchString(e.Text) {
		var rows list
		for line := range strings.SplitSeq(e.Text, "\n") {
			rows = append(rows, el("p", rich(line, "")))
		}
		text = el("div.tab", rows)
	}
	return el("li.sys"+kind, icon(picture), have(e.Sender != "", "From ", name(e.Sender), ": "), text)
}

func (s *State) message(e Entry, l Line) node {
	classes := pick(e.Own, ".own", "") + pick(e.Mention, ".mention", "")
	state := any(nil)
	switch outcome := outcomes[e.State]; {
	case e.State == "failed":
		classes += ".failed"
		state = el("p.st", icon("alert"), "Not sent. ", e.Why, el("button.lk", does("takeBack", fmt.Sprint("#", e.ID)).and(at{"when": "current"}), "Take it back"))
	case outcome != "":
		classes += ".kept"
		state = el("p.st", icon("clock"), outcome)
	}
	first, rest := at{"when": "first"}, at{"when": "!first"}
	lane := any(nil)
	if e.Path != "" {
		says := fmt.Sprintf("private, %s, %s", wayOf(e), pick(e.Verified, "verified", "not verified"))
		lane = el("span.lane."+pick(e.Verified, "ok", "warn"), labelled(pick(e.Verified, "shield", "lock"), says))
	}
	return el("li.msg"+classes,
		el("div.gut", el("span.who.h"+fmt.Sprint(hue(l.Who)), at{"when": "first", "aria-hidden": "true"}, initials(pick(e.Sender != "", e.Sender, s.Self.Name))), el("span", rest, el("time", at{"at": e.At}), " ", lane)),
		el("div", el("div.head", first, el("b", name(l.Who)), have(!e.Own && e.Like != "", el("small", "not "+e.Like)), el("time", at{"at": e.At}), lane, have(lane != nil, el("small", wayOf(e))),
			have(e.In == "again", el("small", pick(e.Form == "before", "before it was changed", e.Where)))),
			el("span.vh", at{"when": "!first"}, l.Who+" "),
			answers(e.Re), s.body(e), reactions(e), state),
		tools(e, l))
}

// answers is the line that another one answers.
func answers(q *Quote) any {
	switch {
	case q == nil:
		return nil
	case q.Sender == "":
		return el("span.re", icon("reply"), " a line that is gone")
	}
	return el("span.re", icon("reply"), " ", name(q.Sender), ": ", name(q.Text))
}

func (s *State) body(e Entry) any {
	if r := e.Removed; r != nil {
		return el("p.gone", "Removed", have(r.By != "", " by ", name(r.By)), have(r.Why != "", ": ", name(r.Why)))
	}
	lines := strings.Count(e.Text, "\n") + 1
	long := lines > foldLines || len(e.Text) > foldBytes
	bare, text := false, flat(rich(e.Text, pick(e.Mention, s.Self.Name, "")))
	if len(text) == 1 && text[0] == e.Text { // with neither link nor name
		bare, text = true, nil
	}
	return list{
		el("p.text"+pick(long, ".fold", "")+pick(lines > monoLines, ".mono", ""), at{"text": bare}, list(text),
			have(e.Edited, el("span.ed", " (edited)")), have(e.Left > 0, el("span.ed", fmt.Sprintf(" (%d bytes more are not kept)", e.Left)))),
		have(long, el("label.chk.more", el("input", at{"type": "checkbox"}), pick(lines > foldLines, fmt.Sprintf("Show all %d lines", lines), "Show all of it"))),
	}
}

func reactions(e Entry) any {
	var all list
	for _, r := range e.Reactions {
		count := len(r.Names) + r.More
		who := strings.Join(r.Names, ", ") + pick(r.More > 0, fmt.Sprintf(" and %d others", r.More), "")
		all = append(all, el("button", does("react", fmt.Sprintf("%d %s%s", e.Number, pick(r.Mine, "-", "+"), r.Word)).and(at{"aria-pressed": r.Mine, "title": who, "aria-label": fmt.Sprintf("%s, %d", r.Word, count)}),
			name(r.Word), fmt.Sprint(" ", count)))
	}
	return have(all != nil, el("div.rx", all))
}

func tools(e Entry, l Line) node {
	tool := func(picture, label, action string) node {
		return iconButton(picture, label, action, fmt.Sprint("#", e.ID), "")
	}
	return el("div.tools", at{"when": "hot", "role": "group", "aria-label": "This line"}, have(e.Number > 0 && e.Removed == nil, tool("react", "React", "reactMenu"), tool("reply", "Reply", "reply"), have(e.Own, tool("edit", "Edit", "edit"))),
		tool("more", "More", "lineMenu"))
}

func wayOf(e Entry) string { return way(e.Path == "relay") }

// hue is one of four colours of a name.
func hue(who string) (sum int) {
	for _, r := range who {
		sum += int(r)
	}
	return sum % 4
}

// initials are the first two letters of a name.
func initials(who string) string {
	if utf8.RuneCountInString(who) <= 2 {
		return who
	}
	return string([]rune(who)[:2])
}
