package load

import (
	"fmt"
	"strings"
)

// barWidth is the width of a bar of progress in characters.
const barWidth = 20

// Line returns the progress as one line of a terminal of 100 columns.
func (g Progress) Line() string {
	head := fmt.Sprintf("%s %s ", g.Scenario, g.Phase)
	tail := fmt.Sprintf("%s/%s clients, %s/s", grouped(g.Connections), grouped(int64(g.Clients)), rate(int64(g.PerSecond+0.5), 1e9))
	if g.Latency.Count > 0 {
		tail += fmt.Sprintf(", p50 %s p99 %s", duration(g.Latency.P50), duration(g.Latency.P99))
	}
	if g.Troubles > 0 {
		tail += fmt.Sprintf(", %s errors", grouped(int64(g.Troubles)))
	}
	if g.Phase != "measuring" {
		return head + tail
	}
	done := min(max(int(g.Elapsed*barWidth/g.Duration), 0), barWidth)
	left := max(g.Duration-g.Elapsed, 0).Round(1e9)
	return fmt.Sprintf("%s[%s%s] %s left, %s", head, strings.Repeat("#", done), strings.Repeat(".", barWidth-done), left, tail)
}
