package monitor

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/log"
)

// counted are counts of which each is another.
func counted() server.Counts {
	return server.Counts{LoggedOut: 1, Plain: 2, Extended: 3, Opened: 4,
		Dropped: map[server.Drop]uint64{server.DropSlow: 5, server.DropFault: 0}, Guests: 6, Accounts: 7,
		LoginsRefused: map[protocol.Code]uint64{protocol.WrongCredentials: 8, protocol.AlreadyLoggedIn: 9},
		Messages:      10, Directs: 11, Deliveries: 12, Delayed: 28, Flooded: 29, Abandoned: 58, Panics: 30,
		Private:     server.PrivateCounts{Invitations: 13, Relays: users.RelayCounts{Open: 14, Units: 15}},
		Nodes:       server.NodeCounts{Sent: 31, Arrived: 32, Unsent: 33, Stale: 34, Doubled: 35, Gaps: 36, Foreign: 37},
		Uncommitted: 16, Held: 17, Failing: errors.New("the disk is full"),
		LoginTimers: 18, IdleTimers: 19, SilenceTimers: 20, PaceTimers: 21,
		Shared: &log.Standing{Position: 33, Last: 67, Failing: log.ErrStanding, Turns: 35, Again: 36, Fetches: 37, Epochs: 38},
		Loops:  map[int]eventloop.LoopCounts{0: {Turns: 22, Wakes: 23, Backlog: 24}, 1: {Turns: 25, Wakes: 26, Backlog: 27}}}
}

// samples returns the lines of /metrics that begin with parley_, without the help.
func samples(t *testing.T, m *Monitor) []string {
	t.Helper()
	status, all := get(t, m, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics is answered with %d: %s", status, all)
	}
	return slices.DeleteFunc(strings.Split(all, "\n"), func(line string) bool { return !strings.HasPrefix(line, "parley_") })
}

// Each count is told under its name, and nothing else is told.
func TestMetrics(t *testing.T) {
	m, srv := open(t, Config{Address: "127.0.0.1:0"}), &fake{counts: counted()}
	m.server.Store(new(Server(srv)))
	m.Listening()
	m.Refused(Full)
	m.Faulted()
	m.Refused(NotTLS)
	m.Handshaking(func() (hello, waiting, running int64) { return 41, 42, 43 })
	m.Committed(2*time.Millisecond, nil)
	m.Committed(3*time.Second, errors.New("the disk is full"))
	m.probes[0].lag.Observe(.07)
	m.Forwarding(func() (delivered, failed uint64, lag time.Duration) { return 31, 32, 1500 * time.Millisecond })
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(samples(t, m), "\n") + "\n"; got != string(want) {
		t.Errorf("got\n%s", got)
	}
}

// Without a server that answers, all that can be told is told.
func TestMetricsOfNoServer(t *testing.T) {
	m := open(t, Config{Address: "127.0.0.1:0"})
	starting := samples(t, m)
	m.Watch(&fake{late: true})
	m.Listening()
	late := samples(t, m)
	for what, got := range map[string][]string{"starting": starting, "late": late} {
		for _, line := range []string{"parley_up 0", "parley_ready 0", `parley_loop_stalled_seconds{loop="0"} 0`, "parley_commit_duration_seconds_count 0"} {
			if !slices.Contains(got, line) {
				t.Errorf("%s: there is no %s", what, line)
			}
		}
		if i := slices.IndexFunc(got, func(line string) bool { return strings.HasPrefix(line, "parley_connections{") }); i >= 0 {
			t.Errorf("%s: it is told that %s", what, got[i])
		}
	}
}

// The list in the package's documentation is the list of metrics, with their labels, and
// says truly which there are without a server.
func TestDocumentation(t *testing.T) {
	m := open(t, Config{Address: "127.0.0.1:0"})
	without := families(samples(t, m))
	srv := &fake{counts: counted()}
	m.server.Store(new(Server(srv)))
	with := families(samples(t, m))
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]string)
	for _, found := range regexp.MustCompile(`(?m)^//\t(parley_[a-z_]+)(?:\{([a-z]+)\})?( +\*)?`).FindAllStringSubmatch(string(doc), -1) {
		listed[found[1]] = found[2]
		if _, is := without[found[1]]; is != (strings.TrimSpace(found[3]) == "") {
			t.Errorf("%s is there without a server: %t", found[1], is)
		}
	}
	for name, label := range with {
		if of, is := listed[name]; !is || of != label {
			t.Errorf("%s{%s} is documented: %t, with the label %q", name, label, is, of)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s is documented, and there is none", name)
	}
}

var sample = regexp.MustCompile(`^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{([a-z]+)=[^}]*\})? `)

// families returns the label, or "", of each metric in samples. That of the bounds of a
// histogram is its own.
func families(samples []string) map[string]string {
	all := make(map[string]string)
	for _, line := range samples {
		found := sample.FindStringSubmatch(line)
		name, label := found[1], found[2]
		if label == "le" {
			label = ""
		}
		all[name] = label
	}
	return all
}
