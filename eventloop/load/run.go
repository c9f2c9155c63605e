package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"parley/protocol/printable"
)

// A Clock tells the time.
type Clock interface {
	Now() time.Time
	After(time.Duration) <-chan time.Time
}

// Config is what a load test needs of the world.
type Config struct {
	Dial      []func(context.Context) (net.Conn, error) // to each address of the server, which may be several machines
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
	Due        int64         `json:"due"` // messages, logins or invitations, at a rate
	Sent       int64         `json:"sent"`
	Done       int64         `json:"done"`    // messages acknowledged, logins answered or invitations ended
	Refused    int64         `json:"refused"` // messages, by the server
	Unsent     int64         `json:"unsent"`  // messages that were due and never sent
	Deliveries int64         `json:"deliveries"`
	Reads      int64         `json:"reads"`      // that brought something; a server has written at least as often
	Introduced int64         `json:"introduced"` // invitations that both sides know the end of
	Moves      int64         `json:"moves"`      // joins and leaves of rooms

	Delivery Quantiles `json:"delivery"` // of private: from the invitation until both know
	Ack      Quantiles `json:"acknowledgement"`
	Login    Quantiles `json:"login"`
	Joining  Quantiles `json:"joining"` // and leaving: from when it was due until it was answered
	Return   Quantiles `json:"return"`  // of who was disconnected, in resume: from then until all was told that was missed
	Sending  Quantiles `json:"sending"` // how late the tester itself sent what was due
	Reading  Quantiles `json:"reading"` // how late the tester itself read what had come
	Late     int64     `json:"late"`    // deliveries too late to be compared with what others were told

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
	PerRead       time.Duration `json:"per_read_ns"`          // CPU; see Result.Reads
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
		r.meter.end(r.now())
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
		switch {
		case r.plan != nil:
		case r.ledger != nil && c.lost:
			if r.Name == "room" && c.check.id != 0 {
				missed += r.ledger.countTold(c.check.id+1, r.ledger.newest.Load()) + r.untold()
			}
			c.check.endNumbers(0)
		case r.ledger != nil && here[c]:
			c.check.endNumbers(r.ledger.newest.Load())
		case r.ledger != nil:
			c.check.endNumbers(0)
		case len(c.check.last) == 0:
		case c.check.dynamic:
			c.endStay()
		case c.lost:
			for i, n := range r.sentTo(c) {
				missed += uint64(max(n-int64(c.check.last[i]), 0))
			}
		default:
			names, refused := r.shape.names, r.wasRefused
			if c.partner != nil {
				names = names[c.partner.index : c.partner.index+1]
				refused = func(_ int, n uint64) bool { return r.wasRefused(c.partner.index, n) }
			}
			c.check.end(names, r.sentTo(c), refused)
		}
		// What could not be read and was no message was an answer.
		if n := c.owed.Load() - c.unplaced() - int64(c.check.unplaced); n > 0 && here[c] && !c.lost && r.drained {
			r.troubles.addMany(noAnswerKind, fmt.Sprintf("%d requests of %s were not answered", n, c.name), n)
		}
	}
	if r.ledger != nil {
		r.ledger.vote()
	}
	if r.plan != nil {
		missed += r.judgeRooms(here)
	}
	r.judgeOrder(here)
	r.judgeSent()
	r.judgeFalls()
	return missed
}

// untold returns how many messages were sent, not refused, and told to nobody.
func (r *round) untold() (n uint64) {
	for i, s := range r.senders {
		n += uint64(max(s.sent.Load()-r.ledger.told[i].count()-s.refused.count(), 0))
	}
	return n
}

// judgeSent looks for what was not sent, and compares what was with what anybody was told.
func (r *round) judgeSent() {
	unsent := r.unsent.Load()
	for _, s := range r.senders {
		unsent += s.allowed.Load() - s.sent.Load()
	}
	if r.unsent.Store(unsent); unsent > 0 && r.ctx.Err() == nil {
		r.troubles.addMany(unsentKind, fmt.Sprintf("%d messages were due and never sent", unsent), unsent)
	}
	for _, s := range r.senders {
		s.end(r.ledger, &r.finds)
	}
	if r.ledger == nil {
		return
	}
	blank := r.ledger.blanks()
	for i, s := range r.senders {
		blank = r.ledger.unheard(uint32(i), s.sent.Load(), s.accepted, s.refused, blank)
	}
}

// judgeOrder compares, in a room without numbers, in which order receivers were told the
// messages of different senders. Those who are fewer are told.
func (r *round) judgeOrder(here map[*client]bool) {
	if r.Name != "room" || r.ledger != nil || r.finds.wrong() > 0 {
		return
	}
	orders := make(map[uint64]int)
	var most uint64
	judged := func(c *client) bool { return here[c] && !c.lost && (r.echoes.Load() || c.index >= len(r.senders)) }
	for _, c := range r.clients {
		if judged(c) {
			if orders[c.check.order]++; orders[c.check.order] > orders[most] {
				most = c.check.order
			}
		}
	}
	for _, c := range r.clients {
		if judged(c) && c.check.order != most {
			r.finds.add(&r.finds.disordered, fmt.Sprintf("out of order: %s was told messages of different senders in another order than %d others", c.name, orders[most]))
		}
	}
}

// unplaced returns how many answers came that were altered.
func (c *client) unplaced() int64 {
	if s := c.speaker(); s != nil {
		return s.unplaced
	}
	return 0
}

// sentTo returns how many messages each sender whom c hears has said.
func (r *round) sentTo(c *client) []int64 {
	if c.partner != nil {
		return []int64{r.senders[c.partner.index].sent.Load()}
	}
	sent := make([]int64, len(r.senders))
	for i, s := range r.senders {
		sent[i] = s.sent.Load()
		if s.c == c && !r.echoes.Load() {
			sent[i] = -1
		}
	}
	return sent
}

func (r *round) result(err error, missed uint64) Result {
	m := r.meter
	res := Result{Scenario: r.Scenario, Lasted: r.lasted, Logins: r.logins.Load(), Due: r.due(0, r.Duration), Sent: r.sent.Load(), Refused: r.refusals(),
		Unsent: r.unsent.Load(), Done: r.doneSoFar(), Deliveries: r.got.Load(), Introduced: r.introduced.Load(), Moves: r.moved.Load(), Reads: m.total.reads,
		Delivery: m.total.quantiles(delivery), Ack: m.total.quantiles(ack), Login: m.total.quantiles(login),
		Joining: m.total.quantiles(joining), Return: m.total.quantiles(returning), Sending: m.total.quantiles(sending), Reading: m.total.quantiles(reading),
		Lost: r.finds.lost, Missed: missed, Doubled: r.finds.doubled, Disordered: r.finds.disordered, Altered: r.finds.altered,
		Differences: append([]string{}, r.finds.list...), Troubles: append([]Trouble{}, r.troubles.list...), Self: m.self[1] - m.self[0], Series: append([]Point{}, m.points...)}
	if r.ledger != nil {
		res.Late = r.ledger.old.Load()
	}
	switch {
	case errors.Is(context.Cause(r.ctx), errAlone):
		res.Failed = errAlone.Error()
	case errors.Is(err, context.Canceled):
		res.Failed = "interrupted"
	case err != nil:
		res.Failed = printable.Line(err.Error())
	}
	if missed > 0 {
		res.Differences = append(res.Differences, fmt.Sprintf("missed: %d deliveries to clients that the server disconnected", missed))
	}
	res.Distribution = distribution(m.mainHistogram())
	res.Server = r.cost()
	return res
}

// doneSoFar is how much of what a scenario is about was done.
func (r *round) doneSoFar() int64 {
	switch k, _ := kindOf(r.Name); {
	case r.Name == "private":
		return r.introduced.Load()
	case !k.talks:
		return r.logins.Load()
	case !r.echoes.Load():
		return r.sent.Load() // nobody is told what became of it
	}
	return r.accepted.Load()
}

// mainHistogram is that of what a scenario is about.
func (m *meter) mainHistogram() *hdrhistogram.Histogram {
	if m.total.hists[delivery].TotalCount() == 0 {
		return m.total.hists[login]
	}
	return m.total.hists[delivery]
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
		cost.PerDelivery, cost.PerRead = per(r.got.Load()), per(m.total.reads)
	}
	cost.PerConnection = (m.done.Memory - m.start.Memory) / int64(r.Clients)
	return cost
}
