package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A Report is what the doctor has found out about one program.
type Report struct {
	Program     string        `json:"program"` // server or client
	Target      string        `json:"target"`  // its address, or its command line
	Began       time.Time     `json:"began"`
	Lasted      time.Duration `json:"lasted_ns"`
	Version     string        `json:"version"` // of the doctor
	Interrupted bool          `json:"interrupted"`
	Notes       []string      `json:"notes,omitempty"` // sentences on how it was done
	Points      []Point       `json:"points"`          // in the order in which they were looked at
	Habits      []Habit       `json:"habits"`          // that were seen
	Estimate    *Estimate     `json:"estimate"`
}

// Count returns how many points have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for _, p := range r.Points {
		if p.Verdict == v {
			n++
		}
	}
	return n
}

// Tested returns how many points of the specification have been passed or failed.
func (r *Report) Tested() (n int) {
	for _, p := range r.Points {
		if p.Specified() && p.Verdict != NotTested {
			n++
		}
	}
	return n
}

// Good reports whether no point of the specification is failed, and some were tested.
func (r *Report) Good() bool { return r.Count(Fail) == 0 && r.Tested() > 0 }

// Verdict returns what was found, in sentences.
func (r *Report) Verdict() (list []Finding) {
	add := func(bad bool, format string, args ...any) {
		list = append(list, Finding{bad, fmt.Sprintf(format, args...)})
	}
	switch failed, tested := r.Count(Fail), r.Tested(); {
	case tested == 0:
		add(true, "No point of the specification could be tested.")
	case failed > 0:
		add(true, "%s of the specification failed, of %d that were tested.", Plural(failed, "point", "points"), tested)
	default:
		add(false, "All %s of the specification that were tested are passed.", Plural(tested, "point", "points"))
	}
	if n := r.Count(Warn); n > 0 {
		add(false, "%s of other programs not met: some will not get on with it.", Plural(n, "habit", "habits"))
	}
	if n := r.Count(NotTested); n > 0 {
		add(false, "%s not be tested.", Plural(n, "point could", "points could"))
	}
	if r.Interrupted {
		add(true, "Interrupted: this is what was found up to then.")
	}
	if r.Estimate != nil {
		add(false, "%s", r.Estimate.Sentence())
	}
	return list
}

// A Finding is one sentence of the verdict.
type Finding struct {
	Bad  bool
	Text string
}

// A Group is the points of one group.
type Group struct {
	Name   string
	Points []Point
}

// Groups returns the points by group, the groups in the order of their first points.
func (r *Report) Groups() (list []Group) {
	at := make(map[string]int)
	for _, p := range r.Points {
		i, ok := at[p.Group]
		if !ok {
			i = len(list)
			at[p.Group] = i
			list = append(list, Group{Name: p.Group})
		}
		list[i].Points = append(list[i].Points, p)
	}
	return list
}

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Plural writes a number with its noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
