package load

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Title names a scenario with its settings.
func (r *Result) Title() string {
	k, _ := kindOf(r.Name)
	s := fmt.Sprintf("%s: %s clients", r.Name, grouped(int64(r.Clients)))
	if r.hasRooms() {
		s += fmt.Sprintf(" in %s of %s rooms each", grouped(int64(r.RoomsEach)), grouped(int64(r.Rooms)))
	}
	if r.Name == "room" || r.drops() {
		s += fmt.Sprintf(", %s senders", grouped(int64(r.Senders)))
	}
	what := "messages"
	if !k.talks {
		what = map[string]string{"login": "logins", "private": "invitations"}[r.Name]
	}
	if what != "" && r.Rate > 0 {
		s += fmt.Sprintf(", %g %s/s", r.Rate, what)
	} else if what != "" {
		s += fmt.Sprintf(", %s %s under way", grouped(int64(r.Window)), what)
	}
	if k.talks {
		s += fmt.Sprintf(", %d bytes", r.Size)
	}
	if r.drops() {
		s += fmt.Sprintf(", %g%% dropped", r.Drop)
	}
	if r.hasRooms() && r.Name == "room" && r.Churn > 0 {
		s += fmt.Sprintf(", %g joins and leaves/s", r.Churn)
	}
	if r.Name == "resume" {
		s += fmt.Sprintf(", %s missed", grouped(int64(r.Miss)))
	}
	if r.Accounts > 0 {
		s += fmt.Sprintf(", %s accounts", grouped(int64(r.Accounts)))
	}
	s += ", " + r.Duration.String()
	if r.Ramp > 0 {
		s += ", ramp " + r.Ramp.String()
	}
	return s
}

// A row is one kind of latency.
type row struct {
	Name string
	Quantiles
}

// Rows returns the kinds of latency that were measured.
func (r *Result) Rows() []row {
	first := row{"delivery", r.Delivery}
	if r.Name == "private" {
		first.Name = "introduction"
	}
	var rows []row
	for _, x := range []row{first, {"acknowledgement", r.Ack}, {"login", r.Login}, {"join or leave", r.Joining}, {"return", r.Return}} {
		if x.Count > 0 {
			rows = append(rows, x)
		}
	}
	return rows
}

// A Cell is one figure of a latency; Few says that there are not enough samples for it.
type Cell struct {
	Text string
	Few  bool
}

// Cells returns the figures of a row.
func (x row) Cells() (cells []Cell) {
	for _, s := range stats() {
		text := duration(s.pick(x.Quantiles))
		if x.Clipped > 0 && s.pick(x.Quantiles) >= time.Duration(maxLatency) {
			text = ">" + text
		}
		cells = append(cells, Cell{text, x.Count < s.needs()})
	}
	return cells
}

// FewNote says what the mark on figures of too few samples means, "" if there are none.
func (r *Result) FewNote() string {
	var needs []string
	for _, s := range stats() {
		if slices.ContainsFunc(r.Rows(), func(x row) bool { return x.Count < s.needs() }) {
			needs = append(needs, fmt.Sprintf("%s needs %s", s.name, grouped(s.needs())))
		}
	}
	if needs == nil {
		return ""
	}
	return "* of too few samples: " + strings.Join(needs, ", ")
}

// main is the latency that the scenario is about.
func (r *Result) main() row {
	if rows := r.Rows(); len(rows) > 0 {
		return rows[0]
	}
	return row{}
}

// explained returns the lowest percentile that the tester itself explains: it was late
// by half of it or more, so the figure says more of the tester's machine than of the server.
func (r *Result) explained() (s stat, ok bool) {
	x := r.main()
	for _, s := range stats() {
		if s.share == 0 || s.share == 1 || x.Count < s.needs() {
			continue
		}
		if late := r.own(s); late > 0 && late >= s.pick(x.Quantiles)/2 {
			return s, true
		}
	}
	return stat{}, false
}

// Doubt says from which percentile on the tester itself explains what was measured, "" if
// it does not.
func (r *Result) Doubt() string {
	s, ok := r.explained()
	if !ok {
		return ""
	}
	all := s.pick(r.main().Quantiles)
	return fmt.Sprintf("the tester itself was late by up to %s of the %s at %s, so from there on the latencies say little of the server: take fewer clients, or a machine of its own for the tester.",
		duration(min(r.own(s), all)), duration(all), s.name)
}

// Slow returns the seconds in which something was due that stalled: nothing of it came, or
// some took ten times as long as in other seconds, and more than a tenth of a second.
func (r *Result) Slow() (seconds []int) {
	var usual []time.Duration
	for _, p := range r.Series {
		if q := r.of(p); q.Count > 0 {
			usual = append(usual, q.P99)
		}
	}
	if len(usual) == 0 {
		return nil
	}
	slices.Sort(usual)
	bound := max(10*usual[len(usual)/4], 100*time.Millisecond)
	for i, p := range r.Series {
		if q := r.of(p); p.Due > 0 && q.Count == 0 && r.Delivery.Count > 0 || q.Max > bound {
			seconds = append(seconds, i)
		}
	}
	return seconds
}

// of returns the latency of a point that the scenario is about.
func (r *Result) of(p Point) Quantiles {
	if r.Delivery.Count == 0 {
		return p.Login
	}
	return p.Delivery
}

// A fact is a line of the summary.
type fact struct{ Name, Text string }

// Facts returns what there is to tell beside latencies.
func (r *Result) Facts() []fact {
	var facts []fact
	add := func(name, format string, args ...any) {
		facts = append(facts, fact{name, fmt.Sprintf(format, args...)})
	}
	k, _ := kindOf(r.Name)
	what := map[string]string{"login": "logins", "private": "invitations"}[r.Name]
	if k.talks {
		what = "messages"
	}
	if what != "" && r.Rate > 0 {
		add("offered", "%s %s due (%s/s)", grouped(r.Due), what, rate(r.Due, r.Duration))
	}
	if k.talks {
		add("achieved", "%s sent, %s accepted (%s/s), %s refused, %s never sent", grouped(r.Sent), grouped(r.Done), rate(r.Done, r.Lasted), grouped(r.Refused), grouped(r.Unsent))
		add("deliveries", "%s", r.deliveries())
		add("checked", "%s lost, %s missed, %s doubled, %s out of order, %s altered", groupedU(r.Lost), groupedU(r.Missed), groupedU(r.Doubled), groupedU(r.Disordered), groupedU(r.Altered))
	} else if what != "" {
		add("achieved", "%s (%s/s), %s altered", grouped(r.Done), rate(r.Done, r.Lasted), groupedU(r.Altered))
	}
	if r.Moves > 0 {
		add("moves", "%s joins and leaves (%s/s)", grouped(r.Moves), rate(r.Moves, r.Lasted))
	}
	if r.Name != "login" {
		add("logins", "%s", grouped(r.Logins))
	}
	add("errors", "%s", grouped(int64(r.TroubleCount())))
	if slow := r.Slow(); len(slow) > 0 {
		add("stalled", "what was due in second %s (of %d)", ranges(slow), len(r.Series))
	}
	if n := r.Delivery.Clipped + r.Ack.Clipped + r.Login.Clipped + r.Joining.Clipped + r.Return.Clipped; n > 0 {
		add("clipped", "%s took longer than %s, and count as that", plural(n, "latency", "latencies"), time.Duration(maxLatency))
	}
	if r.Late > 0 {
		add("not compared", "%s so late that it is forgotten what others were told", plural(r.Late, "delivery came", "deliveries came"))
	}
	if r.Server.Known {
		add("server", "%s", r.Server.text())
	}
	add("tester", "%s", r.tester())
	if text := r.Doubt(); text != "" {
		add("", "%s", text)
	}
	return facts
}

// deliveries tells how many there were, and how many came at once.
func (r *Result) deliveries() string {
	text := fmt.Sprintf("%s (%s/s)", grouped(r.Deliveries), rate(r.Deliveries, r.Lasted))
	if r.Deliveries > 0 && r.Reads > 0 {
		text += fmt.Sprintf(", %s to a read", figures(float64(r.Deliveries)/float64(r.Reads)))
	}
	return text
}

// ranges writes seconds, counted from 1, as 3, 7-9.
func ranges(seconds []int) string {
	var parts []string
	for i := 0; i < len(seconds); {
		from := seconds[i]
		to := from
		for i++; i < len(seconds) && seconds[i] == to+1; i++ {
			to++
		}
		if len(parts) == maxFound {
			return strings.Join(parts, ", ") + " and more"
		}
		if to > from {
			parts = append(parts, fmt.Sprintf("%d-%d", from+1, to+1))
		} else {
			parts = append(parts, fmt.Sprint(from+1))
		}
	}
	return strings.Join(parts, ", ")
}

func (s ServerCost) text() string {
	text := fmt.Sprintf("CPU %.2f s", s.CPU.Seconds())
	for _, per := range []struct {
		d    time.Duration
		unit string
	}{{s.PerDelivery, "delivery"}, {s.PerRead, "read"}, {s.PerLogin, "login"}, {s.PerInvitation, "invitation"}} {
		if per.d > 0 {
			text += fmt.Sprintf(", %s per %s", duration(per.d), per.unit)
		}
	}
	text += fmt.Sprintf("; memory %s", bytesText(s.Memory))
	if s.PerConnection > 0 {
		text += fmt.Sprintf(", %s more per connection", bytesText(s.PerConnection))
	}
	return text
}

// tester tells what the tester itself took, and how late it was.
func (r *Result) tester() string {
	text := fmt.Sprintf("CPU %.2f s", r.Self.Seconds())
	if r.Deliveries > 0 {
		text += fmt.Sprintf(", %s per delivery", duration(r.Self/time.Duration(r.Deliveries)))
	}
	for _, late := range []struct {
		verb string
		q    Quantiles
	}{{"sent", r.Sending}, {"read", r.Reading}} {
		if late.q.Count > 0 {
			text += fmt.Sprintf("; %s late by p50 %s, p99 %s", late.verb, duration(late.q.P50), duration(late.q.P99))
		}
	}
	return text
}
