package client

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"parley/eventloop/doctor"
	"parley/eventloop/doctor/dialect"
)

// judgeRequests adds to a run what is to be said of the requests that it has seen.
func (r *run) judgeRequests() (habits []doctor.Habit) {
	list := r.server.Requests()
	if len(list) == 0 {
		return nil
	}
	first := func(id string, bad func(q dialect.Request) string) bool {
		for _, q := range list {
			if what := bad(q); what != "" {
				r.checks = append(r.checks, check{id, false, what, []doctor.Segment{doctor.NewSegment(q.At, q.Conn, false, q.Raw)}})
				return true
			}
		}
		r.checks = append(r.checks, check{id: id, ok: true, found: fmt.Sprintf("%d requests", len(list))})
		return false
	}
	junk := r.server.Junk()
	first(pJSON, func(q dialect.Request) string { return notJSON(q, junk) })
	first(pKeys, wrongKeys)
	first(pWords, wrongWord)
	if first(pContent, func(q dialect.Request) string {
		return when(!q.Broken && q.TextKey == "", "a request without content")
	}) {
		habits = append(habits, habitAbsent)
	}
	if first(pContentKind, wrongContent) {
		habits = append(habits, habitObject)
	}
	if first(pOneByOne, func(q dialect.Request) string {
		return when(q.Reads > 1, fmt.Sprintf("a request in %d segments", q.Reads)) + when(q.Together, "a request together with the one before it")
	}) {
		habits = append(habits, habitApart)
	}
	if last := list[len(list)-1]; bytes.Contains(last.After, []byte("\n")) { // by then it has seen that the server sends none
		habits = append(habits, habitNewline)
	}
	if c, is := r.has(pLogout); is && !c.ok {
		habits = append(habits, habitDrops)
	}
	r.notes = append(r.notes, framing(list))
	return habits
}

// when returns a sentence if something is so.
func when(is bool, sentence string) string {
	if is {
		return sentence
	}
	return ""
}

func notJSON(q dialect.Request, junk []byte) string {
	switch {
	case q.Broken:
		return "this is no JSON"
	case len(bytes.TrimSpace(q.Before)) > 0:
		return fmt.Sprintf("%q stands in front of a request", q.Before)
	case len(junk) > 0:
		return fmt.Sprintf("%q stands behind the last request", junk)
	case q.Keys == nil:
		return "this is no object"
	}
	return ""
}

func wrongKeys(q dialect.Request) string {
	switch {
	case q.Broken:
		return ""
	case q.VerbKey != "request" && q.VerbKey != "":
		return fmt.Sprintf("the word stands under the key %q", q.VerbKey)
	case q.VerbKey == "":
		return "there is no key request"
	case q.TextKey != "content" && q.TextKey != "":
		return fmt.Sprintf("the argument stands under the key %q", q.TextKey)
	}
	return ""
}

func wrongWord(q dialect.Request) string {
	return when(q.Verb != "" && q.Word != q.Verb, fmt.Sprintf("%q stands for %s", q.Word, q.Verb))
}

func wrongContent(q dialect.Request) string {
	switch q.Content.(type) {
	case nil, string:
		return ""
	}
	return fmt.Sprintf("the content is %T", q.Content)
}

// framing says what stands behind requests.
func framing(list []dialect.Request) string {
	var ends []string
	for _, q := range list {
		if end := fmt.Sprintf("%q", q.After); !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
	}
	if len(ends) == 1 && ends[0] == `""` {
		return "it sends nothing behind a request"
	}
	return "behind a request it sends " + strings.Join(ends, " or ")
}

// judge returns the points of the rules, from what was found at the basic server.
func (e *exam) judge() (list []doctor.Point) {
	for _, rule := range rules {
		if !slices.Contains(e.cfg.Only, rule.Group) {
			continue
		}
		found, is := e.basic.has(rule.ID)
		if rule.ID == pHangup && e.dropped != nil {
			found, is = e.dropped.has(rule.ID)
		}
		if !is {
			list = append(list, rule.Untested(e.whyUntested(rule.ID)))
			continue
		}
		list = append(list, rule.Judge(found.ok, found.found, found.trace))
	}
	return list
}

// whyUntested says why nothing is known of a point.
func (e *exam) whyUntested(id string) string {
	needs := map[string]Act{pHelp: Help, pHelpShown: Help, pMsg: Msg, pMsgUnicode: Msg, pOnce: Msg, pNames: Names, pNamesShown: Names, pErrorShown: Names, pLogout: Logout}
	switch act, has := needs[id]; {
	case has && e.cfg.Templates[act] == "" && e.cfg.Templates[Login] != "":
		return e.whyNot(act)
	case e.basic.ended != "":
		return e.basic.ended
	case id == pErrorShown:
		return "it asks for nothing before the login"
	}
	return "it did not come to that"
}

// whyNot says why an act was not done.
func (e *exam) whyNot(act Act) string {
	return fmt.Sprintf("it has no command for this: --type %s=WORDS would say it", act)
}

// askedFor are the dialects that differ in the answer to an act only.
var askedFor = map[string]Act{"names-list": Names, "names-objects": Names, "names-newline": Names, "names-kind": Names, "no-echo": Msg, "receipt": Msg,
	"logout-close": Logout, "logout-info-close": Logout, "logout-nothing": Logout}

// judgeDialect returns the point of a dialect: what was passed at the basic server has to
// be passed there too.
func (e *exam) judgeDialect(d dialect.Dialect, r *run) doctor.Point {
	rule := dialectRule(d)
	if act, has := askedFor[d.Name]; has && e.cfg.Templates[act] == "" {
		return rule.Untested(e.whyNot(act))
	}
	var troubles []string
	var trace []doctor.Segment
	for _, c := range r.checks {
		if at, known := e.basic.has(c.id); c.ok || known && !at.ok {
			continue
		}
		if troubles = append(troubles, asks(c.id)+" No: "+c.found); trace == nil {
			trace = c.trace
		}
	}
	if len(troubles) == 0 {
		return rule.Judge(true, fmt.Sprintf("%d points", len(r.checks)), r.server.Trace(0))
	}
	return rule.Judge(false, strings.Join(troubles[:min(len(troubles), 3)], "; "), trace)
}

// asks is what a point asks. Two are looked at only where servers have the habit.
func asks(id string) string {
	switch id {
	case pGreeting:
		return "It shows what the server says by itself."
	case pLong:
		return "It shows a long message."
	}
	return rules[slices.IndexFunc(rules, func(r doctor.Rule) bool { return r.ID == id })].Asks
}
