package load

import (
	"html/template"
	"math"
	"strconv"
	"time"
)

// A figure is a plot on the page: its data, for the plot that answers to the pointer, and
// a picture of it, for paper and where no script runs.
type figure struct {
	Title  string
	X, Y   string // what the axes count, and in which unit
	Axis   axis   // what is along the bottom
	Log    bool   // the vertical scale is logarithmic
	At     []float64
	Curves []curve
	Slow   []int         // seconds that stalled, from 0
	SVG    template.HTML // made here of numbers and our own words
}

// An axis is what stands along the bottom of a plot.
type axis string

const (
	overTime     axis = "time"    // seconds since the measurement began
	byPercentile axis = "share"   // nines: 0 is 0 %, 1 is 90 %, 2 is 99 %
	byClients    axis = "clients" // how many
	byRooms      axis = "rooms"   // how many
)

// A curve is one line of a plot: a value for each place of the figure's At, NaN where
// there is none.
type curve struct {
	Name   string
	Values []float64
}

// minLatency is the bottom of a scale of latencies: a logarithm has no zero.
const minLatency = float64(time.Microsecond)

// shortest is the length of an interval of which a rate can be told.
const shortest = 200 * time.Millisecond

// figures returns the plots of a result; those with nothing to show are left out.
func (r *Result) figures() ([]figure, error) {
	what := "Delivery"
	switch {
	case r.Name == "private":
		what = "Introduction"
	case r.Delivery.Count == 0:
		what = "Login"
	}
	latency := figure{Title: what + " latency, by the second in which it was due", X: "second", Y: "ms", Axis: overTime, Log: true, Slow: r.Slow(), Curves: quantileCurves()}
	rates := figure{Title: "Rate: offered and achieved", X: "second", Y: "per second", Axis: overTime, Slow: r.Slow(), Curves: []curve{{Name: "offered"}, {Name: "achieved"}}}
	connections := figure{Title: "Connections, at least", X: "second", Y: "logged in", Axis: overTime, Slow: r.Slow(), Curves: []curve{{Name: "connections"}}}
	for _, p := range r.Series {
		at := p.At.Seconds()
		latency.At = append(latency.At, at)
		latency.addQuantiles(r.of(p))
		connections.add(at, float64(p.Fewest))
		if p.Length >= shortest {
			offered := math.NaN()
			if r.Rate > 0 {
				offered = perSecond(p.Due, p.Length)
			}
			rates.add(at, offered, perSecond(p.Done, p.Length))
		}
	}
	if k, _ := kindOf(r.Name); !k.talks && r.Name == "idle" {
		rates = figure{}
	}
	distribution := figure{Title: what + " latency by percentile", X: "percentile", Y: "ms", Axis: byPercentile, Log: true, Curves: []curve{{Name: "latency"}}}
	for _, s := range r.Distribution {
		if s.Share < 1 {
			distribution.add(-math.Log10(1-s.Share), milliseconds(s.Value))
		}
	}
	return drawAll(latency, rates, distribution, connections)
}

// add adds a place with a value of each curve.
func (f *figure) add(at float64, values ...float64) {
	f.At = append(f.At, at)
	for i, v := range values {
		f.Curves[i].Values = append(f.Curves[i].Values, v)
	}
}

// quantileCurves are those of the percentiles that are drawn.
func quantileCurves() (curves []curve) {
	for _, s := range stats()[1:] {
		curves = append(curves, curve{Name: s.name})
	}
	return curves
}

// addQuantiles adds values to quantileCurves; none where nothing was measured.
func (f *figure) addQuantiles(q Quantiles) {
	for i, s := range stats()[1:] {
		v := math.NaN()
		if q.Count > 0 {
			v = milliseconds(s.pick(q))
		}
		f.Curves[i].Values = append(f.Curves[i].Values, v)
	}
}

func milliseconds(d time.Duration) float64 { return max(float64(d), minLatency) / 1e6 }

// drawAll draws the figures that have something to show.
func drawAll(figures ...figure) (drawn []figure, err error) {
	for _, f := range figures {
		if !f.shows() {
			continue
		}
		if f.SVG, err = f.picture(); err != nil {
			return nil, err
		}
		drawn = append(drawn, f)
	}
	return drawn, nil
}

func (f *figure) shows() bool {
	for _, c := range f.Curves {
		for _, v := range c.Values {
			if !math.IsNaN(v) {
				return true
			}
		}
	}
	return false
}

// plotData is what the page's script draws; JSON has no NaN.
type plotData struct {
	Axis   axis        `json:"axis"`
	X      string      `json:"x"`
	Y      string      `json:"y"`
	Log    bool        `json:"log"`
	Slow   []int       `json:"slow"`
	Names  []string    `json:"names"`
	Values [][]*number `json:"values"` // of the bottom axis, then of each curve
}

// A number is told with six figures.
type number float64

// MarshalJSON writes as many figures as can be seen.
func (n number) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(n), 'g', 6, 64), nil
}

// Data returns what the page's script draws.
func (f figure) Data() plotData {
	d := plotData{Axis: f.Axis, X: f.X, Y: f.Y, Log: f.Log, Slow: f.Slow}
	known := func(values []float64) (list []*number) {
		for _, v := range values {
			n := number(v)
			if math.IsNaN(v) {
				list = append(list, nil)
				continue
			}
			list = append(list, &n)
		}
		return list
	}
	d.Values = append(d.Values, known(f.At))
	for _, c := range f.Curves {
		d.Names = append(d.Names, c.Name)
		d.Values = append(d.Values, known(c.Values))
	}
	return d
}
