package state_test

import (
	"fmt"

	"parley/users/command"
	"parley/users/state"
)

// nodes makes what nodes say of themselves and of each other; most of it counts.
func (g *generator) nodes(s *state.State) command.Command {
	all := s.Nodes()
	if len(all) == 0 || g.rand.IntN(30) == 0 {
		n := s.Node(pick(g.rand, "a", "b", "c"))
		if n.Name == "" {
			n.Name = pick(g.rand, "a", "b", "c")
			n = state.Node{Name: n.Name, Epoch: s.Node(n.Name).Epoch}
		}
		return &command.Begin{Node: n.Name, Epoch: n.Epoch + 1, Run: fmt.Sprint(g.rand.IntN(1000)), Log: "log"}
	}
	n := pick(g.rand, all...)
	if gone := s.Silent(n.Number); len(gone) > 0 {
		return pick(g.rand, gone...)
	}
	if g.rand.IntN(8) == 0 {
		return &command.Gone{Witness: n.Number, Node: pick(g.rand, all...).Number, Epoch: n.Epoch, Beat: n.Beat}
	}
	return &command.Heartbeat{Node: n.Number, Epoch: n.Epoch, Kinds: command.Newest, Mark: g.rand.Uint64N(100), Sum: g.rand.Uint64()}
}

// onNode is a session of its own on one of the nodes.
func (g *generator) onNode(s *state.State) command.Session {
	g.session++
	session := command.Session{Number: g.session}
	if g.rand.IntN(4) == 0 {
		session.Node = uint32(g.rand.IntN(len(s.Nodes()) + 1))
	}
	return session
}
