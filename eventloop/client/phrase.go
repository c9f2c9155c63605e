package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/command"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// phrase puts a sentence of an extended server as this client says it: with the people
// of a list counted and who of them is away, and with commands as they are typed here.
func (a *App) phrase(r *protocol.Response) {
	if len(r.Data.Names) > 0 {
		r.Content = listNames(*r)
		return
	}
	r.Content = asTyped(a.commands, r.Content)
}

// listNames returns what an answer says that lists names: the bare list, or one of the
// pages of a long one.
func listNames(r protocol.Response) string {
	d := r.Data
	page, list, ok := strings.Cut(r.Content, ": ")
	if !ok {
		page, list = "", r.Content
	}
	more, ok := strings.CutPrefix(list, strings.Join(d.Names, ", "))
	if !ok || more != "" && !strings.HasPrefix(more, ", and ") {
		return r.Content
	}
	if page == "" {
		page = fmt.Sprintf("%s (%d)", whose(r), len(d.Names))
	}
	return page + ": " + peopleIn(d) + more
}

// peopleIn are the names of a list, who of them is away, and whose are not those that they
// look like.
func peopleIn(d *protocol.Data) string {
	people := make([]string, len(d.Names))
	for i, name := range d.Names {
		people[i] = view.ToldApart(name, d.Likes[name])
		if why, away := d.Away[name]; away {
			people[i] += " (" + awayWords(why) + ")"
		}
	}
	return strings.Join(people, ", ")
}

// whose says what the names of a list are. What was asked for stands in the ref.
func whose(r protocol.Response) string {
	switch asked, _, _ := strings.Cut(r.Ref, "-"); {
	case r.Data.Event == protocol.EventBlocked:
		return "Blocked"
	case aboutRoom(r) != "":
		return "In " + r.Data.Room
	case asked == "whoelse":
		return "Also connected"
	case asked == "whoelsesince":
		return "Were connected"
	}
	return "Connected"
}

// asTyped returns a sentence of the server with the commands at its end as a person
// types them here: "Use: back" becomes "Use: /back", "Use: passwd OLD NEW" becomes
// "Use: /passwd", which asks for both. A sentence with others at its end stays as it is.
func asTyped(table *command.Table, content string) string {
	sentence, verbs := protocol.CutCommands(content)
	if len(verbs) == 0 {
		return content
	}
	typed := make([]string, len(verbs))
	for i, v := range verbs {
		verb, args, _ := strings.Cut(v, " ")
		c := table.Lookup(verb)
		if c == nil || verb != strings.ToLower(verb) {
			return content
		}
		typed[i] = "/" + c.Name
		if c.Args != "" && args != "" {
			typed[i] += " " + args
		}
	}
	return protocol.WithCommands(sentence, typed...)
}
