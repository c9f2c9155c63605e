package load

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Report is a whole run: what was asked, where, and what came of it. As JSON
// all durations are in nanoseconds.
type Report struct {
	Target      string      `json:"target"`
	Began       time.Time   `json:"began"`
	Interrupted bool        `json:"interrupted"`
	Settings    Settings    `json:"settings"`
	Versions    Versions    `json:"versions"`
	Machine     Machine     `json:"machine"`
	Results     []Result    `json:"results"`
	Judgements  []Judgement `json:"judgements"` // of every threshold in every scenario
}

// Settings are those of the run as a whole; each result has those of its scenario.
type Settings struct {
	Plain   bool     `json:"plain"`
	Seed    uint64   `json:"seed"`
	Sources int      `json:"sources"` // addresses that were connected from; 0: the system's choice
	FailIf  []string `json:"fail_if"`
	Allow   []string `json:"allow"` // kinds of errors that are no fault
	PID     int      `json:"pid"`   // of the server; 0: not known
}

// AllowAll allows every kind of error.
const AllowAll = "all"

// Versions are those of the tester.
type Versions struct {
	Parley string `json:"parley"`
	Go     string `json:"go"`
}

// A Machine is what the tester ran on.
type Machine struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	Cores int    `json:"cores"`
	CPU   string `json:"cpu"` // model, "" if it is not known
}

// allows reports whether errors of a kind are no fault.
func (r *Report) allows(kind string) bool {
	return slices.Contains(r.Settings.Allow, kind) || slices.Contains(r.Settings.Allow, AllowAll)
}

// wrong returns how many deliveries of a result were not as they should be. Who may be
// disconnected may miss what comes then.
func (r *Report) wrong(result *Result) uint64 {
	if r.allows(lostKind) {
		return result.Wrong() - result.Missed
	}
	return result.Wrong()
}

// Wrong returns how many deliveries of all scenarios were not as they should be.
func (r *Report) Wrong() (n uint64) {
	for i := range r.Results {
		n += r.wrong(&r.Results[i])
	}
	return n
}

// Errors returns how many errors of all scenarios are not allowed.
func (r *Report) Errors() (n int) {
	for i := range r.Results {
		n += r.errors(&r.Results[i])
	}
	return n
}

func (r *Report) errors(result *Result) (n int) {
	for _, t := range result.Troubles {
		if !r.allows(t.Kind) {
			n += t.Count
		}
	}
	return n
}

// Judge judges every threshold in every scenario.
func (r *Report) Judge(thresholds []Threshold) {
	for i := range r.Results {
		for _, t := range thresholds {
			r.Judgements = append(r.Judgements, t.Judge(&r.Results[i]))
		}
	}
}

// Crossed returns the thresholds that are crossed.
func (r *Report) Crossed() (list []Judgement) {
	return slices.DeleteFunc(slices.Clone(r.Judgements), func(j Judgement) bool { return j.Verdict != Crossed })
}

// Open returns the thresholds of which nothing can be said: the tester was too late
// itself, or no scenario has measured it.
func (r *Report) Open() (list []Judgement) {
	measured := make(map[string]bool)
	for _, j := range r.Judgements {
		measured[j.Threshold] = measured[j.Threshold] || j.Verdict != Unmeasured
	}
	for _, j := range r.Judgements {
		if j.Verdict == Unjudged || !measured[j.Threshold] {
			list = append(list, j)
		}
	}
	return list
}

// A Finding is one sentence of the verdict.
type Finding struct {
	Bad  bool
	Text string
}

// Verdict returns what the run has shown, in sentences.
func (r *Report) Verdict() (list []Finding) {
	bad := func(format string, args ...any) { list = append(list, Finding{true, fmt.Sprintf(format, args...)}) }
	if n := len(r.Crossed()); n > 0 {
		bad("%s crossed.", plural(int64(n), "threshold is", "thresholds are"))
	}
	if n := r.Wrong(); n > 0 {
		bad("%s.", plural(int64(n), "delivery was not as it should be", "deliveries were not as they should be"))
	}
	if n := r.Errors(); n > 0 {
		bad("%s.", plural(int64(n), "error", "errors"))
	}
	for i := range r.Results {
		if f := r.Results[i].Failed; f != "" && !r.Interrupted {
			bad("%s failed: %s.", r.Results[i].Name, f)
		}
	}
	if n := len(r.Open()); n > 0 {
		bad("%s not be judged.", plural(int64(n), "threshold could", "thresholds could"))
	}
	if r.Interrupted {
		bad("Interrupted: the figures are those up to then.")
	}
	if len(list) == 0 {
		text := "All is well: no errors"
		if slices.ContainsFunc(r.Results, func(x Result) bool { return x.Deliveries > 0 }) {
			text = "All is well: every message that was told came whole, once and in order; no errors"
		}
		if n := len(r.Settings.FailIf); n > 0 {
			text += "; no threshold is crossed"
		}
		list = append(list, Finding{false, text + "."})
	}
	var late []string
	for i := range r.Results {
		if s, ok := r.Results[i].explained(); ok {
			late = append(late, fmt.Sprintf("%s from %s on", r.Results[i].Name, s.name))
		}
	}
	if late != nil {
		list = append(list, Finding{false, "The tester's own lateness explains half or more of the latencies of " + strings.Join(late, ", ") + "."})
	}
	return list
}

// Good reports whether the verdict says nothing bad.
func (r *Report) Good() bool {
	return !slices.ContainsFunc(r.Verdict(), func(f Finding) bool { return f.Bad })
}

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func (r *Report) machine() string {
	cpu := r.Machine.CPU
	if cpu != "" {
		cpu = " of " + cpu
	}
	return fmt.Sprintf("%s, %s/%s, %d cores%s", r.Versions.Parley, r.Machine.OS, r.Machine.Arch, r.Machine.Cores, cpu)
}
