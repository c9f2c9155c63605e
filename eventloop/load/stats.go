package load

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A latency is one of the kinds of latencies that are measured.
type latency int

const (
	delivery  latency = iota // from when a message was due until a receiver has read it
	ack                      // until its sender is told that it was accepted
	login                    // from when a login was due until it is answered
	joining                  // from when a join or leave of a room was due until it is answered
	returning                // from when a connection was lost until all is told that was missed
	sending                  // how late the tester itself sent what was due
	reading                  // how late the tester itself read what had come

	latencyKinds
)

// maxLatency is the longest latency that is told apart from longer ones. Those are
// counted, and told as this.
const maxLatency = int64(time.Hour)

// A tally is the histograms of an interval or of a whole round, to three figures.
type tally struct {
	hists   [latencyKinds]*hdrhistogram.Histogram
	clipped [latencyKinds]int64 // how many were longer than maxLatency
	reads   int64               // that brought something
}

func newTally() (t tally) {
	for k := range t.hists {
		t.hists[k] = hdrhistogram.New(1, maxLatency, 3)
	}
	return t
}

// record counts a latency in ns.
func (t *tally) record(k latency, ns int64) {
	if ns > maxLatency {
		t.clipped[k]++
	}
	_ = t.hists[k].RecordValue(min(max(ns, 0), maxLatency))
}

// add adds what from holds.
func (t *tally) add(from *tally) {
	for k, h := range from.hists {
		if h.TotalCount() > 0 {
			t.hists[k].Merge(h)
			t.clipped[k] += from.clipped[k]
		}
	}
	t.reads += from.reads
}

func (t *tally) reset(kinds ...latency) {
	for _, k := range kinds {
		t.hists[k].Reset()
		t.clipped[k] = 0
	}
}

func (t *tally) clear() {
	t.reset(delivery, ack, login, joining, returning, sending, reading)
	t.reads = 0
}

func (t *tally) quantiles(k latency) Quantiles { return quantiles(t.hists[k], t.clipped[k]) }

// A worker is what it takes to handle what has come for one connection: a buffer
// to read into and histograms of the present second. There are a few for all
// connections, handed on through a channel, so memory does not grow with the
// clients and nothing is locked. Whoever has taken one from the channel owns it.
type worker struct {
	tally
	seconds dueSeconds
	buf     []byte
}

// took notes what was due and is done now, both in ns since the run began.
func (w *worker) took(k latency, now, due int64) {
	w.record(k, now-due)
	w.seconds.record(k, due, now-due)
}

// readSize is how many bytes one read takes at most. A crowded room fills it.
const readSize = 256 << 10

func newWorkers(n int) chan *worker {
	workers := make(chan *worker, n)
	for range n {
		workers <- &worker{tally: newTally(), buf: make([]byte, readSize)}
	}
	return workers
}

// Quantiles are a distribution of latencies.
type Quantiles struct {
	Count   int64         `json:"count"`
	Mean    time.Duration `json:"mean_ns"`
	P50     time.Duration `json:"p50_ns"`
	P90     time.Duration `json:"p90_ns"`
	P95     time.Duration `json:"p95_ns"`
	P99     time.Duration `json:"p99_ns"`
	P999    time.Duration `json:"p99_9_ns"`
	Max     time.Duration `json:"max_ns"`
	Clipped int64         `json:"clipped"` // were longer than an hour, and count as that
}

func quantiles(h *hdrhistogram.Histogram, clipped int64) Quantiles {
	if h.TotalCount() == 0 {
		return Quantiles{}
	}
	at := func(q float64) time.Duration { return time.Duration(h.ValueAtQuantile(q)) }
	return Quantiles{Count: h.TotalCount(), Mean: time.Duration(h.Mean()), P50: at(50), P90: at(90), P95: at(95), P99: at(99), P999: at(99.9),
		Max: time.Duration(h.Max()), Clipped: clipped}
}

// A stat is one figure of a distribution.
type stat struct {
	name  string
	share float64 // of what is below; 0 of the mean, 1 of the maximum
	pick  func(Quantiles) time.Duration
}

func stats() []stat {
	return []stat{
		{"mean", 0, func(q Quantiles) time.Duration { return q.Mean }},
		{"p50", 0.5, func(q Quantiles) time.Duration { return q.P50 }},
		{"p90", 0.9, func(q Quantiles) time.Duration { return q.P90 }},
		{"p95", 0.95, func(q Quantiles) time.Duration { return q.P95 }},
		{"p99", 0.99, func(q Quantiles) time.Duration { return q.P99 }},
		{"p99.9", 0.999, func(q Quantiles) time.Duration { return q.P999 }},
		{"max", 1, func(q Quantiles) time.Duration { return q.Max }},
	}
}

// Name is for the page.
func (s stat) Name() string { return s.name }

// needs returns how many samples a percentile takes: so many that with a
// probability of 95 % at least one of them is beyond it (Wilks, 1941). With fewer even
// the largest one says little of it.
func (s stat) needs() int64 {
	if s.share <= 0 || s.share >= 1 {
		return 1
	}
	return int64(math.Ceil(math.Log(0.05) / math.Log(s.share)))
}

// A Step is one point of a distribution: Share of the values are at most Value.
type Step struct {
	Share float64       `json:"share"`
	Value time.Duration `json:"value_ns"`
}

// distribution returns the points of the picture that wrk2 and HdrHistogram draw:
// ever finer towards 1.
func distribution(h *hdrhistogram.Histogram) []Step {
	steps := []Step{}
	if h.TotalCount() == 0 {
		return steps
	}
	for _, b := range h.CumulativeDistribution() {
		steps = append(steps, Step{b.Quantile / 100, time.Duration(b.ValueAt)})
	}
	return steps
}

// collect moves what the workers have counted to the total, the interval and the seconds. It
// waits for workers that are in use, which they are for no longer than it takes to
// handle one read. began is when the measurement began, 0 before.
func collect(workers chan *worker, began int64, interval, total *tally, seconds *dueSeconds) {
	interval.clear()
	taken := make([]*worker, 0, cap(workers))
	for range cap(workers) {
		w := <-workers
		interval.add(&w.tally)
		w.clear()
		seconds.take(&w.seconds)
		w.seconds.began = began
		taken = append(taken, w)
	}
	for _, w := range taken {
		workers <- w
	}
	total.add(interval)
}
