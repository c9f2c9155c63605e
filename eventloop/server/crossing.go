package server

import (
	"maps"
	"slices"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// maxEarly is how many bytes of frames may wait of private sessions that the log has not begun
// here yet: some windows. What is more is dropped, and the relay ends.
const maxEarly = 16 * protocol.RelayWindow

// A crossing is a relay between a session here and one at another node. Both nodes have one,
// and count its frames: what is lost, or comes in another order, ends the relay, since the two
// clients rely on both; what comes twice is dropped.
type crossing struct {
	near, far     users.Party
	nearEnd, to   end
	begun         uint64 // position in the log at which the two have agreed
	sent, arrived uint64 // frames
	checked       bool   // it is in the line of checks
}

// An ending is why a relay is over. Its numbers go from node to node, and are never given anew.
type ending uint8

const (
	endAbused  ending = 1 + iota
	endStopped        // the other one has ended it
	endLeft           // the other one has left the server
	endLost           // something was lost between two nodes, or the other node knows of no such relay
	endReplaced
	endOwn // another session of one's own has ended it
	endings
)

// words is the sentence that says so to one of the two, with %s for the name of the other one.
func (e ending) words() string {
	switch e {
	case endAbused:
		return "Nothing more is relayed between you and %s: it was too much at once."
	case endStopped:
		return "%s has ended the private session."
	case endLeft:
		return "%s has left the server: nothing more is relayed between you."
	case endOwn:
		return "You have ended the private session with %s in another session of yours."
	case endReplaced:
		return "Nothing more is relayed between you and %s here: you have agreed on another private session."
	}
	return "Nothing more is relayed between you and %s: something was lost between two parts of the server."
}

// NodeCounts are of the frames between this node and others.
type NodeCounts struct {
	Sent    uint64
	Arrived uint64 // that were for a relay, and the next one of it
	Unsent  uint64 // dropped, since too much waited to be sent or to begin
	Stale   uint64 // dropped: for another epoch, or of a relay that is over
	Doubled uint64 // dropped: had come before
	Gaps    uint64 // relays that have ended because a frame before this one has not come
	Foreign uint64 // no frames
}

// endOf returns a session as frames name it.
func (c *Core) endOf(s command.Session) end {
	return end{Node: s.Node, Epoch: c.state.NodeOf(s.Node).Epoch, Session: s.Number}
}

// cross begins to relay between a session here and one at another node. Both nodes do so when
// they carry out that the two have agreed, so what is said of it is the same on both.
func (c *Core) cross(number uint64, near, far users.Party) {
	if c.crossings == nil {
		c.crossings = make(map[uint64]*crossing)
	}
	c.crossings[number] = &crossing{near: near, far: far, nearEnd: c.endOf(near.Login), to: c.endOf(far.Login), begun: c.shared.Position()}
}

// sendAcross sends something to the other end of a relay that is at another node. If that
// cannot be, the relay is over: the sender is told.
func (c *Core) sendAcross(number uint64, credit int, payload string, now time.Time) {
	k := c.crossings[number]
	switch {
	case k == nil:
	case c.sendFrame(number, k, nodeFrame{Credit: credit, Payload: payload}):
		c.checkLater(number, k, now)
	default:
		c.breakCrossing(number, k, now)
	}
}

// sendFrame fills in who sends it to whom. It reports whether it is on its way.
func (c *Core) sendFrame(number uint64, k *crossing, f nodeFrame) bool {
	k.sent++
	f.From, f.To, f.Begun, f.Session, f.Count = k.nearEnd, k.to, k.begun, number, k.sent
	if err := c.nodes.Send(f.To.Node, f.encode()); err != nil {
		c.cfg.Log.Debug("a frame to another node is dropped", "node", f.To.Node, "error", err)
		c.counts.nodes.Unsent++
		return false
	}
	c.counts.nodes.Sent++
	return true
}

// breakCrossing ends a relay of which something was lost, for both.
func (c *Core) breakCrossing(number uint64, k *crossing, now time.Time) {
	c.relays.Close(k.near.Name, k.far.Name)
	c.tellEnded(k.far, number, k.near.Name, endLost, now)
	c.tellEnded(k.near, number, k.far.Name, endLost, now)
}

// tellEnded tells one of the two of a relay that is over, wherever they are, about the other.
func (c *Core) tellEnded(to users.Party, number uint64, about string, why ending, now time.Time) {
	if to.Elsewhere {
		if k := c.crossings[number]; k != nil {
			delete(c.crossings, number)
			c.sendFrame(number, k, nodeFrame{Ends: why})
		}
		return
	}
	c.tellPrivate(to.Login, notice{protocol.EventStopped, about, why.words(), number}, now)
}

// Heard takes what another node has sent. It is for the loop that owns the core: see Post.
func (s *Server) Heard(frame []byte) { s.core.heardFrame(frame, s.cfg.Clock()) }

func (c *Core) heardFrame(frame []byte, now time.Time) {
	defer c.freely()()
	f, err := decodeNodeFrame(frame)
	if err != nil {
		if c.counts.nodes.Foreign++; c.counts.nodes.Foreign == 1 {
			c.cfg.Log.Warn("something came that no node of this version has sent: see who else may publish there", "error", err)
		}
		return
	}
	me := c.state.NodeOf(c.node)
	switch {
	case f.To.Node != c.node || me.Gone || f.To.Epoch != me.Epoch:
		c.counts.nodes.Stale++
	case f.Begun > c.shared.Position():
		c.keepEarly(f)
	default:
		c.arrived(f, now)
	}
}

// keepEarly keeps a frame of two who have agreed, which this node has not heard of yet.
func (c *Core) keepEarly(f nodeFrame) {
	waits := len(f.Payload)
	kept := c.early[:0]
	for _, other := range c.early {
		if other.Begun > c.shared.Position() { // else it has begun, and somebody has left before this came
			kept = append(kept, other)
			waits += len(other.Payload) + MaxNodeFrame/64
		}
	}
	clear(c.early[len(kept):])
	if c.early = kept; waits > maxEarly {
		c.counts.nodes.Unsent++
		return
	}
	c.early = append(c.early, f)
}

// takeEarly takes what has come for a private session before it had begun here.
func (c *Core) takeEarly(number uint64, now time.Time) {
	all := c.early
	c.early = nil
	for _, f := range all {
		if f.Session != number {
			c.early = append(c.early, f)
			continue
		}
		c.arrived(f, now)
	}
}

// arrived takes a frame that is for this epoch of the node.
func (c *Core) arrived(f nodeFrame, now time.Time) {
	k := c.crossings[f.Session]
	if k == nil || k.nearEnd != f.To || k.to != f.From || k.begun != f.Begun {
		c.counts.nodes.Stale++
		if f.Ends == 0 { // whoever sends it does not know: that the relay is over may have been lost
			c.sendFrame(f.Session, &crossing{nearEnd: f.To, to: f.From, begun: f.Begun}, nodeFrame{Ends: endLost})
		}
		return
	}
	switch {
	case f.Ends != 0:
		delete(c.crossings, f.Session)
		c.relays.Close(k.near.Name, k.far.Name)
		c.tellEnded(k.near, f.Session, k.far.Name, f.Ends, now)
		return
	case f.Count <= k.arrived:
		c.counts.nodes.Doubled++
		return
	case f.Count != k.arrived+1:
		c.counts.nodes.Gaps++
		c.breakCrossing(f.Session, k, now)
		return
	}
	k.arrived++
	c.counts.nodes.Arrived++
	cost := 0
	if f.Payload != "" {
		cost = protocol.RelayCost(f.Payload)
	}
	near, give, err := c.relays.Pass(f.Session, k.far, k.near.Name, f.Credit, cost, now)
	if err != nil { // the other node looks at that, too
		c.tellEnded(k.far, f.Session, k.near.Name, endAbused, now)
		c.tellEnded(k.near, f.Session, k.far.Name, endAbused, now)
		return
	}
	if at, ok := c.relays.NextDue(); ok {
		c.fx.WakeAt(at)
	}
	if give > 0 || f.Payload != "" {
		c.pass(k.far.Name, near, protocol.Private{Session: f.Session, Credit: give, Payload: f.Payload}, now)
	}
}

// endFar ends the relays of sessions at other nodes that the state has ended.
func (c *Core) endFar(cmd command.Command, r state.Result, now time.Time) {
	if len(c.crossings) == 0 {
		return
	}
	switch cmd := cmd.(type) {
	case *command.Leave:
		c.endFarSession(cmd.By.Name, cmd.By.Session, now)
	case *command.Begin, *command.Gone:
		for _, number := range slices.Sorted(maps.Keys(c.crossings)) {
			k := c.crossings[number]
			if k == nil {
				continue // has ended with another one of that session
			}
			if n := c.state.NodeOf(k.to.Node); n.Gone || n.Epoch != k.to.Epoch {
				c.endFarSession(k.far.Name, k.far.Login, now)
			}
		}
	}
	for _, ended := range r.Ended {
		c.endFarSession(ended.Name, ended.Session, now)
	}
}

func (c *Core) endFarSession(name string, session command.Session, now time.Time) {
	if session.Node == c.node {
		return // its relays have ended with it
	}
	for _, e := range c.relays.Leave(users.Party{Name: name, Login: session}) {
		delete(c.crossings, e.Session)
		c.tellEnded(e.Other, e.Session, e.Self.Name, endLeft, now)
	}
}

// NodeCounts returns what was counted of frames between nodes. It is for the loop that owns the
// core: see Post.
func (s *Server) NodeCounts() NodeCounts { return s.core.counts.nodes }
