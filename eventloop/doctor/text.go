package doctor

import (
	"fmt"
	"io"
	"strings"
)

const (
	shownSegments = 6   // of a point that is not passed, without --verbose
	shownBytes    = 300 // of a segment, without --verbose
)

// Text writes the report for a terminal: a line for each point, and below one that is not
// passed what was asked, sent and came, and what to change. If it is verbose each point
// has its bytes.
func (r *Report) Text(w io.Writer, verbose bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Examination of the %s %s, %s, %s\n", r.Program, visible([]byte(r.Target)), r.Began.UTC().Format("2006-01-02 15:04:05 UTC"), r.Version)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "%s\n", visible([]byte(n)))
	}
	for _, g := range r.Groups() {
		fmt.Fprintf(&b, "\n%s\n", g.Name)
		for _, p := range g.Points {
			p.write(&b, verbose)
		}
	}
	b.WriteByte('\n')
	for _, f := range r.Verdict() {
		fmt.Fprintf(&b, "%s\n", f.Text)
	}
	if r.Estimate != nil {
		for _, reason := range r.Estimate.Reasons {
			fmt.Fprintf(&b, "  %s\n", reason)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p Point) write(b *strings.Builder, verbose bool) {
	fmt.Fprintf(b, "  %-10s  %s", p.Verdict, p.Asks)
	if p.Found != "" && (p.Verdict == NotTested || verbose) {
		fmt.Fprintf(b, " (%s)", visible([]byte(p.Found)))
	}
	b.WriteByte('\n')
	line := func(name, text string) { fmt.Fprintf(b, "  %-10s  %-7s %s\n", "", name, text) }
	if p.Bad() {
		line("by", p.Source())
		line("found", visible([]byte(p.Found)))
	}
	if p.Bad() || verbose {
		p.writeTrace(line, verbose)
	}
	if p.Bad() {
		line("change", p.Change)
	}
}

// writeTrace writes the last segments of a point, or all.
func (p Point) writeTrace(line func(name, text string), verbose bool) {
	trace, size := p.Trace, maxSegment
	if !verbose {
		size = shownBytes
		if left := len(trace) - shownSegments; left > 0 {
			line("", fmt.Sprintf("(%s before that: --verbose shows all)", Plural(left, "segment", "segments")))
			trace = trace[left:]
		}
	}
	for _, s := range trace {
		line(s.Way(), fmt.Sprintf("%6.3fs #%d  %s", s.At.Seconds(), s.Conn, s.text(size)))
	}
}
