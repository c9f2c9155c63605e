package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/users/rooms"
)

func benchFolders(b *testing.B, bench func(b *testing.B, s *Store)) {
	for _, kind := range []string{"file", "memory"} {
		b.Run(kind, func(b *testing.B) {
			dir := Memory
			if kind == "file" {
				dir = b.TempDir()
			}
			s, err := Open(dir, rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			bench(b, s)
			b.StopTimer()
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

var benchText = strings.Repeat("x", 200)

// BenchmarkAppend is one writer that waits for each commit.
func BenchmarkAppend(b *testing.B) {
	benchFolders(b, func(b *testing.B, s *Store) {
		took := make([]time.Duration, b.N)
		for i := range b.N {
			start := time.Now()
			m := rooms.Message{ID: uint64(i + 1), Time: start, Sender: "alice", Text: benchText}
			if err := Wait(func(done func(error)) error { return s.AppendMessage(m, "", done) }); err != nil {
				b.Fatal(err)
			}
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-us")
		b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-us")
	})
}

// BenchmarkAppend64 is 64 writers, each of which waits for its own commit.
func BenchmarkAppend64(b *testing.B) {
	benchFolders(b, func(b *testing.B, s *Store) { benchWriters(b, s, false) })
}

// BenchmarkAppend64Requests is the same with requests to be remembered.
func BenchmarkAppend64Requests(b *testing.B) {
	benchFolders(b, func(b *testing.B, s *Store) { benchWriters(b, s, true) })
}

func benchWriters(b *testing.B, s *Store, remember bool) {
	var number atomic.Uint64
	b.SetParallelism(32) // times two cores
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m := rooms.Message{ID: number.Add(1), Time: time.Now(), Sender: "alice", Text: benchText}
			request := ""
			if remember {
				request = rand.Text()
			}
			if err := Wait(func(done func(error)) error { return s.AppendMessage(m, request, done) }); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64(b.N)/float64(s.commits), "msg/commit")
}

// BenchmarkAppendFull is a queue that is never empty, as in a burst.
func BenchmarkAppendFull(b *testing.B) {
	benchFolders(b, func(b *testing.B, s *Store) {
		places := make(chan struct{}, QueueLimit/2)
		done := func(err error) {
			if err != nil {
				b.Error(err)
			}
			<-places
		}
		now := time.Now()
		for i := range b.N {
			places <- struct{}{}
			m := rooms.Message{ID: uint64(i + 1), Time: now, Sender: "alice", Text: benchText}
			if err := s.AppendMessage(m, fmt.Sprint("request", i), done); err != nil {
				b.Fatal(err)
			}
		}
		for range cap(places) {
			places <- struct{}{}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
}

// BenchmarkBefore is a page of 50 out of 100,000 messages.
func BenchmarkBefore(b *testing.B) {
	benchFolders(b, func(b *testing.B, s *Store) {
		b.StopTimer()
		const last = 100_000
		for i := range uint64(last) {
			m := rooms.Message{ID: i + 1, Time: time.Now(), Sender: "alice", Text: benchText}
			write := func(done func(error)) error { return s.AppendMessage(m, "", done) }
			if i%1000 == 999 {
				if err := Wait(write); err != nil {
					b.Fatal(err)
				}
			} else if err := write(nil); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		for i := range b.N {
			id := uint64(100 + i*7919%(last-100))
			if page, err := s.Before(context.Background(), id, 50); err != nil || len(page) != 50 {
				b.Fatal(len(page), err)
			}
		}
	})
}

// BenchmarkChanges asks when nothing was changed.
func BenchmarkChanges(b *testing.B) {
	benchFolders(b, func(b *testing.B, s *Store) {
		for range b.N {
			if changes, _, err := s.Changes(context.Background(), 0); err != nil || len(changes) > 0 {
				b.Fatal(changes, err)
			}
		}
	})
}
