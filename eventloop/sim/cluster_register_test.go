package sim_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// typed is a request as somebody types it.
func typed(verb, text string) protocol.Request {
	return protocol.Request{Verb: verb, Content: protocol.Content{Text: text}, Ref: "r"}
}

// twoNodes are two who are at two nodes: a guest and somebody else.
type twoNodes struct {
	*sim.Cluster
	bob, dora visitor // the guest is at the second node
}

func newTwoNodes(t *testing.T) twoNodes {
	c := sim.NewCluster(unpaced(t, 1), 2, time.Millisecond, start, rand.New(rand.NewPCG(1, 1)))
	c.Stream.Calm = true
	c.Advance(4 * time.Second)
	return twoNodes{c, visitNode(t, c, 1, "bob"), visitNode(t, c, 0, "dora")}
}

// TestAGuestRegistersAtAnotherNode has a guest become an account at one node: the other one knows
// whose the direct messages are that were to and from the guest.
func TestAGuestRegistersAtAnotherNode(t *testing.T) {
	m := newTwoNodes(t)
	m.dora.asks(typed("dm", "bob one"), `"id":1`)
	m.bob.asks(typed("dm", "dora two"), `"id":2`)
	m.bob.asks(typed("register", "blue horses"), `"event":"registered"`)
	m.dora.asks(typed("history", "with:bob"), "one")
	for _, number := range []string{"1", "2"} {
		m.bob.hears()
		m.dora.asks(typed("react", number+" +1"), `"event":"reacted"`)
		if got := m.bob.hears(); !strings.Contains(got, `"event":"reacted"`) {
			t.Errorf("of a reaction to message %s the account hears %q", number, got)
		}
	}
	again := visitor{t, m.Cluster, m.Nodes[0].Net.Dial()}
	again.asks(protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Password: "blue horses", Extended: true}, `"event":"login"`)
	again.asks(typed("edit", "2 three"), `"event":"edited"`)
}

// TestAChangeBehindARegistration has a guest become an account at one node, while another one
// proposes what is to become of messages that were to and from the guest: in the log it is behind
// the registration. The account is told what a guest would be told, and hears no more of whom it has
// blocked than the guest.
func TestAChangeBehindARegistration(t *testing.T) {
	for _, tt := range []struct {
		ask    protocol.Request
		blocks bool // the guest has blocked who asks

		answer string
		hears  string // the account does; "": nothing
	}{
		{typed("react", "1 +1"), false, `"event":"reacted"`, `"event":"reacted"`},
		{typed("react", "2 +1"), false, `"event":"reacted"`, `"event":"reacted"`},
		{typed("edit", "1 three"), false, `"event":"edited"`, "three"},
		{typed("remove", "1"), false, `"event":"removed"`, `"event":"removed"`},
		{typed("report", "2"), false, `"event":"report`, ""},
		{typed("react", "1 +1"), true, `"code":"blocked_by_user"`, ""},
		{typed("react", "2 +1"), true, `"code":"blocked_by_user"`, ""},
		{typed("edit", "1 three"), true, `"code":"blocked_by_user"`, ""},
		{typed("remove", "1"), true, `"event":"removed"`, ""},
	} {
		m := newTwoNodes(t)
		m.dora.asks(typed("dm", "bob one"), `"id":1`)
		m.bob.asks(typed("dm", "dora two"), `"id":2`)
		if tt.blocks {
			m.bob.asks(typed("block", "dora"), `"event":"blocked"`)
		}
		m.bob.hears()
		m.dora.hears()
		m.Nodes[0].Deaf = true
		m.bob.Send(protocol.AppendRequest(nil, typed("register", "blue horses")))
		m.Advance(100 * time.Millisecond)
		if got := m.bob.hears(); !strings.Contains(got, `"event":"registered"`) {
			t.Fatalf("the guest hears %s", got)
		}
		m.dora.Send(protocol.AppendRequest(nil, tt.ask))
		m.Advance(100 * time.Millisecond)
		m.Nodes[0].Deaf = false
		m.Advance(2 * time.Second)
		answer, told := m.dora.hears(), m.bob.hears()
		if !strings.Contains(answer, tt.answer) || (told != "") != (tt.hears != "") || !strings.Contains(told, tt.hears) {
			t.Errorf("%s %s, blocked %t: it is answered %q, and the account hears %q", tt.ask.Verb, tt.ask.Content.Text, tt.blocks, answer, told)
		}
	}
}
