package web

import (
	"fmt"
	"regexp"
	"strings"
)

// Commands that say something, by who hears it.
var (
	saysAlone   = regexp.MustCompile(`(?i)^/(?:dm|tell|message|query|whisper|w)\s+(\S+)`)
	saysSealed  = regexp.MustCompile(`(?i)^/private\s+(\S+)`)
	saysToAll   = regexp.MustCompile(`(?i)^/(?:msg|broadcast)\s+([^\s,:]*)`)
	saysInRoom  = regexp.MustCompile(`(?i)^/room\s+(\S+)\s+\S`)
	pillOfFacts = map[string][2]string{"verified": {".ok", "shield"}, "not verified": {".warn", "alert"}, "direct": {"", "direct"}, "relay": {"", "relay"}}
)

// An audience is who hears what is typed. It is told before it is sent, above the field; what is
// unclear is not sent.
type audience struct {
	kind string // room, direct, ok and warn (private, verified and not), later, none
	icon string
	who  string
	verb string   // what they do
	more []string // facts; of nobody: why
	to   string   // the button names them; "": nothing is sent
	act  node     // what can be done about it; nil: nothing
}

const hearsThis = " hears this"

// audienceOf is who hears a text that is typed in a conversation. edited is the time of the line
// that it changes; "": none.
func (s *State) audienceOf(c *Conversation, text, edited string) audience {
	typed := strings.TrimLeft(text, blank)
	switch {
	case s.Connection.Phase == "ended":
		return nobody("the chat has ended")
	case edited != "":
		return audience{kind: "room", icon: "edit", who: "Changes your line of " + edited, more: []string{"everybody who sees it sees that it was edited"}, to: s.place(c), act: link("Cancel", "cancelEdit", "")}
	case !isCommand(text):
		return s.hears(c)
	}
	if m := saysAlone.FindStringSubmatch(typed); m != nil {
		return s.hearsAlone(m[1])
	}
	if m := saysSealed.FindStringSubmatch(typed); m != nil {
		return s.hears(s.conversation("private:" + keyOf(m[1])))
	}
	if m := saysInRoom.FindStringSubmatch(typed); m != nil {
		return s.hears(s.conversation(pick(keyOf(m[1]) == "lobby", "lobby", "room:"+keyOf(m[1]))))
	}
	switch m := saysToAll.FindStringSubmatch(typed); {
	case m == nil:
		return audience{kind: "room", icon: "info", who: "A command", more: []string{"for parley, not a line for others"}, to: strings.Fields(typed)[0]}
	case s.People[keyOf(m[1])] != nil:
		return nobody(fmt.Sprintf("/msg says it to everyone. Did you mean /dm %s?", m[1]))
	case c.Kind == "room":
		return s.hears(c)
	}
	return s.hears(s.conversation("lobby"))
}

// isCommand reports whether a text is a command. One that begins with // is a line that begins with /.
func isCommand(text string) bool {
	typed := strings.TrimLeft(text, blank)
	return strings.HasPrefix(typed, "/") && !strings.HasPrefix(typed, "//")
}

const blank = " \t\n"

func nobody(why string) audience {
	return audience{kind: "none", icon: "none", who: "Nobody", verb: hearsThis, more: []string{why}}
}

// place is what a conversation is called as a receiver.
func (s *State) place(c *Conversation) string {
	if c.Kind == "lobby" {
		return s.lobby()
	}
	return c.Name
}

func (s *State) hears(c *Conversation) audience {
	var heard audience
	switch {
	case c.Kind == "private":
		return s.hearsSealed(c)
	case c.Closed != "":
		return nobody(c.Closed)
	case c.Kind == "direct":
		heard = s.hearsAlone(c.Name)
	case s.plain():
		heard = audience{kind: "room", icon: "people", who: "Everyone connected", verb: hearsThis, more: []string{"plain server, it can read everything"}, to: "everyone"}
	default:
		heard = audience{kind: "room", icon: "people", who: "Everyone in " + s.place(c), verb: hearsThis, more: []string{"kept by the server"}, to: s.place(c)}
		if here := len(s.members(c)); here > 0 {
			heard.more = append([]string{fmt.Sprint(here, " here")}, heard.more...)
		}
	}
	if !s.loggedIn() && heard.to != "" {
		heard.kind, heard.icon, heard.who, heard.verb, heard.act = "later", "clock", heard.who+", later", "", nil
		heard.more = []string{"kept on this machine until the connection is back"}
	}
	return heard
}

func (s *State) hearsAlone(name string) audience {
	if s.plain() {
		return nobody("this server knows no direct messages")
	}
	heard := audience{kind: "direct", icon: "one", who: "Only " + name, verb: hearsThis, more: []string{"through " + s.Server.Label + ", which can read it"}, to: name}
	if s.Server.Private && s.loggedIn() && s.peer(name) == nil {
		heard.act = link("Talk privately", "startPrivate", name)
	}
	return heard
}

func (s *State) hearsSealed(c *Conversation) audience {
	p := s.peer(c.Name)
	switch {
	case p != nil && p.State != "open" && p.State != "closed":
		return nobody("the private session is not open")
	case p == nil || p.State != "open":
		heard := nobody("there is no private session with " + c.Name + ", the draft stays here")
		heard.act = link("Ask again", "startPrivate", c.Name)
		return heard
	case p.Verified:
		return audience{kind: "ok", icon: "shield", who: "Only " + p.Name, verb: hearsThis, more: []string{"encrypted", "verified", way(p.Relay)}, to: p.Name, act: link("Details", "openDrawer", "aside")}
	}
	return audience{kind: "warn", icon: "lock", who: "Only the holder of key " + brief(p.Fingerprint), verb: hearsThis, more: []string{"encrypted", "not verified", way(p.Relay)}, to: p.Name, act: link("Compare words", "words", p.Name)}
}

// brief is the beginning and the end of a fingerprint.
func brief(fingerprint string) string {
	runes := []rune(strings.TrimPrefix(fingerprint, "SHA256:"))
	if len(runes) < 8 {
		return string(runes)
	}
	return string(runes[:4]) + "…" + string(runes[len(runes)-3:])
}

// unheard is why a line is not to be run, since it is not clear who would hear it; "": it is.
func (s *State) unheard(q Ask) string {
	heard := s.audienceOf(s.conversation(q.In), q.Text, "")
	if heard.to != "" {
		return ""
	}
	return heard.why()
}

func (a audience) why() string { return fmt.Sprintf("%s hears this: %s", a.who, sentence(a.more[0])) }

// strip is what stands above the field. lines is how many the text has.
func (a audience) strip(lines int) list {
	facts := list{icon(a.icon), el("span", el("b", name(a.who)), a.verb)}
	for _, fact := range a.more {
		if p, ok := pillOfFacts[fact]; ok {
			facts = append(facts, pill(p[0], p[1], fact))
		} else {
			facts = append(facts, el("span", name(fact)))
		}
	}
	return append(facts, have(lines > 2, el("span", fmt.Sprintf("one message of %d lines", lines))), a.act)
}

// send is the button: its attributes, and what is in it.
func (a audience) send() (at, list) {
	if a.to == "" {
		return at{"class": "b go", "aria-disabled": true, "aria-label": "Cannot send"}, list{icon("none"), el("span", "Cannot send")}
	}
	verb := "Send to "
	switch a.icon {
	case "info":
		verb = "Run "
	case "edit":
		verb = "Change in "
	}
	class := "b " + pick(a.kind == "ok" || a.kind == "warn", a.kind, "go")
	return at{"class": class, "aria-disabled": false, "aria-label": verb + a.to},
		list{icon("send"), el("span", el("span.wide", verb), name(a.to))}
}

// gone are the parts that a page shows when the process does not answer any more, and has not said that the chat has
// ended: there is nobody who would keep what is typed.
func gone() map[string]any {
	heard := nobody("what you type is only in this field")
	attributes, label := heard.send()
	return map[string]any{"box": at{"data-aud": heard.kind}, "aud": of(at{}, heard.strip(1)), "send": of(attributes, label)}
}

// sentence is words with a dot at their end.
func sentence(words string) string {
	if strings.ContainsAny(words[max(0, len(words)-1):], ".?!") {
		return words
	}
	return words + "."
}
