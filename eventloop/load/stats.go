package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// maxLatency is the longest latency that is told apart from longer ones.
const maxLatency = int64(60 * time.Second)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, maxLatency, 3) }

// record counts a latency in ns; what is over the bound counts as the bound.
func record(h *hdrhistogram.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns, 0), maxLatency))
}

// latencies are the histograms of one interval or of a whole round.
type latencies struct {
	delivery, ack, login, lag *hdrhistogram.Histogram
}

func newLatencies() latencies {
	return latencies{newHistogram(), newHistogram(), newHistogram(), newHistogram()}
}

func (l latencies) all() []*hdrhistogram.Histogram {
	return []*hdrhistogram.Histogram{l.delivery, l.ack, l.login, l.lag}
}

// take moves what from holds to l.
func (l latencies) take(from latencies) {
	for i, h := range from.all() {
		if h.TotalCount() > 0 {
			l.all()[i].Merge(h)
			h.Reset()
		}
	}
}

func (l latencies) reset() {
	for _, h := range l.all() {
		h.Reset()
	}
}

// A worker is what it takes to handle what has come for one connection: a buffer
// to read into and histograms of the present second. There are a few for all
// connections, handed on through a channel, so memory does not grow with the
// clients and nothing is locked. Whoever has taken one from the channel owns it.
type worker struct {
	latencies
	buf []byte
}

// readSize is how many bytes one read takes at most. A crowded room fills it.
const readSize = 256 << 10

func newWorkers(n int) chan *worker {
	workers := make(chan *worker, n)
	for range n {
		workers <- &worker{latencies: newLatencies(), buf: make([]byte, readSize)}
	}
	return workers
}

// Quantiles are a distribution of latencies.
type Quantiles struct {
	Count int64         `json:"count"`
	Mean  time.Duration `json:"mean_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	P999  time.Duration `json:"p99_9_ns"`
	Max   time.Duration `json:"max_ns"`
}

func quantiles(h *hdrhistogram.Histogram) Quantiles {
	if h.TotalCount() == 0 {
		return Quantiles{}
	}
	at := func(q float64) time.Duration { return time.Duration(h.ValueAtQuantile(q)) }
	return Quantiles{Count: h.TotalCount(), Mean: time.Duration(h.Mean()), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: time.Duration(h.Max())}
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

// A Point is one second of a round.
type Point struct {
	At          time.Duration `json:"at_ns"` // its end, since the measurement began
	Length      time.Duration `json:"length_ns"`
	Delivery    Quantiles     `json:"delivery"`
	Ack         Quantiles     `json:"acknowledgement"`
	Login       Quantiles     `json:"login"`
	Sent        uint64        `json:"sent"`
	Connections int64         `json:"connections"` // at its end
	Fewest      int64         `json:"fewest"`      // connections within it
	Troubles    int           `json:"troubles"`    // so far
}

// collect moves what the workers have counted to the total and returns the
// interval's own figures. It waits for workers that are in use, which they are for
// no longer than it takes to handle one read.
func collect(workers chan *worker, interval, total latencies) {
	interval.reset()
	taken := make([]*worker, 0, cap(workers))
	for range cap(workers) {
		w := <-workers
		interval.take(w.latencies)
		taken = append(taken, w)
	}
	for _, w := range taken {
		workers <- w
	}
	for i, h := range interval.all() {
		if h.TotalCount() > 0 {
			total.all()[i].Merge(h)
		}
	}
}
