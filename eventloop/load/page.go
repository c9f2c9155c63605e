package load

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageSource string

// HTML writes the report as one page that needs nothing else.
func (r *Report) HTML(w io.Writer) error {
	type part struct {
		*Result
		Figures []figure
	}
	page := struct {
		*Report
		Machine string
		Growth  []figure
		Parts   []part
	}{Report: r, Machine: r.machine()}
	var err error
	if page.Growth, err = r.growth(); err != nil {
		return err
	}
	for i := range r.Results {
		figures, err := r.Results[i].figures()
		if err != nil {
			return err
		}
		page.Parts = append(page.Parts, part{&r.Results[i], figures})
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"duration": duration,
		"grouped":  grouped,
		"times":    func(n int) string { return grouped(int64(n)) },
	}).Parse(pageSource)
	if err != nil {
		return err
	}
	return t.Execute(w, page)
}
