package load

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a plot; the page scales it.
const (
	plotWidth  = 16 * vg.Centimeter
	plotHeight = 8 * vg.Centimeter
)

// colours can be told apart on white, on black and, by their brightness, in grey.
func colours() []color.Color {
	return []color.Color{color.RGBA{0x2a, 0x7f, 0xba, 255}, color.RGBA{0x3d, 0xa3, 0x5d, 255}, color.RGBA{0xd9, 0x8e, 0x04, 255},
		color.RGBA{0xd6, 0x45, 0x45, 255}, color.RGBA{0x8e, 0x6b, 0xbf, 255}}
}

// A curve is one line of a plot.
type curve struct {
	name   string
	points plotter.XYs
}

// A figure is a plot on the page.
type figure struct {
	Title string
	SVG   template.HTML // made here of numbers and our own words
}

// figures returns the plots of a result; those with nothing to show are left out.
func (r *Result) figures() ([]figure, error) {
	what, of := "Delivery", func(p Point) Quantiles { return p.Delivery }
	switch {
	case r.Name == "private":
		what = "Introduction"
	case r.Delivery.Count == 0:
		what, of = "Login", func(p Point) Quantiles { return p.Login }
	}
	var list []figure
	for _, f := range []struct {
		title string
		make  func() (*plot.Plot, error)
	}{
		{what + " latency over time", func() (*plot.Plot, error) { return latencyPlot(r.Series, of) }},
		{what + " rate over time", func() (*plot.Plot, error) { return ratePlot(r.Series, of) }},
		{what + " latency by percentile", func() (*plot.Plot, error) { return distributionPlot(r.Distribution) }},
		{"Connections over time", func() (*plot.Plot, error) { return connectionsPlot(r.Series) }},
	} {
		p, err := f.make()
		if err != nil {
			return nil, fmt.Errorf("drawing %q: %w", f.title, err)
		}
		if p == nil {
			continue
		}
		svg, err := render(p)
		if err != nil {
			return nil, fmt.Errorf("drawing %q: %w", f.title, err)
		}
		list = append(list, figure{f.title, svg})
	}
	return list, nil
}

// minLatency is the bottom of a scale of latencies: a logarithm has no zero.
const minLatency = float64(time.Microsecond)

func latencyPlot(series []Point, of func(Point) Quantiles) (*plot.Plot, error) {
	curves := []curve{{name: "p50"}, {name: "p90"}, {name: "p99"}, {name: "p99.9"}, {name: "max"}}
	for _, p := range series {
		q := of(p)
		if q.Count == 0 {
			continue
		}
		for i, d := range []time.Duration{q.P50, q.P90, q.P99, q.P999, q.Max} {
			curves[i].points = append(curves[i].points, plotter.XY{X: p.At.Seconds(), Y: max(float64(d), minLatency) / 1e6})
		}
	}
	return draws("seconds", "milliseconds", true, curves)
}

func ratePlot(series []Point, of func(Point) Quantiles) (*plot.Plot, error) {
	var points plotter.XYs
	for _, p := range series {
		points = append(points, plotter.XY{X: p.At.Seconds(), Y: perSecond(of(p).Count, p.Length)})
	}
	return draws("seconds", "per second", false, []curve{{points: points}})
}

func connectionsPlot(series []Point) (*plot.Plot, error) {
	var points plotter.XYs
	for _, p := range series {
		points = append(points, plotter.XY{X: p.At.Seconds(), Y: float64(p.Fewest)})
	}
	return draws("seconds", "logged in, at least", false, []curve{{points: points}})
}

// distributionPlot is the picture of wrk2 and HdrHistogram: each step to the
// right is ten times rarer.
func distributionPlot(steps []Step) (*plot.Plot, error) {
	var points plotter.XYs
	for _, s := range steps {
		if s.Share < 1 {
			points = append(points, plotter.XY{X: -math.Log10(1 - s.Share), Y: max(float64(s.Value), minLatency) / 1e6})
		}
	}
	p, err := draws("percentile", "milliseconds", true, []curve{{points: points}})
	if p == nil || err != nil {
		return p, err
	}
	var ticks plot.ConstantTicks
	for nines, label := range []string{"0", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999"} {
		if float64(nines) <= p.X.Max+0.5 {
			ticks = append(ticks, plot.Tick{Value: float64(nines), Label: label})
			p.X.Max = max(p.X.Max, float64(nines))
		}
	}
	p.X.Tick.Marker = ticks
	return p, nil
}

// draws makes a plot of curves, nil if they have no points.
func draws(x, y string, logarithmic bool, curves []curve) (*plot.Plot, error) {
	p := plot.New()
	p.BackgroundColor = nil // the page's
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.Legend.Top, p.Legend.Left = true, false
	for _, f := range []*font.Font{&p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Variant = "Sans"
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{0x99}, color.Gray{0x99}
	grid.Horizontal.Width, grid.Vertical.Width = vg.Points(0.25), vg.Points(0.25)
	p.Add(grid)
	drawn := false
	for i, c := range curves {
		if len(c.points) == 0 {
			continue
		}
		drawn = true
		line, err := plotter.NewLine(c.points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = colours()[i], vg.Points(1.5)
		p.Add(line)
		if len(c.points) == 1 { // a line of one point cannot be seen
			dot, err := plotter.NewScatter(c.points)
			if err != nil {
				return nil, err
			}
			dot.Color, dot.Shape = line.Color, draw.CircleGlyph{}
			p.Add(dot)
		}
		if c.name != "" {
			p.Legend.Add(c.name, line)
		}
	}
	if !drawn {
		return nil, nil
	}
	p.X.Min = 0
	p.X.Max = max(p.X.Max, 1)
	if len(curves) > 1 {
		p.X.Max *= 1.18 // beside the legend
	}
	scale(p, logarithmic)
	return p, nil
}

// scale sets the vertical scale.
func scale(p *plot.Plot, logarithmic bool) {
	if !logarithmic {
		p.Y.Min, p.Y.Max = 0, max(p.Y.Max*1.1, 1)
		p.Y.Tick.Marker = plot.TickerFunc(groupedTicks)
		return
	}
	// Whole decades, so that there are labels.
	p.Y.Min = math.Pow(10, math.Floor(math.Log10(p.Y.Min)))
	p.Y.Max = max(math.Pow(10, math.Ceil(math.Log10(p.Y.Max))), p.Y.Min*10)
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.LogTicks{Prec: -1}
}

// groupedTicks labels ticks with commas.
func groupedTicks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i, t := range ticks {
		if t.Label != "" && high > 10 {
			ticks[i].Label = grouped(int64(math.Round(t.Value)))
		}
	}
	return ticks
}

// render returns a plot as an svg element. Black becomes the page's own colour, so
// that it is seen on a dark page, too.
func render(p *plot.Plot) (template.HTML, error) {
	c := vgsvg.New(plotWidth, plotHeight)
	p.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", err
	}
	_, svg, _ := strings.Cut(b.String(), "<svg ")
	return template.HTML(`<svg role="img" fill="currentColor" ` + strings.ReplaceAll(svg, "#000000", "currentColor")), nil
}
