package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// large is the longest payload: two of them are nearly all of a window.
var large = strings.Repeat("QUJD", protocol.MaxRelayed/4)

// sendWindow has a session send nearly all that it may to bob before he gives credit.
func (tc *testCluster) sendWindow(from *clusterCore, id eventloop.ConnID, number int) {
	from.Helper()
	for range 2 {
		from.relay(id, "bob", number, large)
	}
	tc.carry()
}

// rest has time go on in which nobody says anything, and frames come. It returns them.
func (tc *testCluster) rest(d time.Duration) (all []sentFrame) {
	for end := tc.now.Add(d); tc.now.Before(end); {
		tc.now = tc.now.Add(100 * time.Millisecond)
		for _, c := range tc.cores {
			c.turn()
		}
		all = append(all, tc.carry()...)
	}
	return all
}

// give has a session give credit for what it has heard.
func (c *clusterCore) give(id eventloop.ConnID, to string, number, units int) {
	c.Helper()
	c.ask(id, `{"request":"relay","content":{"name":"%s","session":"%d","credit":"%d"}}`, to, number, units)
}

// Nothing comes behind a window that was lost, since alice waits for credit, and yet both are
// told that it is over: also if what is sent to find out is lost, too.
func TestALostWindow(t *testing.T) {
	for lost := range checks {
		t.Run(fmt.Sprint(lost, " checks are lost, too"), func(t *testing.T) {
			tc, a, b, alice, bob, number := pair(t)
			for range 2 {
				a.relay(alice, "bob", number, large)
			}
			tc.frames = nil
			for i := range lost {
				for range 3 + 2/(i+1) { // the first one comes late, since there were two frames
					tc.settle()
				}
				if tc.frames = nil; a.take(alice) != "" {
					t.Fatal("she is told too early")
				}
			}
			tc.rest(2*checkAfter + time.Second)
			if x, y := a.take(alice), b.take(bob); x != protocol.EventStopped || y != protocol.EventStopped {
				t.Errorf("alice hears %s, bob %s", x, y)
			}
			if n := len(tc.rest(time.Minute)); n > 0 || len(a.checks)+len(b.checks) > 0 {
				t.Errorf("then %d frames are sent; left over: %v, %v", n, a.checks, b.checks)
			}
		})
	}
}

// Bob does not read. It is checked a few times, in frames with nothing in them, which an older
// node takes as it takes others; then it is silent, and the two go on when he reads.
func TestAWindowThatIsNotRead(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	tc.sendWindow(a, alice, number)
	b.take(bob)
	sent := tc.rest(10 * time.Minute)
	if len(sent) != checks {
		t.Errorf("it is checked %d times, want %d", len(sent), checks)
	}
	for i, f := range sent {
		got, err := decodeNodeFrame(f.data)
		if err != nil || got.Version != 1 || got.Count != uint64(3+i) || got.Credit != 0 || got.Payload != "" || got.Ends != 0 {
			t.Errorf("it is checked with %+v, %v", got, err)
		}
	}
	if x, y := a.take(alice), b.take(bob); x != "" || y != "" {
		t.Errorf("alice hears %s, bob %s", x, y)
	}
	b.give(bob, "alice", number, 2*protocol.RelayCost(large))
	tc.carry()
	a.relay(alice, "bob", number, "aGk=")
	tc.carry()
	if x, y := a.take(alice), b.take(bob); x != protocol.EventRelayed || y != protocol.EventRelayed {
		t.Errorf("alice hears %s, bob %s", x, y)
	}
	tc.sendWindow(a, alice, number)
	if n := len(tc.rest(10 * time.Minute)); n != checks {
		t.Errorf("then it is checked %d times, want %d", n, checks)
	}
}

// Of two relays of the same two, one after the other, only the one is checked that there is.
func TestARelayInPlaceOfAnother(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	for range 2 {
		tc.sendWindow(a, alice, number)
		a.ask(alice, `{"request":"stopprivate","content":"bob"}`)
		tc.carry()
		number = tc.agree(a, alice, b, bob)
	}
	tc.sendWindow(a, alice, number)
	if n := len(tc.rest(time.Minute)); n != checks || b.Counts().Nodes.Stale > 0 {
		t.Errorf("it is checked %d times, want %d; %+v", n, checks, b.Counts().Nodes)
	}
}

// It is not checked while something is sent, when there is credit for it, nor what is so little
// that a ping can come behind it.
func TestWhatIsNotChecked(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	for range 4 {
		tc.sendWindow(a, alice, number)
		b.give(bob, "alice", number, 2*protocol.RelayCost(large))
		tc.carry()
		if n := len(tc.rest(checkAfter - time.Second)); n > 0 {
			t.Errorf("%d frames are sent", n)
		}
	}
	a.relay(alice, "bob", number, "aGk=")
	b.relay(bob, "alice", number, "aGk=")
	tc.carry()
	if n := len(tc.rest(10 * time.Minute)); n > 0 || len(a.checks)+len(b.checks) > 0 {
		t.Errorf("%d frames are sent; left over: %v, %v", n, a.checks, b.checks)
	}
}

// While the log stands still, a frame is as likely to be lost as what came before it: it is
// checked when the log goes on.
func TestALostWindowWhileTheLogStandsStill(t *testing.T) {
	tc, a, b, alice, bob, number := pair(t)
	for range 2 {
		a.relay(alice, "bob", number, large)
	}
	tc.frames, tc.down = nil, true
	if n := len(tc.rest(time.Minute)); n > 0 {
		t.Errorf("%d frames are sent", n)
	}
	a.take(alice)
	b.take(bob)
	tc.down = false
	tc.rest(checkAfter + 3*time.Second)
	if x, y := a.take(alice), b.take(bob); !strings.Contains(x, protocol.EventStopped) || !strings.Contains(y, protocol.EventStopped) {
		t.Errorf("alice hears %s, bob %s", x, y)
	}
}
