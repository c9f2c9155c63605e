package load

import (
	"cmp"
	"math"
	"slices"
)

// growths are what scenarios can be run with several numbers of.
func growths() []growth {
	return []growth{
		{byClients, func(r *Result) int { return r.Clients }},
		{byRooms, func(r *Result) int {
			if !r.hasRooms() {
				return 0
			}
			return r.Rooms
		}},
	}
}

type growth struct {
	by axis
	of func(*Result) int
}

// growth returns plots of what changes with the number of clients, and with that of rooms,
// for each scenario that was run with several numbers of them.
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
		for _, g := range growths() {
			steps := byName[name]
			slices.SortStableFunc(steps, func(a, b *Result) int { return cmp.Compare(g.of(a), g.of(b)) })
			if g.of(steps[0]) == g.of(steps[len(steps)-1]) {
				continue
			}
			figures, err := g.figures(name, steps)
			if err != nil {
				return nil, err
			}
			list = append(list, figures...)
		}
	}
	return list, nil
}

func (g growth) figures(name string, steps []*Result) ([]figure, error) {
	of := func(title, y string, logarithmic bool, curves ...curve) figure {
		return figure{Title: name + ": " + title + " by " + string(g.by), X: string(g.by), Y: y, Axis: g.by, Log: logarithmic, Curves: curves}
	}
	latency := of("delivery latency", "ms", true, quantileCurves()...)
	cpu := of("server CPU per delivery, and per read of the tester's,", "µs", false, curve{Name: "per delivery"}, curve{Name: "per read"})
	memory := of("server memory", "MiB", false, curve{Name: "memory"})
	for _, s := range steps {
		x := float64(g.of(s))
		latency.At = append(latency.At, x)
		latency.addQuantiles(s.Delivery)
		used, read, held := math.NaN(), math.NaN(), math.NaN()
		if s.Server.Known {
			used, read, held = float64(s.Server.PerDelivery)/1e3, float64(s.Server.PerRead)/1e3, float64(s.Server.Memory)/(1<<20)
		}
		cpu.add(x, used, read)
		memory.add(x, held)
	}
	return drawAll(latency, cpu, memory)
}
