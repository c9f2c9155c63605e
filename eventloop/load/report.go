package load

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A Report is a whole run: what was asked, where, and what came of it. As JSON
// all durations are in nanoseconds.
type Report struct {
	Target      string    `json:"target"`
	Began       time.Time `json:"began"`
	Interrupted bool      `json:"interrupted"`
	Settings    Settings  `json:"settings"`
	Versions    Versions  `json:"versions"`
	Machine     Machine   `json:"machine"`
	Results     []Result  `json:"results"`
	Crossed     []string  `json:"crossed"` // thresholds
}

// Settings are those of the run as a whole; each result has those of its scenario.
type Settings struct {
	Plain   bool     `json:"plain"`
	Seed    uint64   `json:"seed"`
	Sources int      `json:"sources"` // addresses that were connected from; 0: the system's choice
	FailIf  []string `json:"fail_if"`
	PID     int      `json:"pid"` // of the server; 0: not known
}

// Versions are those of the tester.
type Versions struct {
	Parley string `json:"parley"`
	Go     string `json:"go"`
}

// A Machine is what the tester ran on.
type Machine struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	Cores int    `json:"cores"`
	CPU   string `json:"cpu"` // model, "" if it is not known
}

// Wrong returns how many deliveries of all scenarios were not as they should be.
func (r *Report) Wrong() (n uint64) {
	for i := range r.Results {
		n += r.Results[i].Wrong()
	}
	return n
}

// Judge notes which thresholds are crossed.
func (r *Report) Judge(thresholds []Threshold) {
	for i := range r.Results {
		for _, t := range thresholds {
			if text := t.Crossed(&r.Results[i]); text != "" {
				r.Crossed = append(r.Crossed, text)
			}
		}
	}
}

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Text writes the summary for a person.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Load test of %s, %s\n", printable(r.Target), r.Began.UTC().Format("2006-01-02 15:04:05 UTC"))
	fmt.Fprintf(&b, "%s\n", r.machine())
	for i := range r.Results {
		r.Results[i].text(&b)
	}
	for i, text := range r.Crossed {
		if i == 0 {
			b.WriteString("\nThresholds crossed\n")
		}
		fmt.Fprintf(&b, "  %s\n", text)
	}
	if r.Interrupted {
		b.WriteString("\nInterrupted: the figures are those up to then.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) machine() string {
	cpu := r.Machine.CPU
	if cpu != "" {
		cpu = " of " + cpu
	}
	return fmt.Sprintf("%s, %s/%s, %d cores%s", r.Versions.Parley, r.Machine.OS, r.Machine.Arch, r.Machine.Cores, cpu)
}

// Title names a scenario with its settings.
func (r *Result) Title() string {
	k, _ := kindOf(r.Name)
	s := fmt.Sprintf("%s: %s clients", r.Name, grouped(int64(r.Clients)))
	if r.Name == "room" || r.Name == "reconnect" {
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
	if r.Name == "reconnect" {
		s += fmt.Sprintf(", %g%% dropped", r.Drop)
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
	for _, x := range []row{first, {"acknowledgement", r.Ack}, {"login", r.Login}} {
		if x.Count > 0 {
			rows = append(rows, x)
		}
	}
	return rows
}

// A fact is a line of the summary.
type fact struct{ Name, Text string }

// Facts returns what there is to tell beside latencies.
func (r *Result) Facts() []fact {
	var facts []fact
	add := func(name, format string, args ...any) {
		facts = append(facts, fact{name, fmt.Sprintf(format, args...)})
	}
	if k, _ := kindOf(r.Name); k.talks {
		add("messages", "%s sent (%s/s), %s refused", grouped(r.Sent), rate(r.Sent, r.Lasted), grouped(r.Refused))
		add("deliveries", "%s (%s/s)", grouped(r.Deliveries), rate(r.Deliveries, r.Lasted))
		add("checked", "%s lost, %s missed, %s doubled, %s out of order, %s altered", groupedU(r.Lost), groupedU(r.Missed), groupedU(r.Doubled), groupedU(r.Disordered), groupedU(r.Altered))
	}
	switch r.Name {
	case "login":
		add("logins", "%s (%s/s)", grouped(r.Logins), rate(r.Logins, r.Lasted))
	case "private":
		add("invitations", "%s (%s/s), %s altered", grouped(r.Introduced), rate(r.Introduced, r.Lasted), groupedU(r.Altered))
	default:
		add("logins", "%s", grouped(r.Logins))
	}
	add("errors", "%s", grouped(int64(r.TroubleCount())))
	if s := r.Server; s.Known {
		text := fmt.Sprintf("CPU %.2f s", s.CPU.Seconds())
		for _, per := range []struct {
			d    time.Duration
			unit string
		}{{s.PerDelivery, "delivery"}, {s.PerLogin, "login"}, {s.PerInvitation, "invitation"}} {
			if per.d > 0 {
				text += fmt.Sprintf(", %s per %s", duration(per.d), per.unit)
			}
		}
		text += fmt.Sprintf("; memory %s", bytesText(s.Memory))
		if s.PerConnection > 0 {
			text += fmt.Sprintf(", %s more per connection", bytesText(s.PerConnection))
		}
		add("server", "%s", text)
	}
	text := fmt.Sprintf("CPU %.2f s", r.Self.Seconds())
	if r.Deliveries > 0 {
		text += fmt.Sprintf(", %s per delivery", duration(r.Self/time.Duration(r.Deliveries)))
	}
	if r.Lag.Count > 0 {
		text += fmt.Sprintf("; late by p50 %s, p99 %s", duration(r.Lag.P50), duration(r.Lag.P99))
	}
	add("tester", "%s", text)
	return facts
}

func (r *Result) text(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s\n", r.Title())
	if r.Failed != "" {
		fmt.Fprintf(b, "  FAILED: %s\n", printable(r.Failed))
	}
	if rows := r.Rows(); len(rows) > 0 {
		fmt.Fprintf(b, "  %-16s%10s%10s%10s%10s%10s%10s%14s\n", "latency", "mean", "p50", "p90", "p99", "p99.9", "max", "count")
		for _, x := range rows {
			fmt.Fprintf(b, "  %-16s", x.Name)
			for _, d := range []time.Duration{x.Mean, x.P50, x.P90, x.P99, x.P999, x.Max} {
				fmt.Fprintf(b, "%10s", duration(d))
			}
			fmt.Fprintf(b, "%14s\n", grouped(x.Count))
		}
	}
	for _, f := range r.Facts() {
		fmt.Fprintf(b, "  %-16s%s\n", f.Name, f.Text)
	}
	for _, t := range r.Troubles {
		fmt.Fprintf(b, "  error           %s x %s: %s\n", grouped(int64(t.Count)), printable(t.Kind), printable(t.First))
		if t.Hint != "" {
			fmt.Fprintf(b, "                  %s\n", t.Hint)
		}
	}
	for _, d := range r.Differences {
		fmt.Fprintf(b, "  %s\n", printable(d))
	}
	if more := int64(r.Wrong()) - int64(len(r.Differences)); len(r.Differences) >= maxFound && more > 0 {
		fmt.Fprintf(b, "  and more: only the first %d are told\n", maxFound)
	}
}

// printable makes what a server said safe for a terminal.
func printable(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// duration writes three figures and a unit.
func duration(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Microsecond:
		return fmt.Sprintf("%dns", d)
	case d < time.Millisecond:
		return figures(float64(d)/1e3) + "µs"
	case d < time.Second:
		return figures(float64(d)/1e6) + "ms"
	}
	return figures(d.Seconds()) + "s"
}

// figures writes a number from 1 on with three figures, or all of them.
func figures(v float64) string {
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f", v)
	case v < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func bytesText(n int64) string {
	switch {
	case n < 10<<10:
		return grouped(n) + " B"
	case n < 10<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

func rate(n int64, d time.Duration) string {
	v := perSecond(n, d)
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return grouped(int64(v + 0.5))
}

func groupedU(n uint64) string { return grouped(int64(min(n, 1<<62))) }

// grouped writes a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
