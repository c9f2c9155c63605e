package state

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

// Several nodes may share a log. Each proposes in epochs; what it proposes in one has turns,
// which are counted: a turn that comes twice, or behind another one, counts once. A node
// proves that it lives by heartbeats in the log. No clock says that one is gone, but others'
// heartbeats behind its last one: a log that stands still ends nobody.

const (
	// MaxNodes is how many nodes a log can have: each reads all of it.
	MaxNodes = 64

	// MaxNodeName is the size in bytes of a node's name.
	MaxNodeName = 64

	// BeatsUntilGone is how many heartbeats of one node come behind the last one of another
	// before that is gone.
	BeatsUntilGone = 5
)

// Why a command about nodes was refused.
var (
	ErrNodes    = errors.New("the log has as many nodes as it can have")
	ErrNodeName = errors.New("a node's name has 1 to 64 bytes")
	ErrEpoch    = errors.New("that is not the epoch of the node")
	ErrAlive    = errors.New("the node lives, or it is not known yet that it does not")
)

// A Node is one of those that share the log.
type Node struct {
	Name   string
	Number uint32 // users.Session.Node of its sessions; from 1 on
	Epoch  uint64
	Run    string // command.Begin.Run of the epoch
	Turn   uint64 // the last one of the epoch
	Gone   bool   // the epoch is over

	Kinds command.Kind // of the last heartbeat, as the two below
	Mark  uint64
	Sum   uint64
	Beat  uint64 // which one of all heartbeats and beginnings the last one was

	beats [BeatsUntilGone]uint64 // the last ones of the epoch, oldest first; 0: there were not so many
}

// nodes are those of a log.
type nodes struct {
	log  string // its name; "" before the first node has begun
	all  []*Node
	beat uint64 // the last heartbeat or beginning
}

// LogName returns the name of the log that nodes share, "" if none has begun.
func (s *State) LogName() string { return s.nodes.log }

// NameLog names the log of a state that is to be that of nodes, and goes on from what one server
// has kept: else the first of them names it.
func (s *State) NameLog(name string) { s.nodes.log = name }

// Nodes returns all there were, in the order of their numbers.
func (s *State) Nodes() []Node {
	all := make([]Node, 0, len(s.nodes.all))
	for _, n := range s.nodes.all {
		all = append(all, *n)
	}
	return all
}

// Node returns a node by its name; the zero Node if there was none.
func (s *State) Node(name string) Node {
	if n := s.nodes.named(name); n != nil {
		return *n
	}
	return Node{}
}

// NodeOf returns a node by its number; the zero Node if there was none.
func (s *State) NodeOf(number uint32) Node {
	if n := s.nodes.find(number); n != nil {
		return *n
	}
	return Node{}
}

// First returns the number of the first node that lives: it proposes what is due for all.
// 0: there are no nodes.
func (s *State) First() uint32 {
	if all := s.living(); len(all) > 0 {
		return all[0].Number
	}
	return 0
}

// Passed returns the position up to which all nodes that live have carried out the stream, as
// they have said themselves. 0: none lives, or one has said nothing yet.
func (s *State) Passed() (position uint64) {
	for i, n := range s.living() {
		if i == 0 || n.Mark < position {
			position = n.Mark
		}
	}
	return position
}

// living returns the nodes that live.
func (s *State) living() (all []*Node) {
	for _, n := range s.nodes.all {
		if !n.Gone {
			all = append(all, n)
		}
	}
	return all
}

// TakeTurn reports whether a turn of a node is the next one of its epoch, and counts it then:
// its commands are to be applied. It changes the state as Apply does: all nodes are to call it
// for the same turns in the same order.
func (s *State) TakeTurn(node uint32, epoch, turn uint64) bool {
	n := s.nodes.find(node)
	if n == nil || n.Gone || n.Epoch != epoch || n.Turn+1 != turn {
		return false
	}
	n.Turn = turn
	return true
}

// Silent returns which nodes one of them may say of that they are gone.
func (s *State) Silent(by uint32) (all []*command.Gone) {
	me := s.nodes.find(by)
	if me == nil || me.Gone {
		return nil
	}
	for _, n := range s.nodes.all {
		if n != me && !n.Gone && me.outlives(n) {
			all = append(all, &command.Gone{Witness: by, Node: n.Number, Epoch: n.Epoch, Beat: n.Beat})
		}
	}
	return all
}

// outlives reports whether enough heartbeats of a node have come behind the last of another.
func (n *Node) outlives(other *Node) bool { return n.beats[0] > other.Beat }

func (t *nodes) find(number uint32) *Node {
	if number == 0 || int(number) > len(t.all) {
		return nil
	}
	return t.all[number-1]
}

func (t *nodes) named(name string) *Node {
	if i := slices.IndexFunc(t.all, func(n *Node) bool { return n.Name == name }); i >= 0 {
		return t.all[i]
	}
	return nil
}

// node carries out a command about nodes.
func (s *State) node(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.Begin:
		return s.begin(at, c, rows)
	case *command.Heartbeat:
		return s.heartbeat(c)
	case *command.Gone:
		return s.gone(at, c, rows)
	}
	return refused(ErrUnknown)
}

func (s *State) begin(at time.Time, c *command.Begin, rows *Rows) Result {
	t, n := &s.nodes, s.nodes.named(c.Node)
	switch {
	case c.Node == "" || len(c.Node) > MaxNodeName:
		return refused(ErrNodeName)
	case n == nil && len(t.all) >= MaxNodes:
		return refused(ErrNodes)
	case n == nil && c.Epoch != 1, n != nil && c.Epoch != n.Epoch+1:
		return refused(ErrEpoch)
	}
	if n == nil {
		n = &Node{Name: c.Node, Number: uint32(len(t.all) + 1)}
		t.all = append(t.all, n)
	}
	if t.log == "" {
		t.log = c.Log
	}
	t.beat++
	*n = Node{Name: n.Name, Number: n.Number, Epoch: c.Epoch, Run: c.Run, Beat: t.beat}
	return s.endNode(at, n.Number, rows)
}

func (s *State) heartbeat(c *command.Heartbeat) Result {
	n := s.nodes.find(c.Node)
	if n == nil || n.Gone || n.Epoch != c.Epoch {
		return refused(ErrEpoch)
	}
	s.nodes.beat++
	n.Kinds, n.Mark, n.Sum, n.Beat = c.Kinds, c.Mark, c.Sum, s.nodes.beat
	copy(n.beats[:], n.beats[1:])
	n.beats[BeatsUntilGone-1] = n.Beat
	return Result{Name: n.Name}
}

func (s *State) gone(at time.Time, c *command.Gone, rows *Rows) Result {
	n, by := s.nodes.find(c.Node), s.nodes.find(c.Witness)
	switch {
	case n == nil || by == nil || n.Gone || by.Gone || n.Epoch != c.Epoch:
		return refused(ErrEpoch)
	case n != by && (n.Beat != c.Beat || !by.outlives(n)):
		return refused(ErrAlive)
	}
	n.Gone = true
	r := s.endNode(at, n.Number, rows)
	r.Name = n.Name
	return r
}

// endNode ends all sessions of a node, as if their connections had been lost.
func (s *State) endNode(at time.Time, node uint32, rows *Rows) (r Result) {
	for _, name := range s.presence.Names() {
		for _, l := range s.presence.Sessions(name) {
			if l.Session.Node != node {
				continue
			}
			left := s.leave(at, &command.Leave{By: command.By{Name: users.Fold(name), Session: l.Session}, Why: users.LostConnection}, rows)
			r.Announce = append(r.Announce, left.Announce...)
			r.Void = append(r.Void, left.Void...)
		}
	}
	return r
}

func (t *nodes) dump(w io.Writer) {
	if t.beat > 0 {
		fmt.Fprintf(w, "log %q, heartbeat %d\n", t.log, t.beat)
	}
	for _, n := range t.all {
		fmt.Fprintf(w, "node %+v\n", *n)
	}
}
