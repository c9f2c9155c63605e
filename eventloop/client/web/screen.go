package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
)

// A View is what a tab looks at, as it says with each look.
type View struct {
	In       string `json:"in"`       // the conversation that is open
	Jump     string `json:"jump"`     // what a person is looking for in the left column
	Page     string `json:"page"`     // is shown in its place: search, rooms; "": none
	Text     string `json:"text"`     // what is typed, or its first 5,000 UTF-16 units if it is too long to be sent
	Mine     bool   `json:"mine"`     // it was typed in this tab, so that it is the draft of the conversation, unless a line is being changed
	Edit     string `json:"edit"`     // the time of the line that is being changed; "": none is
	Complete string `json:"complete"` // what is to be completed, a command or a name at its end; "": nothing is
	Reply    *Reply `json:"reply"`    // the line that is being answered; nil: none is
	Empty    bool   `json:"empty"`    // there are no lines in the conversation
	Focus    bool   `json:"focus"`    // a person looks at the tab: it has the focus
}

// shown is a View as far as what is shown depends on it: who hears a line is the same with each letter, but where the
// text is not the newest it becomes the draft.
func (v View) shown() View {
	if v.Mine && !isCommand(v.Text) {
		v.Text = strings.Repeat("\n", strings.Count(v.Text, "\n"))
	}
	v.Mine = false
	return v
}

// typedSince reports whether there is something in the field that was typed, and not there before. Where nothing was before,
// as behind a lost WebSocket, the tab is believed: it says mine if it has what it was not told.
func (v View) typedSince(before View) bool {
	return v.Mine && v.Edit == "" && (v.Text != before.Text || v.In != before.In || before.Edit != "")
}

// A Reply is the line that what is typed answers.
type Reply struct {
	Who  string `json:"who"`
	Text string `json:"text"` // its beginning
}

// A Look is a View with what was answered to the tab. The zero value looks at nothing.
type Look struct {
	View
	alone  bool // what was typed is not the draft: it was refused, as what is too long is, or not answered yet
	found  search
	rooms  []Room
	failed string   // why there are no rooms
	with   string   // with whom words are compared; "": with nobody
	words  []string // that are compared

	completed  string // what was completed last
	candidates []string
	length     int // of the end of it that they replace

	leads   bool      // of all tabs it is this one that notifies
	follows time.Time // up to then the tab goes where its commands lead
	turn    int       // counts the changes of what is shown
}

// Lead says whether it is this tab that notifies, and reports whether that has changed.
func (l *Look) Lead(leads bool) (changed bool) {
	if changed = l.leads != leads; changed {
		l.leads = leads
		l.turn++
	}
	return changed
}

// TypedElsewhere notes that another tab has typed in a conversation: what stands here is not the newest.
func (l *Look) TypedElsewhere(in string) { l.Mine = l.Mine && l.In != in }

// Kept notes that a text which was typed has become the draft of a conversation.
func (l *Look) Kept(in, text string) { l.alone = l.alone && (l.In != in || l.Text != text) }

// lags reports whether what stands in the field is to become the draft of the conversation: another tab has typed
// there since. What is nowhere else stays.
func (l *Look) lags(c *Conversation) bool {
	return !l.Mine && !l.alone && l.Edit == "" && c != nil && l.Text != c.Draft
}

// Asked takes what the tab asks, as far as it changes what it is shown.
func (l *Look) Asked(q Ask) {
	switch {
	case q.Ask == AskLine, q.Ask == AskPrivateAccept:
		l.follows = time.Now().Add(followTime)
		return
	case q.Ask == AskOpen: // the person goes somewhere else
		l.follows = time.Time{}
		return
	case q.Ask == AskLook && q.View != nil:
		was, typed := l.View, q.View.typedSince(l.View)
		l.View, l.Mine, l.alone = *q.View, q.View.Mine && (l.Mine || typed), q.View.Mine && (l.alone || typed)
		if l.In != "private:"+keyOf(l.with) {
			l.with = ""
		}
		if reflect.DeepEqual(was.shown(), l.shown()) {
			return
		}
	case q.Ask == "", q.Ask == AskPrivateVerify, q.Ask == AskPrivateEnd:
		l.with = ""
	case q.Ask == AskSearch && q.Number == 0:
		l.found = search{text: q.Text, asked: true, busy: true}
	default:
		return
	}
	l.turn++
}

// typed is what the chat is asked because of what is typed, if the tab has not said it before: it keeps it, and tells the
// other one of a private session.
func (l *Look) typed(q Ask, tells bool) (all []client.Ask) {
	v := q.View
	if q.Ask != AskLook || v == nil || !v.typedSince(l.View) {
		return nil
	}
	in, name, ok := conversationOf(v.In)
	if !ok {
		return nil
	}
	ask := client.Ask{Kind: AskDraft, In: in, InName: name, Text: v.Text, Answer: func(client.Answer) {}}
	all = append(all, ask)
	if ask.Kind = client.AskTyping; tells && in.Place == timeline.Private && v.Text != "" {
		all = append(all, ask)
	}
	return all
}

// Answered takes what it was answered, and leaves in the answer what the page does with it.
func (l *Look) Answered(q Ask, a *Answer) {
	switch q.Ask {
	case AskSearch:
		l.found.busy, l.found.next, l.found.failed = false, a.Next, a.Error
		l.found.entries = append(slices.Clip(a.Found), l.found.entries...)
		a.Lines = nil
	case AskRooms:
		l.rooms, l.failed = a.Rooms, a.Error
	case AskLook:
		if q.View == nil || q.View.Complete == "" {
			return
		}
		l.completed, l.candidates, l.length = q.View.Complete, a.Candidates, a.Length
		a.Candidates, a.Length = nil, 0
	case AskPrivateWords:
		l.with, l.words = q.Name, a.Words
	default:
		return
	}
	l.turn++
}

// A Screen is what a tab is shown beside the lines: parts, each of which is sent again when it has
// changed. It is of the goroutine that writes to the tab.
type Screen struct {
	sent    map[string]string // the parts that the tab has
	drawn   *State            // of which they were made; nil: they are to be made anew
	turn    int               // that of the Look
	phase   string            // of the connection, as the tab knows it; "": it knows none
	changed []string          // whose keys have changed, as it knows
	to      string            // the conversation that lines of the terminal are for, as it knows
	follows time.Time         // that of the Look for which it has gone there
}

// followTime is how long a tab goes where its last command leads, if the person goes nowhere else. What another tab or
// the terminal does, it does not follow.
const followTime = 5 * time.Second

// Begin is what a page has to know before it looks at anything.
func (s *Screen) Begin(is *State) map[string]json.RawMessage {
	s.tell(is)
	facts := is.facts()
	s.to = facts["to"].(string)
	facts["gone"], facts["pictures"], facts["shell"] = gone(), pictures, shell
	return s.fresh("", facts)
}

// tell is what a person who does not see the page is told of what has changed.
func (s *Screen) tell(is *State) map[string][]string {
	told := make(map[string][]string)
	changed, phase := is.changed(), is.Connection.Phase
	for _, who := range changed {
		if !slices.Contains(s.changed, who) {
			told["alert"] = append(told["alert"], fmt.Sprintf("The key of %s has changed. No session is opened.", who))
		}
	}
	switch {
	case s.phase == "" || s.phase == phase:
	case s.phase == "logged_in":
		told["status"] = []string{"Connection lost. Your lines are kept."}
	case phase == "logged_in":
		told["status"] = []string{"Connected."}
	}
	s.phase, s.changed = phase, changed
	return told
}

// Show is what has become of the parts; nil: nothing has.
func (s *Screen) Show(is *State, l Look) *Frame {
	if l.In == "" {
		return nil
	}
	facts := is.facts()
	maps.Copy(facts, is.seen(l))
	f := &Frame{Type: TypeShow, Facts: s.fresh("", facts), Tell: s.tell(is)}
	if s.drawn == nil || s.turn != l.turn || !is.looksLike(s.drawn) {
		f.Parts = s.fresh("#", is.parts(l))
	}
	if s.drawn, s.turn = is, l.turn; is.counts() {
		s.drawn = nil
	}
	if to := facts["to"].(string); to != s.to {
		if s.to = to; to != "" && l.follows.After(time.Now()) && l.follows != s.follows {
			f.Go, s.follows = to, l.follows
		}
	}
	if l.lags(is.Conversations[l.In]) {
		f.Fill = l.In
	}
	if len(f.Parts)+len(f.Facts)+len(f.Tell)+len(f.Go)+len(f.Fill) == 0 {
		return nil
	}
	return f
}

// fresh is those that have changed, encoded.
func (s *Screen) fresh(kind string, all map[string]any) map[string]json.RawMessage {
	if s.sent == nil {
		s.sent = make(map[string]string)
	}
	changed := make(map[string]json.RawMessage)
	for id, part := range all {
		b := encoded(part)
		if s.sent[kind+id] != string(b) {
			s.sent[kind+id] = string(b)
			changed[id] = b
		}
	}
	return changed
}

func encoded(part any) json.RawMessage {
	b, err := json.Marshal(part)
	if err != nil { // of nodes and words there is none that cannot be encoded
		panic(err)
	}
	return b
}

// looksLike reports whether the parts of s are those of was: drafts are in none of them, and change with each letter.
func (s *State) looksLike(was *State) bool {
	without := func(s State) State {
		s.Conversations = maps.Clone(s.Conversations)
		for id, c := range s.Conversations {
			if c.Draft != "" {
				other := *c
				other.Draft = ""
				s.Conversations[id] = &other
			}
		}
		return s
	}
	return reflect.DeepEqual(without(*s), without(*was))
}

// asksToLogIn reports whether a name or a password is asked for, and nothing else can be done.
func (s *State) asksToLogIn() bool {
	return s.Question.ID > 0 && !s.loggedIn() && (s.Question.Kind == "name" || s.Question.Kind == "password")
}

// A part is the attributes of an element, and what is in it.
type part []any

func of(attributes at, kids ...any) part { return append(part{attributes}, flat(kids)...) }

// parts are all that is shown, by the ids of the elements; with only attributes if what is in one
// is the page's own.
func (s *State) parts(l Look) map[string]any {
	c, asks := s.conversation(l.In), s.asksToLogIn()
	parts := map[string]any{
		"nav":   of(at{}, s.conversations(pick(l.Page == "", c.ID, ""), l.Jump)),
		"aside": of(at{"aria-label": pick(isAlone(c), "About "+c.Name, "People")}, s.aside(c)),
	}
	parts["tab"], parts["favicon"] = of(at{}, s.tabTitle(c)), at{"href": s.favicon()}
	parts["net"] = of(at{}, have(!asks, s.banner()))
	sheet := asks || l.Page != ""
	for _, id := range []string{"head", "scroll", "compose", "skip"} {
		parts[id] = at{"hidden": sheet}
	}
	parts["app"] = at{"class": "app" + pick(asks, " solo", "")}
	parts["page"] = at{}
	for _, name := range []string{"theme", "density", "fold"} {
		parts["page"].(at)["data-"+name] = s.Settings[name]
	}
	switch {
	case asks:
		parts["sheet"] = of(at{}, s.login(s.Wrong))
	case l.Page == "search":
		parts["sheet"] = of(at{}, s.search(l.found))
	case l.Page == "rooms":
		parts["sheet"] = of(at{}, s.rooms(l.rooms, l.failed))
	default:
		parts["sheet"] = of(at{"hidden": true})
		s.talk(c, l, parts)
		return parts
	}
	parts["main"] = at{"data-lane": nil}
	parts["sheet"].(part)[0].(at)["hidden"] = false
	return parts
}

// talk is what stands around the lines of a conversation.
func (s *State) talk(c *Conversation, l Look, parts map[string]any) {
	lane, p := any(nil), s.peer(c.Name)
	if c.Kind != "private" {
		p = nil
	}
	switch {
	case p == nil:
	case p.State != "open":
		lane = "none"
	default:
		lane = pick(p.Verified, "ok", "warn")
	}
	parts["main"] = at{"data-lane": lane}
	parts["head"] = of(at{"hidden": false}, s.head(c))
	card := any(nil)
	if p != nil {
		var words []string
		if sameName(l.with, p.Name) {
			words = l.words
		}
		card = s.cardOf(p, words)
	}
	if card == nil && l.Empty && (s.loggedIn() || c.Kind == "private") { // else it is not known
		card = s.empty(c)
	}
	parts["extra"] = of(at{}, card)
	heard, lines := s.audienceOf(c, l.Text, l.Edit), strings.Count(l.Text, "\n")+1
	attributes, label := heard.send()
	parts["box"] = at{"data-aud": heard.kind}
	parts["aud"] = of(at{}, heard.strip(lines))
	parts["send"] = of(attributes, label)
	writes := c.Kind == "private" && *s.Writing != "" && sameName(*s.Writing, c.Name)
	parts["reply"] = of(at{"hidden": true})
	if r := l.Reply; r != nil {
		parts["reply"] = of(at{"hidden": false}, icon("reply"), hidden("You answer "), el("span.grow", name(r.Who), ": ", name(r.Text)), link("Cancel", "reply", ""))
	}
	parts["cmds"], parts["field"] = l.completion()
	parts["typing"] = of(at{}, have(writes, fmt.Sprintf("%s is writing…", *s.Writing)))
}

// completion is the candidates for what is being typed, with what stands before the cursor behind them, and the attributes of the
// field.
func (l Look) completion() (candidates part, field at) {
	var all list
	if typed := []rune(l.completed); l.Complete == l.completed && l.length <= len(typed) {
		for i, c := range l.candidates {
			whole := string(typed[:len(typed)-l.length]) + strings.TrimRight(c, " ") + " "
			all = append(all, el("div.opt", does("take", whole).and(at{"id": fmt.Sprint("o", i), "role": "option", "aria-selected": i == 0}), el("code", c)))
		}
	}
	first := any(nil)
	if all != nil {
		first = "o0"
	}
	return of(at{"hidden": all == nil, "data-of": l.Complete}, all),
		at{"aria-expanded": all != nil, "aria-activedescendant": first}
}
