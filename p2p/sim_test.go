package p2p

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

var (
	simSeeds = flag.Int("seeds", 250, "how many random days the simulation plays")
	simFrom  = flag.Uint64("from", 1, "the first of these days")
	simSeed  = flag.Uint64("seed", 0, "play only the day of this seed, and print it")
)

// TestRandomDays has people ask each other, agree, talk, leave and vanish at
// random, over ways that delay, break, repeat and lie, and holds everybody to
// what a person may rely on; see check, tell and settle.
func TestRandomDays(t *testing.T) {
	if *simSeed != 0 {
		w := shortest(playDay(*simSeed, nil))
		t.Log("\n" + strings.Join(w.log, "\n"))
		if w.failed != "" {
			t.Fatal(w.failed)
		}
		return
	}
	sum := map[string]int{}
	for seed := *simFrom; seed < *simFrom+uint64(*simSeeds); seed++ {
		w := playDay(seed, nil)
		if w.failed != "" {
			t.Fatalf("seed %d: %s\n%s\nreplay: go test ./p2p -run TestRandomDays -seed %d", seed, w.failed, strings.Join(shortest(w).log, "\n"), seed)
		}
		for _, n := range w.nodes {
			for _, notice := range n.told {
				sum[noticeNames[notice.Kind]]++
			}
		}
	}
	t.Log("what people were told:", sum)
	for _, name := range noticeNames { // or the days are not random enough
		if sum[name] == 0 && *simSeeds >= 250 {
			t.Errorf("nobody was told %q", name)
		}
	}
}

// TestSameSeedSameDay makes sure that a failure can be played again.
func TestSameSeedSameDay(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		a, b := playDay(seed, nil), playDay(seed, nil)
		if strings.Join(a.log, "\n") != strings.Join(b.log, "\n") {
			t.Fatalf("seed %d has two stories", seed)
		}
	}
}

// shortest returns a day without the steps that are not needed for it to fail; as it is if it
// does not.
func shortest(w *world) *world {
	if w.failed == "" {
		return w
	}
	without := sim.Shrink(w.steps, func(without map[int]bool) bool { return playDay(w.seed, without).failed != "" })
	return playDay(w.seed, without)
}

// playDay has somebody do something some dozens of times, but for some of these steps. What
// chance does in one does not depend on what it has done in those before.
func playDay(seed uint64, without map[int]bool) *world {
	w := newWorld(seed)
	names := []string{"Ann", "bob", "Carl", "dora"}[:2+w.rng.IntN(3)]
	relay := w.chance(70)
	for _, name := range names {
		w.add(name, relay && !w.chance(15)).connect()
	}
	for i, a := range names {
		for _, b := range names[:i] {
			w.direct[simPair(a, b)] = w.chance(70)
		}
	}
	w.server.lies = w.chance(5)
	pace := []time.Duration{300 * time.Millisecond, 3 * time.Second, 12 * time.Second, time.Minute}[w.rng.IntN(4)]
	if w.chance(30) { // everything crosses
		w.delay = 2 * time.Second
	}
	w.steps = 40 + w.rng.IntN(60)
	for i := range w.steps {
		w.rng = rand.New(rand.NewPCG(seed, uint64(i)+2))
		w.run(w.some(pace))
		if n := w.nodes[w.rng.IntN(len(w.nodes))]; !without[i] {
			w.act(n)
		}
		w.check()
	}
	w.settle()
	return w
}

// act has somebody do something.
func (w *world) act(n *node) {
	to := w.nodes[w.rng.IntN(len(w.nodes))].name
	if w.chance(60) { // the neighbour, so that something comes of it
		to = w.nodes[0].name
		if n.name == to {
			to = w.nodes[1].name
		}
	}
	if w.chance(20) {
		to = strings.ToUpper(to)
	}
	switch x := w.rng.IntN(100); {
	case x < 24:
		n.start1(to)
	case x < 40:
		n.answer()
	case x < 74:
		for range 1 + w.rng.IntN(4) {
			n.say(to)
		}
	case x < 80:
		w.logf("%s stops %s", n.name, to)
		n.do(func(s *Sessions) { _ = s.Stop(to, w.now) })
	case x < 83:
		n.do(func(s *Sessions) { s.Typing(to, w.now) })
	case x < 86:
		n.do(func(s *Sessions) { _, _ = s.Words(to); _ = s.Verify(to, w.now) })
	case x < 89:
		n.trust(to)
	case x < 92:
		n.crash(w.chance(30))
	case x < 94:
		n.disconnect(true)
	case x < 95:
		w.server.restart()
	case x < 96:
		w.logf("%s logs out", n.name)
		n.do(func(s *Sessions) { s.LoggedOut(w.now) })
		n.disconnect(false)
	case x < 98:
		n.elsewhere(to)
	case x < 99:
		w.direct[simPair(n.name, to)] = w.chance(50)
	}
	if n.conn == nil && w.chance(70) {
		n.connect()
	}
}

// agree notes to which session somebody says yes.
func (n *node) agree(name string) {
	if p := n.s.people[fold(name)]; p != nil && p.ask != nil && !p.ask.mine && n.conn != nil {
		n.w.consent[fmt.Sprint(n.conn.run, "/", p.ask.number, "/", fold(n.name))] = true
	}
}

func (n *node) start1(to string) {
	before := n.s.people[fold(to)]
	if before == nil || before.ask == nil || before.ask.mine || before.ask.accepted {
		n.w.logf("%s starts %s", n.name, to)
	} else {
		n.agreeIf(to)
	}
	n.do(func(s *Sessions) { _ = s.Start(to, n.w.now) })
}

// agreeIf is agree unless the key is another one.
func (n *node) agreeIf(to string) {
	if p := n.s.people[fold(to)]; !n.s.changed(p, p.ask.fingerprint) {
		n.agree(to)
	}
}

// answer says yes or no to somebody who asks.
func (n *node) answer() {
	for _, other := range n.w.nodes {
		p := n.s.people[fold(other.name)]
		if p == nil || p.ask == nil || p.ask.mine || p.ask.accepted {
			continue
		}
		if n.w.chance(10) {
			n.w.logf("%s declines %s", n.name, p.name)
			n.do(func(s *Sessions) { _ = s.Decline(p.name, n.w.now) })
			return
		}
		n.answer1(p.name)
		return
	}
}

// answer1 says yes to somebody.
func (n *node) answer1(name string) {
	n.w.logf("%s accepts %s", n.name, name)
	if p := n.s.people[fold(name)]; p != nil && p.ask != nil {
		n.agreeIf(name)
	}
	n.do(func(s *Sessions) { _ = s.Accept(name, n.w.now) })
}

func (n *node) say(to string) {
	body := fmt.Sprint("text ", len(n.w.said)+1)
	n.do(func(s *Sessions) {
		if err := s.Say(to, body, n.w.now); err == nil {
			n.w.logf("%s says to %s: %s", n.name, to, body)
		}
	})
	if p := n.s.people[fold(to)]; p != nil && p.lastBody() == body {
		n.w.said[body] = said{from: n.s, by: fold(n.name), to: fold(to), no: len(n.w.said) + 1}
	}
}

func (p *person) lastBody() string {
	if len(p.out) == 0 {
		return ""
	}
	return p.out[len(p.out)-1].body
}

func (n *node) trust(name string) {
	p := n.s.people[fold(name)]
	if p == nil || p.offered == "" {
		return
	}
	n.w.logf("%s trusts the key of %s", n.name, name)
	n.trusted[fold(name)] = p.offered
	n.do(func(s *Sessions) { _ = s.Trust(name, n.w.now) })
}

// settle ends all faults, gives things time and looks whether everybody agrees;
// then it ends all sessions and looks whether anything is left.
func (w *world) settle() {
	w.calm, w.server.lies, w.delay = true, false, 200*time.Millisecond
	for _, n := range w.nodes {
		if n.conn == nil {
			n.connect()
		}
	}
	w.run(3 * time.Minute)
	for _, n := range w.nodes {
		for _, row := range n.s.Peers() {
			w.settled(n, row)
		}
		w.accounted(n)
	}
	w.reunite()
	for _, n := range w.nodes {
		for _, row := range n.s.Peers() {
			n.do(func(s *Sessions) { _ = s.Stop(row.Name, w.now) })
		}
	}
	w.run(time.Minute)
	for _, n := range w.nodes {
		w.accounted(n)
		if len(n.s.links) > 0 || len(n.s.plans) > 0 || len(n.s.active()) > 0 {
			w.failf("%s: something is left: %d links, %d plans, %d people", n.name, len(n.s.links), len(n.s.plans), len(n.s.active()))
		}
		for _, id := range n.sortedEnds() {
			if e := n.tr.ends[id]; !e.closed && !e.other.gone() {
				w.failf("%s: the link %d was not closed", n.name, id)
			}
		}
		for _, p := range n.tr.plans {
			if !p.over {
				w.failf("%s: the plan for %s was not cancelled", n.name, p.Name)
			}
		}
	}
	if len(w.server.asked)+len(w.server.pairs) > 0 {
		w.failf("the server still has %d invitations and %d pairs", len(w.server.asked), len(w.server.pairs))
	}
}

// gone reports whether an end is one of a client that has crashed.
func (e *simEnd) gone() bool { return e != nil && e.tr.gone }

// reunite has everybody ask everybody who can be reached. Whatever happened
// before, a session must open and what waited must arrive.
func (w *world) reunite() {
	for i, a := range w.nodes {
		for _, b := range w.nodes[:i] {
			if !w.direct[simPair(a.name, b.name)] && !(a.relay && b.relay) {
				continue
			}
			for range 4 { // with trust, if that is needed: in place of the key of texts that wait, and of one that another client has kept
				a.start1(b.name)
				w.run(2 * time.Second)
				b.answer1(a.name)
				for i := 0; i < 60 && !together(a, b); i++ {
					w.run(time.Second)
				}
				a.trust(b.name)
				b.trust(a.name)
			}
			if !together(a, b) {
				w.failf("%s and %s do not come together any more", a.name, b.name)
			}
		}
	}
}

// together reports whether two have an open session, and all texts have arrived.
func together(a, b *node) bool {
	there, _ := a.s.Lookup(b.name)
	back, _ := b.s.Lookup(a.name)
	return there.State == Open && back.State == Open && there.Name != "" && back.Name != "" && there.Waiting+back.Waiting == 0
}

// settled holds a row of somebody's list to that of the other one.
func (w *world) settled(n *node, row Peer) {
	other := w.find(row.Name)
	back, _ := other.s.Lookup(n.name)
	switch {
	case row.State != Open && row.State != Closed:
		w.failf("%s: %s is still in state %d", n.name, row.Name, row.State)
	case row.State == Open && (back.State != Open || back.Name == ""):
		w.failf("%s has a session with %s, but not the other way", n.name, row.Name)
	case row.State == Open && row.Path.Relay != back.Path.Relay:
		w.failf("%s and %s do not use the same path", n.name, row.Name)
	case row.State == Open && row.Waiting > 0:
		w.failf("%s: %d texts for %s wait, though the session is open", n.name, row.Waiting, row.Name)
	}
}

// accounted makes sure that every text was shown or waits.
func (w *world) accounted(n *node) {
	for body, x := range w.said {
		if x.from != n.s || w.shown[body] > 0 {
			continue
		}
		waits := false
		if p := n.s.people[x.to]; p != nil {
			for _, t := range p.out {
				waits = waits || t.body == body
			}
		}
		if !waits {
			w.failf("%q of %s was neither shown nor waits", body, n.name)
		}
	}
	for name, p := range n.s.people {
		if row, ok := n.s.Lookup(name); len(p.out) > 0 && (!ok || row.Waiting != len(p.out)) {
			w.failf("%s: %d texts for %s wait, told are %d", n.name, len(p.out), name, row.Waiting)
		}
		if len(p.out) > maxWaiting || len(p.seen) > maxSeen || len(p.owed) > protocol.MaxPrivate {
			w.failf("%s: too much is kept of %s", n.name, name)
		}
	}
}
