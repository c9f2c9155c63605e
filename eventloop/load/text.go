package load

import (
	"fmt"
	"io"
	"strings"
)

// Text writes the summary for a person. What a server has said is safe for a
// terminal since it was kept.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Load test of %s, %s\n", r.Target, r.Began.UTC().Format("2006-01-02 15:04:05 UTC"))
	fmt.Fprintf(&b, "%s\n", r.machine())
	for i := range r.Results {
		r.text(&r.Results[i], &b)
	}
	if len(r.Judgements) > 0 {
		b.WriteString("\nThresholds\n")
	}
	for _, j := range r.Judgements {
		fmt.Fprintf(&b, "  %-14s%s: %s", j.Verdict, j.Scenario, j.Threshold)
		if j.Value != "" {
			fmt.Fprintf(&b, ", it is %s", j.Value)
		}
		if j.Note != "" {
			fmt.Fprintf(&b, " (%s)", j.Note)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	for _, f := range r.Verdict() {
		fmt.Fprintf(&b, "%s\n", f.Text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) text(x *Result, b *strings.Builder) {
	fmt.Fprintf(b, "\n%s\n", x.Title())
	if x.Failed != "" {
		fmt.Fprintf(b, "  FAILED: %s\n", x.Failed)
	}
	if rows := x.Rows(); len(rows) > 0 {
		fmt.Fprintf(b, "  %-16s", "latency")
		for _, s := range stats() {
			fmt.Fprintf(b, "%9s ", s.name)
		}
		fmt.Fprintf(b, "%12s\n", "count")
		for _, row := range rows {
			fmt.Fprintf(b, "  %-16s", row.Name)
			for _, c := range row.Cells() {
				fmt.Fprintf(b, "%9s%s", c.Text, map[bool]string{true: "*", false: " "}[c.Few])
			}
			fmt.Fprintf(b, "%12s\n", grouped(row.Count))
		}
		if note := x.FewNote(); note != "" {
			fmt.Fprintf(b, "  %-16s%s\n", "", note)
		}
	}
	for _, f := range x.Facts() {
		fmt.Fprintf(b, "  %-16s%s\n", f.Name, f.Text)
	}
	for _, t := range x.Troubles {
		name := "error"
		if r.allows(t.Kind) {
			name = "allowed"
		}
		fmt.Fprintf(b, "  %-16s%s x %s: %s\n", name, grouped(int64(t.Count)), t.Kind, t.First)
		if t.Hint != "" {
			fmt.Fprintf(b, "  %-16s%s\n", "", t.Hint)
		}
	}
	for _, d := range x.Differences {
		fmt.Fprintf(b, "  %s\n", d)
	}
	if more := int64(x.Wrong()) - int64(len(x.Differences)); len(x.Differences) >= maxFound && more > 0 {
		fmt.Fprintf(b, "  and more: only the first %d are told\n", maxFound)
	}
}
