package server

import (
	"fmt"
	"runtime"
	"testing"

	"parley/eventloop"
)

// BenchmarkIdle is the memory of an extended session that does nothing after its login,
// without its socket: bytes that are in use when 10,000 are there, and bytes that were
// taken until then, of which the collector's pace leaves a part in the process.
//
// 674 bytes are in use, and 1,706 were taken; before one log decided they were 680 and
// 1,383. In a server gnet takes 380 more (Linux 6.18, Go 1.26.8, 2026-11-26).
func BenchmarkIdle(b *testing.B) {
	const sessions = 10000
	cfg := benchConfig()
	cfg.PresenceLimit = 1
	var inUse, taken float64
	for b.Loop() {
		before := memory()
		s := New(cfg, StartInMemory("bench", benchStart), nil)
		l := eventloop.NewLoop(0, s, &stillDriver{benchStart}, 1<<20, eventloop.NewMemory(0))
		l.Start()
		for i := range sessions {
			l.Receive(l.Open(nullSocket{}, loopback), fmt.Appendf(nil, `{"request":"login","content":"user%d","extended":1}`+"\n", i))
			l.Turn()
		}
		after := memory()
		inUse += float64(after.HeapAlloc-before.HeapAlloc) / sessions
		taken += float64(after.TotalAlloc-before.TotalAlloc) / sessions
		runtime.KeepAlive(l)
	}
	b.ReportMetric(inUse/float64(b.N), "in-use-B/session")
	b.ReportMetric(taken/float64(b.N), "taken-B/session")
}

func memory() (m runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}
