package protocol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// left returns what one reads of frames when messages were removed while they waited.
func left(t *testing.T, frames []SaidFrame, removed ...uint64) (all []string) {
	t.Helper()
	for _, f := range frames {
		for _, message := range removed {
			f, _ = f.Without(message)
		}
		if len(f.Bytes) == 0 {
			continue
		}
		switch r := decoded(t, f.Bytes); {
		case len(r.History) > 0:
			for _, m := range r.History {
				all = append(all, m.Content)
			}
		default:
			all = append(all, r.Content)
		}
	}
	return all
}

// answered are three messages, of which the second one answers the first.
func answered() Response {
	h := said("odd) \"}\nå", "yes", "no")
	h.History[1].Data.Re = 1
	h.History[1].Notes = &Notes{Quote: &Quote{"alice", "odd) \"}\nå"}}
	return h
}

// In a history that waits a message is removed, or one that another one answers.
func TestRemovedFromAHistoryThatWaits(t *testing.T) {
	for form, want := range map[HistoryForm]map[uint64][]string{
		HistoryReplay:  {1: {"(re 1) yes", "no"}, 2: {"odd) \"}\nå", "no"}, 3: {"odd) \"}\nå", `(re alice: "odd] '} å") yes`}},
		HistoryObjects: {1: {"(removed)", "(re 1) yes", "no"}, 2: {"odd) \"}\nå", "(removed)", "no"}, 3: {"odd) \"}\nå", `(re alice: "odd] '} å") yes`, "(removed)"}},
		HistoryText: {1: {"2026-11-21T12:00:00Z alice: (removed)", "2026-11-21T12:00:00Z alice: (re 1) yes", "2026-11-21T12:00:00Z alice: no"},
			2: {"2026-11-21T12:00:00Z alice: odd) \"}", "å", "2026-11-21T12:00:00Z alice: (removed)", "2026-11-21T12:00:00Z alice: no"}},
	} {
		for removed, want := range want {
			frames, _ := PlainHistory(answered(), form, 10)
			if diff := cmp.Diff(want, left(t, frames, removed)); diff != "" {
				t.Errorf("%s without %d (-want +got):\n%s", form, removed, diff)
			}
		}
	}
	for _, form := range forms {
		frames, _ := PlainHistory(answered(), form, 10)
		whole := strings.Join(left(t, frames), "|")
		if got := strings.Join(left(t, frames, 9), "|"); got != whole {
			t.Errorf("%s without another message is %q", form, got)
		}
		for _, removed := range [][]uint64{{1, 2, 3}, {3, 2, 1}, {2, 1, 3}} {
			got := strings.Join(left(t, frames, removed...), "|")
			for _, text := range []string{"odd", "yes", "no"} {
				if strings.Contains(got, text) {
					t.Errorf("%s without %d has %q in %q", form, removed, text, got)
				}
			}
		}
		if got := strings.Join(left(t, frames), "|"); got != whole {
			t.Errorf("%s is changed for others, who wait for it too: %q", form, got)
		}
	}
}

// All parts of a message that is too long for one are taken back, and the quote that is in the
// first one.
func TestLongMessageThatWaitsIsRemoved(t *testing.T) {
	r := answered().History[1]
	r.Content = strings.Repeat("å ", 5000)
	frames := SaidFrames(r)
	if len(frames) < 3 || len(left(t, frames, 2)) != 0 {
		t.Errorf("of %d parts %d are left", len(frames), len(left(t, frames, 2)))
	}
	got := left(t, frames, 1)
	if want := "(re 1) " + r.Content; strings.Join(got, "") != want {
		t.Errorf("without the quote it begins with %.60q", got[0])
	}
	for _, form := range forms {
		frames, _ := PlainHistory(Response{Time: noon, Sender: ServerName, Kind: KindHistory, History: []Response{r}}, form, 50)
		if got := strings.Join(left(t, frames, 1, 2), ""); strings.Contains(got, "å") {
			t.Errorf("%s: %.60q is left", form, got)
		}
	}
}

// Lines stay whole, and lose what is from a message that is removed.
func TestLineFrames(t *testing.T) {
	r := Response{Time: noon, Sender: ServerName, Kind: KindInfo}
	lines := []Line{{Text: "Found:"}, {"#1 alice: ", 1, "odd) \"}å"}, {"#2 alice: ", 2, "yes"}, {"#1 again: ", 1, "odd"}}
	frames := LineFrames(r, lines)
	if diff := cmp.Diff([]string{"Found:\n#1 alice: odd) \"}å\n#2 alice: yes\n#1 again: odd"}, left(t, frames)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Found:\n#1 alice: (removed)\n#2 alice: yes\n#1 again: (removed)"}, left(t, frames, 1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if frames := LineFrames(r, nil); len(frames) != 0 {
		t.Errorf("no lines are %d responses", len(frames))
	}
	for n := range 1100 { // of every length, up to what has a response of its own
		all := []Line{{"first", 1, " a"}, {"long ", 2, strings.Repeat("x", n)}, {"last", 3, " b"}}
		frames := LineFrames(r, all)
		for _, f := range frames {
			if len(f.Bytes) > MaxPlainFrame {
				t.Fatalf("%d bytes for a line of %d", len(f.Bytes), n)
			}
		}
		if got := strings.Join(left(t, frames), ""); strings.Count(got, "x") != n || strings.Count(got, "a\n")+len(frames) < 2 {
			t.Fatalf("of a line of %d: %q", n, got)
		}
		if got := strings.Join(left(t, frames, 2), ""); strings.Contains(got, "x") || !strings.Contains(got, "last") {
			t.Fatalf("without a line of %d: %q", n, got)
		}
	}
}
