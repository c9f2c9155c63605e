package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Of is that with which something is done: a line, or a person.
type Of struct {
	Who    string `json:"who"`
	ID     uint64 `json:"id"`     // of a line; 0: it is a person
	Number uint64 `json:"number"` // likewise, in the server's log
	Own    bool   `json:"own"`
	Able   bool   `json:"able"` // see Line
}

// faces are the words that one can react with at once.
var faces = []string{"👍", "❤", "😄", "🎉", "👀", "🙏"}

// blanks are where a value is put into a text.
var blanks = regexp.MustCompile(`\{( ?)(\w+)\}`)

// filled is a text with its values: {x} is one, { x} has its blank only if there is something behind it.
func filled(text string, values map[string]string) string {
	return blanks.ReplaceAllStringFunc(text, func(blank string) string {
		m := blanks.FindStringSubmatch(blank)
		if value := values[m[2]]; value != "" {
			return m[1] + value
		}
		return ""
	})
}

// holds is what holds of that which offers need.
func (s *State) holds(c *Conversation, of Of) map[string]bool {
	order := slices.ContainsFunc(keepsOrder, func(role string) bool { return strings.Contains(c.Role, role) })
	return map[string]bool{
		"plain": s.plain(), "private": s.Server.Private, "account": s.Self.Account, "away": s.Self.Away, "order": order,
		"own": of.Own, "other": of.ID != 0 && !of.Own && of.Who != "nobody", "able": of.Able && !s.plain(),
	}
}

// keepsOrder are the roles of those who keep order in a room.
var keepsOrder = []string{"owner", "moderator", "admin"}

func fits(needs []string, is map[string]bool) bool {
	return !slices.ContainsFunc(needs, func(need string) bool {
		what, not := strings.CutPrefix(need, "!")
		return is[what] == not
	})
}

// menu is what can be done now with a line, a person or oneself.
func (s *State) menu(which string, c *Conversation, of Of) node {
	is := s.holds(c, of)
	label := map[string]string{"line": "Actions", "self": "You", "react": "React with"}[which]
	var groups list
	for _, g := range Offered.Menus[which] {
		items := s.items(g, is, of)
		if items == nil || !fits(g.Needs, is) {
			continue
		}
		title := filled(g.Title, map[string]string{"role": c.Role})
		groups = append(groups, el("div"+pick(title != "", ".risk", ""), at{"role": "group", "aria-label": title}, have(title != "", el("p", at{"aria-hidden": true}, title)), items))
	}
	if which == "react" {
		var all list
		for _, face := range faces {
			all = append(all, item(face, "react", fmt.Sprintf("%d +%s", of.Number, face)))
		}
		groups = list{el("div.faces", at{"role": "group"}, all, item("Other…", "reactOther", fmt.Sprint("#", of.ID)))}
	}
	return el("div.menu", at{"role": "menu", "aria-label": pick(label != "", label, of.Who), "popover": "auto"}, groups)
}

func (s *State) items(g Group, is map[string]bool, of Of) list {
	var all list
	for _, name := range g.Offers {
		if o := Offered.All[name]; fits(o.Needs, is) {
			all = append(all, item(filled(o.Label, map[string]string{"who": of.Who}), name, pick(o.Of != "", fmt.Sprint("#", of.ID), of.Who)))
		}
	}
	return all
}

func item(label, action, with string) node {
	return el("button", does(action, with).and(at{"role": "menuitem", "tabindex": -1}), label)
}

// dialog stands above the page until it is closed.
func dialog(title string, kids ...any) node {
	return el("dialog", at{"aria-labelledby": "dialog-title"},
		el("header.bar", el("h1.grow", at{"id": "dialog-title"}, title), iconButton("x", "Close", "shut", "", "")),
		el("div", at{"tabindex": 0}, list(kids)))
}

func keysDialog() node {
	var all list
	for _, part := range Offered.Keys {
		var rows list
		for _, k := range part.Keys {
			rows = append(rows, el("dt", k[1]), el("dd", el("kbd", k[0])))
		}
		all = append(all, el("section", el("h2", part.Title), el("dl.kv", rows)))
	}
	return dialog("Keyboard", el("div.keys", all))
}

// settingsDialog has a fieldset for each title.
func (s *State) settingsDialog(is map[string]bool) node {
	var sets []node
	for _, set := range Offered.Settings {
		value := s.Settings[set.Name]
		if value == "" {
			value = set.Default
		}
		box := func(kind, label string, more at) node {
			return el("label.chk", el("input", at{"type": kind, "name": set.Name, "data-change": "set"}.and(more)), label)
		}
		if set.Title != "" {
			sets = append(sets, el("fieldset"+pick(set.Values != nil, ".radio", ""), el("legend", set.Title)))
		}
		last := &sets[len(sets)-1]
		for _, v := range set.Values {
			*last = append(*last, box("radio", capital(v), at{"value": v, "checked": value == v}))
		}
		if set.Values == nil {
			*last = append(*last, box("checkbox", set.Label, at{"checked": value == "yes"}))
		}
		if set.Name == "notify" { // the page shows the one that holds, by what the browser says
			*last = append(*last, el("p.err", at{"role": "alert"},
				el("span", at{"id": "denied", "hidden": true}, "This browser does not allow notifications of this page. That can be changed in its settings for this site."),
				el("span", at{"id": "default", "hidden": true}, "Notifications were not allowed, so none are shown.")))
		}
	}
	var all list
	for _, set := range sets {
		all = append(all, set)
	}
	buttons := list{button("Done", "shut", "", ".go")}
	for _, name := range Offered.Menus["settings"][0].Offers {
		if o := Offered.All[name]; fits(o.Needs, is) {
			buttons = append(buttons, button(o.Label, name, "", ""))
		}
	}
	return dialog("Settings", el("form", all, row(buttons)))
}

// formDialog asks something before it is done. failed is why it was not done before.
func formDialog(f Form, values map[string]string, done at, failed, cancel string) node {
	var fields list
	for i, field := range f.Fields {
		about := at{"name": field.Name, "autofocus": i == 0}
		if field.Values == nil {
			kind := pick(field.Secret, "password", "text")
			fields = append(fields, el("label", field.Label, el("input.in", about.and(at{"type": kind, "autocomplete": "off", "required": field.Required}))))
			continue
		}
		var options list
		for _, v := range field.Values {
			options = append(options, append(node{"option", at{"value": v[0]}}, v[1]))
		}
		fields = append(fields, el("label", field.Label, el("select.in", about, options)))
	}
	send := at{"type": "submit", "autofocus": len(f.Fields) == 0 && !f.Risk}
	return dialog(filled(f.Title, values), el("form.stack", done, have(failed != "", wrong(failed)), have(f.Text != "", el("p", name(filled(f.Text, values)))), fields,
		row(el("button.b"+pick(f.Risk, ".risk", ".go"), send, f.Button), button("Cancel", cancel, "", ""))))
}

// question is the dialog of what the process asks while one is logged in; nil: it asks nothing.
func (s *State) question(failed string) node {
	q := s.Question
	if q.ID == 0 || q.Busy || s.asksToLogIn() {
		return nil
	}
	f := Form{Title: "parley asks", Button: "Go on", Fields: []Field{{Name: "answer", Label: q.Prompt, Required: true, Secret: q.Kind == "password"}}}
	switch q.Kind {
	case "password":
		f.Title = "Password"
	case "confirm":
		f.Text, f.Button, f.Fields = strings.TrimSuffix(q.Prompt, " (y or n)")+"?", "Yes", nil
	}
	box := formDialog(f, nil, does("answer", fmt.Sprint(q.ID)), failed, "cancelQuestion")
	box[1].(at)["data-q"] = fmt.Sprint(q.ID)
	return box
}
