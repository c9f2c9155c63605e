package load

import (
	"cmp"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// growth returns plots of what changes with the number of clients, for each
// scenario that was run with several numbers of them.
func (r *Report) growth() ([]figure, error) {
	byName := make(map[string][]*Result)
	var names []string
	for i := range r.Results {
		result := &r.Results[i]
		if result.Failed != "" || result.Deliveries == 0 {
			continue
		}
		if byName[result.Name] == nil {
			names = append(names, result.Name)
		}
		byName[result.Name] = append(byName[result.Name], result)
	}
	var list []figure
	for _, name := range names {
		steps := byName[name]
		slices.SortStableFunc(steps, func(a, b *Result) int { return cmp.Compare(a.Clients, b.Clients) })
		if steps[0].Clients == steps[len(steps)-1].Clients {
			continue
		}
		figures, err := growthOf(name, steps)
		if err != nil {
			return nil, err
		}
		list = append(list, figures...)
	}
	return list, nil
}

func growthOf(name string, steps []*Result) ([]figure, error) {
	curves := []curve{{name: "p50"}, {name: "p90"}, {name: "p99"}, {name: "p99.9"}, {name: "max"}}
	var cpu, memory plotter.XYs
	for _, s := range steps {
		x := float64(s.Clients)
		q := s.Delivery
		for i, d := range []time.Duration{q.P50, q.P90, q.P99, q.P999, q.Max} {
			curves[i].points = append(curves[i].points, plotter.XY{X: x, Y: max(float64(d), minLatency) / 1e6})
		}
		if s.Server.Known {
			cpu = append(cpu, plotter.XY{X: x, Y: float64(s.Server.PerDelivery) / 1e3})
			memory = append(memory, plotter.XY{X: x, Y: float64(s.Server.Memory) / (1 << 20)})
		}
	}
	var list []figure
	for _, f := range []struct {
		title, y    string
		logarithmic bool
		curves      []curve
	}{
		{"delivery latency by clients", "milliseconds", true, curves},
		{"server CPU per delivery by clients", "microseconds", false, []curve{{points: cpu}}},
		{"server memory by clients", "MiB", false, []curve{{points: memory}}},
	} {
		p, err := draws("clients", f.y, f.logarithmic, f.curves)
		if err != nil || p == nil {
			return list, err
		}
		p.X.Tick.Marker = plot.TickerFunc(groupedTicks)
		svg, err := render(p)
		if err != nil {
			return nil, err
		}
		list = append(list, figure{name + ": " + f.title, svg})
	}
	return list, nil
}
