package p2p

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"parley/protocol"
)

// world is a simulation: clients, a server and the ways between them, driven by
// one queue of events and one source of randomness. The same seed is the same
// story.
type world struct {
	seed   uint64
	steps  int // in which somebody does something
	rng    *rand.Rand
	now    time.Time
	queue  events
	count  int
	server *simServer
	nodes  []*node
	calm   bool          // no more faults
	delay  time.Duration // of the server, at most
	links  LinkID
	log    []string
	failed string

	consent map[string]bool // "run/number/name": that one has agreed to that session
	said    map[string]said // by body
	shown   map[string]int  // "receiver's run/body": how often
	late    map[string]int  // "sender's run>receiver's run": the last body shown
	direct  map[string]bool // pairs of names that can reach each other
}

type said struct {
	from *Sessions
	by   string
	to   string
	no   int
}

type event struct {
	at time.Time
	no int
	do func()
}

type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].no < q[j].no
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(x any)   { *q = append(*q, x.(event)) }
func (q *events) Pop() any {
	x := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return x
}

var simStart = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func newWorld(seed uint64) *world {
	w := &world{
		seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), now: simStart, delay: 200 * time.Millisecond,
		consent: map[string]bool{}, said: map[string]said{}, shown: map[string]int{}, late: map[string]int{}, direct: map[string]bool{},
	}
	w.server = newSimServer(w)
	return w
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now.Add(d), do) }

func (w *world) at(t time.Time, do func()) {
	w.count++
	heap.Push(&w.queue, event{later(t, w.now), w.count, do})
}

// run lets a time pass.
func (w *world) run(d time.Duration) {
	end := w.now.Add(d)
	for w.failed == "" && len(w.queue) > 0 && !w.queue[0].at.After(end) {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.do()
		w.check()
	}
	w.now = end
}

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

// some is a random time up to max, most often a short one.
func (w *world) some(max time.Duration) time.Duration {
	if w.chance(70) {
		max /= 20
	}
	return time.Duration(w.rng.Int64N(int64(max) + 1))
}

func (w *world) logf(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%8.3f ", w.now.Sub(simStart).Seconds())+fmt.Sprintf(format, args...))
}

func (w *world) failf(format string, args ...any) {
	if w.failed == "" {
		w.failed = fmt.Sprintf(format, args...)
		w.logf("FAILED: %s", w.failed)
	}
}

// node is somebody with a client, which may be started anew.
type node struct {
	w       *world
	name    string
	key     string
	keys    int
	run     int
	relay   bool
	s       *Sessions
	tr      *simTransport
	conn    *simConn // nil: no connection to the server
	pins    *simPins
	pinned  time.Time         // when the latest answer of pins comes
	trusted map[string]string // the key under which somebody may be reached, if any
	alarm   int
	told    []Notice
}

func testKey(name string, n int) string {
	return "SHA256:" + strings.Repeat("A", 41-len(name)) + name + string(rune('A'+n%26)) + "A"
}

func (w *world) add(name string, relay bool) *node {
	n := &node{w: w, name: name, relay: relay, trusted: map[string]string{}}
	n.pins = newSimPins(n.lookUp)
	n.key = testKey(name, 0)
	w.nodes = append(w.nodes, n)
	n.start()
	return n
}

func (n *node) start() {
	n.run++
	n.tr = &simTransport{n: n, plans: map[uint64]*simPlan{}, ends: map[LinkID]*simEnd{}}
	n.s = New(Config{Server: n, Transport: n.tr, Pins: n.pins, Tell: n.tell, Tag: fmt.Sprint(n.name, n.run)})
}

// lookUp has pins answer, at once or when a disk has had its time.
func (n *node) lookUp(answer func() Event) {
	w, s := n.w, n.s
	if n.pinned = later(n.pinned, w.now); !w.calm && w.chance(20) {
		n.pinned = n.pinned.Add(w.some(3 * time.Second))
	}
	w.at(n.pinned, func() {
		e := answer()
		if n.s == s {
			n.do(func(s *Sessions) { s.Happened(e, w.now) })
		}
	})
}

// elsewhere has another client of the same person meet somebody first: the real
// one or, as far as keys tell, another one.
func (n *node) elsewhere(to string) {
	other := n.w.find(to)
	if other == n || n.trusted[fold(to)] != "" || n.pins.file[fold(to)].Fingerprint != "" {
		return
	}
	key := other.key
	if n.w.chance(50) {
		key = testKey("mallory", 1)
	}
	n.w.logf("another client of %s meets %s with the key %s", n.name, to, key)
	n.pins.file[fold(to)] = Pin{Fingerprint: key, Verified: true, Since: n.w.now}
	n.trusted[fold(to)] = key
}

// do calls something of the sessions, and Tick after it, as a client does.
func (n *node) do(what func(s *Sessions)) {
	what(n.s)
	n.tick()
}

func (n *node) tick() {
	next := n.s.Tick(n.w.now)
	n.alarm++
	if next.IsZero() {
		return
	}
	if !next.After(n.w.now) {
		n.w.failf("%s: the alarm of %v is not in the future", n.name, next)
	}
	alarm, s := n.alarm, n.s
	n.w.at(next, func() {
		if n.alarm == alarm && n.s == s {
			n.tick()
		}
	})
}

// crash ends the client without a word, and starts it again.
func (n *node) crash(newKey bool) {
	n.tr.vanish()
	n.disconnect(false)
	if newKey {
		n.keys++
		n.key = testKey(n.name, n.keys)
	}
	n.start()
	n.w.logf("%s crashed, new key: %v", n.name, newKey)
}

// Ask is that of the interface Server.
func (n *node) Ask(verb string, fields map[string]string) bool {
	if n.conn == nil {
		return false
	}
	n.conn.ask(verb, fields)
	return true
}

func (n *node) connect() {
	n.conn = newSimConn(n)
	n.do(func(s *Sessions) { s.LoggedIn(n.name, "", n.w.now) })
}

// disconnect loses the connection; the client notices if told.
func (n *node) disconnect(told bool) {
	if n.conn == nil {
		return
	}
	c := n.conn
	n.conn = nil
	c.gone = true
	n.w.after(n.w.some(3*time.Second), func() { n.w.server.leave(c) })
	if told {
		n.do(func(s *Sessions) { s.ServerLost(n.w.now) })
	}
}

// tell checks what the person is told.
func (n *node) tell(t Notice) {
	w := n.w
	w.logf("%s: %v %s %s %s %d", n.name, noticeNames[t.Kind], t.Name, t.Text+t.Words, t.Path, t.Count)
	n.told = append(n.told, t)
	peer := fold(t.Name)
	switch t.Kind {
	case NoticeOpened:
		if was := n.trusted[peer]; was != "" && was != t.Fingerprint {
			w.failf("%s opened a session with %s with the key %s, known was %s", n.name, peer, t.Fingerprint, was)
		}
		n.trusted[peer] = t.Fingerprint
		plan := n.s.people[peer].live.plan
		for _, who := range []string{n.name, peer} {
			if !w.consent[fmt.Sprint(w.server.runOf[n.tr.serial(plan)], "/", plan.Number, "/", fold(who))] {
				w.failf("%s opened the session %d with %s, to which %s has not agreed", n.name, plan.Number, peer, who)
			}
		}
	case NoticeInvitation:
		if k := fmt.Sprintf("%p/%p/%d/%s", n.s, n.conn, n.s.people[peer].ask.number, t.Fingerprint); n.conn != nil {
			if w.shown[k]++; w.shown[k] > 1 {
				w.failf("%s is shown the invitation of %s twice", n.name, peer)
			}
		}
	case NoticeText:
		x, ok := w.said[t.Text]
		if !ok || x.to != fold(n.name) || x.by != peer {
			w.failf("%s is shown %q of %s, who did not say it", n.name, t.Text, peer)
		}
		w.shown[fmt.Sprintf("%p/%s", n.s, t.Text)]++
		w.shown[t.Text]++
		if k := fmt.Sprintf("%p/%s", n.s, t.Text); w.shown[k] > 1 {
			w.failf("%s is shown %q twice", n.name, t.Text)
		}
		order := fmt.Sprintf("%p>%p", x.from, n.s)
		if w.late[order] > x.no {
			w.failf("%s is shown %q too late", n.name, t.Text)
		}
		w.late[order] = x.no
	}
}

var noticeNames = map[NoticeKind]string{
	NoticeInvited: "invited", NoticeInvitation: "invitation", NoticeDeclined: "declined", NoticeLapsed: "lapsed",
	NoticeConnecting: "connecting", NoticeOpened: "opened", NoticePath: "path", NoticeText: "text", NoticeTyping: "typing",
	NoticeUndelivered: "undelivered", NoticeEnded: "ended", NoticeFailed: "failed", NoticeKeyChanged: "key changed",
	NoticeVerified: "verified", NoticeTrusted: "trusted", NoticeOffer: "offer",
}

// check holds everybody to what must be so at every moment.
func (w *world) check() {
	for _, n := range w.nodes {
		asks := 0
		for _, p := range n.s.people {
			if p.ask != nil || p.live != nil {
				asks++
			}
			if p.live != nil && p.live.spare() > maxSpare {
				w.failf("%s has %d spare links to %s", n.name, p.live.spare(), p.name)
			}
			other := w.find(p.name)
			if other == nil || p.live == nil || p.live.state != Open {
				continue
			}
			if q := other.s.people[fold(n.name)]; q != nil && q.live != nil && q.live.state == Open && q.live.plan.Number == p.live.plan.Number &&
				other.key == p.live.plan.Fingerprint && n.key == q.live.plan.Fingerprint && strings.Join(p.live.words, " ") != strings.Join(q.live.words, " ") {
				w.failf("%s and %s have different words", n.name, p.name)
			}
		}
		if asks > protocol.MaxPrivate {
			w.failf("%s has %d sessions", n.name, asks)
		}
	}
}

func (w *world) find(name string) *node {
	for _, n := range w.nodes {
		if strings.EqualFold(n.name, name) {
			return n
		}
	}
	return nil
}
