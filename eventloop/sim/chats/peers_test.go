package chats

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// peers is the transport of one person's private sessions, and what they remember of keys.
// Links are memory: direct ones, where the world lets the two reach each other, and relayed
// ones, whose frames go through the clients and the server. They are sealed: what is said
// stands in no relayed frame.
type peers struct {
	p     *chatter
	key   string
	pins  map[string]p2p.Pin
	plans map[uint64]*peerPlan
	ends  map[p2p.LinkID]*peerEnd
}

type peerPlan struct {
	p2p.Plan
	over    bool // cancelled
	linked  bool
	noRelay bool
	relay   *peerEnd
	owed    int // units of credit, to be given back
}

// A peerEnd is one end of a link.
type peerEnd struct {
	of     *peers
	id     p2p.LinkID
	plan   *peerPlan
	other  *peerEnd  // of a direct link; nil: it goes through the server
	closed bool      // by this side, or known to be gone
	broken *bool     // nothing arrives any more; of both ends
	next   time.Time // when what is on its way has arrived
}

func newPeers(p *chatter) *peers {
	key := "SHA256:" + strings.Repeat("A", 41-len(p.name)) + p.name + "AA"
	return &peers{p: p, key: key, pins: map[string]p2p.Pin{}, plans: map[uint64]*peerPlan{}, ends: map[p2p.LinkID]*peerEnd{}}
}

// report tells the client of something later, as a goroutine does.
func (t *peers) report(at time.Time, e p2p.Event) {
	t.p.at(at, func() { t.p.app.Peered(e) })
}

// Offer implements p2p.Transport.
func (t *peers) Offer() (p2p.Offer, error) {
	paths := []string{fmt.Sprintf("192.0.2.%d:7", 1+slices.Index(t.p.all, t.p))}
	if t.p.relays {
		paths = append(paths, protocol.PathRelay)
	}
	return p2p.Offer{Fingerprint: t.key, Paths: paths}, nil
}

// Connect implements p2p.Transport. Who is the client dials, and tries the relay later.
func (t *peers) Connect(p p2p.Plan) {
	plan := &peerPlan{Plan: p}
	t.plans[p.Session] = plan
	c := t.p.chats
	if p.Client && c.direct {
		for range 3 {
			c.at(c.now.Add(c.some(12*time.Second)), func() { t.dial(plan) })
		}
	}
	if p.Client && c.relays && slices.Contains(p.Paths, protocol.PathRelay) {
		c.at(c.now.Add(3*time.Second), func() {
			if !plan.over && !plan.noRelay && plan.relay == nil {
				t.relayed(plan, "syn")
			}
		})
	}
	c.at(c.now.Add(35*time.Second), func() {
		if !plan.over && !plan.linked {
			t.report(c.now, p2p.Event{Kind: p2p.Unreachable, Session: p.Session, Err: errors.New("no answer")})
		}
	})
}

// dial makes a direct link, if the other one tries, too, and the keys are right.
func (t *peers) dial(plan *peerPlan) {
	c := t.p.chats
	other := c.named(plan.Name)
	if plan.over || other == nil {
		return
	}
	for _, q := range other.peers.plans {
		if q.over || q.Token != plan.Token || q.Name != t.p.name || q.Fingerprint != t.key || plan.Fingerprint != other.peers.key || q.Client == plan.Client {
			continue
		}
		broken := new(bool)
		a, b := t.end(plan, broken), other.peers.end(q, broken)
		a.other, b.other = b, a
		a.linked(fmt.Sprint(a.id))
		b.linked(fmt.Sprint(a.id))
		c.met["direct link"]++
		return
	}
}

func (t *peers) end(plan *peerPlan, broken *bool) *peerEnd {
	t.p.serial++
	e := &peerEnd{of: t, id: p2p.LinkID(t.p.serial), plan: plan, broken: broken, next: t.p.now}
	t.ends[e.id] = e
	return e
}

// linked tells the client that there is a link.
func (e *peerEnd) linked(words string) {
	e.plan.linked = true
	path := p2p.Path{Relay: e.other == nil}
	if !path.Relay {
		path.Address = "192.0.2.99:7"
	}
	e.of.report(e.later(time.Second), p2p.Event{Kind: p2p.Linked, Link: p2p.Link{ID: e.id, Session: e.plan.Session, Path: path, Words: []string{words}}})
}

// later returns when the next thing arrives on a link: behind all before it.
func (e *peerEnd) later(most time.Duration) time.Time {
	c := e.of.p.chats
	if at := c.now.Add(c.some(most)); at.After(e.next) {
		e.next = at
	}
	return e.next
}

// lost tells the client that a link is gone.
func (e *peerEnd) lost() {
	if !e.closed {
		e.closed = true
		e.of.report(e.later(time.Second), p2p.Event{Kind: p2p.Lost, ID: e.id, Err: errors.New("reset")})
	}
}

// arrives has a frame come out of a link.
func (e *peerEnd) arrives(frame []byte) {
	e.of.p.at(e.later(200*time.Millisecond), func() {
		if e.closed || *e.broken {
			return
		}
		r, bad := protocol.DecodeResponse(bytes.TrimSpace(frame))
		if bad != nil {
			e.of.p.fail("%s gets a bad frame of a peer: %s", e.of.p.name, frame)
		}
		e.of.p.app.Peered(p2p.Event{Kind: p2p.Received, ID: e.id, Response: r})
	})
}

// Send implements p2p.Transport.
func (t *peers) Send(id p2p.LinkID, frame []byte) bool {
	switch e := t.ends[id]; {
	case e == nil || e.closed:
	case e.other == nil:
		t.relayed(e.plan, "f"+string(frame))
	case !*e.broken:
		e.other.arrives(bytes.Clone(frame))
	}
	return true
}

// Close implements p2p.Transport.
func (t *peers) Close(id p2p.LinkID) {
	e := t.ends[id]
	if e == nil || e.closed {
		return
	}
	e.closed = true
	switch {
	case e.other == nil:
		t.relayed(e.plan, "z")
		e.plan.noRelay = true
	case !*e.broken:
		t.p.at(e.other.next, e.other.lost)
	}
}

// Cancel implements p2p.Transport.
func (t *peers) Cancel(session uint64) {
	if p := t.plans[session]; p != nil {
		p.over = true
	}
}

// seal makes something unreadable, and readable again.
func seal(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] ^= 0x55
	}
	return string(b)
}

// relayed has something go through the server.
func (t *peers) relayed(p *peerPlan, what string) {
	t.p.met["relayed"]++
	t.report(t.p.now, p2p.Event{Kind: p2p.Relay, Session: p.Session, Payload: base64.StdEncoding.EncodeToString([]byte(seal(what)))})
}

// Relayed implements p2p.Transport.
func (t *peers) Relayed(session uint64, _ int, payload string) {
	p := t.plans[session]
	if p == nil || payload == "" {
		return
	}
	if p.owed += protocol.RelayCost(payload); p.owed >= protocol.RelayWindow/4 {
		t.report(t.p.now, p2p.Event{Kind: p2p.Relay, Session: session, Credit: p.owed})
		p.owed = 0
	}
	b, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		t.p.fail("%s is relayed %q", t.p.name, payload)
	}
	switch what, e := seal(string(b)), p.relay; {
	case p.noRelay:
	case what == "syn" || what == "ack":
		if p.over || e != nil {
			return
		}
		p.relay = t.end(p, new(bool))
		if what == "syn" {
			t.relayed(p, "ack")
		}
		p.relay.linked(fmt.Sprint("relay ", p.Number))
	case e == nil:
	case what == "z":
		e.lost()
	case !e.closed:
		e.arrives([]byte(what[1:]))
	}
}

// RelayEnded implements p2p.Transport.
func (t *peers) RelayEnded(session uint64) {
	if p := t.plans[session]; p != nil {
		if p.noRelay = true; p.relay != nil {
			p.relay.lost()
		}
	}
}

func (t *peers) Events() <-chan p2p.Event { return nil }
func (t *peers) ServerConnected(net.Addr) {}
func (t *peers) Stop()                    {}

// What is remembered of keys, which nobody changes here.

func (t *peers) At(string) {}

func (t *peers) Pin(name string) (p2p.Pin, bool) {
	pin, ok := t.pins[strings.ToLower(name)]
	return pin, ok
}

func (t *peers) Look(name string) { t.Keep(name, p2p.Pin{}, "") }

func (t *peers) Keep(name string, pin p2p.Pin, _ string) {
	t.p.at(t.p.now, func() {
		before := t.pins[strings.ToLower(name)]
		now := before
		if pin.Fingerprint != "" {
			now = pin
			now.Verified = pin.Verified || before.Verified
			t.pins[strings.ToLower(name)] = now
		}
		t.p.app.Peered(p2p.Event{Kind: p2p.Pinned, Pinned: &p2p.Pinning{Name: name, Before: before, Now: now}})
	})
}
