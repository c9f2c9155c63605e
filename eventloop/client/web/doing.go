package web

import (
	"fmt"
	"strconv"
	"strings"
)

// Offered is the ask that does what is offered, by its name, with what was put into its form, and what the page
// is answered beside what comes of that. Without such an ask, of which the kind is "", that is all: a dialog
// or a menu, or where the page goes. Other asks stay as they are.
func (s *State) Offered(q Ask) (does Ask, with Answer) {
	if q.Ask != AskOffer {
		return q, with
	}
	if q.Of == nil {
		q.Of = &Of{}
	}
	does = Ask{ID: q.ID, Run: q.Run, In: q.In, Name: q.Of.Who, Number: q.Of.Number, Text: q.Put["text"], On: true}
	if with.Tree = s.popup(q); with.Tree != nil {
		return does, with
	}
	o, known := Offered.All[q.Name]
	switch {
	case o.Line != "":
		all := values(s.conversation(q.In), *q.Of)
		for name, value := range q.Put {
			all[name] = value
		}
		does.Ask, does.Text = AskLine, filled(o.Line, all)
	case o.Ask != "":
		does.Ask = o.Ask
	case !known:
		with.Error = "There is nothing that is done like this."
	}
	if o.Goes != "" {
		with.Go = o.Goes + keyOf(q.Of.Who)
	}
	switch q.Name {
	case "jumpTo":
		with.Go = s.found(q.Put["jump"])
	case "beside":
		with.Go = s.beside(q.In, strings.HasPrefix(q.Of.Who, "ArrowUp"), strings.HasSuffix(q.Of.Who, "true"))
	}
	number, rest, _ := strings.Cut(q.Of.Who, " ")
	switch q.Name {
	case "send":
		return s.sent(q, does)
	case "answer":
		with.shown = true
		does.Number, does.Text = numberIn(number), "y"
		if answer, ok := q.Put["answer"]; ok {
			does.Text = answer
		}
	case "cancelQuestion":
		does.Number = s.Question.ID
	case "search":
		with.shown = true
		does.Text = q.Put["words"]
	case "searchMore":
		with.shown = true
		does.Number, does.Text = numberIn(number), rest
	case "react":
		does.Number, does.Text, does.On = numberIn(number), rest[min(1, len(rest)):], strings.HasPrefix(rest, "+")
	}
	return does, with
}

func numberIn(digits string) uint64 {
	n, _ := strconv.ParseUint(digits, 10, 64) // of 0 there is nothing
	return n
}

// sent is what becomes of a text that is sent: it changes a line, answers one, is a command, or is said. What nobody
// hears is not said.
func (s *State) sent(q, does Ask) (Ask, Answer) {
	text := strings.TrimRight(q.Put["text"], " \t\r\n")
	heard := s.audienceOf(s.conversation(q.In), text, q.Put["edit"])
	with := Answer{Said: "Sent. " + heard.who + pick(heard.verb != "", " hears it", "")}
	words, searches := strings.CutPrefix(text, "/search ")
	does.Text = text
	switch {
	case heard.to == "":
		return does, Answer{Error: heard.why()}
	case q.Put["edit"] != "":
		does.Ask, with.Said = AskEdit, "Changed"
	case searches:
		does.Ask, does.Number, does.Text, with = AskSearch, 0, words, Answer{Go: "/search", shown: true}
	case isCommand(text):
		does.Ask, with = AskLine, Answer{}
	default:
		does.Ask = AskSay
		if strings.HasPrefix(text, "//") {
			does.Text = text[1:]
		}
	}
	return does, with
}

// popup is the menu or the dialog by which something begins; nil: it needs none.
func (s *State) popup(q Ask) node {
	c, of, which := s.conversation(q.In), *q.Of, menus[q.Name]
	if q.Name == "person" && of.Who == s.Self.Name {
		which = "self"
	}
	o := Offered.All[q.Name]
	switch {
	case which != "":
		return s.menu(which, c, of)
	case q.Name == "keys":
		return keysDialog()
	case q.Name == "settings":
		return s.settingsDialog(s.holds(c, Of{}))
	case o.Form == nil || q.Put != nil:
		return nil
	}
	with := of.Who
	if of.ID != 0 {
		with = fmt.Sprint("#", of.ID)
	}
	return formDialog(*o.Form, values(c, of), does(q.Name, with), "", "shut")
}

// menus are what offers of that name begin with.
var menus = map[string]string{"lineMenu": "line", "reactMenu": "react", "person": "person", "selfMenu": "self"}

// values are those that are put into the texts of an offer.
func values(c *Conversation, of Of) map[string]string {
	v := map[string]string{"who": of.Who, "number": fmt.Sprint(of.Number)}
	if c.Kind == "room" {
		v["room"] = strings.TrimPrefix(c.ID, "room:")
	}
	return v
}
