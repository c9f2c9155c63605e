package p2p

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/protocol"
)

// simTransport makes links between the plans of two clients that belong together.
type simTransport struct {
	n     *node
	plans map[uint64]*simPlan
	ends  map[LinkID]*simEnd
	gone  bool
}

type simPlan struct {
	Plan
	key      string
	over     bool // cancelled
	noRelay  bool
	linked   bool
	relayEnd *simEnd
}

// simEnd is one end of a link.
type simEnd struct {
	tr     *simTransport
	id     LinkID
	plan   *simPlan
	other  *simEnd // of a direct link
	relay  bool
	closed bool  // by this side, or known to be gone
	broken *bool // nothing arrives any more; shared by both ends
	next   time.Time
	words  []string
}

func (t *simTransport) Offer() (Offer, error) {
	paths := []string{t.n.name + ":1"}
	if t.n.relay {
		paths = append(paths, protocol.PathRelay)
	}
	return Offer{Fingerprint: t.n.key, Paths: paths}, nil
}

func (t *simTransport) serial(p Plan) *simPlan { return t.plans[p.Session] }

// event reports something in the order of one link.
func (t *simTransport) event(at time.Time, e Event) {
	w, s := t.n.w, t.n.s
	w.at(at, func() {
		if !t.gone && t.n.s == s {
			t.n.do(func(s *Sessions) { s.Happened(e, w.now) })
		}
	})
}

func (t *simTransport) Connect(p Plan) {
	w := t.n.w
	if t.plans[p.Session] != nil {
		w.failf("%s: the plan %d is used again", t.n.name, p.Session)
	}
	plan := &simPlan{Plan: p, key: t.n.key}
	t.plans[p.Session] = plan
	if t.n.conn != nil {
		w.server.runOf[plan] = t.n.conn.run
	}
	if p.Client && w.direct[simPair(t.n.name, p.Name)] {
		first := time.Duration(0)
		if w.chance(40) { // the relay comes before
			first = 6 * time.Second
		}
		for range 1 + w.rng.IntN(6) {
			w.after(first+w.some(25*time.Second), func() { t.dial(plan) })
		}
	}
	if p.Client && slices.Contains(p.Paths, protocol.PathRelay) && t.n.relay {
		w.after(5*time.Second, func() {
			if !plan.over && !plan.noRelay && plan.relayEnd == nil {
				t.relayed(plan, "syn")
			}
		})
	}
	w.after(35*time.Second, func() {
		if !plan.over && !plan.linked {
			t.event(w.now, Event{Kind: Unreachable, Session: p.Session, Err: errors.New("no answer")})
		}
	})
}

// dial makes a direct link if the other side tries, too, and the keys are right.
func (t *simTransport) dial(plan *simPlan) {
	w := t.n.w
	other := w.find(plan.Name)
	if plan.over || t.gone || other == nil {
		return
	}
	for _, q := range other.tr.plans {
		if q.over || q.Token != plan.Token || fold(q.Name) != fold(t.n.name) || q.Fingerprint != plan.key || plan.Fingerprint != q.key || q.Client == plan.Client {
			continue
		}
		broken := new(bool)
		a, b := t.end(plan, broken), other.tr.end(q, broken)
		a.other, b.other = b, a
		for _, e := range []*simEnd{a, b} {
			e.words = []string{fmt.Sprint(a.id)}
			e.next = w.now.Add(w.some(time.Second))
			e.report()
		}
		if !w.calm && w.chance(15) {
			w.after(w.some(10*time.Second), func() { a.breakIt() })
		}
		return
	}
}

func (t *simTransport) end(plan *simPlan, broken *bool) *simEnd {
	t.n.w.links++
	e := &simEnd{tr: t, id: t.n.w.links, plan: plan, broken: broken}
	t.ends[e.id] = e
	return e
}

// report tells that there is a link.
func (e *simEnd) report() {
	e.plan.linked = true
	path := Path{Relay: e.relay}
	if !e.relay {
		path.Address = fmt.Sprint("10.0.0.", e.id)
	}
	e.tr.event(e.next, Event{Kind: Linked, Link: Link{ID: e.id, Session: e.plan.Session, Path: path, Words: e.words}})
}

// breakIt loses what is on its way. One end may never hear of it.
func (e *simEnd) breakIt() {
	w := e.tr.n.w
	if *e.broken {
		return
	}
	*e.broken = true
	w.logf("the link %d of %s and %s breaks", e.id, e.tr.n.name, e.plan.Name)
	for _, x := range []*simEnd{e, e.other} {
		if !x.closed && w.chance(70) {
			x.lost(w.some(2 * time.Second))
		}
	}
}

// lost reports the end of a link behind what has come on it.
func (e *simEnd) lost(d time.Duration) {
	if e.closed {
		return
	}
	e.closed = true
	e.next = later(e.next, e.tr.n.w.now.Add(d))
	e.tr.event(e.next, Event{Kind: Lost, ID: e.id, Err: errors.New("reset")})
}

// arrive delivers a frame that the other end has sent.
func (e *simEnd) arrive(frame []byte) {
	w := e.tr.n.w
	e.next = later(e.next, w.now.Add(w.some(300*time.Millisecond)))
	w.at(e.next, func() {
		if e.closed || *e.broken || e.tr.gone {
			return
		}
		r, err := protocol.DecodeResponse(bytes.TrimSpace(frame))
		if err != nil {
			w.failf("bad frame %s", frame)
		}
		e.tr.n.do(func(s *Sessions) { s.Happened(Event{Kind: Received, ID: e.id, Response: r}, w.now) })
	})
}

func (t *simTransport) Send(id LinkID, frame []byte) bool {
	e := t.ends[id]
	w := t.n.w
	switch {
	case e == nil || e.closed:
		return true // its end is about to be reported
	case !w.calm && w.rng.IntN(500) == 0:
		w.logf("%s: the link %d takes nothing", t.n.name, id)
		return false
	case e.relay:
		t.relayed(e.plan, "f"+string(frame))
	case !*e.broken && !e.other.tr.gone:
		e.other.arrive(frame)
	}
	return true
}

func (t *simTransport) Close(id LinkID) {
	e := t.ends[id]
	if e == nil || e.closed {
		return
	}
	e.closed = true
	if e.relay {
		t.relayed(e.plan, "z")
		e.plan.noRelay = true
	} else if !*e.broken && !e.other.tr.gone {
		o := e.other
		t.n.w.at(o.next, func() { o.lost(t.n.w.some(time.Second)) })
	}
}

func (t *simTransport) Cancel(session uint64) {
	if p := t.plans[session]; p != nil {
		p.over = true
	}
}

// relayed has something relayed, a moment later: a goroutine does it.
func (t *simTransport) relayed(p *simPlan, payload string) {
	t.event(t.n.w.now, Event{Kind: Relay, Session: p.Session, Payload: payload})
}

func (t *simTransport) Relayed(session uint64, _ int, payload string) {
	p := t.plans[session]
	if p == nil {
		t.n.w.failf("relayed for no plan")
		return
	}
	if p.noRelay {
		return
	}
	switch e := p.relayEnd; {
	case payload == "syn" || payload == "ack":
		if p.over || e != nil {
			return
		}
		p.relayEnd = t.end(p, new(bool))
		p.relayEnd.relay, p.relayEnd.words = true, []string{fmt.Sprint("relay ", p.Number)}
		p.relayEnd.next = t.n.w.now
		if payload == "syn" {
			t.relayed(p, "ack")
		}
		p.relayEnd.report()
	case e == nil:
	case payload == "z":
		e.lost(0)
	case !e.closed:
		e.arrive([]byte(payload[1:]))
	}
}

func (t *simTransport) RelayEnded(session uint64) {
	p := t.plans[session]
	if p == nil {
		t.n.w.failf("the relay of no plan ends")
		return
	}
	p.noRelay = true
	if p.relayEnd != nil {
		p.relayEnd.lost(t.n.w.some(100 * time.Millisecond))
	}
}

// vanish ends all links without a word. Some peers hear of it, others do not.
func (t *simTransport) vanish() {
	t.gone = true
	for _, id := range t.n.sortedEnds() {
		e := t.ends[id]
		if !e.relay && !e.closed {
			*e.broken = true
			if t.n.w.chance(60) {
				e.other.lost(t.n.w.some(time.Second))
			}
		}
	}
	for _, p := range t.plans {
		p.over = true
	}
}

func (n *node) sortedEnds() []LinkID {
	var ids []LinkID
	for id := range n.tr.ends {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
