package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"parley/eventloop/client"
	"parley/eventloop/client/roster"
	"parley/eventloop/client/timeline"
)

// What a page sends is an ask of the chat that says the same, or none; and it is answered under its
// own id. What is about a conversation has one, and the chat's own ask comes from no page.
func FuzzAsks(f *testing.F) {
	for _, text := range []string{`{"id":1,"ask":"say","in":"lobby","text":"hello"}`, `{"id":2,"ask":"page","in":"room:dev","entry":7,"count":200}`,
		`{"id":3,"ask":"react","number":12,"text":"+1","on":true}`, `{"id":4,"ask":"private.start","name":"Bob"}`, `{"id":5,"ask":"say","text":"nowhere"}`,
		`{"id":6,"ask":"open","in":"direct:"}`, `{"id":0,"ask":"active"}`, `{"id":-1,"ask":"active"}`, `{"id":18446744073709551615,"ask":"retry"}`, `{"id":1e3,"ask":"retry"}`,
		`{"id":7,"ask":"` + string(client.AskKept) + `","in":"lobby"}`, `{"id":8,"ask":"nonsense","count":-1}`, `{"id":9,"id":10,"ASK":"retry"}`, `[]`, `null`, "", "\xff", strings.Repeat("[", 20_000)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		q, ok := parseAsk(b)
		if !ok {
			return
		}
		ask, ok := askOf(q, nil)
		if ok && ask.Kind == client.AskKept {
			t.Errorf("%q is an ask of the chat's own", b)
		}
		if nowhere := (timeline.Conversation{}); ok && namesPlace[ask.Kind] && (q.In == "" || ask.In == nowhere && q.In != idOf(nowhere)) {
			t.Errorf("%q is about %+v", b, ask.In)
		}
		if string(ask.Kind) != q.Ask || ask.Text != q.Text || ask.Name != q.Name || ask.Number != q.Number || ask.Entry != timeline.ID(q.Entry) || ask.Count != q.Count || ask.On != q.On {
			t.Errorf("%q is %+v", b, ask)
		}
		h := newHub("run")
		tab := newTab(nil, nil)
		tab.reply(h, q, client.Answer{Error: q.Text}, Answer{})
		var reply Frame
		if err := json.Unmarshal(tab.answers[0].frame, &reply); err != nil || reply.ID != q.ID || reply.Type != TypeAnswer || reply.Answer.OK != (q.Text == "") {
			t.Errorf("%q is answered with %s: %v", b, tab.answers[0].frame, err)
		}
	})
}

// leads waits until a tab is told whether it is the one that notifies.
func (b *browser) leads(want string) {
	b.t.Helper()
	for {
		if leads := string(b.frame().Facts["leads"]); leads == want {
			return
		} else if leads != "" {
			b.t.Fatalf("that it notifies is %s, not %s", leads, want)
		}
	}
}

// Of several tabs, in whatever browsers, that notifies which had the focus last.
func TestOneTabNotifies(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	first, second := s.entered(), s.entered()
	looks := func(b *browser, id int, focus bool) {
		b.asks(fmt.Sprintf(`{"id":%d,"ask":"look","view":{"in":"lobby","focus":%t}}`, id, focus))
	}
	for _, b := range []*browser{first, second} {
		b.opens("", 0)
		b.frame()
		looks(b, 1, false)
	}
	first.leads("true")
	second.leads("false")
	looks(second, 2, true)
	second.leads("true")
	first.leads("false")
	looks(second, 3, false) // another program has the focus
	looks(first, 2, true)
	first.leads("true")
	second.leads("false")
	first.conn.CloseNow()
	second.leads("true")
	first.opens("", 0) // in the background
	first.frame()
	looks(first, 3, false)
	first.leads("false")
}

// A tab goes where its command leads, but not when the person has gone somewhere else meanwhile: it is there already.
func TestATabFollowsItsCommands(t *testing.T) {
	led := *stateOf(logged, client.Model{}, nil)
	led.Conversations = map[string]*Conversation{"lobby": {ID: "lobby"}, "room:dev": {ID: "room:dev", Kind: "room"}}
	for want, asks := range map[string][]Ask{
		"room:dev": {{Ask: AskLine}},
		"":         {{Ask: AskLine}, {Ask: AskOpen, In: "room:dev"}},
	} {
		l, s, is := Look{View: View{In: "lobby"}}, Screen{}, led
		s.Begin(&is)
		for _, q := range asks {
			l.Asked(q)
		}
		to := "room:dev"
		is.To = &to
		if f := s.Show(&is, l); f.Go != want {
			t.Errorf("after %v it goes to %q, not to %q", asks, f.Go, want)
		}
	}
}

// What is typed in a tab is the draft of the conversation, and told to the other one of a private session; not what the
// process has put into the field, nor what becomes of a line that is being changed.
func TestWhatIsTypedIsTheDraft(t *testing.T) {
	look := func(in, text, more string) Ask {
		q, ok := parseAsk([]byte(fmt.Sprintf(`{"id":1,"ask":"look","view":{"in":%q,"text":%q%s}}`, in, text, more)))
		if !ok {
			t.Fatalf("%q, %q: no ask", in, text)
		}
		return q
	}
	const mine = `,"mine":true`
	var l Look
	for _, c := range []struct {
		look  Ask
		tells bool
		want  string
	}{
		{look("lobby", "kept before", ""), true, ""},
		{look("lobby", "he", mine), true, "draft lobby he"},
		{look("lobby", "he", mine+`,"focus":true`), true, ""},
		{look("lobby", "hey", mine), true, "draft lobby hey"},
		{look("lobby", "a line", mine+`,"edit":"12:00"`), true, ""},
		{look("lobby", "a line", mine), true, "draft lobby a line"},
		{look("lobby", "", mine), true, "draft lobby "},
		{look("private:bob", "", mine), true, "draft private:bob "},
		{look("private:bob", "h", mine), true, "draft private:bob h, typing private:bob h"},
		{look("private:bob", "hi", mine), false, "draft private:bob hi"},
		{look("private:bob", "hi", ""), true, ""},
		{look("nowhere:at all", "hi", mine), true, ""},
		{Ask{ID: 1, Ask: AskLook}, true, ""},
		{Ask{ID: 1, Ask: AskOpen, In: "lobby", View: &View{In: "lobby", Text: "hi", Mine: true}}, true, ""},
	} {
		var all []string
		for _, ask := range l.typed(c.look, c.tells) {
			all = append(all, fmt.Sprintf("%s %s %s", ask.Kind, idOf(ask.In), ask.Text))
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%+v asks %q, not %q", c.look.View, got, c.want)
		}
		l.Asked(c.look)
	}
}

// The field of a tab becomes the draft when another tab has typed last, however late the draft is told.
func TestTheFieldIsWhatWasTypedLast(t *testing.T) {
	h := newHub("run")
	one, two := newTab(nil, nil), newTab(nil, nil)
	h.join(one, "", 0)
	h.join(two, "", 0)
	types := func(tab *tab, text string, mine bool) {
		h.asked(tab, Ask{Ask: AskLook, View: &View{In: "lobby", Text: text, Mine: mine}})
	}
	fills := func(draft, first, second string) {
		t.Helper()
		m := logged
		m.Conversations = []client.Conversation{{In: timeline.Conversation{Place: timeline.Lobby}, Draft: draft}}
		h.Watch(m)
		for tab, want := range map[*tab]string{one: first, two: second} {
			got := ""
			if f := tab.screen.Show(h.current(), tab.look); f != nil {
				got = f.Fill
			}
			if got != want {
				t.Errorf("behind the draft %q is filled %q, not %q", draft, got, want)
			}
		}
	}
	types(two, "", false)
	types(one, "h", true)
	types(one, "he", true)
	fills("h", "", "lobby")
	types(two, "h", false)
	fills("he", "", "lobby")
	types(two, "he", false)
	types(two, "hey", true)
	fills("he", "", "")
	fills("hey", "lobby", "")
	types(one, "hey", false)
	fills("hey", "", "")
}

// newOpenStand has one browser with a tab, which has its snapshot.
func newOpenStand(t *testing.T) (*stand, *browser) {
	s := newStand(t)
	s.Watch(logged)
	b := s.entered()
	b.opens("", 0)
	b.frame()
	return s, b
}

// It reaches the chat before what is asked behind it, such as a candidate for its end.
func TestTheDraftIsAskedFirst(t *testing.T) {
	s, b := newOpenStand(t)
	b.asks(`{"id":7,"ask":"look","view":{"in":"lobby","text":"/na","mine":true,"complete":"/na"}}`)
	b.asks(`{"id":8,"ask":"look","view":{"in":"lobby","text":"/names ","mine":true}}`)
	for _, want := range []string{"draft /na", "complete /na", "draft /names "} {
		q := <-s.Asks()
		if got := fmt.Sprintf("%s %s", q.Kind, q.Text); got != want {
			t.Errorf("it is asked %q, not %q", got, want)
		}
		q.Answer(client.Answer{})
	}
}

// A text that is much too long for a message gets to the chat, which says so.
func TestALongTextIsAsked(t *testing.T) {
	s, b := newOpenStand(t)
	text := strings.Repeat("a line of a file\\n", 30_000)
	b.asks(`{"id":7,"ask":"offer","name":"send","in":"lobby","put":{"text":"` + text + `"}}`)
	if q := <-s.Asks(); q.Kind != client.AskSay || len(q.Text) < 400_000 {
		t.Errorf("it is asked %s with %d bytes", q.Kind, len(q.Text))
	}
}

// BenchmarkTyping is what a letter costs that is typed where a thousand people are: the draft is kept and told to a tab, but
// who is there, who hears it and the rest is not drawn again for it (36 us; 22 ms if it is, of which ten a second would be a
// fifth of a core: 2 shared cores of an AMD EPYC, busy with other work, 2026-11-27).
func BenchmarkTyping(b *testing.B) {
	h, l, s, m := newHub("run"), Look{View: View{In: "lobby", Mine: true}}, Screen{}, logged
	m.People, m.PeopleChanges = make(map[string]roster.Person), 1
	for i := range 1000 {
		name := fmt.Sprint("person", i)
		m.People[name] = roster.Person{Name: name}
	}
	h.Watch(m)
	s.Begin(h.current())
	s.Show(h.current(), l)
	for i := 0; b.Loop(); i++ {
		text := fmt.Sprint("text ", i)
		m.Conversations = []client.Conversation{{In: timeline.Conversation{Place: timeline.Lobby}, Draft: text}}
		h.Watch(m)
		l.Asked(Ask{Ask: AskLook, View: &View{In: "lobby", Mine: true, Text: text}})
		if f := s.Show(h.current(), l); !strings.Contains(string(f.Facts["drafts"]), text) {
			b.Fatalf("of %q is told: %s", text, f.Facts["drafts"])
		}
	}
}

// What is typed is drawn again as soon as it says something else of who hears it.
func TestWhoHearsWhatIsTyped(t *testing.T) {
	h, l, s := newHub("run"), Look{}, Screen{}
	h.Watch(logged)
	s.Begin(h.current())
	for _, c := range []struct {
		text, edit string
		parts      string
	}{
		{"h", "", "app aside aud box cmds extra favicon field head main nav net page reply scroll send sheet skip tab typing compose"},
		{"he", "", ""},
		{"he\n", "", ""},
		{"he\n\n", "", "aud"}, // of three lines
		{"/na", "", "aud send"},
		{"/nam", "", "send"},
		{"//nam", "", "aud send"},
		{"//names", "", ""},
		{"//names", "12:00", "aud send"},
	} {
		l.Asked(Ask{Ask: AskLook, View: &View{In: "lobby", Text: c.text, Edit: c.edit, Mine: true}})
		var parts []string
		if f := s.Show(h.current(), l); f != nil {
			parts = slices.Sorted(maps.Keys(f.Parts))
		}
		want := strings.Fields(c.parts)
		slices.Sort(want)
		if !slices.Equal(parts, want) {
			t.Errorf("behind %q changes %q, not %q", c.text, parts, want)
		}
	}
	m := logged
	m.Conversations = []client.Conversation{{In: timeline.Conversation{Place: timeline.Lobby}, Unread: 2, Draft: "//names"}}
	h.Watch(m)
	if f := s.Show(h.current(), l); f == nil || !strings.Contains(string(f.Parts["nav"]), "2") {
		t.Errorf("two new lines change %v", f)
	}
}
