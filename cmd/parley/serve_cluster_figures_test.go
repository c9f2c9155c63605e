//go:build linux

package main

import (
	"context"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"parley/eventloop/cluster/natstest"
	"parley/eventloop/load"
	"parley/users/command"
	"parley/users/state"
)

// TestClusterFigures says what a cluster costs beside a server with a log of its own, if
// PARLEY_FIGURES is set: three nodes and three servers of NATS, in processes on this machine, by
// turns with the one server. It judges nothing but that all was delivered once and in order:
// figures are of a machine that does nothing else.
//
//	PARLEY_FIGURES=1 go test ./cmd/parley -run ClusterFigures -v -timeout 30m
//
// What they say is in eventloop/cluster/limits.md.
func TestClusterFigures(t *testing.T) {
	if os.Getenv("PARLEY_FIGURES") == "" {
		t.Skip("set PARLEY_FIGURES to have a cluster measured, on a machine that does nothing else")
	}
	m := newMeasured(t)
	for range 3 {
		m.latency()
		m.crowd(200, 1)   // a delivery is a write of its own
		m.crowd(1000, 16) // some are one write, of as many in both
		m.crowd(0, 64)    // as many as can be: one server has more in a write, since its log is faster
	}
	for range 3 { // last, since it uses up numbers by the ten thousand that are not of the lobby
		m.throughput()
	}
	m.remembered()
	for _, what := range m.order {
		t.Logf("%s: %v", what, m.found[what])
	}
}

// A measured is a cluster, and a server with a log of its own.
type measured struct {
	t     *testing.T
	fleet *fleet
	alone serving
	order []string
	found map[string][]string
}

func newMeasured(t *testing.T) *measured {
	f := &fleet{t: t, nats: natstest.Start(t, 3)}
	f.launch()
	alone := serveIn(t, t.TempDir(), []string{"--sync", "always", "--flood", "off"}, "127.0.0.1:0")
	return &measured{t: t, fleet: f, alone: alone, found: make(map[string][]string)}
}

func (m *measured) note(what, format string, args ...any) {
	if !slices.Contains(m.order, what) {
		m.order = append(m.order, what)
	}
	m.found[what] = append(m.found[what], fmt.Sprintf(format, args...))
}

// run runs a scenario whose client i is at server at(i). pid is whose CPU time is told.
func (m *measured) run(s load.Scenario, pid int, at func(i int) string) load.Result {
	m.t.Helper()
	cfg := load.Config{Clock: systemClock{}, Seed: 1, Tag: mrand.Uint32N(1 << 18), Workers: 2 * runtime.GOMAXPROCS(0), Scenarios: []load.Scenario{s},
		Server: func() (load.Usage, error) { return load.ProcessUsage(pid) }}
	for i := range s.Clients {
		cfg.Dial = append(cfg.Dial, func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", at(i))
		})
	}
	r := load.Run(m.t.Context(), cfg)[0]
	if r.Failed != "" || r.Wrong() > 0 || r.TroubleCount() > int(r.Refused) {
		m.t.Fatalf("%s: %q %+v", r.Failed, r.Differences, r.Troubles)
	}
	if r.Refused > 0 { // a client that has too much unanswered: the machine is too busy for this rate
		m.note("REFUSED, so that the figures mean little", "%d of %d", r.Refused, r.Sent)
	}
	return r
}

// A place is where those are who talk and those who listen.
type place struct {
	name             string
	talkers, hearers string
	process          int // that delivers
	alone            bool
}

func (m *measured) places() []place {
	n := m.fleet.nodes
	return []place{
		{name: "one server", talkers: m.alone.addrs[0], hearers: m.alone.addrs[0], process: m.alone.Process.Pid, alone: true},
		{name: "on one node", talkers: n[0].addrs[0], hearers: n[0].addrs[0], process: n[0].Process.Pid},
		{name: "on another node", talkers: n[0].addrs[0], hearers: n[1].addrs[0], process: n[1].Process.Pid},
	}
}

// latency is that of a small room, from when a message is due until somebody else has read it.
func (m *measured) latency() {
	s := load.Scenario{Name: "room", Clients: 20, Senders: 4, Rate: 100, Window: 1, Size: 100, Duration: 10 * time.Second, Drop: 50}
	for _, p := range m.places() {
		r := m.run(s, p.process, func(i int) string {
			if i < s.Senders {
				return p.talkers
			}
			return p.hearers
		})
		m.note("publish to delivery, room of 20, 100/s, "+p.name, "p50 %s p99 %s", round(r.Delivery.P50), round(r.Delivery.P99))
	}
}

// crowd is the CPU time of a delivery in a room of 300, where it is delivered. A client of a
// cluster has one message under way: so as many talk as are to be under way.
func (m *measured) crowd(rate float64, window int) {
	s := load.Scenario{Name: "room", Clients: 300, Senders: max(4, window), Rate: rate, Window: window, Size: 100, Duration: 8 * time.Second, Drop: 50}
	what := fmt.Sprintf("CPU per delivery, room of 300, %d under way, ", window)
	if rate > 0 {
		what = fmt.Sprintf("CPU per delivery, room of 300, %g/s, ", rate)
	}
	for _, p := range m.places() {
		before := m.natsCPU()
		r := m.run(s, p.process, func(i int) string {
			if i < s.Senders {
				return p.talkers
			}
			return p.hearers
		})
		here := r.Deliveries // of the process whose CPU time it is
		if p.talkers != p.hearers {
			here = here * int64(s.Clients-s.Senders) / int64(s.Clients)
		}
		m.note(what+p.name, "%s", round(r.Server.CPU/time.Duration(here)))
		if !p.alone {
			m.note(what+p.name+": of the three servers of NATS", "%s", round((m.natsCPU()-before)/time.Duration(r.Deliveries)))
		}
	}
}

// throughput is how much is acknowledged in a second of what 200 say who are in 100 rooms, and
// how long it then takes until it is delivered: how far the nodes are behind the log.
func (m *measured) throughput() {
	s := load.Scenario{Name: "room", Clients: 200, Senders: 200, Rooms: 100, RoomsEach: 1, Window: 400, Size: 100, Duration: 8 * time.Second, Drop: 50}
	for _, p := range m.places()[:2] {
		m.full(s, p.name, p.process, func(int) string { return p.talkers })
	}
	m.full(s, "on three nodes", m.fleet.nodes[0].Process.Pid, func(i int) string { return m.fleet.nodes[i%3].addrs[0] })
}

func (m *measured) full(s load.Scenario, where string, pid int, at func(int) string) {
	before := m.natsCPU()
	r := m.run(s, pid, at)
	per := (m.natsCPU() - before) / time.Duration(max(r.Done, 1))
	m.note("acknowledged a second, 200 who talk, "+where, "%.0f (p50 %s, p99 %s until delivered; meanwhile NATS used %s of CPU for each)",
		float64(r.Done)/r.Lasted.Seconds(), round(r.Delivery.P50), round(r.Delivery.P99), round(per))
}

// natsCPU is what the servers of NATS have used so far.
func (m *measured) natsCPU() (all time.Duration) {
	for _, s := range m.fleet.nats {
		u, err := load.ProcessUsage(s.PID())
		if err != nil {
			m.t.Fatal(err)
		}
		all += u.CPU
	}
	return all
}

// remembered is the memory of 100,000 names: of guests who have left and may come back, and of
// accounts.
func (m *measured) remembered() {
	const names = 100_000
	now := time.Unix(1e9, 0)
	for what, add := range map[string]func(s *state.State, i int){
		"guests who have left": func(s *state.State, i int) {
			name := fmt.Sprint("guest", i)
			session := command.Session{Node: 1, Number: uint64(i + 1)}
			s.Apply(now, &command.Enter{Session: session, Name: name, Token: command.TokenID(name)}, nil)
			s.Apply(now, &command.Leave{By: command.By{Name: name, Session: session}}, nil)
		},
		"accounts": func(s *state.State, i int) {
			s.Apply(now, &command.AddAccount{Name: fmt.Sprint("account", i), Hash: fmt.Sprintf("%096d", i)}, nil)
		},
	} {
		s := state.New(state.Kept{}, now)
		s.Apply(now, &command.Begin{Node: "one", Epoch: 1, Run: "run", Log: "log"}, nil)
		before := heap()
		for i := range names {
			add(s, i)
		}
		m.note("memory of 100,000 names, "+what, "%.1f MB", float64(heap()-before)/1e6)
		runtime.KeepAlive(s)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// round leaves three figures.
func round(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
