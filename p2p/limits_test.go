package p2p

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// opened returns a stage on which Ann has an open session with bob, on link 1.
func opened(t *testing.T) *stage {
	t.Helper()
	st := newStage()
	for _, line := range []string{"login Ann", "server invitation bob 1 K1", "accept bob", "server introduced bob 1 K1 x", "link 1 1 direct", "frame 1 hello 1"} {
		st.play(strings.Fields(line))
	}
	if row, _ := st.s.Lookup("BOB"); row.State != Open {
		t.Fatal("not open:", st.out)
	}
	st.out = nil
	return st
}

func TestSessionsAndInvitationsAreLimited(t *testing.T) {
	st := newStage()
	st.play([]string{"login", "Ann"})
	for i := range protocol.MaxRinging {
		st.play([]string{"server", "invitation", fmt.Sprint("guest", i), fmt.Sprint(i + 1), "K1"})
	}
	st.out = nil
	st.play([]string{"server", "invitation", "onemore", "99", "K1"})
	st.play([]string{"start", "dora"})                               // others' invitations take nothing from one's own
	st.play([]string{"server", "invitation", "guest3", "100", "K1"}) // again, in place of the first
	st.play([]string{"decline", "guest4"})
	st.play([]string{"server", "invitation", "onemore", "101", "K1"})
	for i := 1; i < protocol.MaxPrivate; i++ {
		out := st.out
		st.play([]string{"start", fmt.Sprint("friend", i)})
		st.out = out
	}
	st.play([]string{"start", "carl"})
	st.play([]string{"accept", "guest5"})
	st.play([]string{"stop", "dora"})
	st.play([]string{"accept", "guest5"})
	want := []string{
		"    asks: declineprivate onemore",
		"    asks: startprivate dora K0 192.0.2.1:7,relay",
		"    tells: invitation guest3 K1 known: 60s",
		"    asks: declineprivate guest4",
		"    tells: invitation onemore K1 known: 60s",
		"    error: You have 32 private sessions and invitations of your own, which is the limit. End one with /stopprivate NAME.",
		"    error: You have 32 private sessions and invitations of your own, which is the limit. End one with /stopprivate NAME.",
		"    asks: stopprivate dora",
		"    tells: lapsed dora You have withdrawn.",
		"    asks: acceptprivate guest5 K0 192.0.2.1:7,relay",
	}
	if got := strings.Join(st.out, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("this happens:\n%s", got)
	}
	st.play(strings.Fields("server introduced guest5 6 K1 x")) // as soon as there is a session one may ask again
	st.play(strings.Fields("server invitation last 102 K1"))
	st.out = nil
	st.play(strings.Fields("server invitation guest5 103 K1"))
	if got := strings.Join(st.out, "\n"); got != "    tells: invitation guest5 K1 known: 60s" {
		t.Errorf("with whom there is a session asks again:\n%s", got)
	}
	if n := len(st.s.people); n != protocol.MaxRinging+protocol.MaxPrivate+1 {
		t.Errorf("%d people are kept", n)
	}
}

// Somebody has a row as long as there is something between the two.
func TestLookup(t *testing.T) {
	st := newStage()
	st.play([]string{"login", "Ann"})
	for _, step := range []struct {
		do   string
		want State
		ok   bool
	}{
		{"start bob", Asking, true},
		{"stop bob", 0, false},
		{"server invitation bob 1 K1", Asked, true},
		{"accept bob", Asked, true},
		{"server introduced bob 1 K1 x", Connecting, true},
		{"link 1 1 direct", Connecting, true},
		{"frame 1 hello 1", Open, true},
		{"say bob hello", Open, true},
		{"gone 1", Closed, true},
	} {
		st.play(strings.Fields(step.do))
		if row, ok := st.s.Lookup("BOB"); row.State != step.want || ok != step.ok {
			t.Errorf("%s: state %v, %v, want %v, %v", step.do, row.State, ok, step.want, step.ok)
		}
	}
}

func TestTextsAreLimited(t *testing.T) {
	st := opened(t)
	for _, bad := range []string{"", " \n\t", strings.Repeat("x", protocol.MaxText+1), "\xff"} {
		if st.s.Say("bob", bad, st.now) == nil {
			t.Errorf("%.20q can be said", bad)
		}
	}
	for i := range maxWaiting {
		if err := st.s.Say("bob", fmt.Sprint("text ", i), st.now); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.s.Say("bob", "one more", st.now); err == nil {
		t.Error("more texts wait than may")
	}
	if n := len(st.out); n != window {
		t.Errorf("%d texts are on the link", n)
	}
	st.out = nil
	for _, line := range []string{"frame 1 accepted other 1", "frame 1 accepted run 999", "frame 1 accepted run 1", "frame 1 accepted run 100", "frame 1 accepted run 2"} {
		st.play(strings.Fields(line))
	}
	want := "    sends: 1 message run 33 text 32\n    sends: 1 message run 34 text 33"
	if got := strings.Join(st.out, "\n"); got != want {
		t.Errorf("after three texts have arrived, one of them that was not sent:\n%s", got)
	}
	if row, _ := st.s.Lookup("bob"); row.Waiting != maxWaiting-3 {
		t.Errorf("%d texts wait", row.Waiting)
	}
}

// TestLongestText makes sure that nobody ends a session by saying what may be
// said, whatever the encoding makes of it.
func TestLongestText(t *testing.T) {
	for _, unit := range []string{"x", "\x00", "\u200b", "\U0001F600", "\""} {
		st := opened(t)
		text := strings.Repeat(unit, protocol.MaxText/len(unit))
		if err := st.s.Say("bob", text, st.now); err != nil {
			t.Fatal(err)
		}
		r := st.s.frame(protocol.EventMessage, st.now)
		r.Kind, r.Content, r.Data.Log, r.Data.ID = protocol.KindMessage, text, "tag", 1
		frame := protocol.AppendExtended(nil, r)
		back, err := protocol.DecodeResponse(frame)
		if err != nil || len(frame) > protocol.MaxFrame {
			t.Fatalf("%q: %d bytes, %v", unit, len(frame), err)
		}
		st.s.Happened(Event{Kind: Received, ID: 1, Response: back}, st.now)
		if row, _ := st.s.Lookup("bob"); row.State != Open {
			t.Errorf("%q ends the session", unit)
		}
	}
}

// TestRunsOfAPeer: the texts of an old run of a peer's client are known again as
// long as there were not too many runs in between.
func TestRunsOfAPeer(t *testing.T) {
	st := opened(t)
	for i := range maxSeen {
		st.play([]string{"frame", "1", "message", fmt.Sprint("tag", i), "5", "new"})
	}
	st.out = nil
	st.play(strings.Fields("frame 1 message tag0 5 old"))
	st.play(strings.Fields("frame 1 message tag99 1 new"))
	if got := strings.Join(st.out, "\n"); strings.Contains(got, "old") || !strings.Contains(got, "new") {
		t.Errorf("this happens:\n%s", got)
	}
	if n := len(st.s.people["bob"].seen); n != maxSeen {
		t.Errorf("%d runs are remembered", n)
	}
}

// TestPeopleAreForgotten: who is forgotten is not sent numbers a second time.
func TestPeopleAreForgotten(t *testing.T) {
	st := newStage()
	st.play([]string{"login", "Ann"})
	for i := 1; i <= maxPeople+1; i++ {
		st.now = st.now.Add(time.Second)
		name, plan := fmt.Sprint("guest", i), fmt.Sprint(i)
		st.play([]string{"server", "invitation", name, plan, "K1"})
		st.play([]string{"accept", name})
		st.play([]string{"server", "introduced", name, plan, "K1", "x"})
		st.play([]string{"link", plan, plan, "direct"})
		st.play([]string{"frame", plan, "hello", plan})
		st.play([]string{"say", name, "hello"})
		if i != 1 { // the first one's text waits
			st.play([]string{"frame", plan, "accepted", "run", fmt.Sprint(st.s.people[name].lastID)})
		}
		st.play([]string{"stop", name})
	}
	if n := len(st.s.people); n != maxPeople {
		t.Errorf("%d people are remembered", n)
	}
	if st.s.people["guest1"] == nil || st.s.people["guest2"] != nil {
		t.Error("the wrong one is forgotten")
	}
	if p := st.s.person("guest2", st.now); p.lastID == 0 {
		t.Error("guest2 would be sent the number 1 again")
	}
}

// TestEverybodyWaits: nobody is forgotten from whom something waits.
func TestEverybodyWaits(t *testing.T) {
	st := newStage()
	for i := range maxPeople {
		st.s.person(fmt.Sprint("guest", i), st.now).out = []text{{id: 1}}
	}
	st.s.person("onemore", st.now)
	if n := len(st.s.people); n != maxPeople+1 {
		t.Errorf("%d people are remembered", n)
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[int]int{-1: 60, 0: 60, 30: 30, 1 << 40: maxSeconds} {
		if got := clampSeconds(in); got != want {
			t.Errorf("%d seconds become %d", in, got)
		}
	}
}

func TestFingerprints(t *testing.T) {
	good := longKey("K1")
	for f, want := range map[string]bool{
		good: true, "": false, good[:len(good)-1]: false, good + "A": false, "MD5:" + good[7:]: false,
		good[:20] + "\n" + good[20:]: false, good[:len(good)-1] + "B": false, strings.Replace(good, "A", "=", 1): false,
	} {
		if validFingerprint(f) != want {
			t.Errorf("%q: %v", f, !want)
		}
	}
}
