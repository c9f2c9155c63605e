package load

import (
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// resuming is a room of eight, of whom four lose their connections at 133 ms and at
// 267 ms, when three messages each are said before they come back.
func resuming() Scenario {
	s := quick()
	s.Name, s.Clients, s.Duration = "resume", 8, 400*time.Millisecond
	return s
}

func TestResume(t *testing.T) {
	t.Parallel()
	r := run(t, &fake{resume: protocol.ResumeFollows}, resuming())
	if r.Failed != "" || r.Wrong() != 0 || r.TroubleCount() != 0 || r.Sent != 40 || r.Logins != 16 {
		t.Errorf("%+v", r)
	}
	// What was missed is counted, and is in no latency. A message counts as sent just
	// before it is written, so the third may still reach who has come back as a live one.
	if r.Deliveries != 8*40 || r.Delivery.Count > r.Deliveries-2*4*(3-1) || r.Delivery.Count < 4*40 {
		t.Errorf("%d deliveries, of %d latencies", r.Deliveries, r.Delivery.Count)
	}
	if title := r.Title(); !strings.Contains(title, "1 senders") || !strings.Contains(title, "50% dropped, 3 missed") {
		t.Error(title)
	}
}

// What is wrong in what was missed is told with names and numbers, once.
func TestResumeDifferences(t *testing.T) {
	t.Parallel()
	var kept []byte
	for _, tt := range []struct {
		name   string
		missed func(k int, frame []byte) [][]byte // of one client, once
		count  func(*Result) uint64
		says   string
	}{
		{"the first one lost", func(k int, b []byte) [][]byte {
			return map[bool][][]byte{false: {b}}[k == 1]
		}, func(r *Result) uint64 { return r.Lost }, "lost: "},
		{"one lost", func(k int, b []byte) [][]byte {
			return map[bool][][]byte{false: {b}}[k == 2]
		}, func(r *Result) uint64 { return r.Lost }, "lost: "},
		{"one doubled", func(k int, b []byte) [][]byte {
			return map[bool][][]byte{false: {b}, true: {b, b}}[k == 2]
		}, func(r *Result) uint64 { return r.Doubled }, "doubled: "},
		{"two swapped", func(k int, b []byte) [][]byte {
			switch k {
			case 1:
				kept = b
				return nil
			case 2:
				return [][]byte{b, kept}
			}
			return [][]byte{b}
		}, func(r *Result) uint64 { return r.Disordered }, "out of order: "},
	} {
		victim, over := "", false
		f := &fake{resume: protocol.ResumeFollows, missed: func(k int, receiver string, b []byte) [][]byte {
			if k == 1 && victim != "" {
				over = true
			}
			if victim == "" {
				victim = receiver
			}
			if receiver != victim || over {
				return [][]byte{b}
			}
			return tt.missed(k, b)
		}}
		r := run(t, f, resuming())
		if tt.count(&r) != 1 || r.Wrong() != 1 || r.TroubleCount() != 0 || len(r.Differences) != 1 || !strings.HasPrefix(r.Differences[0], tt.says+victim) {
			t.Errorf("%s: %s %q %+v", tt.name, r.Failed, r.Differences, r.Troubles)
		}
	}
}

// What was told before the connection was lost is not to be told again.
func TestResumeTellsAgain(t *testing.T) {
	t.Parallel()
	r := run(t, &fake{resume: protocol.ResumeFollows, again: 1}, resuming())
	if r.Doubled != 8 || r.Wrong() != 8 || !strings.HasPrefix(r.Differences[0], "doubled: ") {
		t.Errorf("%q", r.Differences)
	}
}

// A server that does not tell what was missed is found out.
func TestNotResumed(t *testing.T) {
	t.Parallel()
	for _, resume := range []string{"", protocol.ResumeTooFar, protocol.ResumeOtherLog} {
		r := run(t, &fake{resume: resume}, resuming())
		if r.Wrong() != 0 || r.TroubleCount() != 8 || len(r.Troubles) != 1 || r.Troubles[0].Kind != notResumedKind {
			t.Errorf("%q: %q %+v", resume, r.Differences, r.Troubles)
		}
	}
}
