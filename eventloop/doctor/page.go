package doctor

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"parley/eventloop/pagestyle"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle string
)

// HTML writes the report as one page that needs nothing else. If it is verbose the bytes
// of each point are open, which is what is printed.
func (r *Report) HTML(w io.Writer, verbose bool) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"class": func(v Verdict) string {
			return map[Verdict]string{Pass: "good", Fail: "bad", Warn: "warn"}[v]
		},
		"visible": func(s string) string { return visible([]byte(s)) },
		"seconds": func(d time.Duration) string { return fmt.Sprintf("%.3fs", d.Seconds()) },
	}).Parse(pageSource)
	if err != nil {
		return err
	}
	return t.Execute(w, struct {
		*Report
		Style template.CSS
		Open  bool
	}{r, pagestyle.Sheet() + template.CSS(pageStyle), verbose})
}
