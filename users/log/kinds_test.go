package log_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

// A kind that came later is proposed, and insisted on, only where every node that lives has said
// that it knows it; who does not is named.
func TestANewKindWaitsForAllWhoLive(t *testing.T) {
	base := log.Kinds{Base: command.KindEnter}
	r := newRiverOf(t, map[string]log.Kinds{"a": base, "b": base, "old": {Base: command.KindEnter, Newest: command.KindAway}}, "a", "b", "old")
	a := r.nodes[0]
	r.flow(3 * time.Second)
	insisted := func() (err error) {
		a.Insist(r.now, &command.Sweep{}, func(r state.Result) { err = r.Err })
		return err
	}
	for what, err := range map[string]error{"proposed": a.Propose(r.now, &command.Sweep{}, nil), "insisted on": insisted()} {
		if !errors.Is(err, log.ErrOldNode) || !strings.Contains(err.Error(), fmt.Sprintf("old knows kinds of commands up to %d, and this is %d; update that node", command.KindAway, command.KindSweep)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := a.Propose(r.now, &command.Back{}, nil); !errors.Is(err, log.ErrOldNode) {
		t.Errorf("the kind behind the newest of it: %v", err)
	}
	if err := a.Propose(r.now, &command.Away{}, nil); err != nil {
		t.Errorf("a kind that it knows: %v", err)
	}
	r.nodes = r.nodes[:2] // old is killed
	r.flow(9 * time.Second)
	if err := a.Propose(r.now, &command.Sweep{}, nil); err != nil || insisted() != nil {
		t.Errorf("when it is gone: %v", err)
	}
	young := r.join("young", state.NewTable())
	for range 20 { // it begins, and has not said yet what it knows
		r.flow(0)
		if young.Failing() == nil && a.state.Node("young").Kinds == 0 {
			break
		}
	}
	if err := a.Propose(r.now, &command.Sweep{}, nil); a.state.Node("young").Number == 0 || !errors.Is(err, log.ErrOldNode) {
		t.Errorf("before the heartbeat of one that begins: %+v, %v", a.state.Node("young"), err)
	}
	r.flow(2 * time.Second)
	if err := a.Propose(r.now, &command.Sweep{}, nil); err != nil {
		t.Errorf("behind it: %v", err)
	}
}
