package load

import (
	"cmp"
	"math"
	"slices"
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
	of := func(title, y string, logarithmic bool, curves ...curve) figure {
		return figure{Title: name + ": " + title, X: "clients", Y: y, Axis: byClients, Log: logarithmic, Curves: curves}
	}
	latency := of("delivery latency by clients", "ms", true, quantileCurves()...)
	cpu := of("server CPU per delivery by clients", "µs", false, curve{Name: "CPU"})
	memory := of("server memory by clients", "MiB", false, curve{Name: "memory"})
	for _, s := range steps {
		x := float64(s.Clients)
		latency.At = append(latency.At, x)
		latency.addQuantiles(s.Delivery)
		used, held := math.NaN(), math.NaN()
		if s.Server.Known {
			used, held = float64(s.Server.PerDelivery)/1e3, float64(s.Server.Memory)/(1<<20)
		}
		cpu.add(x, used)
		memory.add(x, held)
	}
	return drawAll(latency, cpu, memory)
}
