package sim_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/log"
	"parley/users/state"
)

// A season is a while in the life of three servers that share a log, and of people who talk
// in the lobby and move from one to the other.
type season struct {
	record
	cluster *sim.Cluster
	rand    *rand.Rand
	movers  []*mover
	digests map[uint64]digest // by position

	compared [clusterNodes]compared
	met      map[string]int
	older    map[int][]byte // snapshots with which nodes have begun
	serial   int

	shared *sim.Bucket // of the snapshots that they share; nil: they share none
}

type digest struct {
	node int
	sum  [32]byte
}

// A compared is where the process of a node was when it was looked at last.
type compared struct {
	process  *sim.Net
	position uint64
}

// A mover is somebody's client.
type mover struct {
	name    string
	node    int // to which it is connected
	process *sim.Net
	conn    *sim.Conn
	scanner *protocol.Scanner
	rest    []byte
	token   string
	log     string
	after   uint64
	known   bool // it has logged in once
	in      bool // the login was answered
	since   time.Time
	base    uint64 // behind which it has heard everything
	heard   map[uint64]string
	newest  uint64
	pending []*saying // was not acknowledged, in order
	acked   []*saying
}

// A saying is something that a client has said, or will again.
type saying struct {
	id, text string
	number   uint64 // as it was acknowledged
	sent     bool   // on this connection
}

const (
	clusterNodes  = 3
	clusterPeople = 5
	clusterSteps  = 120
)

func newSeason(t *testing.T, seed uint64, met map[string]int) *season {
	random := rand.New(rand.NewPCG(seed, 16))
	cfg := unpaced(t, 1)
	s := &season{cluster: sim.NewCluster(cfg, clusterNodes, time.Millisecond, start, random), rand: random, digests: map[uint64]digest{}, met: met, older: map[int][]byte{}}
	for i := range clusterPeople {
		s.movers = append(s.movers, &mover{name: fmt.Sprintf("mover%d", i), token: fmt.Sprintf("c%0*d", 2*protocol.TokenSize-1, i), heard: map[uint64]string{}})
	}
	return s
}

// live lets it be.
func (s *season) live() {
	s.advance(3 * time.Second)
	for i := 0; i < clusterSteps && s.err == nil; i++ {
		if s.shared != nil && s.rand.IntN(5) == 0 {
			s.actOnSnapshots()
		} else {
			s.act()
		}
		s.advance(time.Duration(s.rand.IntN(400)) * time.Millisecond)
	}
	s.heal()
	s.check()
}

// advance has time go on, and looks at everything at short intervals.
func (s *season) advance(d time.Duration) {
	for ; d > 0 && s.err == nil; d -= 50 * time.Millisecond {
		s.cluster.Advance(min(d, 50*time.Millisecond))
		s.compare()
		for _, m := range s.movers {
			s.listen(m)
		}
	}
}

// compare holds the states of all nodes to each other, wherever two have been at a position.
func (s *season) compare() {
	for _, n := range s.cluster.Nodes {
		if s.shared != nil && errors.Is(n.Broken, log.ErrTrimmed) {
			s.comesBack(n)
			continue
		}
		if n.Broken != nil {
			s.fail("node %d has stopped: %v", n.Index, n.Broken)
			return
		}
		if n.Killed || n.Paused {
			continue
		}
		place := compared{n.Net, n.Server.Membership().Position}
		if s.compared[n.Index] == place {
			continue // it has read nothing since, and the sum takes its time
		}
		s.compared[n.Index] = place
		sum, position := n.Server.Digest()
		was, known := s.digests[position]
		if known && was.sum != sum {
			s.fail("nodes %d and %d differ at %d", was.node, n.Index, position)
		}
		if known && was.node != n.Index {
			s.met["compared"]++
		}
		s.digests[position] = digest{n.Index, sum}
	}
}

func (s *season) act() {
	m := s.movers[s.rand.IntN(len(s.movers))]
	n := s.cluster.Nodes[s.rand.IntN(clusterNodes)]
	switch what := s.rand.IntN(100); {
	case what < 55:
		s.say(m, 1+s.rand.IntN(3))
	case what < 70:
		s.leave(m)
	case what < 76:
		s.note("node %d cut %v", n.Index, !n.Cut)
		n.Cut = !n.Cut
		s.met["cut"]++
	case what < 80 && !n.Killed:
		s.note("node %d paused %v", n.Index, !n.Paused)
		n.Paused = !n.Paused
		s.met["paused"]++
	case what < 84:
		if n.Killed {
			s.note("node %d starts", n.Index)
			s.start(n)
		} else {
			s.note("node %d is killed", n.Index)
			n.Kill()
		}
	case what < 87:
		s.cluster.Stream.Down = !s.cluster.Stream.Down
		s.note("stream down %v", s.cluster.Stream.Down)
	case what < 90:
		s.cluster.Stream.Skew = time.Duration(s.rand.IntN(120)-60) * time.Minute
	case what < 93:
		n.Lag = time.Duration(s.rand.IntN(800)) * time.Millisecond
	case what < 95:
		n.Disk.Broken = !n.Disk.Broken
	default:
		s.advance(time.Duration(s.rand.IntN(12)) * time.Second)
	}
	for _, m := range s.movers {
		if m.conn == nil && s.rand.IntN(3) > 0 {
			s.connect(m)
		}
	}
}

// start begins a node again: sometimes the file with its snapshot is gone, or an older one.
func (s *season) start(n *sim.Member) {
	switch s.rand.IntN(8) {
	case 0:
		n.Disk.State = nil
	case 1:
		n.Disk.State = s.older[n.Index]
	default:
		s.older[n.Index] = n.Disk.State
	}
	n.Start()
	if s.met["restarted"]++; n.From > 0 {
		s.met["went on from a snapshot"]++
	}
}

// reachable reports whether a client can talk to a node's process.
func reachable(n *sim.Member) bool { return !n.Killed && !n.Paused }

// connect logs in at any node, with all that the client knows.
func (s *season) connect(m *mover) {
	n := s.cluster.Nodes[s.rand.IntN(clusterNodes)]
	if !reachable(n) {
		return
	}
	m.node, m.process, m.conn, m.scanner, m.rest, m.in, m.since = n.Index, n.Net, n.Net.Dial(), protocol.NewScanner(protocol.MaxServedFrame), nil, false, s.cluster.Now()
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: m.name}, Extended: true, Token: m.token}
	if m.known {
		r.Log, r.After, r.HasAfter = m.log, m.after, true
	}
	s.note("%s logs in at node %d after %d", m.name, n.Index, m.after)
	m.conn.Send(protocol.AppendRequest(nil, r))
}

// leave has a client's connection end, in one way or another.
func (s *season) leave(m *mover) {
	if m.conn == nil {
		return
	}
	if n := s.cluster.Nodes[m.node]; reachable(n) && m.conn != nil {
		if s.rand.IntN(2) == 0 {
			m.conn.HangUp()
		} else {
			m.conn.Stall() // is dead, and nobody knows
		}
	}
	s.gone(m)
}

func (s *season) gone(m *mover) {
	m.conn = nil
	for _, p := range m.pending {
		p.sent = false
	}
}

// say has a client say so many things, as soon as it can.
func (s *season) say(m *mover, n int) {
	for range n {
		s.serial++
		m.pending = append(m.pending, &saying{id: fmt.Sprint("id", s.serial), text: fmt.Sprint(m.name, " says ", s.serial)})
	}
	s.send(m)
}

// send sends what was not sent yet on this connection. What was not acknowledged on another is
// among it, under the same id.
func (s *season) send(m *mover) {
	if m.conn == nil || !m.in || !reachable(s.cluster.Nodes[m.node]) {
		return
	}
	for _, p := range m.pending {
		if !p.sent {
			p.sent = true
			m.conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "msg", Content: protocol.Content{Text: p.text}, Ref: p.id, ID: p.id}))
		}
	}
}

// listen reads what has come for a client.
func (s *season) listen(m *mover) {
	if m.conn == nil {
		return
	}
	n := s.cluster.Nodes[m.node]
	if n.Killed || n.Net != m.process || !m.in && s.cluster.Now().Sub(m.since) > 8*time.Second {
		s.gone(m)
		return
	}
	for m.conn != nil {
		frame, used, bad := m.scanner.Scan(m.rest)
		m.rest = m.rest[used:]
		if bad != nil {
			s.fail("%s: %v", m.name, bad)
			return
		}
		if frame != nil {
			s.hear(m, frame)
			continue
		}
		b, err := m.conn.Read()
		if err == io.EOF {
			s.gone(m)
			return
		}
		if m.rest = b; b == nil {
			return
		}
	}
}

func (s *season) hear(m *mover, frame []byte) {
	r, err := protocol.DecodeResponse(frame)
	if err != nil {
		s.fail("%s: %v: %s", m.name, err, frame)
		return
	}
	switch {
	case r.Kind == protocol.KindMessage:
		s.heard(m, r)
	case r.Data == nil:
	case r.Kind == protocol.KindError:
		s.refused(m, r)
	case r.Data.Event == protocol.EventLogin:
		s.welcome(m, r.Data)
	case r.Data.Event == protocol.EventAccepted:
		s.accepted(m, r)
	}
}

func (s *season) welcome(m *mover, d *protocol.Data) {
	m.in, m.token, m.log = true, d.Token, d.Log
	s.met["welcome"]++
	if d.Resume != protocol.ResumeFollows {
		if m.known {
			s.fail("%s, who has %d, is told that this is %q, last %d", m.name, m.after, d.Resume, d.ID)
		}
		m.known, m.base, m.newest, m.after = true, d.ID, d.ID, d.ID
	} else {
		s.met["resumed"]++
		if s.cluster.Nodes[m.node].Fetched {
			s.met["resumed behind a snapshot"]++
		}
	}
	s.send(m)
}

func (s *season) heard(m *mover, r protocol.Response) {
	number := r.Data.ID
	if number <= m.newest {
		s.fail("%s hears %d behind %d", m.name, number, m.newest)
	}
	m.newest, m.after = number, number
	m.heard[number] = r.Content
	s.met["heard"]++
}

func (s *season) accepted(m *mover, r protocol.Response) {
	if len(m.pending) == 0 || m.pending[0].id != r.Ref {
		s.fail("%s is answered %s, and waits for %v", m.name, r.Ref, m.pending)
		return
	}
	p := m.pending[0]
	p.number = r.Data.ID
	m.pending, m.acked = m.pending[1:], append(m.acked, p)
	s.met["accepted"]++
}

// refused looks at what a client is refused: a node that cannot decide now says so, and the
// client goes elsewhere.
func (s *season) refused(m *mover, r protocol.Response) {
	s.met["refused"]++
	s.note("%s is refused: %s", m.name, r.Content)
	if reachable(s.cluster.Nodes[m.node]) {
		m.conn.HangUp()
	}
	s.gone(m)
}

// heal ends all trouble, and waits until everybody has caught up.
func (s *season) heal() {
	s.cluster.Stream.Down, s.cluster.Stream.Skew = false, 0
	if s.shared != nil {
		s.shared.Down = false
	}
	for _, n := range s.cluster.Nodes {
		n.Cut, n.Paused, n.Lag, n.Disk.Broken = false, false, 0, false
		if n.Killed {
			s.start(n)
		}
	}
	for range 40 {
		for _, m := range s.movers {
			if m.conn == nil {
				s.connect(m)
			}
			s.send(m) // what could not be, since the node was paused
		}
		s.advance(time.Second)
		if s.err != nil || s.behind() == "" {
			return
		}
	}
	s.fail("not everybody has caught up: %s", s.behind())
}

// behind says who has not caught up, "" if everybody has.
func (s *season) behind() string {
	_, position := s.cluster.Nodes[0].Server.Digest()
	for _, n := range s.cluster.Nodes {
		if n.Killed {
			return fmt.Sprintf("node %d has not begun", n.Index)
		}
		if _, at := n.Server.Digest(); at+20 < position || position+20 < at {
			return fmt.Sprintf("node %d is at %d, node 0 at %d", n.Index, at, position)
		}
	}
	last := slices.Max(s.kept())
	for _, n := range s.cluster.Nodes {
		if kept := len(n.Disk.Messages()); kept != len(s.kept())-1 {
			return fmt.Sprintf("node %d has kept %d messages, node 0 %d", n.Index, kept, len(s.kept())-1)
		}
	}
	for _, m := range s.movers {
		if m.conn == nil || !m.in || len(m.pending) > 0 || m.newest < last {
			return fmt.Sprintf("%s at node %d, connected %v, logged in %v, %d wait to be acknowledged, has heard up to %d of %d",
				m.name, m.node, m.conn != nil, m.in, len(m.pending), m.newest, last)
		}
	}
	return ""
}

// kept returns the numbers that the first node has kept, after 0.
func (s *season) kept() []uint64 {
	numbers := []uint64{0}
	for _, m := range s.cluster.Nodes[0].Disk.Messages() {
		numbers = append(numbers, m.Number)
	}
	return numbers
}

// check holds what was said, acknowledged and heard to what is kept.
func (s *season) check() {
	if s.err != nil {
		return
	}
	all := s.cluster.Nodes[0].Disk.Messages()
	for _, n := range s.cluster.Nodes {
		others := n.Disk.Messages()
		if !slices.EqualFunc(all, others, func(a, b state.Message) bool { return a.Number == b.Number && a.Text == b.Text && a.Time.Equal(b.Time) }) {
			s.fail("node %d has kept %d messages, node 0 %d, or others", n.Index, len(others), len(all))
		}
	}
	numbers, texts := map[string]uint64{}, map[uint64]string{}
	for _, m := range all {
		if numbers[m.Text] != 0 {
			s.fail("%q was said as %d and %d", m.Text, numbers[m.Text], m.Number)
		}
		numbers[m.Text], texts[m.Number] = m.Number, m.Text
	}
	for _, m := range s.movers {
		if !slices.IsSortedFunc(m.acked, func(a, b *saying) int { return cmp.Compare(a.number, b.number) }) {
			s.fail("what %s has said is out of order", m.name)
		}
		for _, p := range m.acked {
			if numbers[p.text] != p.number || p.number == 0 {
				s.fail("%q was acknowledged as %d, and is kept as %d", p.text, p.number, numbers[p.text])
			}
		}
		for number, text := range m.heard {
			if texts[number] != text {
				s.fail("%s has heard %q as %d, which is %q", m.name, text, number, texts[number])
			}
		}
		for number := range texts {
			if number > m.base && m.heard[number] == "" {
				s.fail("%s has not heard %d", m.name, number)
			}
		}
	}
}

// TestRandomClusters has people talk on three servers that share a log, and move from one to
// the other with what they know, while nodes are cut off, slow, paused, killed and started
// again, the stream has no leader, loses, delays and doubles what is published, its clock is
// set, and disks fail. It holds the servers to this:
//
//   - wherever two nodes have been at one position of the stream, their states are the same;
//   - what was acknowledged is kept once, under the number that was said, on every node;
//   - what one has said is kept in the order in which it was said;
//   - everybody hears everything once and in one order, across all moves, and nothing else;
//   - who comes back is never told that what is missed cannot be told;
//   - no node stops.
//
// A seed that fails is printed; -seed runs it alone.
func TestRandomClusters(t *testing.T) {
	first, n := seeds()
	n = max(n/50, 1) // each is as long as a dozen random days
	met := map[string]int{}
	for seed := first; seed < first+n; seed++ {
		s := newSeason(t, seed, met)
		if s.live(); s.err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, s.err, strings.Join(s.script, "\n"))
		}
	}
	t.Log(met)
	for _, what := range []string{"compared", "cut", "paused", "restarted", "went on from a snapshot", "welcome", "resumed", "heard", "accepted", "refused"} {
		if n >= 20 && met[what] == 0 {
			t.Errorf("%s has never happened", what)
		}
	}
}

// TestAStreamThatLosesItsEnd has a stream forget what it had confirmed, as one does whose
// servers do not wait for their disks. Every node that has read it stops, and says what to do,
// whether it goes on or begins again.
func TestAStreamThatLosesItsEnd(t *testing.T) {
	for _, again := range []bool{false, true} {
		for seed := range uint64(5) {
			s := newSeason(t, seed, map[string]int{})
			s.advance(4 * time.Second)
			s.connect(s.movers[0])
			s.advance(time.Second)
			s.say(s.movers[0], 3)
			s.advance(2 * time.Second)
			if s.err != nil || len(s.movers[0].acked) != 3 {
				t.Fatalf("seed %d: %v, acknowledged are %d", seed, s.err, len(s.movers[0].acked))
			}
			stream := s.cluster.Stream
			stream.Messages = stream.Messages[:len(stream.Messages)/2]
			if again {
				for _, n := range s.cluster.Nodes {
					n.Kill()
					n.Start()
				}
			}
			s.cluster.Advance(30 * time.Second)
			for _, n := range s.cluster.Nodes {
				if !errors.Is(n.Broken, log.ErrStream) {
					t.Errorf("seed %d, begun again %v: node %d: %v", seed, again, n.Index, n.Broken)
				}
			}
		}
	}
}

// TestALoginWhoseConnectionIsGone has somebody's connection break while the login is on its way
// through the log: the name is free again on all nodes.
func TestALoginWhoseConnectionIsGone(t *testing.T) {
	c := sim.NewCluster(unpaced(t, 1), clusterNodes, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	c.Advance(4 * time.Second)
	passer := c.Nodes[1].Net.Dial()
	passer.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: "passer"}, Extended: true}))
	passer.Reset()
	c.Advance(10 * time.Second)
	watcher := c.Nodes[0].Net.Dial()
	for _, r := range []protocol.Request{{Verb: "login", Content: protocol.Content{Text: "watcher"}, Extended: true}, {Verb: "names", Ref: "n"}} {
		watcher.Send(protocol.AppendRequest(nil, r))
		c.Advance(2 * time.Second)
	}
	heard := ""
	for b, _ := watcher.Read(); b != nil; b, _ = watcher.Read() {
		heard += string(b)
	}
	if !strings.Contains(heard, `"names":["watcher"]`) {
		t.Errorf("the watcher hears %s", heard)
	}
}
