package load

import (
	"sync"
	"time"
)

// A Usage is what a process has used so far.
type Usage struct {
	CPU    time.Duration // of all threads, user and system
	Memory int64         // bytes that are resident
}

// Progress is what a person who waits wants to know.
type Progress struct {
	Scenario    string
	Phase       string // "arriving", "measuring" or "ending"
	Elapsed     time.Duration
	Duration    time.Duration // of the measurement
	Connections int64
	Clients     int
	PerSecond   float64   // deliveries, or logins in a scenario without messages
	Latency     Quantiles // of those of the last second
	Troubles    int
}

// A meter counts a round by seconds. Its goroutine owns the total and the points;
// the round's goroutine asks it to do things in between.
type meter struct {
	r        *round
	do       chan func()
	quit     chan struct{}
	ended    sync.WaitGroup
	interval latencies
	total    latencies
	points   []Point
	phase    string
	before   counts // at the beginning of the interval

	start, begun, done Usage // of the server: before the clients came, and around the measurement
	self               [2]time.Duration
}

// counts are what is told per second.
type counts struct {
	at               int64
	got, sent, login int64
}

func newMeter(r *round) *meter {
	m := &meter{r: r, do: make(chan func()), quit: make(chan struct{}), interval: newLatencies(), total: newLatencies(), phase: "arriving"}
	m.start = r.cfg.serverUsage()
	m.before = m.counts()
	m.ended.Go(m.run)
	return m
}

func (m *meter) counts() counts {
	return counts{m.r.now(), m.r.got.Load(), m.r.sent.Load(), m.r.logins.Load()}
}

func (m *meter) run() {
	tick := m.r.cfg.Clock.After(time.Second)
	for next := m.r.now() + int64(time.Second); ; {
		select {
		case <-tick:
			m.second()
			next += int64(time.Second)
			tick = m.r.cfg.Clock.After(time.Duration(next - m.r.now()))
		case f := <-m.do:
			f()
			next = m.r.now() + int64(time.Second)
			tick = m.r.cfg.Clock.After(time.Second)
		case <-m.quit:
			return
		}
	}
}

// ask has the meter's goroutine do something and waits for it.
func (m *meter) ask(f func()) {
	done := make(chan struct{})
	m.do <- func() { f(); close(done) }
	<-done
}

// begin begins the measurement. The logins before it are kept.
func (m *meter) begin() {
	m.ask(func() {
		m.second()
		for _, h := range []interface{ Reset() }{m.total.delivery, m.total.ack, m.total.lag} {
			h.Reset()
		}
		m.phase = "measuring"
		m.begun, m.self[0] = m.r.cfg.serverUsage(), SelfCPU()
		m.r.began = m.r.now()
		m.before = m.counts()
	})
}

// end ends the measurement.
func (m *meter) end() {
	m.ask(func() {
		m.done, m.self[1] = m.r.cfg.serverUsage(), SelfCPU()
		m.second()
		m.r.lasted = time.Duration(m.r.now() - m.r.began)
		m.phase = "ending"
	})
}

// stop ends the goroutine; the rest is the round's then.
func (m *meter) stop() {
	close(m.quit)
	m.ended.Wait()
}

// second ends an interval.
func (m *meter) second() {
	if m.phase == "ending" {
		return
	}
	collect(m.r.workers, m.interval, m.total)
	now := m.counts()
	length := time.Duration(now.at - m.before.at)
	p := Point{At: time.Duration(now.at - m.r.began), Length: length, Delivery: quantiles(m.interval.delivery), Ack: quantiles(m.interval.ack),
		Login: quantiles(m.interval.login), Sent: uint64(now.sent - m.before.sent), Connections: m.r.connections.Load(), Fewest: m.r.fewest.Load(), Troubles: m.r.troubles.count()}
	if m.phase == "measuring" && length > 10*time.Millisecond {
		m.points = append(m.points, p)
	}
	if m.r.cfg.Progress != nil {
		m.r.cfg.Progress(m.progress(p, now))
	}
	m.before = now
	m.r.fewest.Store(p.Connections)
}

func (m *meter) progress(p Point, now counts) Progress {
	g := Progress{Scenario: m.r.Name, Phase: m.phase, Duration: m.r.Duration, Connections: p.Connections, Clients: m.r.Clients,
		Latency: p.Delivery, Troubles: p.Troubles}
	if m.phase == "measuring" {
		g.Elapsed = p.At
	}
	n := p.Delivery.Count
	if k, _ := kindOf(m.r.Name); !k.talks && m.r.Name != "private" || m.phase == "arriving" {
		n, g.Latency = now.login-m.before.login, p.Login
	}
	g.PerSecond = float64(n) / max(p.Length.Seconds(), 1e-3)
	return g
}
