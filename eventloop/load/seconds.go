package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// dueSeconds are latencies by the second in which what they are of was due. So a
// stall is seen in the seconds that it has spoiled, not in the one in which it ended.
type dueSeconds struct {
	began int64 // ns since the run began; 0: nothing is kept yet
	open  []dueSecond
	spare []dueSecond // emptied, for the next ones
}

// A dueSecond is one of them, to two figures.
type dueSecond struct {
	n     int64
	hists [login + 1]*hdrhistogram.Histogram
}

// openSeconds is how long a second is kept open for what comes late. Later
// deliveries count in all figures but those by the second.
const openSeconds = 120

func (d *dueSeconds) record(k latency, due, ns int64) {
	if d.began == 0 || k > login || due < d.began {
		return
	}
	s := d.second((due - d.began) / int64(time.Second))
	_ = s.hists[k].RecordValue(min(max(ns, 0), maxLatency))
}

// second returns an open second. Most is recorded in the newest ones.
func (d *dueSeconds) second(n int64) *dueSecond {
	for i := len(d.open) - 1; i >= 0; i-- {
		if d.open[i].n == n {
			return &d.open[i]
		}
	}
	var s dueSecond
	if last := len(d.spare) - 1; last >= 0 {
		s = d.spare[last]
		d.spare = d.spare[:last]
	} else {
		for k := range s.hists {
			s.hists[k] = hdrhistogram.New(1, maxLatency, 2)
		}
	}
	s.n = n
	d.open = append(d.open, s)
	return &d.open[len(d.open)-1]
}

// empty keeps the histograms of a second for another one.
func (d *dueSeconds) empty(s dueSecond) {
	for _, h := range s.hists {
		h.Reset()
	}
	d.spare = append(d.spare, s)
}

// take moves what from holds to d.
func (d *dueSeconds) take(from *dueSeconds) {
	for _, s := range from.open {
		to := d.second(s.n)
		for k, h := range s.hists {
			if h.TotalCount() > 0 {
				to.hists[k].Merge(h)
			}
		}
		from.empty(s)
	}
	from.open = from.open[:0]
}

// close writes the figures of the seconds before n to the points, and forgets them.
func (d *dueSeconds) close(points []Point, n int64) {
	kept := d.open[:0]
	for _, s := range d.open {
		if s.n >= n {
			kept = append(kept, s)
			continue
		}
		if s.n < int64(len(points)) && points[s.n].Delivery.Count+points[s.n].Ack.Count+points[s.n].Login.Count == 0 {
			p := &points[s.n]
			p.Delivery, p.Ack, p.Login = quantiles(s.hists[delivery], 0), quantiles(s.hists[ack], 0), quantiles(s.hists[login], 0)
		}
		d.empty(s)
	}
	d.open = kept
}

// A Point is one second of a round: what was due in it, and what was done in it.
type Point struct {
	At          time.Duration `json:"at_ns"` // its end, since the measurement began
	Length      time.Duration `json:"length_ns"`
	Due         int64         `json:"due"`             // messages, logins or invitations, at a rate
	Sent        int64         `json:"sent"`            // messages
	Done        int64         `json:"done"`            // messages acknowledged, logins answered or invitations ended
	Deliveries  int64         `json:"deliveries"`      // read within it
	Delivery    Quantiles     `json:"delivery"`        // of what was due in it
	Ack         Quantiles     `json:"acknowledgement"` // of what was due in it
	Login       Quantiles     `json:"login"`           // of what was due in it
	Connections int64         `json:"connections"`     // at its end
	Fewest      int64         `json:"fewest"`          // connections within it
	Troubles    int           `json:"troubles"`        // so far
}
