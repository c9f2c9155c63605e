package doctor

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// A Habit is something that a program was seen to do which some of the measured programs
// cannot bear, such as "history: strings". The words are those of needs.json.
type Habit string

// needs.json says with which habits the measured programs do not get on. Of each kind,
// clients and servers:
//
//	count       how many were measured
//	needs       a list; the first that applies to a program is its reason:
//	  habit     of the examined program, "" for any
//	  programs  which cannot bear it, by the names of the measurement: a01 is the first
//	            client of the first set, b01 that of the second
//	  number    how many cannot, where it is not known which
//	  of        among how many that was measured
//	  why       what they need, or what happens to them
//
//go:embed needs.json
var needsJSON []byte

// needs are what the measured programs of one kind need.
type needs struct {
	Count int    `json:"count"`
	Needs []need `json:"needs"`
}

type need struct {
	Habit    Habit    `json:"habit"`
	Programs []string `json:"programs"`
	Number   int      `json:"number"`
	Of       int      `json:"of"`
	Why      string   `json:"why"`
}

// An Estimate says with how many of the measured programs an examined one works.
type Estimate struct {
	Kind    string   `json:"kind"` // clients or servers
	Of      int      `json:"of"`
	Least   int      `json:"least"` // if those of which only the number is known are all different ones
	Most    int      `json:"most"`  // if they are as much the same as can be
	Reasons []Reason `json:"reasons"`
}

// A Reason is why an examined program does not work with others: each of those that are
// known by name stands with its first one.
type Reason struct {
	Habit    Habit    `json:"habit"`
	Programs []string `json:"programs,omitempty"`
	Number   int      `json:"number"`
	Of       int      `json:"of,omitempty"` // 0: of all
	Why      string   `json:"why"`
}

// String returns the reason as a line.
func (r Reason) String() string {
	if r.Of > 0 {
		return fmt.Sprintf("%d of %d measured: %s", r.Number, r.Of, r.Why)
	}
	return fmt.Sprintf("%d: %s", r.Number, r.Why)
}

// Sentence returns the estimate as the last line of a report.
func (e *Estimate) Sentence() string {
	n := fmt.Sprint(e.Most)
	if e.Least != e.Most {
		n = fmt.Sprintf("%d to %d", e.Least, e.Most)
	}
	return fmt.Sprintf("It works with %s of the %d measured third-party %s.", n, e.Of, e.Kind)
}

// EstimateFor returns with how many of the measured programs of a kind, clients or
// servers, one that has these habits works.
func EstimateFor(kind string, habits []Habit) *Estimate {
	var all map[string]needs
	if err := json.Unmarshal(needsJSON, &all); err != nil {
		panic(err) // it is a part of the program
	}
	table, ok := all[kind]
	if !ok {
		panic("doctor: no needs of " + kind)
	}
	e := &Estimate{Kind: kind, Of: table.Count, Reasons: []Reason{}}
	lost := make(map[string]bool)
	most, sum := 0, 0
	for _, n := range table.Needs {
		if n.Habit != "" && !slices.Contains(habits, n.Habit) {
			continue
		}
		reason := Reason{Habit: n.Habit, Number: n.Number, Of: n.Of, Why: n.Why}
		for _, p := range n.Programs {
			if !lost[p] {
				lost[p] = true
				reason.Programs = append(reason.Programs, p)
			}
		}
		if n.Number == 0 {
			reason.Number = len(reason.Programs)
		} else {
			most, sum = max(most, n.Number), sum+n.Number
		}
		if reason.Number > 0 {
			e.Reasons = append(e.Reasons, reason)
		}
	}
	e.Least = max(0, e.Of-len(lost)-sum)
	e.Most = e.Of - max(len(lost), most)
	return e
}
