package p2p

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// An acceptance names a person and no invitation. While bob's is on its way Ann
// withdraws and asks again, so the server takes it for the answer to what he has
// not seen. Nothing is opened, both are told so, and asking anew works.
func TestAcceptanceMeetsTheNextInvitation(t *testing.T) {
	for _, relay := range []bool{true, false} {
		t.Run(fmt.Sprint("relay=", relay), func(t *testing.T) {
			w := newWorld(1)
			w.calm, w.delay = true, 0
			w.direct[simPair("Ann", "bob")] = true
			ann, bob := w.add("Ann", relay), w.add("bob", relay)
			ann.connect()
			bob.connect()
			ann.start1("bob")
			w.run(time.Second)
			bob.conn.up = w.now.Add(3 * time.Second) // for so long what he asks is on its way
			bob.answer1("Ann")
			ann.do(func(s *Sessions) { _ = s.Stop("bob", w.now) })
			ann.start1("bob")
			w.run(time.Minute)
			why := "No connection came about: no answer."
			if relay {
				why = "bob has given up, or is gone."
			}
			ann.wasTold(t, "invited", "lapsed: You have withdrawn.", "invited", "connecting", "failed: "+why)
			bob.wasTold(t, "invitation", "lapsed: stopped Ann", "invitation",
				"failed: Ann asked, withdrew and asked again, and your answer to the first counted for the second, which you had not seen. Ask again.")
			if left := len(ann.s.Peers()) + len(bob.s.Peers()) + len(w.server.asked) + len(w.server.pairs); left > 0 {
				t.Errorf("%d invitations or sessions are left", left)
			}

			bob.start1("Ann")
			w.run(time.Second)
			ann.answer1("bob")
			w.run(10 * time.Second)
			if !together(ann, bob) {
				t.Error("they do not come together any more")
			}
			if t.Failed() || w.failed != "" {
				t.Fatalf("%s\n%s", cmp.Or(w.failed, "the story:"), strings.Join(w.log, "\n"))
			}
		})
	}
}

// wasTold compares what the person was told so far.
func (n *node) wasTold(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, notice := range n.told {
		if notice.Kind == NoticeOffer {
			continue
		}
		got = append(got, strings.TrimSuffix(noticeNames[notice.Kind]+": "+notice.Text+notice.Words, ": "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s was told\n%s\nand not\n%s", n.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
