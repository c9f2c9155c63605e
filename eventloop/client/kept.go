package client

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/eventloop/client/timeline"
	"parley/protocol"
)

const (
	// maxDrafts is how many drafts are kept: one for each conversation that a timeline has.
	maxDrafts = timeline.MaxConversations

	// maxSettings is how many settings are kept, each of maxSetting bytes at most.
	maxSettings = 50
	maxSetting  = 200

	// keptEntries is how many entries of one conversation, and keptTotal how many of all, the
	// next run of the program is told.
	keptEntries = 500
	keptTotal   = 5_000
)

// Kept is what a run of the program leaves to the next one: what was said, how far it was
// read, and what was typed and not sent. Nothing of private sessions is in it.
type Kept struct {
	Name     string // whose it is; "" if that is not known yet
	In       bool   // they were logged in
	Log      string // whose numbers the entries have; "" of a server without numbers
	Token    string // of the session, which the next run goes on with
	After    uint64 // what came up to that number of the log is in it
	Whole    bool   // that is so
	Talks    []KeptTalk
	Settings map[string]string
}

// A KeptTalk is a conversation of Kept.
type KeptTalk struct {
	In      timeline.Conversation
	Name    string
	Cursor  timeline.ID
	Draft   string
	Entries []timeline.Entry
}

// ofViews are what views want to be kept.
type ofViews struct {
	drafts   map[timeline.Conversation]string
	settings map[string]string // a map is not changed any more, but replaced
	changes  int               // of the settings
}

func (v *ofViews) draft(in timeline.Conversation, text string) Answer {
	if text == "" {
		delete(v.drafts, in)
		return Answer{}
	}
	if _, known := v.drafts[in]; !known && len(v.drafts) >= maxDrafts {
		return refused(fmt.Sprintf("There are %d drafts already; send or delete one.", maxDrafts))
	}
	if v.drafts == nil {
		v.drafts = make(map[timeline.Conversation]string)
	}
	v.drafts[in] = text
	return Answer{}
}

func (v *ofViews) set(name, value string) Answer {
	_, known := v.settings[name]
	switch {
	case name == "" || len(name) > maxSetting || len(value) > maxSetting:
		return refused(fmt.Sprintf("A setting has a name, and neither that nor its value has more than %d bytes.", maxSetting))
	case !known && value != "" && len(v.settings) >= maxSettings:
		return refused(fmt.Sprintf("There are %d settings already.", maxSettings))
	}
	settings := maps.Clone(v.settings)
	if settings == nil {
		settings = make(map[string]string)
	}
	settings[name] = value
	if value == "" {
		delete(settings, name)
	}
	v.settings = settings
	v.changes++
	return Answer{}
}

// isKept reports whether a conversation is one of those in Kept.
func isKept(c timeline.Conversation) bool {
	return c.Place == timeline.Lobby || c.Place == timeline.Direct || c.Place == timeline.Room
}

// Kept returns what the next run of the program can go on with. It is called by the goroutine
// of Run, or when that is over.
func (a *App) Kept() Kept {
	k := Kept{Name: a.login.Name(), In: a.wasIn, Log: a.seen.Log(), Settings: a.kept.settings}
	if k.Name == "" {
		k.Name = a.owner
	}
	k.After, k.Whole = a.seen.After()
	if k.Log != "" && strings.EqualFold(a.resumption.name, k.Name) { // else the next run does not take it
		k.Token = a.resumption.token
	}
	left := keptTotal
	for _, s := range slices.Backward(a.timeline.Conversations()) { // the one with the newest message first
		if !isKept(s.In) || left <= 0 {
			continue
		}
		page := a.timeline.Page(s.In, 0, min(keptEntries, left))
		left -= len(page)
		k.Talks = append(k.Talks, KeptTalk{s.In, s.Name, s.Cursor, a.kept.drafts[s.In], page})
	}
	byName := func(a, b timeline.Conversation) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), strings.Compare(a.Name, b.Name))
	}
	for _, in := range slices.SortedFunc(maps.Keys(a.kept.drafts), byName) {
		if isKept(in) && !slices.ContainsFunc(k.Talks, func(t KeptTalk) bool { return t.In == in }) {
			k.Talks = append(k.Talks, KeptTalk{In: in, Name: in.Name, Draft: a.kept.drafts[in]})
		}
	}
	return k
}

// restore goes on with what another run has left, as far as Kept can have it. Nobody has subscribed
// yet.
func (a *App) restore(k *Kept) {
	if k == nil {
		return
	}
	for name, value := range k.Settings {
		a.kept.set(name, value)
	}
	ids := make(map[timeline.ID]timeline.ID)
	var all []timeline.Entry
	for _, t := range slices.Backward(k.Talks) { // so that they stand in the order in which they did
		if !isKept(t.In) {
			continue
		}
		a.timeline.Open(t.In, t.Name)
		if t.Draft != "" {
			a.kept.draft(t.In, t.Draft)
		}
		for _, e := range t.Entries {
			e.In = t.In
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(x, y timeline.Entry) int { return cmp.Compare(x.ID, y.ID) })
	for _, e := range all {
		before := e.ID
		switch e.State {
		case timeline.Typed:
			e.State, e.Why = timeline.Failed, "The program has ended before it was sent."
		case timeline.Sent:
			e.State = timeline.Doubtful
		}
		e.Held = false
		ids[before] = a.timeline.Add(e)
		a.wasShown(e)
	}
	for _, t := range k.Talks {
		a.timeline.Read(t.In, ids[t.Cursor])
	}
	a.goesOn(k)
}

// goesOn has the login go on with the session of that run.
func (a *App) goesOn(k *Kept) {
	a.seen.Reconnected()
	if k.Log == "" {
		return
	}
	a.reading.loggedIn(false, k.Name, k.Log)
	if k.Whole {
		a.seen.Begin(k.Log, k.After)
	}
	if a.resumption.name = k.Name; protocol.IsTag(k.Token) {
		a.resumption.token = k.Token
	}
}

// wasShown notes that an entry was shown, so that it is not shown again when it comes again.
func (a *App) wasShown(e timeline.Entry) {
	m := protocol.Response{Sender: e.Sender, Content: e.Text, Time: e.At, Stamp: e.Stamp, Data: &protocol.Data{ID: e.Number, Room: e.Room, To: e.To}}
	switch {
	case e.Kind != timeline.Message:
	case e.Number == 0 && e.In.Place == timeline.Lobby:
		a.seen.AddLine(e.Sender, e.Text, e.Stamp)
	case e.Number == 0:
	case e.In.Place == timeline.Direct:
		a.seen.HasDirect(m)
		a.seen.TakeUnseen()
	default:
		a.seen.AddOld(m)
	}
}
