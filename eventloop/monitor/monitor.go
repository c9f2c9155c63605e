package monitor

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"parley/eventloop"
	"parley/eventloop/endpoint"
	"parley/eventloop/server"
)

// A Server is what is looked at. Its methods may be called from any goroutine.
type Server interface {
	// Counts returns what the server has counted, or the error of ctx if a loop does not
	// answer before that ends.
	Counts(ctx context.Context) (server.Counts, error)
	// PostTo has f run on a loop, and returns false if there is no such loop yet.
	PostTo(loop int, f func()) bool
}

// A Config says how to look at a server.
type Config struct {
	Address  string                 // "HOST:PORT" or "unix:PATH"
	Anywhere bool                   // other machines may reach it
	Socket   eventloop.SocketRights // of a Unix socket; zero: only this user may use it
	Loops    int                    // of the server, at most
	Timeout  time.Duration          // for a request to come, and for the loops to answer; 0: DefaultTimeout
	Log      *slog.Logger
}

// A phase is how far a server has come.
type phase int32

const (
	starting phase = iota
	listening
	stopping
)

// A Monitor answers the operator. All methods may be called from any goroutine, and those
// of one that is nil do nothing: nobody looks.
type Monitor struct {
	cfg        Config
	endpoint   *endpoint.Endpoint
	metrics    metrics
	probes     []*probe
	server     atomic.Pointer[Server] // nil: there is none yet
	hooks      atomic.Pointer[func() (delivered, failed uint64, lag time.Duration)]
	handshakes atomic.Pointer[func() (hello, waiting, running int64)]
	phase      atomic.Int32
	faults     atomic.Uint64 // that the server has not counted itself
	life       context.Context
	end        context.CancelFunc
	all        sync.WaitGroup
}

const (
	// MaxConns is how many connections are answered at once: files for them are set
	// aside. Others wait.
	MaxConns = 8

	// maxHeader and maxBody are how many bytes a request may have.
	maxHeader = 16 << 10
	maxBody   = 1 << 20

	// writeTimeout is how long an answer may take: that of a profile is as long as its
	// time, and then whoever has asked must read it.
	writeTimeout = 5 * time.Minute

	// DefaultTimeout is how long a request may take to come, and the loops to answer it.
	DefaultTimeout = 2 * time.Second
)

// Listen begins to answer. The server is not there yet: see Watch.
func Listen(cfg Config) (*Monitor, error) {
	cfg.Timeout = cmp.Or(cfg.Timeout, DefaultTimeout)
	m := &Monitor{cfg: cfg, metrics: newMetrics()}
	m.life, m.end = context.WithCancel(context.Background())
	for i := range cfg.Loops {
		m.probes = append(m.probes, &probe{loop: i, base: time.Now(), lag: m.metrics.lag.WithLabelValues(strconv.Itoa(i))})
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.metrics.own()...)
	registry.MustRegister(collector{m}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	with := &http.Server{Handler: m.handler(registry), ReadHeaderTimeout: cfg.Timeout, WriteTimeout: writeTimeout, MaxHeaderBytes: maxHeader}
	with.SetKeepAlivesEnabled(false) // who keeps a connection would keep others waiting
	at := endpoint.Config{Address: cfg.Address, Socket: cfg.Socket, Conns: MaxConns, Log: cfg.Log, Faulted: m.Faulted, Check: func(addr string) error { return CheckAddress(addr, cfg.Anywhere) }}
	var err error
	if m.endpoint, err = endpoint.Listen(at, with); err != nil {
		m.end()
		return nil, err
	}
	return m, nil
}

// Address returns where the monitor is, with the real port: "HOST:PORT" or "unix:PATH".
func (m *Monitor) Address() string { return m.endpoint.Address() }

// Watch has the monitor look at a server, once.
func (m *Monitor) Watch(srv Server) {
	if m == nil {
		return
	}
	m.server.Store(&srv)
	m.all.Go(func() { watch(m.life, m.probes, srv) })
}

// Listening says that clients can connect.
func (m *Monitor) Listening() {
	if m != nil {
		m.phase.CompareAndSwap(int32(starting), int32(listening))
	}
}

// Stopping says that the server is about to end.
func (m *Monitor) Stopping() {
	if m != nil {
		m.phase.Store(int32(stopping))
	}
}

// A Refusal is why a connection was not let in.
type Refusal string

const (
	Full             Refusal = "full"      // there was no room
	TooManyOfAddress Refusal = "address"   // too much came from its address
	NotProxy         Refusal = "proxy"     // it is none of a proxy that is trusted, with its header, where only those are served
	NotTLS           Refusal = "not_tls"   // it does not speak TLS where it is spoken
	NoHandshake      Refusal = "handshake" // its TLS handshake has failed or took too long
)

// refusals are all of them.
var refusals = []Refusal{Full, TooManyOfAddress, NotProxy, NotTLS, NoHandshake}

// Refused counts a connection that was not let in.
func (m *Monitor) Refused(why Refusal) {
	if m != nil {
		m.metrics.refused.WithLabelValues(string(why)).Inc()
	}
}

// Faulted counts a panic that has cost a connection, and of which the server itself does not know.
func (m *Monitor) Faulted() {
	if m != nil {
		m.faults.Add(1)
	}
}

// Forwarding has the monitor ask, at each scrape, what outgoing hooks have sent: events that were
// delivered, tries that have failed, and for how long the oldest event waits.
func (m *Monitor) Forwarding(counts func() (delivered, failed uint64, lag time.Duration)) {
	if m != nil {
		m.hooks.Store(&counts)
	}
}

// Handshaking has the monitor ask, at each scrape, how many connections have not sent all of their
// hello of TLS, how many wait for their turn, and of how many the handshake is under way.
func (m *Monitor) Handshaking(now func() (hello, waiting, running int64)) {
	if m != nil {
		m.handshakes.Store(&now)
	}
}

// Committed counts a commit that took so long, and why it has failed, or nil.
func (m *Monitor) Committed(took time.Duration, err error) {
	if m == nil {
		return
	}
	m.metrics.commits.Observe(took.Seconds())
	if err != nil {
		m.metrics.commitFailures.Inc()
	}
}

// Close ends all that is being answered. Nothing is asked of the server any more when it
// returns.
func (m *Monitor) Close() error {
	if m == nil {
		return nil
	}
	m.end()
	err := m.endpoint.Close()
	m.all.Wait()
	return err
}

// health returns nil while all loops answer.
func (m *Monitor) health() error {
	for _, p := range m.probes {
		if late := p.stalled(); late > stalledAfter {
			return fmt.Errorf("loop %d has not answered for %s", p.loop, late.Round(time.Second))
		}
	}
	return nil
}

// counts returns what the server has counted.
func (m *Monitor) counts(ctx context.Context) (server.Counts, error) {
	srv := m.server.Load()
	if srv == nil {
		return server.Counts{}, errStarting
	}
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	counts, err := (*srv).Counts(ctx)
	if err != nil {
		err = fmt.Errorf("the server has not answered within %s: %w", m.cfg.Timeout, err)
	}
	return counts, err
}

// readiness returns nil while clients can log in and talk, of what was counted or could not
// be.
func (m *Monitor) readiness(counts server.Counts, err error) error {
	switch {
	case phase(m.phase.Load()) == stopping:
		return errStopping
	case phase(m.phase.Load()) == starting:
		return errStarting
	case err != nil:
		return err
	case counts.Failing != nil:
		return fmt.Errorf("the storage fails: %w", counts.Failing)
	case counts.Shared != nil && counts.Shared.Failing != nil:
		return counts.Shared.Failing
	}
	return nil
}
