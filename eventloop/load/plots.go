package load

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a picture; the page scales it.
const (
	plotWidth  = 16 * vg.Centimeter
	plotHeight = 8 * vg.Centimeter
)

// colours can be told apart on white, on black and, by their brightness, in grey. The
// page's script has the same ones.
func colours() []color.Color {
	return []color.Color{color.RGBA{0x2a, 0x7f, 0xba, 255}, color.RGBA{0x3d, 0xa3, 0x5d, 255}, color.RGBA{0x3f, 0xb5, 0xb0, 255},
		color.RGBA{0xd9, 0x8e, 0x04, 255}, color.RGBA{0xd6, 0x45, 0x45, 255}, color.RGBA{0x8e, 0x6b, 0xbf, 255}}
}

// picture draws a figure as an svg element.
func (f *figure) picture() (template.HTML, error) {
	p := plot.New()
	p.BackgroundColor = nil // the page's
	p.X.Label.Text, p.Y.Label.Text = f.X, f.Y
	p.Legend.Top, p.Legend.Left = true, false
	for _, f := range []*font.Font{&p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Variant = "Sans"
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{0x99}, color.Gray{0x99}
	grid.Horizontal.Width, grid.Vertical.Width = vg.Points(0.25), vg.Points(0.25)
	p.Add(grid)
	for i, c := range f.Curves {
		if err := f.drawCurve(p, c, colours()[i]); err != nil {
			return "", fmt.Errorf("drawing %q: %w", f.Title, err)
		}
	}
	f.scale(p)
	if err := f.shade(p); err != nil {
		return "", fmt.Errorf("drawing %q: %w", f.Title, err)
	}
	svg, err := render(p)
	if err != nil {
		return "", fmt.Errorf("drawing %q: %w", f.Title, err)
	}
	return svg, nil
}

// drawCurve adds a curve, in pieces where values are missing.
func (f *figure) drawCurve(p *plot.Plot, c curve, colour color.Color) error {
	var piece plotter.XYs
	named := false
	end := func() error {
		if len(piece) == 0 {
			return nil
		}
		line, err := plotter.NewLine(piece)
		if err != nil {
			return err
		}
		line.Color, line.Width = colour, vg.Points(1.5)
		p.Add(line)
		if len(piece) == 1 { // a line of one point cannot be seen
			dot, err := plotter.NewScatter(piece)
			if err != nil {
				return err
			}
			dot.Color, dot.Shape = colour, draw.CircleGlyph{}
			p.Add(dot)
		}
		if !named && len(f.Curves) > 1 {
			p.Legend.Add(c.Name, line)
		}
		named, piece = true, nil
		return nil
	}
	for i, v := range c.Values {
		if math.IsNaN(v) {
			if err := end(); err != nil {
				return err
			}
			continue
		}
		piece = append(piece, plotter.XY{X: f.At[i], Y: v})
	}
	return end()
}

// scale sets the scales and what is written at them.
func (f *figure) scale(p *plot.Plot) {
	p.X.Min = 0
	p.X.Max = max(p.X.Max, 1)
	switch f.Axis {
	case byPercentile:
		var ticks plot.ConstantTicks
		for nines, label := range []string{"0", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999"} {
			if float64(nines) <= p.X.Max+0.5 {
				ticks = append(ticks, plot.Tick{Value: float64(nines), Label: label})
				p.X.Max = max(p.X.Max, float64(nines))
			}
		}
		p.X.Tick.Marker = ticks
	default:
		p.X.Tick.Marker = plot.TickerFunc(groupedTicks)
	}
	if len(f.Curves) > 1 {
		p.X.Max *= 1.18 // beside the legend
	}
	if !f.Log {
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

// shade marks the seconds that stalled.
func (f *figure) shade(p *plot.Plot) error {
	for _, s := range f.Slow {
		from, to := float64(s), float64(s+1)
		band, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: p.Y.Min}, {X: to, Y: p.Y.Min}, {X: to, Y: p.Y.Max}, {X: from, Y: p.Y.Max}})
		if err != nil {
			return err
		}
		band.Color, band.LineStyle.Width = color.NRGBA{0xd6, 0x45, 0x45, 0x30}, 0
		p.Add(band)
	}
	return nil
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

// longNumber is a coordinate with more digits than can be seen.
var longNumber = regexp.MustCompile(`(\d+\.\d{2})\d+`)

// render returns a plot as an svg element. Black becomes the page's own colour, so
// that it is seen on a dark page, too.
func render(p *plot.Plot) (template.HTML, error) {
	c := vgsvg.New(plotWidth, plotHeight)
	area := draw.New(c)
	p.Draw(draw.Crop(area, 0, -vg.Centimeter/2, 0, 0)) // the last number on the bottom stands half outside
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", err
	}
	_, svg, _ := strings.Cut(b.String(), "<svg ")
	svg = longNumber.ReplaceAllString(strings.ReplaceAll(svg, "#000000", "currentColor"), "$1")
	return template.HTML(`<svg role="img" fill="currentColor" ` + svg), nil
}
