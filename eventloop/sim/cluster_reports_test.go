package sim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// TestReportsThatAnotherSessionHasHeard has somebody who keeps order log in at a second node: what
// was reported meanwhile the session at the first one was told, so they were not gone.
func TestReportsThatAnotherSessionHasHeard(t *testing.T) {
	m := newTwoNodes(t)
	m.dora.asks(typed("register", "blue horses"), `"event":"registered"`)
	done, cancel := context.WithCancel(context.Background())
	cancel() // it need not wait for the answer
	_, _ = m.Nodes[0].Server.Propose(done, []command.Command{&command.SetRole{Name: "dora", Role: users.Moderator}})
	m.Advance(2 * time.Second)
	m.dora.hears()
	m.bob.asks(typed("report", "dora rude"), `"event":"report"`)
	if got := m.dora.hears(); !strings.Contains(got, "bob has reported dora: rude.") {
		t.Fatalf("who keeps order hears %s", got)
	}
	login := protocol.Request{Verb: "login", Content: protocol.Content{Text: "dora"}, Password: "blue horses", Extended: true}
	second := visitor{t, m.Cluster, m.Nodes[1].Net.Dial()}
	second.Send(protocol.AppendRequest(nil, login))
	m.Advance(2 * time.Second)
	if got := second.hears(); !strings.Contains(got, `"event":"login"`) || strings.Contains(got, "while you were gone") {
		t.Errorf("the second session hears %s", got)
	}
	second.asks(typed("reports", ""), "bob has reported dora: rude.")

	for _, v := range []visitor{m.dora, second} {
		v.asks(typed("logout", ""), `"event":"logout"`)
	}
	m.bob.asks(typed("report", "dora again"), `"event":"report"`)
	third := visitor{t, m.Cluster, m.Nodes[1].Net.Dial()}
	third.asks(login, "There was one report while you were gone.")
}
