package load

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Threshold is a bound that a result must keep, such as p99>50ms: it is crossed
// if that is so.
type Threshold struct {
	text    string
	measure string
	op      string
	bound   float64 // ns of a duration
}

func (t Threshold) String() string { return t.text }

// A measured is one thing that thresholds can be about.
type measured struct {
	duration bool
	value    func(*Result) (v float64, known bool)
	// own is how much of it can be the tester's own lateness; nil if nothing can.
	own func(*Result) time.Duration
	// few says that there are not enough samples, "" if there are.
	few func(*Result) string
}

// measures returns what thresholds can be about. Latencies are of deliveries
// unless they begin with "acknowledgement.", "login.", "joining." or "return."
func measures() map[string]measured {
	m := map[string]measured{}
	for prefix, of := range map[string]func(*Result) Quantiles{
		"":                 func(r *Result) Quantiles { return r.Delivery },
		"delivery.":        func(r *Result) Quantiles { return r.Delivery },
		"acknowledgement.": func(r *Result) Quantiles { return r.Ack },
		"login.":           func(r *Result) Quantiles { return r.Login },
		"joining.":         func(r *Result) Quantiles { return r.Joining },
		"return.":          func(r *Result) Quantiles { return r.Return },
	} {
		for _, s := range stats() {
			m[prefix+s.name] = measured{true,
				func(r *Result) (float64, bool) { return float64(s.pick(of(r))), of(r).Count > 0 },
				func(r *Result) time.Duration { return r.own(s) },
				func(r *Result) string {
					if n := of(r).Count; n < s.needs() {
						return fmt.Sprintf("of %s samples, where %s needs %s", grouped(n), s.name, grouped(s.needs()))
					}
					return ""
				}}
		}
	}
	count := func(n func(*Result) uint64) measured {
		return measured{value: func(r *Result) (float64, bool) { return float64(n(r)), true }}
	}
	m["lost"] = count(func(r *Result) uint64 { return r.Lost + r.Missed })
	m["doubled"] = count(func(r *Result) uint64 { return r.Doubled })
	m["disordered"] = count(func(r *Result) uint64 { return r.Disordered })
	m["altered"] = count(func(r *Result) uint64 { return r.Altered })
	m["errors"] = count(func(r *Result) uint64 { return uint64(r.TroubleCount()) })
	m["refused"] = count(func(r *Result) uint64 { return uint64(r.Refused) })
	m["rate"] = measured{value: func(r *Result) (float64, bool) { return perSecond(r.Deliveries, r.Lasted), r.Deliveries > 0 }}
	m["cpu"] = measured{duration: true, value: func(r *Result) (float64, bool) { return float64(r.Server.PerDelivery), r.Server.PerDelivery > 0 }}
	return m
}

// own is how late the tester itself was: in sending and in reading, each taken as often as
// the figure is about.
func (r *Result) own(s stat) time.Duration { return s.pick(r.Sending) + s.pick(r.Reading) }

var thresholdForm = regexp.MustCompile(`^\s*([a-z0-9.]+)\s*(>=|<=|>|<)\s*(\S+)\s*$`)

// ParseThreshold reads a threshold: a measure, one of > >= < <=, and a duration
// for a latency or for cpu, otherwise a number.
func ParseThreshold(text string) (Threshold, error) {
	parts := thresholdForm.FindStringSubmatch(text)
	if parts == nil {
		return Threshold{}, fmt.Errorf("%q is not a threshold: write it like p99>50ms or lost>0", text)
	}
	t := Threshold{text: text, measure: parts[1], op: parts[2]}
	known := measures()
	m, ok := known[t.measure]
	if !ok {
		names := slices.DeleteFunc(sortedKeys(known), func(name string) bool { return strings.HasPrefix(name, "delivery.") })
		return t, fmt.Errorf("%q: there is no %q; there are %s", text, t.measure, strings.Join(names, ", "))
	}
	var err error
	if m.duration {
		var d time.Duration
		d, err = time.ParseDuration(parts[3])
		t.bound = float64(d)
	} else {
		t.bound, err = strconv.ParseFloat(parts[3], 64)
	}
	if err != nil {
		form := "a number"
		if m.duration {
			form = "a duration such as 50ms"
		}
		return t, fmt.Errorf("%q: %q is not %s", text, parts[3], form)
	}
	return t, nil
}

// What became of a threshold.
const (
	Held       = "held"
	Crossed    = "crossed"
	Unmeasured = "not measured"
	Unjudged   = "not judged" // the tester's own lateness is what would cross it
)

// A Judgement is what became of a threshold in a scenario.
type Judgement struct {
	Scenario  string `json:"scenario"`
	Threshold string `json:"threshold"`
	Value     string `json:"value"` // what was measured, "" if nothing was
	Verdict   string `json:"verdict"`
	Note      string `json:"note"` // what to know about the value
}

// Judge judges a result. Of a latency that crosses the threshold only as long as the
// tester's own lateness counts as the server's, nothing can be said.
func (t Threshold) Judge(r *Result) Judgement {
	j := Judgement{Scenario: r.Name, Threshold: t.text, Verdict: Unmeasured}
	m := measures()[t.measure]
	v, known := m.value(r)
	if !known {
		return j
	}
	j.Verdict, j.Value = Held, strconv.FormatFloat(v, 'f', -1, 64)
	if m.duration {
		j.Value = duration(time.Duration(v))
	}
	if m.few != nil {
		j.Note = m.few(r)
	}
	if !t.crosses(v) {
		return j
	}
	j.Verdict = Crossed
	if m.own == nil {
		return j
	}
	if own := m.own(r); !t.crosses(v - float64(own)) {
		j.Verdict = Unjudged
		j.Note = fmt.Sprintf("the tester itself was late by up to %s of that", duration(own))
	}
	return j
}

func (t Threshold) crosses(v float64) bool {
	switch t.op {
	case ">":
		return v > t.bound
	case ">=":
		return v >= t.bound
	case "<":
		return v < t.bound
	}
	return v <= t.bound
}
