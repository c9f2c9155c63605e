package sim_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// A switchboard is people at three nodes who talk in private.
type switchboard struct {
	record
	cluster *sim.Cluster
	rand    *rand.Rand
	callers []*caller
	met     map[string]int
}

// A caller is somebody's client, in one login after the other.
type caller struct {
	name    string
	node    *sim.Member
	conn    *sim.Conn // nil: there is none
	in      bool
	scanner *protocol.Scanner
	rest    []byte
	askedBy string
	calls   map[uint64]*call // of this login, by session, that are not over
}

// A call is one end of a private session.
type call struct {
	other          string
	said, heard    int // payloads
	flight, unpaid int // units
}

// TestRandomCrossings has people at three nodes ask each other for private sessions, agree, relay
// texts, stop and log in elsewhere, while nodes are cut off, slow, paused and killed, and what they
// send each other is lost, late, doubled and in another order. It holds the nodes to this:
//
//   - what is relayed comes to the session that has agreed to it, in order, once, without gaps;
//   - nobody is given more credit than they have sent;
//   - when all is well again, of two both go on or both are told that it is over, as soon as each
//     has sent something.
//
// A seed that fails is printed; -seed runs it alone.
func TestRandomCrossings(t *testing.T) {
	first, n := seeds()
	n = max(n/20, 1)
	met := map[string]int{}
	for seed := first; seed < first+n; seed++ {
		random := rand.New(rand.NewPCG(seed, 17))
		s := &switchboard{cluster: sim.NewCluster(unpaced(t, 1), 3, time.Millisecond, start, random), rand: random, met: met}
		for _, name := range []string{"ann", "bob", "carl"} {
			s.callers = append(s.callers, &caller{name: name})
		}
		s.advance(4 * time.Second)
		for range 250 {
			if s.act(); s.err != nil {
				break
			}
		}
		if s.heal(); s.err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, s.err, strings.Join(s.script, "\n"))
		}
	}
	t.Log(met)
	for _, what := range []string{"relayed", "introduced", "stopped", "killed", "cut", "paused", "stale", "doubled", "gaps", "both go on", "over for both"} {
		if n >= 20 && met[what] == 0 {
			t.Errorf("%s has never happened", what)
		}
	}
}

func (s *switchboard) act() {
	c := s.callers[s.rand.IntN(len(s.callers))]
	n := s.cluster.Nodes[s.rand.IntN(3)]
	switch what := s.rand.IntN(100); {
	case c.conn == nil || !c.in:
		s.connect(c)
	case what < 10:
		s.ask(c, "startprivate", map[string]string{"name": s.callers[s.rand.IntN(3)].name, "fingerprint": callKey, "paths": "relay"})
	case what < 30 && c.askedBy != "":
		s.ask(c, "acceptprivate", map[string]string{"name": c.askedBy, "fingerprint": callKey, "paths": "relay"})
		c.askedBy = ""
	case what < 32:
		s.ask(c, "stopprivate", map[string]string{"name": s.callers[s.rand.IntN(3)].name})
	case what < 34:
		if reachable(c.node) {
			c.conn.HangUp()
			s.gone(c)
		}
	case what < 35:
		n.Cut = !n.Cut
		s.met["cut"]++
	case what < 36 && !n.Killed:
		n.Paused = !n.Paused
		s.met["paused"]++
	case what < 37:
		s.note("node %d killed %v", n.Index, !n.Killed)
		if n.Killed {
			n.Start()
		} else {
			s.count(n)
			n.Kill()
			s.met["killed"]++
		}
	case what < 40:
		n.Cut, n.Paused = false, false
	case what < 41:
		n.Lag = time.Duration(s.rand.IntN(300)) * time.Millisecond
	case what < 44:
		s.advance(time.Duration(s.rand.IntN(8)) * time.Second)
	default:
		for range 1 + s.rand.IntN(12) {
			s.say(c)
		}
	}
	s.advance(time.Duration(s.rand.IntN(60)) * time.Millisecond)
}

const callKey = "SHA256:alicealicealicealicealicealicealicealiceabA"

func (s *switchboard) advance(d time.Duration) {
	s.cluster.Advance(d)
	for _, c := range s.callers {
		s.listen(c)
	}
	for _, n := range s.cluster.Nodes {
		if n.Broken != nil {
			s.fail("node %d has stopped: %v", n.Index, n.Broken)
		}
	}
}

// count adds what a node has counted, before it is killed or in the end.
func (s *switchboard) count(n *sim.Member) {
	counts := n.Server.NodeCounts()
	s.met["stale"] += int(counts.Stale)
	s.met["doubled"] += int(counts.Doubled)
	s.met["gaps"] += int(counts.Gaps)
}

func (s *switchboard) connect(c *caller) {
	if c.conn != nil {
		return
	}
	n := s.cluster.Nodes[s.rand.IntN(3)]
	if !reachable(n) {
		return
	}
	*c = caller{name: c.name, node: n, conn: n.Net.Dial(), scanner: protocol.NewScanner(protocol.MaxServedFrame), calls: map[uint64]*call{}}
	s.note("%s logs in at node %d", c.name, n.Index)
	c.conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: c.name}, Extended: true}))
}

func (s *switchboard) gone(c *caller) { *c = caller{name: c.name} }

func (s *switchboard) ask(c *caller, verb string, fields map[string]string) {
	if c.conn != nil && c.in && reachable(c.node) {
		c.conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Fields: fields}}))
	}
}

// say says something in one of the calls, and gives credit for what was heard there.
func (s *switchboard) say(c *caller) {
	if c.conn == nil || len(c.calls) == 0 || !reachable(c.node) {
		return
	}
	numbers := numbersOf(c)
	s.sayIn(c, numbers[s.rand.IntN(len(numbers))])
}

func numbersOf(c *caller) (all []uint64) {
	for number := range c.calls {
		all = append(all, number)
	}
	slices.Sort(all)
	return all
}

func (s *switchboard) sayIn(c *caller, number uint64) {
	k := c.calls[number]
	data := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d %s %d %s", number, c.name, k.said, strings.Repeat("x", s.rand.IntN(1000))))
	if k.flight+protocol.RelayCost(data) > protocol.RelayWindow {
		return
	}
	s.ask(c, "relay", map[string]string{"name": k.other, "session": fmt.Sprint(number), "credit": fmt.Sprint(k.unpaid), "data": data})
	k.said++
	k.flight += protocol.RelayCost(data)
	k.unpaid = 0
}

func (s *switchboard) listen(c *caller) {
	if c.conn != nil && c.node.Killed {
		s.gone(c)
	}
	for c.conn != nil {
		frame, used, bad := c.scanner.Scan(c.rest)
		c.rest = c.rest[used:]
		if bad != nil {
			s.fail("%s: %v", c.name, bad)
			return
		}
		if frame != nil {
			s.hear(c, frame)
			continue
		}
		b, err := c.conn.Read()
		if err == io.EOF {
			s.gone(c)
			return
		}
		if c.rest = b; b == nil {
			return
		}
	}
}

func (s *switchboard) hear(c *caller, frame []byte) {
	r, err := protocol.DecodeResponse(frame)
	if err != nil || r.Data == nil {
		return
	}
	d := r.Data
	if d.Private != nil || r.Kind == protocol.KindError {
		s.note("    %s < %s %s %.80s", c.name, d.Event, r.Content, fmt.Sprintf("%+v", d.Private))
	}
	switch {
	case d.Event == protocol.EventLogin:
		c.in = true
	case r.Kind == protocol.KindError && !c.in: // such as a name that is taken until the node is known to be gone
		c.conn.HangUp()
		s.gone(c)
	case d.Private == nil:
	case d.Event == protocol.EventInvitation:
		c.askedBy = d.Name
	case d.Event == protocol.EventIntroduced:
		s.met["introduced"]++
		c.calls[d.Private.Session] = &call{other: d.Name}
	case d.Event == protocol.EventStopped:
		s.met["stopped"]++
		delete(c.calls, d.Private.Session)
	case d.Event == protocol.EventRelayed:
		s.relayed(c, d.Name, d.Private)
	}
}

func (s *switchboard) relayed(c *caller, from string, p *protocol.Private) {
	s.met["relayed"]++
	k := c.calls[p.Session]
	if k == nil || k.other != from || p.Credit > k.flight {
		s.fail("%s hears %+v of %s in a call %+v", c.name, p, from, k)
		return
	}
	k.flight -= p.Credit
	if p.Payload == "" {
		return
	}
	data, _ := base64.StdEncoding.DecodeString(p.Payload)
	if want := fmt.Sprintf("%d %s %d ", p.Session, from, k.heard); !strings.HasPrefix(string(data), want) {
		s.fail("%s hears %.40s, which is not %s", c.name, data, want)
		return
	}
	k.heard++
	k.unpaid += protocol.RelayCost(p.Payload)
}

// heal ends all trouble. Each end says something then, and it goes on for both or for none.
func (s *switchboard) heal() {
	s.cluster.Stream.Calm = true
	for _, n := range s.cluster.Nodes {
		n.Cut, n.Paused, n.Lag = false, false, 0
		if n.Killed {
			n.Start()
		}
	}
	s.advance(20 * time.Second)
	for range 2 {
		for _, c := range s.callers {
			for _, number := range numbersOf(c) {
				s.sayIn(c, number)
			}
		}
		s.advance(5 * time.Second)
	}
	for _, c := range s.callers {
		for _, number := range numbersOf(c) {
			k := c.calls[number]
			other := s.callers[slices.IndexFunc(s.callers, func(o *caller) bool { return o.name == k.other })]
			if o := other.calls[number]; o == nil || o.heard != k.said {
				s.fail("%s has said %d in %d, and %s has %+v", c.name, k.said, number, k.other, o)
			}
			s.met["both go on"]++
		}
		if len(c.calls) == 0 {
			s.met["over for both"]++
		}
	}
	for _, n := range s.cluster.Nodes {
		s.count(n)
	}
}
