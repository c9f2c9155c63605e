package web

import (
	"strings"
	"testing"
)

// somewhere is a chat with people, rooms and private sessions.
func somewhere() *State {
	to, writing := "lobby", ""
	return &State{
		Self: &Self{Name: "alice", Account: true}, Server: &Server{Label: "chat.example", Dialect: "extended", Private: true},
		Connection: &Connection{Phase: "logged_in"}, Question: &Question{Kind: "none"}, To: &to, Writing: &writing,
		Conversations: map[string]*Conversation{
			"lobby": {ID: "lobby", Kind: "lobby", Role: "moderator"}, "room:dev": {ID: "room:dev", Kind: "room", Name: "Dev"}, "room:ops": {ID: "room:ops", Kind: "room", Name: "ops", Closed: "You are not in ops."},
			"direct:bob": {ID: "direct:bob", Kind: "direct", Name: "bob"}, "private:bob": {ID: "private:bob", Kind: "private", Name: "bob"}, "private:eve": {ID: "private:eve", Kind: "private", Name: "eve"},
		},
		People: map[string]*Person{"alice": {Name: "alice"}, "bob": {Name: "bob", Rooms: []string{"room:dev"}}, "carol": {Name: "carol", Away: true, Why: "lunch"}},
		Peers:  map[string]*Peer{"bob": {Name: "bob", State: "open", Fingerprint: "SHA256:LXSc1frAuWwjZI", Path: "relay", Relay: true}, "eve": {Name: "eve", State: "asked"}},
	}
}

// Who hears a text is told before it is sent, and what is unclear is not sent.
func TestWhoHearsAText(t *testing.T) {
	plain, off, verified := somewhere(), somewhere(), somewhere()
	plain.Server.Dialect, plain.Server.Private = "plain", false
	off.Connection.Phase = "offline"
	ended := somewhere()
	ended.Connection.Phase = "ended"
	verified.Peers["bob"].Verified = true
	for _, c := range []struct {
		state             *State
		in, text, edit    string
		kind, words, send string // send "": it is not sent
	}{
		{somewhere(), "lobby", "hi", "", "room", "Everyone in lobby hears this|3 here|kept by the server", "Send to lobby"},
		{somewhere(), "room:dev", "//hi", "", "room", "Everyone in Dev hears this|1 here|kept by the server", "Send to Dev"},
		{somewhere(), "room:ops", "hi", "", "none", "Nobody hears this|You are not in ops.", ""},
		{somewhere(), "room:gone", "hi", "", "none", "Nobody hears this|You are not in gone.", ""},
		{somewhere(), "direct:bob", "hi", "", "direct", "Only bob hears this|through chat.example, which can read it", "Send to bob"},
		{somewhere(), "lobby", " /DM carol hi", "", "direct", "Only carol hears this|through chat.example, which can read it", "Send to carol"},
		{somewhere(), "lobby", "/msg bob: 4711", "", "none", "Nobody hears this|/msg says it to everyone. Did you mean /dm bob?", ""},
		{somewhere(), "room:dev", "/msg all of you", "", "room", "Everyone in Dev hears this|1 here|kept by the server", "Send to Dev"},
		{somewhere(), "room:dev", "/room LOBBY hi", "", "room", "Everyone in lobby hears this|3 here|kept by the server", "Send to lobby"},
		{somewhere(), "room:dev", "/room dev", "", "room", "A command|for parley, not a line for others", "Run /room"},
		{somewhere(), "lobby", "/", "", "room", "A command|for parley, not a line for others", "Run /"},
		{somewhere(), "lobby", "x", "12:03", "room", "Changes your line of 12:03|everybody who sees it sees that it was edited", "Change in lobby"},
		{somewhere(), "private:bob", "hi", "", "warn", "Only the holder of key LXSc…jZI hears this|encrypted|not verified|relay", "Send to bob"},
		{verified, "lobby", "/private bob hi", "", "ok", "Only bob hears this|encrypted|verified|relay", "Send to bob"},
		{somewhere(), "private:eve", "hi", "", "none", "Nobody hears this|the private session is not open", ""},
		{somewhere(), "private:carol", "hi", "", "none", "Nobody hears this|there is no private session with carol, the draft stays here", ""},
		{plain, "lobby", "hi", "", "room", "Everyone connected hears this|plain server, it can read everything", "Send to everyone"},
		{plain, "direct:bob", "hi", "", "none", "Nobody hears this|this server knows no direct messages", ""},
		{ended, "lobby", "hi", "", "none", "Nobody hears this|the chat has ended", ""},
		{ended, "room:dev", "/away", "", "none", "Nobody hears this|the chat has ended", ""},
		{off, "lobby", "hi", "", "later", "Everyone in lobby, later|kept on this machine until the connection is back", "Send to lobby"},
		{off, "room:ops", "hi", "", "none", "Nobody hears this|You are not in ops.", ""},
	} {
		heard := c.state.audienceOf(c.state.conversation(c.in), c.text, c.edit)
		attributes, _ := heard.send()
		words := strings.Join(append([]string{heard.who + heard.verb}, heard.more...), "|")
		if send := attributes["aria-label"]; heard.kind != c.kind || words != c.words || send != c.send && (c.send != "" || heard.to != "" || attributes["aria-disabled"] != true) {
			t.Errorf("in %s %q: %s %s, %s", c.in, c.text, heard.kind, words, send)
		}
		unheard := c.state.unheard(Ask{In: c.in, Text: c.text})
		if c.edit == "" && (unheard == "") != (c.send != "") {
			t.Errorf("in %s %q is refused: %q", c.in, c.text, unheard)
		}
	}
}

// A card tells what a private session needs, and a menu what can be done.
func TestWhatIsShown(t *testing.T) {
	s := somewhere()
	changed := &Peer{Name: "bob", State: "closed", Changed: true, Fingerprint: "SHA256:aaaabbbb", Known: &Key{Fingerprint: "SHA256:aaaacccc", Verified: true}}
	s.Learns = "learns no address of yours."
	off := somewhere()
	off.Connection = &Connection{Phase: "offline", Why: "closed", Retry: 5000, Kept: 2}
	asks := somewhere()
	asks.Connection.Phase, asks.Question = "connected", &Question{ID: 3, Kind: "password", Prompt: "password of alice"}
	name := somewhere()
	name.Connection.Phase, name.Question = "connected", &Question{ID: 3, Kind: "name"}
	for what, c := range map[string]struct {
		tree any
		want []string
	}{
		"a changed key":   {s.cardOf(changed, nil), []string{"The key of bob has changed", "Verified before", "Keep it closed", "Take the new key…"}},
		"an invitation":   {s.cardOf(&Peer{Name: "eve", State: "asked", Fingerprint: "SHA256:aaaa"}, nil), []string{"eve asks for a private session", "If you accept, eve learns no address of yours.", "Through chat.example", "not verified", "Accept"}},
		"the words":       {s.cardOf(s.Peers["bob"], []string{"lobster", "pulp"}), []string{"Compare six words with bob", "1lobster", "2pulp", "They differ: end the session"}},
		"nothing":         {s.cardOf(s.Peers["bob"], nil), nil},
		"no connection":   {off.banner(), []string{"Not connected to chat.example. Closed. Trying again in ", " 2 of your lines are kept.", "Try now"}},
		"a login":         {asks.login("Wrong."), []string{"Welcome to chat.example", "Password of alice", "Wrong.", "Log in", "Another name"}},
		"the first login": {name.login(""), []string{"Three things to know", "Ctrl / lists the keys"}},
		"the rooms":       {s.rooms([]Room{{Name: "dev", Members: 3}}, ""), []string{"RoomAboutHereYou", "3Join"}},
		"who is there":    {s.aside(s.conversation("lobby")), []string{"Here, 2", "Away, 1", "lunch"}},
		"one's own line":  {s.menu("line", s.conversation("lobby"), Of{Who: "you", ID: 7, Number: 12, Own: true, Able: true}), []string{"React…ReplyEditCopy textRemove…"}},
		"another's line":  {s.menu("line", s.conversation("room:dev"), Of{Who: "bob", ID: 7, Number: 12, Able: true}), []string{"React…ReplyCopy textWrite to bob alone", "Report this line…"}},
		"a moderator's":   {s.menu("line", s.conversation("lobby"), Of{Who: "bob", ID: 7, Number: 12, Able: true}), []string{"As moderator here", "Mute bob…", "What was done here"}},
		"oneself":         {s.menu("self", s.conversation("lobby"), Of{}), []string{"Away…Where I am logged in"}},
		"the settings":    {s.settingsDialog(s.holds(s.conversation("lobby"), Of{})), []string{"Theme", "System", "Only for mentions", "DoneChange password…Log out"}},
		"a form":          {s.popup(Ask{Ask: AskOffer, In: "lobby", Name: "mute", Of: &Of{Who: "bob"}}), []string{"Mute bob", "bob sees who did it and why.", "for ever", "Cancel"}},
		"what needs none": {s.popup(Ask{Ask: AskOffer, In: "lobby", Name: "whois", Of: &Of{Who: "bob"}}), nil},
	} {
		got := ""
		for _, kid := range flat([]any{c.tree}) {
			got += words(t, kid)
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: there is no %q in %s", what, want, got)
			}
		}
		if c.want == nil && got != "" {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// What is put into a form becomes a command or an ask, and nothing that is put in is read as a place for more.
func TestWhatIsOfferedBecomesAnAsk(t *testing.T) {
	s := somewhere()
	for _, c := range []struct {
		in, name string
		of       Of
		put      map[string]string
		want     string
	}{
		{"lobby", "whois", Of{Who: "bob"}, nil, "line /whois bob"},
		{"room:dev", "kick", Of{Who: "bob"}, map[string]string{"why": "{who} $1"}, "line /kick bob dev {who} $1"},
		{"lobby", "mute", Of{Who: "bob"}, map[string]string{"time": "1h"}, "line /mute bob 1h"},
		{"lobby", "report", Of{Who: "bob", ID: 7, Number: 12}, map[string]string{"why": "spam"}, "line /report 12 spam"},
		{"lobby", "remove", Of{Who: "you", ID: 7, Number: 12}, map[string]string{"text": "a slip"}, "remove a slip"},
		{"lobby", "accept", Of{Who: "bob"}, nil, "private.accept "},
		{"lobby", "nonsense", Of{}, nil, " "},
	} {
		got, with := s.Offered(Ask{ID: 1, Run: "r", Ask: AskOffer, In: c.in, Name: c.name, Of: &c.of, Put: c.put})
		if with.Tree != nil || got.Ask+" "+got.Text != c.want || got.ID != 1 || got.Run != "r" || got.In != c.in || got.Number != c.of.Number || got.Name != c.of.Who {
			t.Errorf("%s with %v is %+v (%v)", c.name, c.put, got, with)
		}
	}
}

// A line is told on the desktop if the person wants that; what is private does not say its text there.
func TestWhatIsToldOnTheDesktop(t *testing.T) {
	s := somewhere()
	s.Settings = map[string]string{"notify": "yes"}
	for _, c := range []struct {
		e    Entry
		want Note
	}{
		{Entry{In: "lobby", Sender: "bob", Text: "hi"}, Note{}},
		{Entry{In: "lobby", Sender: "bob", Text: "hi", Mention: true}, Note{"bob in lobby", "hi"}},
		{Entry{In: "direct:bob", Sender: "bob", Text: "hi"}, Note{"bob", "hi"}},
		{Entry{In: "private:bob", Sender: "bob", Text: "hi"}, Note{"bob", "A private line"}},
		{Entry{In: "direct:bob", Sender: "bob", Text: "hi", Old: true}, Note{}},
		{Entry{In: "direct:bob", Text: "hi", Own: true}, Note{}},
	} {
		c.e.Kind = "message"
		var got Note
		if n := s.LineOf(c.e).Note; n != nil {
			got = *n
		}
		if got != c.want {
			t.Errorf("%+v is told as %q, not %q", c.e, got, c.want)
		}
	}
}
