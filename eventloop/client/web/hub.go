package web

import (
	"encoding/json"
	"reflect"
	"slices"
	"sync"

	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
)

const (
	// maxEvents is how many of the newest events are kept, and maxBytes how large they are
	// together at most. A tab that has not read so much is cut off: it is at a standstill, or
	// the page is; a snapshot costs less than what it has missed. At 500 lines a second
	// that is eight seconds.
	maxEvents = 4096
	maxBytes  = 8 << 20

	// maxTabs is how many tabs there can be: each has two goroutines, and what it was shown last, some
	// KB to some hundred.
	maxTabs = 32
)

// mostTold is how many letters of a text a screen reader is told at once.
const mostTold = 300

// A hub has the newest events, and how the chat is, for all tabs. A tab is a place in that
// list, so one that stands still costs nothing and holds up nobody.
//
// The goroutine of the chat adds to it, and those of the tabs read it: mu is between them. It
// is held for as long as it takes to copy some words, never while something is encoded,
// written or waited for.
type hub struct {
	// Of the goroutine of the chat.
	model    client.Model
	happened func() // is called when something has

	mu     sync.Mutex
	run    string
	over   chan struct{} // is closed with the run
	state  *State        // nil before the first one
	wrong  string        // see State, and the next one
	given  int           // see State.Answers
	events [][]byte
	bytes  int
	n      uint64 // the number of the newest event
	tabs   []*tab // that which had the focus last is the last one
	closed bool
}

func newHub(run string) *hub {
	return &hub{run: run, over: make(chan struct{}), happened: func() {}}
}

// anew forgets all that there is of the chat: another one begins, of which each tab gets a
// snapshot. No chat is running meanwhile.
func (h *hub) anew(run string) {
	h.model = client.Model{}
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.over)
	h.run, h.over, h.state, h.wrong, h.events, h.bytes, h.n = run, make(chan struct{}), nil, "", nil, 0, 0
	for _, t := range h.tabs {
		t.snapshot, t.next, t.look = true, 1, Look{leads: t.look.leads}
		for i := range t.answers { // they are sent behind the snapshot
			t.answers[i].at = 0
		}
	}
}

// Changed tells the tabs of an entry. It is a subscriber of the timeline.
func (h *hub) Changed(c timeline.Change) {
	if c.Entry.In.Place == timeline.Past && !c.Updated || !c.Entry.ForPage() {
		return
	}
	if c.Entry.In.Place == timeline.Again && c.Entry.Form == timeline.AsEdited && !c.Updated {
		return // its line has changed, which is told
	}
	e := entryOf(c.Entry, h.model.Name)
	if e.Kind == "error" || e.Kind == "failure" {
		h.isWrong(e.Text)
	}
	l := h.current().LineOf(e)
	f := Frame{Type: TypeEntry, Entry: &l, Added: !c.Updated}
	if runes := []rune(e.Text); f.Added && e.In == "status" && e.Kind != "presence" {
		f.Tell = map[string][]string{"status": {string(runes[:min(len(runes), mostTold)])}}
	}
	h.add(f)
}

// Watch tells the tabs what has become of the chat beside its entries. Each of them is shown how it
// is when it comes to read that, and not what was in between.
func (h *hub) Watch(m client.Model) {
	h.mu.Lock()
	was, wrong, given := h.state, h.wrong, h.given
	h.mu.Unlock()
	is := stateOf(m, h.model, was)
	is.Wrong, is.Answers = wrong, given
	h.model = m
	if was != nil && reflect.DeepEqual(was, is) {
		return
	}
	if was != nil {
		h.happened()
	}
	h.mu.Lock()
	is.Wrong, is.Answers = h.wrong, h.given
	h.state = is
	h.mu.Unlock()
	h.wake()
}

// nobodyYet is how a chat is of which nothing was told.
var nobodyYet = stateOf(client.Model{}, client.Model{}, nil)

// current is how the chat is.
func (h *hub) current() *State {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state == nil {
		return nobodyYet
	}
	return h.state
}

// add adds an event.
func (h *hub) add(f Frame) {
	h.happened()
	f.N = h.n + 1 // which is set here only
	b, err := json.Marshal(f)
	if err != nil { // of these types there is none that cannot be encoded
		panic(err)
	}
	h.mu.Lock()
	h.n = f.N
	h.events = append(h.events, b)
	h.bytes += len(b)
	drop := 0
	for ; len(h.events)-drop > maxEvents || h.bytes > maxBytes && len(h.events)-drop > 1; drop++ {
		h.bytes -= len(h.events[drop])
		h.events[drop] = nil
	}
	h.events = h.events[drop:]
	h.mu.Unlock()
	h.wake()
}

// wake tells the tabs that there is something to be read.
func (h *hub) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tabs {
		t.rouse()
	}
}

// join adds a tab that has the events of a run up to one; the tab gets a snapshot first if
// these are not all there. It reports false if there are too many tabs, or the chat is over.
func (h *hub) join(t *tab, run string, after uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.tabs) >= maxTabs || h.closed {
		return false
	}
	h.tabs = slices.Insert(h.tabs, 0, t)
	t.next = h.n + 1
	t.snapshot = run != h.run || after > h.n || after < h.n-uint64(len(h.events)) || h.state == nil
	if !t.snapshot {
		t.next = after + 1
	}
	h.lead()
	t.rouse()
	return true
}

func (h *hub) leave(t *tab) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.without(t)
	h.lead()
}

// without takes a tab out of the list. mu is held.
func (h *hub) without(t *tab) {
	h.tabs = slices.DeleteFunc(h.tabs, func(other *tab) bool { return other == t })
}

// lead has one tab notify: that which had the focus last. mu is held.
func (h *hub) lead() {
	for i, t := range h.tabs {
		if t.look.Lead(i == len(h.tabs)-1) {
			t.rouse()
		}
	}
}

// close says that nothing more comes.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.wake()
}

func (h *hub) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// answer adds an answer for one tab, behind what has happened up to now.
func (h *hub) answer(t *tab, b []byte) {
	h.mu.Lock()
	t.answers = append(t.answers, answered{h.n, b})
	h.mu.Unlock()
	t.rouse()
}

// isMeant reports whether an ask is for the chat that is there now. over is closed when another begins.
func (h *hub) isMeant(q Ask) (over <-chan struct{}, is bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.over, q.Run == "" || q.Run == h.run
}

// asked and answered have a tab look at something else. What is typed there is for the chat, too.
func (h *hub) asked(t *tab, q Ask) []client.Ask {
	tells := h.current().Settings["typing"] != "no"
	if q.Ask == AskAnswer || q.Ask == AskCancel {
		h.isWrong("")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if q.Ask == AskAnswer {
		h.given++
	}
	if q.Ask == AskLook && q.View != nil && q.View.Focus {
		h.without(t)
		h.tabs = append(h.tabs, t)
		h.lead()
	}
	typed := t.look.typed(q, tells)
	t.look.Asked(q)
	if len(typed) == 0 {
		return nil
	}
	for _, other := range h.tabs {
		if other != t {
			other.look.TypedElsewhere(q.View.In)
		}
	}
	typed[0].Answer = func(a client.Answer) { h.drafted(t, *q.View, a) }
	return typed
}

// drafted notes that what was typed in a tab has become the draft, if it has.
func (h *hub) drafted(t *tab, v View, a client.Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a.Error == "" {
		t.look.Kept(v.In, v.Text)
	}
}

func (h *hub) answered(t *tab, q Ask, a *Answer) {
	if q.Ask == AskAnswer && !a.OK {
		h.isWrong(a.Error)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	t.look.Answered(q, a)
}

// isWrong notes what has gone wrong, which is shown where a question is answered.
func (h *hub) isWrong(why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrong = why
	if h.state != nil && h.state.Wrong != why {
		is := *h.state
		is.Wrong = why
		h.state = &is
	}
}

// A batch is what a tab is to be sent.
type batch struct {
	state    *State // how the chat is
	look     Look   // what the tab looks at
	snapshot *Frame
	frames   [][]byte
	answers  int  // how many of these are answers
	behind   bool // what comes next is not kept any more
	over     bool // all has been read, and nothing more comes
}

// maxBatch is how many frames a tab takes at once.
const maxBatch = 256

// take returns what a tab has not been sent, in order.
func (h *hub) take(t *tab) (b batch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state == nil {
		return b
	}
	b.state, b.look = h.state, t.look
	if t.snapshot {
		t.snapshot = false
		b.snapshot = &Frame{Type: TypeSnapshot, N: h.n, Run: h.run}
		t.next = h.n + 1
	}
	first := h.n - uint64(len(h.events)) + 1
	if t.next < first {
		b.behind = true
		return b
	}
	for len(b.frames) < maxBatch {
		switch {
		case len(t.answers) > 0 && t.answers[0].at < t.next:
			b.frames = append(b.frames, t.answers[0].frame)
			b.answers++
			t.answers = t.answers[1:]
		case t.next <= h.n:
			b.frames = append(b.frames, h.events[t.next-first])
			t.next++
		default:
			b.over = h.closed && b.snapshot == nil && len(b.frames) == 0
			return b
		}
	}
	return b
}
