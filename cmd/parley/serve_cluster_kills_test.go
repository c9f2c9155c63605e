//go:build unix

package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	mrand "math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/cluster/natstest"
	"parley/eventloop/load"
	"parley/protocol"
	"parley/users/state"
	"parley/users/store"
)

// TestClusterIsKilled has people talk at three nodes, in processes of their own, while nodes and
// servers of NATS are killed, stopped, cut off and ended, one at a time. What was acknowledged
// is heard by all, once and in order, wherever each of them is by then; and all three folders
// have it.
//
// PARLEY_KILLS is how many faults there are, of all kinds, in an order that PARLEY_SEED decides;
// without it there are five of them. PARLEY_STOP is how long what is stopped stands still:
//
//	PARLEY_KILLS=100 PARLEY_STOP=20s go test ./cmd/parley -run ClusterIsKilled -v -timeout 2h
func TestClusterIsKilled(t *testing.T) {
	w := newSiege(t)
	for _, round := range w.plan(t) {
		w.round(round)
		if t.Failed() {
			break
		}
	}
	w.figures()
	w.compareFolders()
}

// stream is what the log of a fleet is called at NATS.
const stream = "parley-parley"

// A siege is a fleet under load, to which things are done.
type siege struct {
	*fleet
	random *mrand.Rand
	stop   time.Duration // how long what is stopped stands still
	at     [3]atomic.Pointer[string]
	rounds int
	took   map[string][]time.Duration // by what it is
	sent   int64
	told   int64
}

func newSiege(t *testing.T) *siege {
	seed, stop := uint64(1), 7*time.Second
	if text := os.Getenv("PARLEY_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	if text := os.Getenv("PARLEY_STOP"); text != "" {
		var err error
		if stop, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	servers := natstest.Start(t, 3)
	f := &fleet{t: t, nats: servers}
	for range 3 {
		f.gates = append(f.gates, newGate(t, servers.URLs()))
	}
	f.launch()
	w := &siege{fleet: f, random: mrand.New(mrand.NewPCG(seed, 0)), stop: stop, took: make(map[string][]time.Duration)}
	for i := range f.nodes {
		w.at[i].Store(&f.nodes[i].addrs[0])
	}
	return w
}

// A fault is one kind of what is done to the fleet.
type fault struct {
	name   string
	takes  time.Duration // about, beside how long things stand still
	stops  bool          // something stands still
	always bool          // also where there are to be few
	do     func(*siege)
}

func faults() []fault {
	return []fault{
		{"a node is killed", 3 * time.Second, false, true, (*siege).killNode},
		{"the leader of the stream is killed", 10 * time.Second, false, true, (*siege).killLeader},
		{"a server of NATS that does not lead is killed", 4 * time.Second, false, false, (*siege).killFollower},
		{"a node stands still", 2 * time.Second, true, true, (*siege).stopNode},
		{"a server of NATS stands still", 8 * time.Second, true, false, (*siege).stopServer},
		{"a node is cut off from NATS", 4 * time.Second, true, true, (*siege).cutNode},
		{"all nodes are ended, one after the other", 10 * time.Second, false, true, (*siege).endAll},
	}
}

// plan returns what is done in which round: one of each kind in one round or, if there are to be
// many, four of one kind in each, so that what the load shows is about that.
func (w *siege) plan(t *testing.T) (rounds [][]fault) {
	text := os.Getenv("PARLEY_KILLS")
	if text == "" {
		var some []fault
		for _, one := range faults() {
			if one.always {
				some = append(some, one)
			}
		}
		return [][]fault{some}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("PARLEY_KILLS is %q", text)
	}
	for all := faults(); n > 0; {
		w.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, kind := range all {
			round := slices.Repeat([]fault{kind}, min(4, n))
			if n -= len(round); len(round) > 0 {
				rounds = append(rounds, round)
			}
		}
	}
	return rounds
}

// round puts the fleet under load and does some things to it.
func (w *siege) round(all []fault) {
	w.t.Helper()
	lasts := 2 * time.Second
	for _, one := range all {
		if lasts += one.takes; one.stops {
			lasts += w.stop
		}
	}
	w.rounds++
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	ended := make(chan load.Result, 1)
	go func() { ended <- w.load(ctx, lasts) }()
	w.pause(time.Second)
	for _, one := range all {
		if w.t.Failed() {
			break
		}
		one.do(w)
	}
	w.judge(all, <-ended)
}

// pause is how long something is to last that is done.
func (w *siege) pause(d time.Duration) { <-time.After(d) }

// load has clients talk for some time, who resume wherever they are let in.
func (w *siege) load(ctx context.Context, d time.Duration) load.Result {
	s := load.Scenario{Name: "resume", Clients: 24, Senders: 6, Rate: 60, Window: 64, Size: 100, Duration: d, Drop: 20, Miss: 5}
	cfg := load.Config{Clock: systemClock{}, Seed: 1, Tag: mrand.Uint32N(1 << 18), Drain: clusterDrain, Scenarios: []load.Scenario{s}}
	for i := range w.nodes {
		cfg.Dial = append(cfg.Dial, func(ctx context.Context) (net.Conn, error) {
			d := net.Dialer{Timeout: nextTimeout}
			return d.DialContext(ctx, "tcp", *w.at[i].Load())
		})
	}
	return load.Run(ctx, cfg)[0]
}

// judge looks at what the load has found.
func (w *siege) judge(all []fault, r load.Result) {
	w.t.Helper()
	w.sent, w.told = w.sent+r.Done, w.told+r.Deliveries
	w.t.Logf("round %d, %d times %s ...: %d of %d acknowledged, %d refused, %d deliveries, p50 %s, p99 %s; %d came back, p50 %s, at most %s; %v",
		w.rounds, len(all), all[0].name, r.Done, r.Sent, r.Refused, r.Deliveries, r.Delivery.P50, r.Delivery.P99, r.Return.Count, r.Return.P50, r.Return.Max, troubles(r))
	if r.Failed != "" || r.Wrong() != 0 || r.Done+r.Refused != r.Sent || r.Unsent != 0 || r.Done < r.Sent/4 {
		w.t.Errorf("%s; lost %d, missed %d, doubled %d, out of order %d, altered %d: %q", r.Failed, r.Lost, r.Missed, r.Doubled, r.Disordered, r.Altered, r.Differences)
	}
	for _, one := range r.Troubles {
		if !slices.Contains([]string{"disconnected", "silent", string(protocol.Busy), string(protocol.ShuttingDown)}, one.Kind) {
			w.t.Errorf("%d times %s: %s", one.Count, one.Kind, one.First)
		}
	}
}

func troubles(r load.Result) (all []string) {
	for _, one := range r.Troubles {
		all = append(all, fmt.Sprintf("%d %s (%.40s)", one.Count, one.Kind, one.First))
	}
	return all
}

// restart starts a node again, and tells the load where.
func (w *siege) restart(i int) {
	w.t.Helper()
	w.start(i)
	w.at[i].Store(&w.nodes[i].addrs[0])
}

func (w *siege) note(what string, d time.Duration) { w.took[what] = append(w.took[what], d) }

// figures tells how long things took.
func (w *siege) figures() {
	for _, what := range slices.Sorted(maps.Keys(w.took)) {
		all := slices.Sorted(slices.Values(w.took[what]))
		w.t.Logf("%s: %d times, p50 %.2f s, at most %.2f s", what, len(all), all[len(all)/2].Seconds(), all[len(all)-1].Seconds())
	}
	w.t.Logf("%d rounds, %d messages acknowledged, %d deliveries", w.rounds, w.sent, w.told)
}

// compareFolders ends the nodes, and compares what they have kept.
func (w *siege) compareFolders() {
	w.t.Helper()
	var first []state.Message
	for i := range w.nodes {
		w.end(i, syscall.SIGTERM)
		for _, bad := range []string{"panic: ", "DATA RACE"} {
			if strings.Contains(w.nodes[i].log.String(), bad) {
				w.t.Errorf("node %d complains", i)
			}
		}
		all := w.kept(i)
		if i == 0 {
			first = all
		}
		if !slices.EqualFunc(all, first, func(a, b state.Message) bool { return a.Number == b.Number && a.Text == b.Text }) {
			w.t.Errorf("node %d has kept %d messages, and the first one %d, or others", i, len(all), len(first))
		}
	}
	if int64(len(first)) < w.sent {
		w.t.Errorf("%d were acknowledged, and %d are kept", w.sent, len(first))
	}
}

// kept returns the messages of the lobby in a node's folder.
func (w *siege) kept(i int) (all []state.Message) {
	w.t.Helper()
	withStore(w.t, w.data[i], func(s *store.Store) error {
		for reached := uint64(0); ; {
			page, to, err := s.MessagesAfter(w.t.Context(), []state.RoomFrom{{Room: state.Lobby}}, reached, math.MaxUint64, math.MaxInt)
			if err != nil || len(page) == 0 {
				return err
			}
			all, reached = append(all, page...), to
		}
	})
	return all
}
