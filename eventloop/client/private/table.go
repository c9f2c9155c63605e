package private

import (
	"fmt"
	"strings"
	"time"

	"parley/p2p"
	"parley/protocol/printable"
)

// peerTable is the answer to /peers, with each name as toldApart gives it.
func peerTable(rows []p2p.Peer, toldApart func(name string) string, now time.Time) string {
	table := [][]string{{"name", "path", "key", "age", "round trip", "waiting"}}
	for _, p := range rows {
		table = append(table, peerRow(p, toldApart, now))
	}
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var lines []string
	for _, row := range table {
		line := ""
		for i, cell := range row {
			line += fmt.Sprintf("%-*s  ", widths[i], cell)
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n")
}

func peerRow(p p2p.Peer, toldApart func(name string) string, now time.Time) []string {
	path := map[p2p.State]string{
		p2p.Asking: "has not answered", p2p.Asked: "asks you", p2p.Connecting: "connecting",
		p2p.Open: printable.Line(p.Path.String()), p2p.Closed: "none",
	}[p.State]
	key, age, trip, waiting := "not verified", "", "", ""
	if p.Verified {
		key = "verified"
	}
	if p.Fingerprint == "" && !p.Verified {
		key = ""
	}
	if !p.Since.IsZero() {
		age = roughly(now.Sub(p.Since))
	}
	if p.RoundTrip > 0 {
		trip = fmt.Sprintf("%.1f ms", float64(p.RoundTrip)/float64(time.Millisecond))
	}
	if p.Waiting > 0 {
		waiting = fmt.Sprint(p.Waiting)
	}
	return []string{toldApart(printable.Line(p.Name)), path, key, age, trip, waiting}
}

// roughly is a duration in its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d h", d/time.Hour)
}
