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
	"parley/protocol"
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

// twoTabs are of one chat, which keeps what is typed, but not a text that is too long.
type twoTabs struct {
	*testing.T
	h        *hub
	one, two *tab
}

func newTwoTabs(t *testing.T) *twoTabs {
	s := &twoTabs{t, newHub("run"), newTab(nil, nil), newTab(nil, nil)}
	s.h.join(s.one, "", 0)
	s.h.join(s.two, "", 0)
	return s
}

// looks has a tab look at the lobby, with a text in its field.
func (s *twoTabs) looks(tab *tab, text string, mine bool, more ...func(*View)) {
	v := &View{In: "lobby", Text: text, Mine: mine}
	for _, change := range more {
		change(v)
	}
	for _, ask := range s.h.asked(tab, Ask{Ask: AskLook, View: v}) {
		var a client.Answer
		if len(ask.Text) > protocol.MaxText {
			a.Error = "That is too long to be kept."
		}
		ask.Answer(a)
	}
}

// fills has the chat tell a draft, behind which the fields of both tabs are filled, or not.
func (s *twoTabs) fills(draft string, first, second bool) {
	s.Helper()
	m := logged
	m.Conversations = []client.Conversation{{In: timeline.Conversation{Place: timeline.Lobby}, Draft: draft}}
	s.h.Watch(m)
	for tab, want := range map[*tab]bool{s.one: first, s.two: second} {
		f := tab.screen.Show(s.h.current(), tab.look)
		if got := f != nil && f.Fill == "lobby"; got != want {
			s.Errorf("behind the draft %.20q it is filled: %v, not %v", draft, got, want)
		}
	}
}

// The field of a tab becomes the draft when another tab has typed last, however late the draft is told.
func TestTheFieldIsWhatWasTypedLast(t *testing.T) {
	s := newTwoTabs(t)
	s.looks(s.two, "", false)
	s.looks(s.one, "h", true)
	s.looks(s.one, "he", true)
	s.fills("h", false, true)
	s.looks(s.two, "h", false)
	s.fills("he", false, true)
	s.looks(s.two, "he", false)
	s.looks(s.two, "hey", true)
	s.fills("he", false, false)
	s.fills("hey", true, false)
	s.looks(s.one, "hey", false)
	s.fills("hey", false, false)
}

// A tab in which nothing was typed since has no newer text, whatever else of it has changed before its field is filled.
func TestOnlyWhatIsTypedIsNewer(t *testing.T) {
	for what, change := range map[string]func(*View){
		"the focus": func(v *View) { v.Focus = true }, "what is looked for": func(v *View) { v.Jump = "b" }, "the page": func(v *View) { v.Page = "rooms" },
	} {
		t.Run(what, func(t *testing.T) {
			s := newTwoTabs(t)
			s.looks(s.one, "old", true)
			s.looks(s.two, "old", false)
			s.fills("old", false, false)
			s.looks(s.two, "new", true)
			s.looks(s.one, "old", true, change)
			s.fills("new", true, false)
		})
	}
}

// A text that was not kept as the draft is nowhere else: what is typed in another tab does not take its place.
func TestATextThatIsNotKeptStays(t *testing.T) {
	for text, stays := range map[string]bool{
		strings.Repeat("x", protocol.MaxText): false, strings.Repeat("x", protocol.MaxText+1): true, strings.Repeat("x", 4999): true, strings.Repeat("x", 5000): true,
		strings.Repeat("語", 1365): false, strings.Repeat("語", 1366): true, strings.Repeat("語", 5000): true,
	} {
		t.Logf("%.9q, %d bytes", text, len(text))
		s := newTwoTabs(t)
		s.looks(s.two, "", false)
		s.looks(s.one, text, true)
		s.fills("", false, false)
		s.looks(s.two, "other", true)
		s.looks(s.one, text, true, func(v *View) { v.Focus = true })
		s.fills("other", !stays, false)
		s.looks(s.one, "short", true)
		s.fills("short", false, true)
		s.looks(s.two, "shorter", true)
		s.fills("shorter", true, false)
	}
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
