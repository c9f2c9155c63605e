package client

import (
	"strings"
	"testing"

	"parley/protocol"
)

func TestNamesFromAnswers(t *testing.T) {
	s := newStage(t, "name=alice")
	for _, line := range strings.Split(`dial> ok
server< login "alice" extended
server> info Welcome
screen< 12:00 * Welcome
person> /names
keep< /names
time> 250ms
server< names
server> info nelly is here
screen< 12:00 * nelly is here
server> info nora, nils
screen< 12:00 * nora, nils
server> message mona hi
screen< 12:00 mona: hi
server> history ["{\"sender\":\"max\",\"content\":\"hi\"}"]
screen< --:-- max: hi`, "\n") {
		s.do(line)
	}
	got, _ := s.cfg.Completion.Complete("n")
	more, _ := s.cfg.Completion.Complete("m")
	if strings.Join(append(got, more...), "") != "nils: nora: max: mona: " {
		t.Errorf("names are %q and %q", got, more)
	}
}

// Who has left is completed behind those who are there.
func TestNamesOfThoseWhoLeft(t *testing.T) {
	s := loggedInStage(t, "+login log")
	s.where = t.Name()
	presence := func(name, state string) {
		s.app.received(protocol.Response{Kind: protocol.KindInfo, Content: "x",
			Data: &protocol.Data{Event: protocol.EventPresence, Name: name, State: state}}, nil)
	}
	presence("bert", protocol.StateOnline)
	presence("bob", protocol.StateOnline)
	presence("bert", protocol.StateOffline)
	if got, _ := s.cfg.Completion.Complete("b"); strings.Join(got, "") != "bob: bert: " {
		t.Errorf("b is completed to %q", got)
	}
}
