package p2p

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/protocol"
)

// simServer is as much of a server as private sessions need.
type simServer struct {
	w     *world
	run   int
	last  uint64
	conns map[string]*simConn
	asked map[string]*simInvitation // by "from>to"
	pairs map[string]uint64         // relayed: by both names, the smaller first
	runOf map[*simPlan]int          // in which run of the server a plan was introduced
	lies  bool                      // tells wrong keys
}

type simInvitation struct {
	number   uint64
	from, to *simConn
	offer    map[string]string
	over     bool
}

// simConn is a connection to the server; both ways keep their order.
type simConn struct {
	n        *node
	s        *Sessions
	run      int
	gone     bool
	up, down time.Time
}

func newSimServer(w *world) *simServer {
	return &simServer{w: w, run: 1, conns: map[string]*simConn{}, asked: map[string]*simInvitation{}, pairs: map[string]uint64{}, runOf: map[*simPlan]int{}}
}

func newSimConn(n *node) *simConn {
	c := &simConn{n: n, s: n.s, run: n.w.server.run}
	s := n.w.server
	if old := s.conns[fold(n.name)]; old != nil {
		s.leave(old)
	}
	s.conns[fold(n.name)] = c
	return c
}

// restart forgets everything and counts from 1 again.
func (s *simServer) restart() {
	s.w.logf("the server starts anew")
	s.run++
	s.last = 0
	s.conns, s.asked, s.pairs = map[string]*simConn{}, map[string]*simInvitation{}, map[string]uint64{}
	for _, n := range s.w.nodes {
		n.disconnect(true)
	}
}

func (c *simConn) ask(verb string, fields map[string]string) {
	w := c.n.w
	if verb != verbRelay {
		w.logf("%s asks: %s %s", c.n.name, verb, fields["name"])
	}
	c.up = later(c.up, w.now.Add(w.some(w.delay)))
	w.at(c.up, func() {
		if w.server.conns[fold(c.n.name)] == c && !c.gone {
			w.server.handle(c, verb, fields)
		}
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (c *simConn) tell(r protocol.Response) { c.answer("", "", r) }

// answer sends something to the client; an error with a verb is a refusal.
func (c *simConn) answer(verb, name string, r protocol.Response) {
	w := c.n.w
	c.down = later(c.down, w.now.Add(w.some(w.delay)))
	deliver := func() {
		if c.n.conn != c || c.n.s != c.s {
			return
		}
		c.n.do(func(s *Sessions) {
			if verb != "" {
				s.Refused(verb, name, r, w.now)
			} else if !s.FromServer(r, w.now) {
				w.failf("not dealt with: %v", r.Data)
			}
		})
	}
	w.at(c.down, deliver)
	if verb == "" && r.Data.Event != protocol.EventRelayed && !w.calm && w.chance(3) { // once more, and late
		w.at(c.down.Add(w.some(20*time.Second)), deliver)
	}
}

func (c *simConn) refuse(verb, name, why string) {
	c.answer(verb, name, protocol.Response{Kind: protocol.KindError, Content: why, Data: &protocol.Data{Event: protocol.EventError}})
}

func simEvent(event, name string, p protocol.Private) protocol.Response {
	return protocol.Response{Kind: protocol.KindInfo, Content: event + " " + name, Data: &protocol.Data{Event: event, Name: name, Seconds: 60, Private: &p}}
}

func simPair(a, b string) string {
	a, b = fold(a), fold(b)
	return min(a, b) + " " + max(a, b)
}

func (s *simServer) handle(c *simConn, verb string, f map[string]string) {
	me, name := c.n.name, f["name"]
	other := s.conns[fold(name)]
	mine, theirs := s.asked[fold(me)+">"+fold(name)], s.asked[fold(name)+">"+fold(me)]
	switch {
	case verb == verbRelay:
		s.relay(c, other, f)
	case verb == verbStop && mine != nil:
		s.over(mine)
		mine.to.tell(simEvent(protocol.EventStopped, me, protocol.Private{Session: mine.number}))
		c.tell(simEvent(protocol.EventStopped, mine.to.n.name, protocol.Private{Session: mine.number}))
	case verb == verbStop && s.pairs[simPair(me, name)] != 0:
		s.unpair(me, name)
	case verb == verbStop:
		c.refuse(verb, name, "there is nothing to stop")
	case other == nil:
		c.refuse(verb, name, name+" is not there")
	case verb == verbStart && mine != nil:
		c.refuse(verb, name, "asked already")
	case verb == verbStart && theirs == nil:
		s.invite(c, other, f)
	case theirs == nil:
		c.refuse(verb, name, name+" has not asked")
	case verb == verbDecline:
		s.over(theirs)
		other.tell(simEvent(protocol.EventDeclined, me, protocol.Private{Session: theirs.number}))
		c.tell(simEvent(protocol.EventDeclined, other.n.name, protocol.Private{Session: theirs.number}))
	default:
		if verb == verbStart {
			s.agree(theirs.number, me)
		}
		s.introduce(theirs, c, f)
	}
}

func (s *simServer) agree(number uint64, name string) {
	s.w.consent[fmt.Sprint(s.run, "/", number, "/", fold(name))] = true
}

func (s *simServer) over(i *simInvitation) {
	i.over = true
	delete(s.asked, fold(i.from.n.name)+">"+fold(i.to.n.name))
}

func (s *simServer) invite(c, other *simConn, f map[string]string) {
	s.last++
	i := &simInvitation{number: s.last, from: c, to: other, offer: f}
	s.asked[fold(c.n.name)+">"+fold(other.n.name)] = i
	s.agree(i.number, c.n.name)
	c.tell(simEvent(protocol.EventInvited, other.n.name, protocol.Private{Session: i.number}))
	other.tell(simEvent(protocol.EventInvitation, c.n.name, protocol.Private{Session: i.number, Fingerprint: f["fingerprint"]}))
	s.w.after(protocol.InvitationTimeout, func() {
		if !i.over {
			s.over(i)
			c.tell(simEvent(protocol.EventLapsed, other.n.name, protocol.Private{Session: i.number}))
			other.tell(simEvent(protocol.EventLapsed, c.n.name, protocol.Private{Session: i.number}))
		}
	})
}

func (s *simServer) introduce(i *simInvitation, c *simConn, f map[string]string) {
	s.over(i)
	a, b := strings.Split(i.offer["paths"], ","), strings.Split(f["paths"], ",")
	if slices.Contains(a, protocol.PathRelay) && slices.Contains(b, protocol.PathRelay) {
		s.pairs[simPair(c.n.name, i.from.n.name)] = i.number
	} else {
		a, b = a[:1], b[:1]
	}
	fp, token := f["fingerprint"], simToken(s.w.rng.Uint64())
	if s.lies && !s.w.calm {
		fp = testKey("mallory", 0)
	}
	c.tell(simEvent(protocol.EventIntroduced, i.from.n.name, protocol.Private{Session: i.number, Fingerprint: i.offer["fingerprint"], Paths: a, Token: token}))
	i.from.tell(simEvent(protocol.EventIntroduced, c.n.name, protocol.Private{Session: i.number, Fingerprint: fp, Paths: b, Token: token}))
}

func (s *simServer) unpair(me, name string) {
	number := s.pairs[simPair(me, name)]
	delete(s.pairs, simPair(me, name))
	for _, x := range [][2]string{{me, name}, {name, me}} {
		if c := s.conns[fold(x[0])]; c != nil {
			c.tell(simEvent(protocol.EventStopped, x[1], protocol.Private{Session: number}))
		}
	}
}

func (s *simServer) relay(c, other *simConn, f map[string]string) {
	number, _ := strconv.ParseUint(f["session"], 10, 64)
	credit, _ := strconv.Atoi(f["credit"])
	if other == nil || number == 0 || s.pairs[simPair(c.n.name, f["name"])] != number {
		c.refuse(verbRelay, f["name"], "nothing is relayed")
		return
	}
	other.tell(simEvent(protocol.EventRelayed, c.n.name, protocol.Private{Session: number, Credit: credit, Payload: f["data"]}))
}

// leave handles that a connection is gone.
func (s *simServer) leave(c *simConn) {
	if s.conns[fold(c.n.name)] != c {
		return
	}
	delete(s.conns, fold(c.n.name))
	for _, n := range s.w.nodes { // in a fixed order
		for _, i := range []*simInvitation{s.asked[fold(n.name)+">"+fold(c.n.name)], s.asked[fold(c.n.name)+">"+fold(n.name)]} {
			if i != nil {
				s.over(i)
				n.tellIf(s, simEvent(protocol.EventLapsed, c.n.name, protocol.Private{Session: i.number}))
			}
		}
		if s.pairs[simPair(n.name, c.n.name)] != 0 {
			s.unpair(c.n.name, n.name)
		}
	}
}

func (n *node) tellIf(s *simServer, r protocol.Response) {
	if c := s.conns[fold(n.name)]; c != nil {
		c.tell(r)
	}
}
