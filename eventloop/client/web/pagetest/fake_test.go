package pagetest

import (
	"encoding/json"
	"net/http"
	"sync"

	"parley/eventloop/client/web"
	"parley/protocol"
)

// fakes make what the pages are shown whose process is played by fake.js: as a process does, but of
// a state, of entries and of answers that the test makes up.
type fakes struct {
	mu   sync.Mutex
	tabs map[float64]*fakeTab
}

type fakeTab struct {
	look   web.Look
	screen web.Screen
}

// made is what fake.js asks for.
type made struct {
	Tab       float64
	State     web.State
	Begins    bool     // a snapshot
	Ask       *web.Ask // has been asked
	Answers   *web.Ask // is answered
	Offers    *web.Ask
	Elsewhere string // the conversation in which another tab has typed
	Leads     *bool  // another tab notifies, or this one
	Entries   []web.Entry
	Rooms     []web.Room
	Words     []string

	Candidates []string
	Length     int
	Error      string
}

func (f *fakes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var m made
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tabs[m.Tab]
	if t == nil || m.Begins {
		t = new(fakeTab)
		f.tabs[m.Tab] = t
	}
	var answer struct {
		Facts   map[string]json.RawMessage `json:"facts,omitempty"`
		Lines   []web.Line                 `json:"lines,omitempty"`
		Show    *web.Frame                 `json:"show,omitempty"`
		Becomes *web.Ask                   `json:"becomes,omitempty"`
		With    *web.Answer                `json:"with,omitempty"`
	}
	switch {
	case m.Begins:
		t.look.Lead(true)
		answer.Facts = t.screen.Begin(&m.State)
	case m.Elsewhere != "":
		t.look.TypedElsewhere(m.Elsewhere)
	case m.Leads != nil:
		t.look.Lead(*m.Leads)
		answer.Show = t.screen.Show(&m.State, t.look)
	case m.Offers != nil:
		becomes, with := m.State.Offered(*m.Offers)
		with.OK = with.Error == ""
		answer.Becomes, answer.With = &becomes, &with
	case m.Ask != nil:
		t.look.Asked(*m.Ask)
		if v := m.Ask.View; v != nil && len(v.Text) <= protocol.MaxText {
			t.look.Kept(v.In, v.Text)
		}
	case m.Answers != nil:
		t.look.Answered(*m.Answers, &web.Answer{Error: m.Error, Found: m.Entries, Rooms: m.Rooms, Words: m.Words, Candidates: m.Candidates, Length: m.Length})
		answer.Show = t.screen.Show(&m.State, t.look)
	case m.Entries != nil:
		answer.Lines = m.State.LinesOf(m.Entries)
	default:
		answer.Show = t.screen.Show(&m.State, t.look)
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(err)
	}
}
