package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Clock tells the time.
type Clock interface {
	Now() time.Time
	After(time.Duration) <-chan time.Time
}

// Config is what a load test needs of the world.
type Config struct {
	Dial      func(context.Context) (net.Conn, error) // to the server
	Clock     Clock
	Plain     bool   // the server may be anybody's
	Seed      uint64 // of what people do, and of the names of accounts
	Tag       uint32 // tells this run's texts and names from those of others; 18 bits are used
	Workers   int    // how many connections are read at once; 2 if it is 0
	Scenarios []Scenario

	// Drain is how long is waited for what does not come; 5 s if it is 0.
	Drain    time.Duration
	Server   func() (Usage, error) // of the server's process; nil if it is not known
	Progress func(Progress)        // is called every second; nil if nobody wants it

	epoch time.Time
}

func (c *Config) serverUsage() Usage {
	if c.Server == nil {
		return Usage{}
	}
	u, err := c.Server()
	if err != nil {
		return Usage{}
	}
	return u
}

// A Result is what one scenario has shown.
type Result struct {
	Scenario
	Failed     string        `json:"failed"` // why it could not be measured, or not to the end
	Lasted     time.Duration `json:"lasted_ns"`
	Logins     int64         `json:"logins"`
	Sent       int64         `json:"sent"`
	Refused    int64         `json:"refused"` // messages, by the server
	Deliveries int64         `json:"deliveries"`
	Introduced int64         `json:"introduced"` // invitations that both sides know the end of

	Delivery Quantiles `json:"delivery"` // of private: from the invitation until both know
	Ack      Quantiles `json:"acknowledgement"`
	Login    Quantiles `json:"login"`
	Lag      Quantiles `json:"lag"` // how late the tester itself was

	Lost        uint64    `json:"lost"`
	Missed      uint64    `json:"missed"` // deliveries to clients that the server has disconnected
	Doubled     uint64    `json:"doubled"`
	Disordered  uint64    `json:"disordered"`
	Altered     uint64    `json:"altered"`
	Differences []string  `json:"differences"` // the first of them
	Troubles    []Trouble `json:"troubles"`

	Server ServerCost    `json:"server"`
	Self   time.Duration `json:"self_cpu_ns"` // CPU time of the tester during the measurement

	Series       []Point `json:"series"`
	Distribution []Step  `json:"distribution"` // of deliveries; of logins in a scenario without any
}

// A ServerCost is what the server's process has used.
type ServerCost struct {
	Known         bool          `json:"known"`
	CPU           time.Duration `json:"cpu_ns"`               // during the measurement
	PerDelivery   time.Duration `json:"per_delivery_ns"`      // CPU
	PerLogin      time.Duration `json:"per_login_ns"`         // CPU; of login
	PerInvitation time.Duration `json:"per_invitation_ns"`    // CPU; of private
	Memory        int64         `json:"memory_bytes"`         // at the end of the measurement
	PerConnection int64         `json:"bytes_per_connection"` // what the clients have added
}

// Wrong returns how many deliveries were not as they should be.
func (r *Result) Wrong() uint64 { return r.Lost + r.Missed + r.Doubled + r.Disordered + r.Altered }

// TroubleCount returns how many errors there were of all kinds.
func (r *Result) TroubleCount() (n int) {
	for _, t := range r.Troubles {
		n += t.Count
	}
	return n
}

// Run runs the scenarios one after the other. When ctx ends, so does the run: it
// returns what was measured until then, the last scenario with a reason in
// Failed. A scenario that fails does not keep the next ones from being run.
func Run(ctx context.Context, cfg Config) []Result {
	cfg.epoch = cfg.Clock.Now()
	if cfg.Drain == 0 {
		cfg.Drain = 5 * time.Second
	}
	if cfg.Workers == 0 {
		cfg.Workers = 2
	}
	var results []Result
	for i, s := range cfg.Scenarios {
		if ctx.Err() != nil {
			break
		}
		results = append(results, runOne(ctx, &cfg, s, i))
	}
	return results
}

func runOne(ctx context.Context, cfg *Config, s Scenario, number int) Result {
	k, ok := kindOf(s.Name)
	if !ok {
		return Result{Scenario: s, Failed: s.Check(cfg.Plain).Error()}
	}
	r := newRound(ctx, cfg, s, number)
	r.meter = newMeter(r)
	defer r.cancel(nil)
	err := k.run(r)
	here := r.whoIsHere()
	if r.meter.phase == "measuring" {
		r.meter.end()
	}
	r.depart()
	r.meter.stop()
	missed := r.judge(here)
	return r.result(err, missed)
}

// whoIsHere returns the clients who are there when a measurement ends.
func (r *round) whoIsHere() map[*client]bool {
	here := make(map[*client]bool)
	for _, c := range r.clients {
		if c.here() {
			here[c] = true
		}
	}
	return here
}

// judge looks for losses once all readers have ended. It returns how many
// deliveries were missed by clients that the server has disconnected.
func (r *round) judge(here map[*client]bool) (missed uint64) {
	for _, c := range r.clients {
		if n := c.owed.Load(); n > 0 && here[c] && !c.lost {
			r.troubles.add(noAnswerKind, fmt.Sprintf("%d messages of %s were not answered", n, c.name))
		}
		switch {
		case r.logged:
			until := c.check.id
			if here[c] && !c.lost {
				until = max(until, r.last.Load())
			}
			c.check.endLog(until)
		case len(c.check.last) == 0:
		case c.check.dynamic:
			c.endStay()
		case c.lost:
			for i, n := range r.sentTo(c) {
				missed += uint64(max(n-int64(c.check.last[i]), 0))
			}
		default:
			refused := r.wasRefused
			if c.partner != nil {
				refused = func(_ int, n uint64) bool { return r.wasRefused(c.partner.index, n) }
			}
			c.check.end(c.names(), r.sentTo(c), refused)
		}
	}
	return missed
}

// sentTo returns how many messages each sender whom c hears has said.
func (r *round) sentTo(c *client) []int64 {
	if c.partner != nil {
		return []int64{r.senders[c.partner.index].sent.Load()}
	}
	sent := make([]int64, len(r.senders))
	for i, s := range r.senders {
		sent[i] = s.sent.Load()
		if s.c == c && !r.echoes {
			sent[i] = -1
		}
	}
	return sent
}

func (r *round) result(err error, missed uint64) Result {
	m := r.meter
	res := Result{Scenario: r.Scenario, Lasted: r.lasted, Logins: r.logins.Load(), Sent: r.sent.Load(), Refused: r.refusals(),
		Deliveries: r.got.Load(), Introduced: r.introduced.Load(),
		Delivery: quantiles(m.total.delivery), Ack: quantiles(m.total.ack), Login: quantiles(m.total.login), Lag: quantiles(m.total.lag),
		Lost: r.finds.lost, Missed: missed, Doubled: r.finds.doubled, Disordered: r.finds.disordered, Altered: r.finds.altered,
		Differences: append([]string{}, r.finds.list...), Troubles: append([]Trouble{}, r.troubles.list...), Self: m.self[1] - m.self[0], Series: append([]Point{}, m.points...)}
	switch {
	case errors.Is(context.Cause(r.ctx), errAlone):
		res.Failed = errAlone.Error()
	case errors.Is(err, context.Canceled):
		res.Failed = "interrupted"
	case err != nil:
		res.Failed = err.Error()
	}
	if missed > 0 {
		res.Differences = append(res.Differences, fmt.Sprintf("missed: %d deliveries to clients that the server disconnected", missed))
	}
	res.Distribution = distribution(m.mainHistogram())
	res.Server = r.cost()
	return res
}

// mainHistogram is that of what a scenario is about.
func (m *meter) mainHistogram() *hdrhistogram.Histogram {
	if m.total.delivery.TotalCount() == 0 {
		return m.total.login
	}
	return m.total.delivery
}

func (r *round) cost() (cost ServerCost) {
	m := r.meter
	if r.cfg.Server == nil || m.done.Memory == 0 {
		return cost
	}
	cost = ServerCost{Known: true, CPU: m.done.CPU - m.begun.CPU, Memory: m.done.Memory}
	per := func(n int64) time.Duration { return cost.CPU / time.Duration(max(n, 1)) }
	switch {
	case r.Name == "login":
		cost.PerLogin = per(r.logins.Load())
		return cost // connections come and go
	case r.Name == "private":
		cost.PerInvitation = per(r.introduced.Load())
	case r.got.Load() > 0:
		cost.PerDelivery = per(r.got.Load())
	}
	cost.PerConnection = (m.done.Memory - m.start.Memory) / int64(r.Clients)
	return cost
}
