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
}

// measures returns what thresholds can be about. Latencies are of deliveries
// unless they begin with "acknowledgement." or "login.".
func measures() map[string]measured {
	m := map[string]measured{}
	for prefix, of := range map[string]func(*Result) Quantiles{
		"":                 func(r *Result) Quantiles { return r.Delivery },
		"delivery.":        func(r *Result) Quantiles { return r.Delivery },
		"acknowledgement.": func(r *Result) Quantiles { return r.Ack },
		"login.":           func(r *Result) Quantiles { return r.Login },
	} {
		for name, pick := range map[string]func(Quantiles) time.Duration{
			"mean":  func(q Quantiles) time.Duration { return q.Mean },
			"p50":   func(q Quantiles) time.Duration { return q.P50 },
			"p90":   func(q Quantiles) time.Duration { return q.P90 },
			"p99":   func(q Quantiles) time.Duration { return q.P99 },
			"p99.9": func(q Quantiles) time.Duration { return q.P999 },
			"max":   func(q Quantiles) time.Duration { return q.Max },
		} {
			m[prefix+name] = measured{true, func(r *Result) (float64, bool) { return float64(pick(of(r))), of(r).Count > 0 }}
		}
	}
	count := func(n func(*Result) uint64) measured {
		return measured{false, func(r *Result) (float64, bool) { return float64(n(r)), true }}
	}
	m["lost"] = count(func(r *Result) uint64 { return r.Lost + r.Missed })
	m["doubled"] = count(func(r *Result) uint64 { return r.Doubled })
	m["disordered"] = count(func(r *Result) uint64 { return r.Disordered })
	m["altered"] = count(func(r *Result) uint64 { return r.Altered })
	m["errors"] = count(func(r *Result) uint64 { return uint64(r.TroubleCount()) })
	m["refused"] = count(func(r *Result) uint64 { return uint64(r.Refused) })
	m["rate"] = measured{false, func(r *Result) (float64, bool) { return perSecond(r.Deliveries, r.Lasted), r.Deliveries > 0 }}
	m["cpu"] = measured{true, func(r *Result) (float64, bool) { return float64(r.Server.PerDelivery), r.Server.PerDelivery > 0 }}
	return m
}

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

// Crossed returns the sentence that tells that a result crosses the threshold, ""
// if it keeps it. What a scenario does not measure cannot be crossed.
func (t Threshold) Crossed(r *Result) string {
	m := measures()[t.measure]
	v, known := m.value(r)
	if !known || !t.holds(v) {
		return ""
	}
	value := strconv.FormatFloat(v, 'f', -1, 64)
	if m.duration {
		value = duration(time.Duration(v))
	}
	return fmt.Sprintf("%s: %s, %s is %s", r.Name, t.text, t.measure, value)
}

func (t Threshold) holds(v float64) bool {
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
