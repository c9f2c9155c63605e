package cluster

import (
	"fmt"
	"strings"
	"testing"
)

// What nodes say is joined with what the log has of those that say nothing.
func TestNodeStatuses(t *testing.T) {
	log := []Known{{Node: "a", Number: 1, Epoch: 1}, {Node: "b", Number: 2, Epoch: 3, Gone: true}, {Node: "c", Number: 3, Epoch: 1}}
	a := Report{Node: "a", Number: 1, Begun: true, Position: 90, Log: log}
	old := Report{Node: "d", Number: 4, Begun: true, Position: 10, Log: []Known{{Node: "b", Number: 2, Epoch: 2}}}
	failing, ending, reading, again := a, a, Report{Node: "new", Position: 3}, a
	failing.Failing, ending.Ending, again.Position = "it stands", true, 20
	for _, tt := range []struct {
		reports []Report
		last    uint64
		want    string
	}{
		{nil, 100, ""},
		{[]Report{a}, 100, "a lives 10, b gone 0, c silent 0"},
		{[]Report{a}, 80, "a lives 0, b gone 0, c silent 0"},
		{[]Report{old, a}, 100, "a lives 10, b gone 0, c silent 0, d lives 90"}, // who has read most is believed
		{[]Report{failing}, 0, "a stands 0, b gone 0, c silent 0"},
		{[]Report{ending}, 90, "a ends 0, b gone 0, c silent 0"},
		{[]Report{reading, a}, 90, "a lives 0, b gone 0, c silent 0, new reads 87"},
		{[]Report{again, a}, 90, "a lives 70 twice, a lives 0 twice, b gone 0, c silent 0"},
	} {
		var got []string
		for _, n := range nodeStatuses(tt.reports, tt.last) {
			line := fmt.Sprint(n.Node, " ", n.State, " ", n.Behind)
			if n.Another {
				line += " twice"
			}
			got = append(got, line)
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("got %q, want %q", strings.Join(got, ", "), tt.want)
		}
	}
}
