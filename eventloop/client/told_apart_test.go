package client

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// Where the server says whose name that of somebody can be taken for, the client says it
// wherever it names that person first: in what is said and told, in marks, quotes, lists,
// sentences of its own, and in the prompt. Only what one types stays as it is.
func TestNamesAreToldApartEverywhere(t *testing.T) {
	d := newDeceit(t, 400, "private")
	d.answer(protocol.KindInfo, "server", "Welcome!", map[string]any{"event": protocol.EventLogin, "name": "alice", "log": "log1", "rooms": []map[string]any{{"name": "ops"}}})
	likes := map[string]string{"aIice": "alice"}
	d.likes = likes
	begun := len(d.blocks)
	d.answer(protocol.KindMessage, "aIice", "psst", map[string]any{"event": protocol.EventDirect, "to": "alice", "id": 900, "likes": likes})
	d.privately("aIice", likes)
	for _, line := range []string{
		"/ids on", "/reply x", "/dm aIice hello", "/query aIice", "/query", "/private aIice", "/lobby", "/room", "/room 3", "a text", "/lobby", "/recent", "/unread",
		"/startprivate aIice", "/peers", "/accept aIice", "/decline aIice", "/stopprivate aIice", "/verify aIice", "/trust aIice", "/invite aIice ops", "/reply #1 x", "/reply 2 x",
		"/edit x", "no", "/around 900",
	} {
		d.app.typed(Input{Text: line})
		d.settle()
	}
	d.lookUp("aIice", "some words")
	d.events("aIice", "some words", "+1", []string{"ops", ""}, likes)
	d.pass("2m")

	seen := 0
	for _, block := range d.blocks[begun:] {
		text := toldApartIn(block(400))
		if strings.Contains(text, "alice (not alice)") {
			t.Errorf("of herself it is said that she is not: %s", text)
		}
		switch first := naming.FindStringSubmatchIndex(text); {
		case first == nil:
		case first[2] < 0:
			t.Errorf("it is not said who that is not: %s", text)
		default:
			seen++
		}
	}
	if seen < 90 {
		t.Errorf("%d blocks name her", seen)
	}
	for _, line := range []string{"aIice (direct, not alice)> ", "aIice (private, not verified, not alice)> "} {
		if !d.prompts[line] {
			t.Errorf("there was no prompt %q but %v", line, d.prompts)
		}
	}
	for title := range d.titles {
		if strings.Contains(title, "aIice") && !strings.Contains(title, "not alice") {
			t.Errorf("the title %q", title)
		}
	}
}

// naming is a name that is told apart, or is not.
var naming = regexp.MustCompile(`aIice( \(not alice\))?`)

// typedName is the name in what one may type.
var typedName = regexp.MustCompile(`(/[a-z]+ |with:|from:|@)aIice\b( (before|after) \d+)?`)

// toldApartIn returns the text of a block without the commands in it.
func toldApartIn(rows []string) string {
	text := looks.ReplaceAllString(strings.Join(rows, "\n"), "")
	return typedName.ReplaceAllStringFunc(text, func(typed string) string {
		if strings.HasPrefix(typed, "@") { // in a list of conversations
			return typed
		}
		return "..."
	})
}

// privately has a private session with somebody begin, talk and end, in all ways.
func (d *deceit) privately(name string, likes map[string]string) {
	private := func(event, key string, session int, paths ...string) {
		d.ref = ""
		d.answer(protocol.KindInfo, "server", "x", map[string]any{"event": event, "name": name, "likes": likes, "seconds": 60,
			"private": map[string]any{"session": session, "fingerprint": keyOf(key), "paths": paths, "token": strings.Repeat("0a", protocol.TokenSize)}})
	}
	types := func(line string) {
		d.app.typed(Input{Text: line})
		d.settle()
	}
	for i, key := range []string{"key-b", "key-c"} { // the other key is warned of
		types("/startprivate " + name)
		private(protocol.EventInvited, key, 70+i)
		private(protocol.EventIntroduced, key, 70+i, "192.168.1.5:4000", "relay")
		for _, what := range []string{"linked direct 192.168.1.5:4000", "hello", "typing", "says 1 psst"} {
			d.peers.happens(name + " " + what)
			d.settle()
		}
		types("/private " + name)
		types("between us")
		types("/peers")
		types("/verify " + name)
		types("/verify " + name + " yes")
		types("/lobby")
		d.peers.happens(name + " lost gone")
		d.settle()
		d.pass("5s")
		types("/private " + name)
		types("/lobby")
		types("/trust " + name)
	}
	for i, event := range []string{protocol.EventDeclined, protocol.EventLapsed, protocol.EventStopped} {
		private(protocol.EventInvitation, "key-d", 80+i)
		private(event, "key-d", 80+i)
		types("/startprivate " + name)
		private(protocol.EventInvited, "key-d", 90+i)
		private(event, "key-d", 90+i)
	}
	d.clk.now = d.clk.now.Add(time.Minute)
	d.settle()
}
