package server

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley/eventloop"
	"parley/protocol"
	"parley/users/tail"
)

// tell has a client told a response, which knows messages by their numbers and goes by what it
// is told.
func tell(r protocol.Response, known map[uint64]*protocol.Response) {
	d := r.Data
	if d == nil {
		return
	}
	switch {
	case r.Kind == protocol.KindMessage:
		known[d.ID] = &r
	case d.Event == protocol.EventChanged:
		if m := known[d.ID]; m != nil {
			m.Content, m.Data.Marks = d.Text, d.Marks
		}
		return
	case !changeEvents[d.Event] || known[d.ID] == nil:
		return
	default:
		applyEvent(known[d.ID], d)
	}
}

// applyEvent makes a message what an event says that it is.
func applyEvent(m *protocol.Response, d *protocol.Data) {
	marks := m.Data.Marks
	if marks == nil {
		marks = &protocol.Marks{}
	}
	switch d.Event {
	case protocol.EventEdited:
		m.Content, marks.Edited = d.Text, d.Marks.Edited
	case protocol.EventRemoved:
		m.Content, marks = "", d.Marks
	case protocol.EventReacted:
		i := slices.IndexFunc(marks.Reactions, func(r protocol.Reaction) bool { return r.Word == d.Text })
		if i < 0 {
			marks.Reactions, i = append(marks.Reactions, protocol.Reaction{Word: d.Text}), len(marks.Reactions)
		}
		if !slices.Contains(marks.Reactions[i].Names, d.Name) {
			marks.Reactions[i].Names = append(marks.Reactions[i].Names, d.Name)
		}
	case protocol.EventUnreacted:
		for i := range marks.Reactions {
			if marks.Reactions[i].Word == d.Text {
				marks.Reactions[i].Names = slices.DeleteFunc(marks.Reactions[i].Names, func(name string) bool { return name == d.Name })
			}
		}
		marks.Reactions = slices.DeleteFunc(marks.Reactions, func(r protocol.Reaction) bool { return len(r.Names) == 0 })
	}
	m.Data.Marks = marks
}

// describe says what a message is, with reactions in no order.
func describe(text string, m *protocol.Marks) string {
	if m == nil {
		return text
	}
	var reactions []string
	for _, r := range m.Reactions {
		names := slices.Clone(r.Names)
		slices.Sort(names)
		reactions = append(reactions, fmt.Sprint(r.Word, names))
	}
	slices.Sort(reactions)
	return fmt.Sprintf("%s edited:%v removed:%v %v", text, !m.Edited.IsZero(), m.Removed != nil, reactions)
}

// A viewer is a testCore that tells one client what it is sent.
type viewer struct {
	Effects
	who   eventloop.ConnID
	known map[uint64]*protocol.Response
	seen  uint64 // the newest number that it was shown
}

func (v *viewer) Send(to eventloop.ConnID, frame []byte) {
	if to == v.who {
		v.hear(frame)
	}
	v.Effects.Send(to, frame)
}

func (v *viewer) SendLater(to eventloop.ConnID, frame []byte) { v.Send(to, frame) }

func (v *viewer) hear(frame []byte) {
	r, err := protocol.DecodeResponse(frame)
	if err != nil || r.Data == nil {
		return
	}
	if r.Kind == protocol.KindMessage {
		v.seen = max(v.seen, r.Data.ID)
	}
	tell(r, v.known)
}

// Whatever happens meanwhile, and however often the connection is lost, who resumes knows of
// each message that they were told what it is now.
func TestWhoResumesKnowsWhatHasBecomeOfEverything(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cfg := benchConfig()
		cfg.Flood = FloodLimits{}
		c := newTestCore(t, cfg, rapid.IntRange(300, 8<<10).Draw(r, "tail"))
		c.readsEarly = rapid.Bool().Draw(r, "early")
		v := &viewer{Effects: c.fx.Effects.(*held).Effects, known: make(map[uint64]*protocol.Response)}
		c.fx.Effects.(*held).Effects = heard{v, c}
		alice := c.enter("alice", "")
		bob := c.enter("bob", "")
		token := c.token
		c.ask(alice, `{"request":"create","content":"den"}`)
		c.ask(bob, `{"request":"join","content":"den"}`)
		c.settle()
		v.who = bob
		number := func() int {
			last := int(c.state.Last())
			return rapid.IntRange(max(1, last-rapid.SampledFrom([]int{3, 10, last}).Draw(r, "back")), last+1).Draw(r, "number")
		}
		r.Repeat(map[string]func(*rapid.T){
			"say": func(r *rapid.T) {
				where := rapid.SampledFrom([]string{`"request":"msg","content":{"room":"lobby"`, `"request":"msg","content":{"room":"den"`, `"request":"dm","content":{"name":"bob"`}).Draw(r, "where")
				c.ask(alice, `{%s,"text":"text %d"}}`, where, c.state.Last()+1)
			},
			"edit": func(r *rapid.T) {
				c.ask(alice, `{"request":"edit","content":"%d edited %d"}`, number(), c.state.Last())
			},
			"remove": func(r *rapid.T) { c.ask(alice, `{"request":"remove","content":"%d"}`, number()) },
			"react": func(r *rapid.T) {
				who := rapid.SampledFrom([]eventloop.ConnID{alice, bob}).Draw(r, "who")
				c.ask(who, `{"request":"%s","content":"%d %s"}`, rapid.SampledFrom([]string{"react", "unreact"}).Draw(r, "verb"), number(), rapid.SampledFrom([]string{"+1", "ok"}).Draw(r, "word"))
			},
			"see": func(r *rapid.T) { c.ask(bob, `{"request":"seen","content":"%d"}`, v.seen) },
			"resume": func(r *rapid.T) {
				c.Closed(bob, c.now)
				v.who = 0
				bob = c.connect()
				v.who = bob
				c.ask(bob, `{"request":"login","content":"bob","extended":1,"log":"this log","after":%d,"token":"%s"}`, v.seen, token)
			},
			"read":   func(*rapid.T) { doAll(&c.reads) },
			"out":    func(*rapid.T) { c.out(bob) },
			"commit": func(*rapid.T) { c.commit() },
		})
		c.settle()
		for n, m := range v.known {
			e, err := Find(t.Context(), c.table, n)
			if err != nil || e == nil {
				r.Fatalf("there is no %d: %v", n, err)
			}
			now := response(e, nil)
			if got, want := describe(m.Content, m.Data.Marks), describe(now.Content, now.Data.Marks); got != want && !(want == now.Content && got == want+" edited:false removed:false []") {
				r.Fatalf("bob believes that %d is %q, and it is %q", n, got, want)
			}
		}
	})
}

// heard has what is delivered to rooms told to a viewer, too.
type heard struct {
	*viewer
	core *testCore
}

func (h heard) Deliver(d Delivery) {
	if h.core.members[h.who][d.Room] && !d.excepts(h.who) && d.Extended != nil {
		h.hear(d.Extended)
	}
	h.viewer.Deliver(d)
}

// A direct message that was not acknowledged comes again, and does not keep from who resumes
// that something behind it was changed that they have.
func TestAChangeBehindADirectMessageThatWasNotSeen(t *testing.T) {
	for name, tailBytes := range map[string]int{"in memory": tail.Limit, "in the file": 1} {
		c := newTestCore(t, benchConfig(), tailBytes)
		alice := c.enter("alice", "")
		bob := c.enter("bob", "")
		token := c.token
		c.ask(alice, `{"request":"dm","content":"bob one"}`)
		c.say(alice, "two")
		c.settle()
		c.Closed(bob, c.now)
		c.ask(alice, `{"request":"edit","content":"2 zwei"}`)
		c.settle()
		c.say(alice, "four")
		c.settle()
		bob = c.enter("bob", after(2)+fmt.Sprintf(`,"token":"%s"`, token))
		c.settle()
		if got := c.take(bob); got != "login follows, 1 one, changed 2, 4 four, resumed 4" {
			t.Errorf("%s: bob is told %s", name, got)
		}
	}
}
