package load

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"parley/eventloop/pagestyle"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed plots.css
	plotsStyle string
	//go:embed page.js
	pageScript string

	// uPlot 1.6.32, https://github.com/leeoniya/uPlot; its licence stands beside it.
	//go:embed uplot/uPlot.iife.min.js
	uplotScript string
	//go:embed uplot/uPlot.min.css
	uplotStyle string
	//go:embed uplot/LICENSE
	uplotLicense string
)

// A part is a scenario on the page.
type part struct {
	*Result
	ID      string
	Figures []figure
	Wrong   uint64
	Errors  int
	Main    row
}

// HTML writes the report as one page that needs nothing else.
func (r *Report) HTML(w io.Writer) error {
	page := struct {
		*Report
		Machine string
		Growth  []figure
		Parts   []part
		Style   template.CSS
		Script  template.JS
		Plots   []plotData
	}{Report: r, Machine: r.machine(),
		Style:  pagestyle.Sheet() + template.CSS(plotsStyle+uplotStyle),
		Script: template.JS("/*\n" + uplotLicense + "*/\n" + uplotScript + pageScript)}
	var err error
	if page.Growth, err = r.growth(); err != nil {
		return err
	}
	plots := func(figures []figure) {
		for _, f := range figures {
			page.Plots = append(page.Plots, f.Data())
		}
	}
	plots(page.Growth)
	for i := range r.Results {
		result := &r.Results[i]
		figures, err := result.figures()
		if err != nil {
			return err
		}
		plots(figures)
		page.Parts = append(page.Parts, part{result, fmt.Sprintf("scenario%d", i+1), figures, r.wrong(result), r.errors(result), result.main()})
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"duration": duration,
		"grouped":  grouped,
		"groupedU": groupedU,
		"times":    func(n int) string { return grouped(int64(n)) },
		"rate":     rate,
		"allowed":  r.allows,
		"stats":    func() []stat { return stats() },
	}).Parse(pageSource)
	if err != nil {
		return err
	}
	return t.Execute(w, page)
}

// Offered is the rate that was due, "" if there was none.
func (p part) Offered() string {
	if p.Rate == 0 || p.Name == "idle" {
		return ""
	}
	return rate(p.Due, p.Duration)
}

// Achieved is the rate that was reached, "" where nothing is counted.
func (p part) Achieved() string {
	if p.Name == "idle" {
		return ""
	}
	return rate(p.Result.Done, p.Lasted)
}

// State is what became of a scenario, in a word.
func (p part) State() string {
	switch {
	case p.Failed != "":
		return "failed"
	case p.Wrong > 0:
		return fmt.Sprintf("%s wrong", groupedU(p.Wrong))
	case p.Errors > 0:
		return plural(int64(p.Errors), "error", "errors")
	}
	return "well"
}
