package load

import (
	"math"
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
	interval tally
	total    tally
	seconds  dueSeconds
	points   []Point
	phase    string
	before   counts // at the beginning of the interval

	start, begun, done Usage // of the server: before the clients came, and around the measurement
	self               [2]time.Duration
}

// counts are what is told per second.
type counts struct {
	at                     int64
	got, sent, login, done int64
}

func newMeter(r *round) *meter {
	m := &meter{r: r, do: make(chan func()), quit: make(chan struct{}), interval: newTally(), total: newTally(), phase: "arriving"}
	m.start = r.cfg.serverUsage()
	m.before = m.counts()
	m.ended.Go(m.run)
	return m
}

func (m *meter) counts() counts {
	return counts{m.r.now(), m.r.got.Load(), m.r.sent.Load(), m.r.logins.Load(), m.r.doneSoFar()}
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
		m.total.reset(delivery, ack, sending, reading)
		m.total.reads = 0
		m.phase = "measuring"
		m.begun, m.self[0] = m.r.cfg.serverUsage(), SelfCPU()
		m.r.began = m.r.now()
		collect(m.r.workers, m.r.began, &m.interval, &m.total, &m.seconds) // from now on by the second
		m.total.reset(delivery, ack, sending, reading)
		m.total.reads = 0
		m.before = m.counts()
	})
}

// end ends the measurement, whose work was done at a time in ns since the run began.
func (m *meter) end(finished int64) {
	m.ask(func() {
		m.done, m.self[1] = m.r.cfg.serverUsage(), SelfCPU()
		m.second()
		m.r.lasted = time.Duration(finished - m.r.began)
		m.points = m.points[:min(len(m.points), 1+int(max(m.r.lasted-50*time.Millisecond, 0)/time.Second))] // without the waiting for what is lost
		m.seconds.close(m.points, math.MaxInt64)
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
	measuring := m.phase == "measuring"
	began := int64(0)
	if measuring {
		began = m.r.began
	}
	collect(m.r.workers, began, &m.interval, &m.total, &m.seconds)
	now := m.counts()
	length := time.Duration(now.at - m.before.at)
	p := Point{At: time.Duration(now.at - began), Length: length, Sent: now.sent - m.before.sent, Done: now.done - m.before.done, Deliveries: now.got - m.before.got,
		Connections: m.r.connections.Load(), Fewest: m.r.fewest.Load(), Troubles: m.r.troubles.count()}
	if m.r.cfg.Progress != nil {
		m.r.cfg.Progress(m.progress(p, now))
	}
	if measuring {
		m.add(p)
		m.seconds.close(m.points, int64(len(m.points))-openSeconds)
	}
	m.before = now
	m.r.fewest.Store(p.Connections)
}

// add adds what was done in an interval to the point of the second in which its middle
// lies: ticks come a little late. What was due in a second is known beforehand.
func (m *meter) add(p Point) {
	n := int(max(p.At-p.Length/2, 0) / time.Second)
	for len(m.points) <= n {
		at := time.Duration(len(m.points)) * time.Second
		m.points = append(m.points, Point{At: at + time.Second, Length: time.Second, Due: m.r.due(at, at+time.Second), Connections: p.Connections, Fewest: p.Fewest, Troubles: p.Troubles})
	}
	last := &m.points[n]
	last.At = min(time.Duration(n+1)*time.Second, p.At)
	last.Length = last.At - time.Duration(n)*time.Second
	last.Sent, last.Done, last.Deliveries = last.Sent+p.Sent, last.Done+p.Done, last.Deliveries+p.Deliveries
	last.Connections, last.Fewest, last.Troubles = p.Connections, min(last.Fewest, p.Fewest), p.Troubles
}

func (m *meter) progress(p Point, now counts) Progress {
	g := Progress{Scenario: m.r.Name, Phase: m.phase, Duration: m.r.Duration, Connections: p.Connections, Clients: m.r.Clients,
		Latency: m.interval.quantiles(delivery), Troubles: p.Troubles}
	if m.phase == "measuring" {
		g.Elapsed = p.At
	}
	n := p.Deliveries
	if k, _ := kindOf(m.r.Name); !k.talks && m.r.Name != "private" || m.phase == "arriving" {
		n, g.Latency = now.login-m.before.login, m.interval.quantiles(login)
	}
	g.PerSecond = float64(n) / max(p.Length.Seconds(), 1e-3)
	return g
}
