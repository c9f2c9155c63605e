//go:build unix

package eventloop_test

import (
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
)

// A counter is a socket that takes all and counts.
type counter struct{ writes, bytes *int }

func (c counter) Write(b []byte) int {
	*c.writes++
	*c.bytes += len(b)
	return len(b)
}
func (counter) CloseWrite() {}
func (counter) Close()      {}

// A house is connections and the groups that they are in, without sockets.
type house struct {
	loop   *eventloop.Loop
	conns  []*eventloop.Conn
	groups []*eventloop.Group

	writes, bytes int
}

func newHouse(conns, groups int) *house {
	h := &house{loop: eventloop.NewLoop(0, &hooks{}, &driver{now: time.Unix(1e9, 0)}, 1<<20, eventloop.NewMemory(0))}
	h.loop.Start()
	for range conns {
		h.conns = append(h.conns, h.loop.Open(counter{&h.writes, &h.bytes}, netip.AddrPort{}))
	}
	for range groups {
		h.groups = append(h.groups, h.loop.NewGroup())
	}
	return h
}

// settle has every connection join so many of the groups.
func (h *house) settle(each int) {
	random := rand.New(rand.NewPCG(1, 2))
	for i, c := range h.conns {
		for n := range each {
			if g := h.groups[(i+n)%len(h.groups)]; n == 0 || each == len(h.groups) {
				g.Add(c)
				continue
			}
			h.groups[random.IntN(len(h.groups))].Add(c)
		}
	}
}

var benchFrame = []byte(strings.Repeat("x", 200))

// measure has one turn after the other and says what a write and a delivery take of the
// processor, which on a busy machine says more than the time.
func (h *house) measure(b *testing.B, turn func()) {
	turn() // lists grow
	h.writes, h.bytes = 0, 0
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		turn()
	}
	took := float64((cpu() - before).Nanoseconds())
	b.ReportMetric(took/float64(h.writes), "cpu-ns/write")
	b.ReportMetric(took/float64(h.bytes/len(benchFrame)), "cpu-ns/delivery")
}

// BenchmarkGroups is a turn in which all groups speak, without sockets. CPU time in ns per
// delivery and, where it is another, per write, beside what it was when a connection could
// be in one group only (medians of 11 runs in turn, the least in brackets, go test -bench
// 'Groups|Joins' -benchtime 0.1s, 2 cores of an AMD EPYC with much else to do, Linux 6.18,
// Go 1.26.8, 2026-11-26):
//
//	                                 in one group     in any number
//	one room of 5,000                8.0  (7.3)       8.2  (7.5)
//	the same, 64 messages            0.13 (0.12)      0.13 (0.12)
//	10,000 rooms of 10               25   (19)        32   (25)
//	the same, everybody in ten       -                270  (220), 2,700 per write
//	one connection in 100 rooms      -                67   (61),  6,700 per write
//
// That is what comes before the write, which costs 5,000 with a socket: everybody in ten
// rooms, and all of these speaking, has a tenth of the writes.
func BenchmarkGroups(b *testing.B) {
	for _, bench := range []struct {
		name                string
		conns, groups, each int
		messages            int // of each group in a turn
	}{
		{"one room of 5000", 5000, 1, 1, 1},
		{"one room of 5000, 64 messages", 5000, 1, 1, 64},
		{"10000 rooms of 10", 100000, 10000, 1, 1},
		{"10000 rooms of 10, each in ten", 10000, 10000, 10, 1},
		{"one connection in 100 rooms", 1, 100, 100, 1},
	} {
		b.Run(bench.name, func(b *testing.B) {
			h := newHouse(bench.conns, bench.groups)
			h.settle(bench.each)
			h.measure(b, func() {
				for range bench.messages {
					for _, g := range h.groups {
						g.Send(benchFrame)
					}
				}
				h.loop.Turn()
			})
		})
	}
}

// BenchmarkJoins is 100 connections of 10,000, each in one room of 1,000, of which 100
// speak in a turn: those that leave theirs and join another are beside what is said. CPU
// time in ns per delivery as for BenchmarkGroups, when a connection could be in one group
// only and now: nobody 44 (37) and 44 (37), 100 leave and join 54 (49) and 70 (45).
func BenchmarkJoins(b *testing.B) {
	const changes = 100
	for _, joins := range []bool{false, true} {
		name := "nobody"
		if joins {
			name = "100 leave and join"
		}
		b.Run(name, func(b *testing.B) {
			h := newHouse(10000, 1000)
			in := make([]int, len(h.conns))
			for i, c := range h.conns {
				in[i] = i % len(h.groups)
				h.groups[in[i]].Add(c)
			}
			random := rand.New(rand.NewPCG(1, 2))
			h.measure(b, func() {
				for range changes {
					i, next := random.IntN(len(h.conns)), random.IntN(len(h.groups))
					if joins {
						h.groups[in[i]].Remove(h.conns[i])
						h.groups[next].Add(h.conns[i])
						in[i] = next
					}
					h.groups[next].Send(benchFrame)
				}
				h.loop.Turn()
			})
		})
	}
}

// BenchmarkRoomsThatComeAndGo is a room that is made, in which three meet and one says
// something, and which ends: 3 allocations of 144 bytes in all. There were 9 of 1,612 bytes
// when each group kept a buffer.
func BenchmarkRoomsThatComeAndGo(b *testing.B) {
	h := newHouse(3000, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		three := h.conns[i*3%len(h.conns):][:3]
		g := h.loop.NewGroup()
		for _, c := range three {
			g.Add(c)
		}
		g.Send(benchFrame)
		for _, c := range three {
			g.Remove(c)
		}
		if i%100 == 99 {
			h.loop.Turn()
		}
	}
}

// BenchmarkMemberships is the memory of connections' memberships, the groups included, in
// bytes for each (Go 1.26.8, amd64, 2026-11-26): in one room of 5,000 18, in 10,000 rooms
// of 10 21; the same with everybody in ten 42, 1,000 connections in 100 rooms 39.
func BenchmarkMemberships(b *testing.B) {
	for _, bench := range []struct {
		name                string
		conns, groups, each int
	}{
		{"one room of 5000", 5000, 1, 1},
		{"10000 rooms of 10", 100000, 10000, 1},
		{"10000 rooms of 10, each in ten", 10000, 10000, 10},
		{"1000 connections in 100 rooms", 1000, 100, 100},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var taken, memberships float64
			for b.Loop() {
				h := newHouse(bench.conns, 0)
				before := inUse()
				for range bench.groups {
					h.groups = append(h.groups, h.loop.NewGroup())
				}
				h.settle(bench.each)
				taken += inUse() - before - 8*float64(cap(h.groups))
				for _, g := range h.groups {
					memberships += float64(g.Len())
				}
			}
			b.ReportMetric(taken/memberships, "B/membership")
		})
	}
}

// inUse returns how many bytes of memory are in use.
func inUse() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
