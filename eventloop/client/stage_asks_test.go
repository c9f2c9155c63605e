package client

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/eventloop/client/timeline"
	"parley/p2p"
)

// A view beside the terminal. It has the options watch, and unshown, with which the terminal
// shows nothing that counts as read.
//
//	ask> KIND [in=ID] [name=NAME] [number=N] [entry=N] [count=N] [on] [: TEXT]
//	answer< ok|REASON [entry=N] [more] [next=N] [words=...] [candidates=...]
//	answer< ID SENDER TEXT              of the entries of the answer, each
//	model< phase PHASE [WHY]            as it is now, as what follows
//	model< question KIND ID [PROMPT]
//	model< to ID | people NAME(WHY)+ROOM ... | settings NAME=VALUE ...
//	model< ID unread=N mentions=N [draft=TEXT] [role=ROLE] [closed=WHY]
//	model< peer NAME STATE [key-x] [known=key-x] [offered=key-x] [until=DURATION]

// asks makes one thing be asked.
func (s *stage) asks(text string) {
	s.t.Helper()
	head, body, _ := strings.Cut(text+" ", ": ")
	q := Ask{Text: strings.ReplaceAll(strings.TrimSuffix(body, " "), `\n`, "\n"), Answer: s.answered}
	for i, word := range strings.Fields(head) {
		key, value, _ := strings.Cut(word, "=")
		n, _ := strconv.ParseUint(value, 10, 64)
		switch {
		case i == 0:
			q.Kind = AskKind(word)
		case key == "in":
			q.In, q.InName = conversationOf(value)
		case key == "name":
			q.Name = value
		case key == "number":
			q.Number = n
		case key == "entry":
			q.Entry = timeline.ID(n)
		case key == "count":
			q.Count = int(n)
		case key == "on":
			q.On = true
		default:
			s.t.Fatalf("%s: what is %q?", s.where, word)
		}
	}
	s.app.asked(q)
}

var stagePlaces = map[string]timeline.Place{"room": timeline.Room, "direct": timeline.Direct, "private": timeline.Private}

func conversationOf(id string) (timeline.Conversation, string) {
	place, name, ok := strings.Cut(id, ":")
	switch {
	case !ok && place == "lobby":
		return lobby, ""
	case !ok:
		return timeline.Conversation{}, ""
	}
	return timeline.With(stagePlaces[place], name), name
}

func idOf(c timeline.Conversation) string {
	for word, place := range stagePlaces {
		if place == c.Place {
			return word + ":" + c.Name
		}
	}
	return map[timeline.Place]string{timeline.Lobby: "lobby", timeline.Status: "status"}[c.Place]
}

func (s *stage) answered(a Answer) {
	words := []string{"ok"}
	if a.Error != "" {
		words[0] = escaped(a.Error)
	}
	add := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(a.Entry != 0, "entry=%d", a.Entry)
	add(a.More, "more")
	add(a.Next != 0, "next=%d", a.Next)
	add(a.Words != nil, "words=%d", len(a.Words))
	add(a.Candidates != nil, "candidates=%s", strings.Join(a.Candidates, ","))
	for _, room := range a.Rooms {
		add(true, "room=%s", room.Name)
	}
	s.say("answer< " + strings.Join(words, " "))
	for _, e := range a.Entries {
		s.say(strings.TrimSpace(fmt.Sprintf("answer< %d %s %s", e.ID, e.Sender, escaped(e.Text))))
	}
}

// watched compares a part of the model with what it is to be.
func (s *stage) watched(text string) {
	s.t.Helper()
	if got := s.part(strings.Fields(text)); got != text {
		s.t.Fatalf("%s: it is %q, not %q", s.where, got, text)
	}
}

func (s *stage) part(words []string) string {
	m := s.app.model()
	switch words[0] {
	case "phase":
		return strings.TrimSpace(fmt.Sprintf("phase %s %s", m.Phase, m.Why))
	case "question":
		return strings.TrimSpace(fmt.Sprintf("question %s %d %s", m.Question.Kind, m.Question.ID, m.Question.Prompt))
	case "to":
		return "to " + idOf(m.To)
	case "people":
		all := []string{"people"}
		for _, key := range slices.Sorted(maps.Keys(m.People)) {
			p := m.People[key]
			name := p.Name
			if p.Away {
				name += "(" + p.Why + ")"
			}
			all = append(all, strings.Join(append([]string{name}, p.Rooms...), "+"))
		}
		return strings.Join(all, " ")
	case "settings":
		all := []string{"settings"}
		for _, key := range slices.Sorted(maps.Keys(m.Settings)) {
			all = append(all, key+"="+m.Settings[key])
		}
		return strings.Join(all, " ")
	case "peer":
		return s.peerPart(m, words[1])
	}
	for _, c := range m.Conversations {
		if idOf(c.In) != words[0] {
			continue
		}
		got := fmt.Sprintf("%s unread=%d mentions=%d", words[0], c.Unread, c.Mentions)
		for _, f := range []struct{ key, value string }{{"draft", c.Draft}, {"role", c.Role}, {"closed", c.Closed}} {
			if f.value != "" {
				got += " " + f.key + "=" + f.value
			}
		}
		return got
	}
	return words[0] + " is none"
}

func (s *stage) peerPart(m Model, name string) string {
	states := map[p2p.State]string{p2p.Asking: "asking", p2p.Asked: "asked", p2p.Connecting: "connecting", p2p.Open: "open", p2p.Closed: "closed"}
	for _, p := range m.Peers {
		if p.Name != name {
			continue
		}
		got := "peer " + name + " " + states[p.State]
		for _, f := range []struct{ key, value string }{{"", p.Fingerprint}, {"known=", p.Known.Fingerprint}, {"offered=", p.Offered}} {
			if f.value != "" {
				got += " " + f.key + keyName(f.value)
			}
		}
		if !p.Until.IsZero() {
			got += " until=" + p.Until.Sub(s.clk.now).String()
		}
		return got
	}
	return "peer " + name + " is none"
}

// What one run has kept the next one goes on with: with what was said, how far it was read,
// and what was typed; and nothing of it comes twice.
func TestAnotherRunGoesOn(t *testing.T) {
	s := newStage(t, "name=alice", "unshown")
	s.where = "first run"
	for _, line := range []string{
		"dial> ok", `server< login "alice" extended`, "server> +login log1 account rooms=dev read=0 token=abc id=3", `server< names`,
		"server> +names alice, bob",
		"server> +history 2 bob before",
		"server> +message 4 bob one", "server> +message 5 bob [dev] two", "server> +direct 6 bob alice three",
		"ask> say in=direct:bob : four", `server< dm "bob four" #1`, "server> +delivered bob #1",
		"ask> draft in=room:dev : half a li", "ask> draft in=private:bob : secret", "ask> setting name=theme : dark",
		"ask> read in=room:dev entry=99",
	} {
		s.free(line)
	}
	kept := s.app.Kept()
	again := newStageAfter(t, &kept, "name=alice", "unshown")
	again.where = "second run"
	for _, line := range []string{
		"dial> ok", `server< login "alice" extended token=abc log=log1 after=6`,
		"server> +login log1 account rooms=dev token=def id=8 resume=follows",
		"server> +message 7 bob five", "server> +resumed 8", "server> +direct 6 bob alice three",
	} {
		again.free(line)
	}
	for in, want := range map[string]string{"lobby": "2 before|4 one|7 five", "room:dev": "5 two", "direct:bob": "6 three|0 four"} {
		c, _ := conversationOf(in)
		var got []string
		for _, e := range again.app.timeline.Page(c, 0, 100) {
			if e.Kind == timeline.Message {
				got = append(got, fmt.Sprintf("%d %s", e.Number, e.Text))
			}
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s has %q, want %q", in, s, want)
		}
	}
	again.watched("lobby unread=2 mentions=0")
	again.watched("room:dev unread=0 mentions=0 draft=half a li")
	again.watched("settings theme=dark")
	if got := again.part([]string{"private:bob"}); got != "private:bob is none" {
		t.Errorf("of a private session %q was kept", got)
	}
}

// free does a line of a script and forgets what comes of it, but for what the server is sent.
func (s *stage) free(line string) {
	s.t.Helper()
	if want, ok := strings.CutPrefix(line, "server< "); ok {
		i := slices.Index(s.log, "server< "+want)
		if i < 0 {
			s.t.Fatalf("%s: %q was not sent, but %q", s.where, want, s.log)
		}
		s.log = nil
		return
	}
	if !strings.HasPrefix(line, "server>") {
		s.log = nil
	}
	all := s.log
	s.log = nil
	s.do(line)
	s.log = append(all, s.log...)
}
