package doctor

import "fmt"

// A Verdict is what came of a point.
type Verdict string

// The verdicts.
const (
	Pass      Verdict = "pass"
	Fail      Verdict = "fail"       // of the specification
	Warn      Verdict = "warn"       // of a habit
	NotTested Verdict = "not tested" // the program made it impossible, or it was not asked for
)

// A Rule is what a point asks. It is of the specification if Section is set, and else
// a habit of the measured programs.
type Rule struct {
	ID      string `json:"id"`                // unique within a report, such as names_lists_both
	Group   string `json:"group"`             // such as chat: what --only takes
	Asks    string `json:"asks"`              // a sentence: what a program should do
	Section string `json:"section,omitempty"` // of the specification, by its subject
	World   string `json:"world,omitempty"`   // what was measured: "22 of 27 servers do it"
	Change  string `json:"change"`            // a sentence: what to change if it does not
}

// Specified reports whether the rule is of the specification.
func (r Rule) Specified() bool { return r.Section != "" }

// Source says by whose word the rule is one.
func (r Rule) Source() string {
	switch {
	case r.Section == "":
		return "habit: " + r.World
	case r.World == "":
		return "specification: " + r.Section
	}
	return fmt.Sprintf("specification: %s; %s", r.Section, r.World)
}

// Judge returns the point of the rule: passed, or failed or warned of as the rule is of
// the specification or a habit. Found says in a few words what was seen; trace has the
// bytes that show it.
func (r Rule) Judge(ok bool, found string, trace []Segment) Point {
	p := Point{Rule: r, Verdict: Pass, Found: found, Trace: trace}
	switch {
	case ok:
	case r.Specified():
		p.Verdict = Fail
	default:
		p.Verdict = Warn
	}
	return p
}

// Untested returns the point of the rule where nothing can be said, and why.
func (r Rule) Untested(why string) Point {
	return Point{Rule: r, Verdict: NotTested, Found: why}
}

// A Point is a rule and what came of it with one program.
type Point struct {
	Rule
	Verdict Verdict   `json:"verdict"`
	Found   string    `json:"found"` // what was seen, or why it was not tested
	Trace   []Segment `json:"trace"` // the bytes of the point, in order
}

// Bad reports whether the point is failed or warned of.
func (p Point) Bad() bool { return p.Verdict == Fail || p.Verdict == Warn }
