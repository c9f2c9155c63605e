package server

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// An auditor asks a testCore for acts, and keeps the answers whole.
type auditor struct {
	*testCore
	alice eventloop.ConnID // a moderator
	told  []protocol.Response
}

func (a *auditor) Send(to eventloop.ConnID, frame []byte) {
	if r, err := protocol.DecodeResponse(frame); err == nil && to == a.alice {
		a.told = append(a.told, r)
	}
	a.testCore.Send(to, frame)
}

func newAuditor(t *testing.T) *auditor {
	cfg := benchConfig()
	cfg.Flood = FloodLimits{}
	a := &auditor{testCore: newTestCore(t, cfg, 1<<20)}
	a.fx.Effects.(*held).Effects = a
	a.begin()
	return a
}

// begin has alice come, and be a moderator.
func (a *auditor) begin() {
	a.outside(&command.AddAccount{Name: "alice", Hash: "x"})
	a.outside(&command.SetRole{Name: "alice", Role: users.Moderator})
	id := a.connect()
	a.alice = id
	a.outside(&command.Enter{Name: "alice", Verified: "x", Session: a.sessions.get(id).key(), Token: "t"})
	s := a.sessions.get(id)
	a.entered(s, asked{extended: true, at: a.now}, progress{}, "alice", "t")
	a.settle()
}

// audit asks, and returns which acts are told, and where to go on.
func (a *auditor) audit(content string) (acts []uint64, before uint64) {
	a.Helper()
	a.told = nil
	a.ask(a.alice, `{"request":"audit","content":%s}`, content)
	a.settle()
	for i, r := range a.told {
		if r.Data.Event != protocol.EventAudit || r.Data.Order == nil || r.Data.More != (i < len(a.told)-1) {
			a.Fatalf("%s: %+v", content, r)
		}
		for _, act := range r.Data.Order.Acts {
			acts = append(acts, act.ID)
		}
		before = r.Data.Before
	}
	return acts, before
}

// Who pages back is told each act once, the newest first.
func TestAuditIsToldInPages(t *testing.T) {
	a := newAuditor(t)
	want, _ := a.audit(`null`)
	if len(want) != 1 {
		t.Fatalf("at first there are %v", want)
	}
	for i := range 2*protocol.MaxActs + 50 {
		r := a.outside(&command.Sanction{Kind: users.Mute, Name: fmt.Sprint("bob", i%2), Why: "\n spam"})
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		want = append(want, r.Act.Number)
	}
	slices.Reverse(want)
	var got []uint64
	for next := `"lobby"`; next != ""; {
		acts, before := a.audit(next)
		got = append(got, acts...)
		if next = ""; before > 0 {
			next = fmt.Sprintf(`"before %d"`, before)
			if len(acts) != protocol.MaxActs || before != acts[protocol.MaxActs-1] {
				t.Fatalf("a page of %d, before %d", len(acts), before)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("told are %v, want %v", got, want)
	}
	if acts, _ := a.audit(`{"name":"BOB1","before":` + fmt.Sprint(want[1]) + `}`); len(acts) != protocol.MaxActs || acts[0] != want[2] {
		t.Errorf("of bob1 %v", acts)
	}
}

// What was decided is told when it is kept, with all that was decided before the request.
func TestAuditWaitsForTheFile(t *testing.T) {
	a := newAuditor(t)
	a.outside(&command.Sanction{Kind: users.Mute, Name: "bob"})
	a.told = nil
	a.ask(a.alice, `{"request":"audit"}`)
	if len(a.reads) > 0 || len(a.told) > 0 {
		t.Errorf("%d are read from a file that does not have all: %v", len(a.reads), a.told)
	}
	a.settle()
	last := a.told[len(a.told)-1]
	if last.Data.Order == nil || len(last.Data.Order.Acts) != 2 || last.Data.Order.Acts[0].Act != "mute" {
		t.Errorf("told is %+v", last.Data.Order)
	}
}

// What cannot be read is said, and one who may not see it any more does not.
func TestAuditThatIsNotTold(t *testing.T) {
	a := newAuditor(t)
	for err, want := range map[error]string{errors.New("broken"): "internal", errTooSlow: "busy"} {
		a.take(a.alice)
		a.readFail = err
		a.ask(a.alice, `{"request":"audit"}`)
		a.ask(a.alice, `{"request":"ping"}`)
		a.settle()
		if got := a.take(a.alice); got != want+", pong" {
			t.Errorf("%v: the answer is %s, want %s", err, got, want)
		}
	}
	a.readFail = nil
	a.ask(a.alice, `{"request":"audit"}`)
	a.outside(&command.SetRole{Name: "alice"})
	a.settle()
	if got := a.take(a.alice); got != "role, forbidden" {
		t.Errorf("without a role she is told %s", got)
	}
	a.outside(&command.SetRole{Name: "alice", Role: users.Moderator})
	a.settle()
	a.take(a.alice)
	a.writeFail = errors.New("the disk is full")
	a.outside(&command.Sanction{Kind: users.Mute, Name: "bob"})
	a.Flush(a.now)
	doAll(&a.writes)
	a.ask(a.alice, `{"request":"audit"}`)
	if got := a.take(a.alice); got != "internal" {
		t.Errorf("while nothing can be kept she is told %s", got)
	}
}

// A server that keeps nothing has the newest acts.
func TestAuditInMemory(t *testing.T) {
	a := newAuditor(t)
	cfg := a.cfg
	a.Core = NewCore(cfg, StartInMemory("memory", a.now), nil, a)
	a.Begin(a.now)
	a.begin()
	a.outside(&command.Sanction{Kind: users.Mute, Name: "bob"})
	if acts, _ := a.audit(`null`); len(acts) != 2 || acts[0] != a.state.Last() {
		t.Errorf("told are %v", acts)
	}
	attic := newAttic(a.state)
	for i := range 2*maxAtticActs + 1 {
		attic.note(&state.Act{Number: uint64(i)})
	}
	if n := len(attic.acts); n < maxAtticActs || n > maxAtticActs+maxAtticActs/4 || attic.acts[n-1].Number != 2*maxAtticActs {
		t.Errorf("%d acts are kept, the last one is %d", n, attic.acts[n-1].Number)
	}
}
