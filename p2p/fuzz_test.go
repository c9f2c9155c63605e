package p2p

import (
	"errors"
	"testing"
	"time"

	"parley/protocol"
)

// FuzzSessions has a server, a transport and peers say anything, in between what
// a person does. Nothing may panic, and what is kept stays bounded.
func FuzzSessions(f *testing.F) {
	f.Add([]byte("\x00\x01\x10\x02\x01\x11\x12\x02\x20\x01\x00\x21\x01\x01\x22"))
	f.Add([]byte("\x01\x00\x01\x01\x10\x00\x02\x01\x20\x00\x01\x21\x00\x01\x21\x00\x02\x30\x07\x40\x50"))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 2_000 {
			return
		}
		st := newStage()
		st.s.LoggedIn("Ann", "", st.now)
		g := &gibberish{script: script}
		for len(g.script) > 0 {
			st.gibber(g)
			if g.n(4) > 0 {
				st.look()
			}
			st.out = nil
			if next := st.s.Tick(st.now); !next.IsZero() && !next.After(st.now) {
				t.Fatalf("the alarm of %v is not in the future", next)
			}
			st.bounded(t)
		}
	})
}

// gibberish makes things of bytes.
type gibberish struct{ script []byte }

func (g *gibberish) n(max int) int {
	if len(g.script) == 0 {
		return 0
	}
	b := int(g.script[0])
	g.script = g.script[1:]
	return b % max
}

func (g *gibberish) of(list ...string) string { return list[g.n(len(list))] }

func (g *gibberish) name() string { return g.of("bob", "Carl", "aaron", "BOB", "ann", "", "b d") }

func (g *gibberish) response() protocol.Response {
	r := protocol.Response{Kind: protocol.Kind(g.of("info", "message", "error")), Content: g.of("hi", "", " ", "there"), Ref: g.of("", "1", "2")}
	if g.n(20) == 0 {
		return r
	}
	r.Data = &protocol.Data{
		Event: g.of("invitation", "introduced", "invited", "hello", "message", "accepted", "ping", "pong", "typing", "bye", "declined", "lapsed", "stopped", "relayed", "file", ""),
		Name:  g.name(), ID: uint64(g.n(5)), Log: g.of("run", "tag", "", "tag2", "tag3"), Seconds: g.n(100),
	}
	if g.n(20) != 0 {
		r.Data.Private = &protocol.Private{Session: uint64(g.n(20)), Fingerprint: longKey(g.of("K1", "K1", "K1", "K2", "bad")), Paths: make([]string, g.n(40)), Token: simToken(1)[g.n(20)/19:]}
	}
	return r
}

func (st *stage) gibber(g *gibberish) {
	s := st.s
	switch name := g.name(); g.n(20) {
	case 0, 1, 2, 3, 4:
		s.FromServer(g.response(), st.now)
	case 5, 6:
		s.Happened(Event{Kind: Linked, Link: Link{ID: LinkID(g.n(30)), Session: uint64(g.n(10)), Path: Path{Relay: g.n(2) == 0}}}, st.now)
	case 7, 8, 9, 10:
		s.Happened(Event{Kind: Received, ID: LinkID(g.n(30)), Response: g.response()}, st.now)
	case 11:
		s.Happened(Event{Kind: EventKind(g.n(int(SameServer) + 1)), ID: LinkID(g.n(30)), Session: uint64(g.n(10)), Err: errors.New("no"), Pinned: &Pinning{Name: name}}, st.now)
	case 12:
		_ = s.Start(name, st.now)
	case 13, 14:
		_ = s.Accept(name, st.now)
	case 15:
		_ = s.Say(name, "text", st.now)
	case 16:
		_ = s.Stop(name, st.now)
	case 17:
		st.now = st.now.Add(time.Duration(g.n(256)) * 200 * time.Millisecond)
	case 18:
		s.Refused(g.of(verbStart, verbAccept, verbRelay, verbStop, "x"), name, g.response(), st.now)
	case 19:
		st.rarely(g, name)
	}
	s.Peers()
}

func (st *stage) rarely(g *gibberish, name string) {
	s := st.s
	switch g.n(9) {
	case 8:
		st.pins.file[fold(name)] = Pin{Fingerprint: longKey(g.of("K1", "K2"))}
	case 0:
		s.ServerLost(st.now)
	case 1, 2:
		s.LoggedIn(g.of("Ann", "Ann", "ann", "Zoe"), g.of("", "id"), st.now)
	case 3:
		s.LoggedOut(st.now)
	case 4:
		_ = s.Trust(name, st.now)
	case 5:
		_, _ = s.Words(name)
		_ = s.Verify(name, st.now)
	case 6:
		s.Typing(name, st.now)
	case 7:
		st.slow[LinkID(g.n(30))] = true
	}
}

func (st *stage) bounded(t *testing.T) {
	s := st.s
	links := 0
	for name, p := range s.people {
		if fold(p.name) != name || len(p.seen) > maxSeen || len(p.out) > maxWaiting {
			t.Fatalf("%q is kept as %+v", name, p)
		}
		if p.live != nil {
			links += len(p.live.links)
			if p.live.spare() > maxSpare || len(p.live.plan.Paths) > protocol.MaxPaths || p.live.state == Open && p.live.inUse == nil || s.plans[p.live.plan.Session] != p {
				t.Fatalf("a session is %+v", p.live)
			}
		}
	}
	if links != len(s.links) || len(s.people) > 10 || len(s.plans) > 20 || len(s.broken) > 0 || len(s.idle) > 0 {
		t.Fatalf("kept are %d links of %d, %d people, %d plans", len(s.links), links, len(s.people), len(s.plans))
	}
}
