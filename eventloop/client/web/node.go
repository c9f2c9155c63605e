package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"
)

// A node is an element of a page as it is sent: its tag with its classes, its attributes if it
// has some, and what is in it, texts and nodes:
//
//	["button.b.go",{"data-do":"accept","data-arg":"bob"},["icon",{"id":"lock"}],"Accept"]
//
// A text is only ever set as text. The page makes more than that of a few attributes:
//
//	at     milliseconds since 1970: the time of day there, with long the day, too
//	text   the text of the line stands in the node, before what else is in it
//	when   the node is there only while that holds of its line, or with a ! while it does not
//
// What is done with a node is named by data-do, with data-arg; what it is set to by data-change.
type node []any

// at are attributes. One that is nil, "" or false is not there; false of aria- is a value.
type at map[string]any

// MarshalJSON has the values of aria- be the words that they are in a document.
func (a at) MarshalJSON() ([]byte, error) {
	words := maps.Clone(map[string]any(a))
	for name, value := range words {
		if is, ok := value.(bool); ok && strings.HasPrefix(name, "aria-") {
			words[name] = strconv.FormatBool(is)
		}
	}
	return json.Marshal(words)
}

// list is several nodes in a row.
type list []any

// el makes a node: el("button.b", at{"data-do": "shut"}, "Done"). What is nil, "" or false is
// left out of what is in it.
func el(spec string, rest ...any) node {
	n := node{spec}
	if len(rest) > 0 {
		if attributes, ok := rest[0].(at); ok {
			rest = rest[1:]
			for name, value := range attributes {
				if value == nil || value == "" || value == false && !strings.HasPrefix(name, "aria-") {
					delete(attributes, name)
				}
			}
			if len(attributes) > 0 {
				n = append(n, attributes)
			}
		}
	}
	return append(n, flat(rest)...)
}

// flat is a list without lists in it, and without what is not there.
func flat(all []any) []any {
	var kids []any
	for _, kid := range all {
		switch kid := kid.(type) {
		case nil, bool:
		case string:
			if kid != "" {
				kids = append(kids, kid)
			}
		case int:
			kids = append(kids, strconv.Itoa(kid))
		case list:
			kids = append(kids, flat(kid)...)
		case node:
			if kid != nil {
				kids = append(kids, kid)
			}
		default:
			panic(fmt.Sprintf("web: a %T cannot be drawn, only texts, numbers and nodes", kid))
		}
	}
	return kids
}

// have is what is there only if something holds.
func have(is bool, kids ...any) any {
	if !is {
		return nil
	}
	return list(kids)
}

// pick is one of two words.
func pick(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// does is the attributes of what does something: an action and its argument.
func does(action, of string) at { return at{"data-do": action, "data-arg": of} }

// and returns attributes with others.
func (a at) and(others at) at {
	for name, value := range others {
		a[name] = value
	}
	return a
}

// icon is one of the pictures. Without a label it is an ornament.
func icon(id string) node { return el("icon", at{"id": id}) }

func labelled(id, label string) node { return el("icon", at{"id": id, "aria-label": label}) }

// name is what others have chosen, apart from what stands beside it.
func name(text string) node { return el("bdi", text) }

func button(label, action, of, classes string) node {
	return el("button.b"+classes, does(action, of), label)
}

func iconButton(picture, label, action, of, classes string) node {
	return el("button.ib"+classes, does(action, of).and(at{"aria-label": label, "title": label}), icon(picture))
}

func link(label, action, of string) node { return el("button.lk", does(action, of), label) }

func hidden(text string) node { return el("span.vh", text) }

func pill(kind, picture, label string) node { return el("span.pill"+kind, icon(picture), label) }

func row(kids ...any) node { return el("div.row", list(kids)) }

// wrong says why something was not done.
func wrong(why ...any) any {
	if why = flat(why); len(why) == 0 {
		return nil
	}
	return el("p.err", icon("alert"), el("span", why...))
}

// countdown is how many seconds there are until a time, in milliseconds since 1970; of 0 there are none. It is told to
// nobody.
func countdown(until int64) any {
	if until == 0 {
		return nil
	}
	left := time.Until(time.UnixMilli(until))
	return el("span.dim.small", at{"aria-hidden": "true"}, fmt.Sprintf("%d s", max(0, int(math.Ceil(left.Seconds())))))
}

// counts reports whether something is counted down.
func (s *State) counts() bool {
	now := time.Now().UnixMilli()
	for _, p := range s.Peers {
		if p.Until > now {
			return true
		}
	}
	return s.Connection.Retry > now
}
