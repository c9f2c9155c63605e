package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"parley/users/search"
	"parley/users/state"
)

var benchText = strings.Repeat("x", 200)

// fill makes rows of n messages behind a number, each with its request.
func fill(rows *state.Rows, last uint64, n int) {
	rows.Messages, rows.Requests = rows.Messages[:0], rows.Requests[:0]
	for range n {
		last++
		rows.Messages = append(rows.Messages, state.Message{Number: last, Room: state.Lobby, Time: noon, Sender: "alice", Person: "alice", Text: benchText})
		rows.Requests = append(rows.Requests, state.Request{
			Serial: last, Person: fmt.Sprint("user", last%1000), ID: "b2c9a1f04d", Digest: last, Number: last, Time: noon,
		})
	}
	rows.Last, rows.Time = last, noon
	rows.OldRequests = max(last, 100_000) - 100_000
}

// BenchmarkCommit keeps batches of messages, each with its request.
func BenchmarkCommit(b *testing.B) {
	for _, mode := range []struct {
		name string
		dir  func() string
		sync Sync
	}{
		{"always", b.TempDir, SyncAlways},
		{"none", b.TempDir, SyncNone},
		{"memory", func() string { return Memory }, SyncAlways},
	} {
		for _, n := range []int{1, 64, 1024} {
			b.Run(fmt.Sprint(mode.name, "/", n), func(b *testing.B) {
				s := mustOpenWith(b, mode.dir(), mode.sync)
				var rows state.Rows
				b.ReportAllocs()
				for b.Loop() {
					fill(&rows, rows.Last, n)
					mustCommit(b, s, rows)
				}
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}

// large makes a folder with a million messages, 200,000 direct messages between 1,000
// persons and as many requests as are kept.
func large(b *testing.B) string {
	dir := b.TempDir()
	s := mustOpenWith(b, dir, SyncNone)
	const batch = 10_000
	var rows state.Rows
	for range 100 {
		fill(&rows, rows.Last, batch)
		mustCommit(b, s, rows)
	}
	rows = state.Rows{Last: rows.Last, Time: noon}
	for i := range uint64(200_000) {
		rows.Last++
		rows.Directs = append(rows.Directs, direct(rows.Last, fmt.Sprint("user", i%1000), fmt.Sprint("user", i*7%997)))
	}
	for i := range 1000 {
		rows.Cursors = append(rows.Cursors, state.Cursor{Person: fmt.Sprint("user", i), Number: rows.Last - 20_000})
	}
	mustCommit(b, s, rows)
	mustClose(b, s)
	return dir
}

// withRooms adds 10,000 rooms of 10 members, in each of which 20 messages were said, and a
// read cursor for each member.
func withRooms(b *testing.B, dir string) {
	s := mustOpenWith(b, dir, SyncNone)
	rows := state.Rows{Last: mustLoad(b, s).Last, Time: noon}
	for i := range 10_000 {
		name := fmt.Sprint("Room-", i)
		rows.Rooms = append(rows.Rooms, state.RoomRow{Room: state.Room{Name: name, Number: rows.Last, Owner: "user1", Topic: benchText[:40]}})
		for j := range 10 {
			person := fmt.Sprint("user", i+j)
			rows.Members = append(rows.Members, state.MemberRow{Member: state.Member{Room: name, Person: person, Since: rows.Last}})
			rows.ReadCursors = append(rows.ReadCursors, state.ReadCursorRow{ReadCursor: state.ReadCursor{Person: person, Room: name, Number: rows.Last}})
		}
	}
	for i := range 200_000 {
		rows.Last++
		rows.Messages = append(rows.Messages, state.Message{Number: rows.Last, Room: fmt.Sprint("Room-", i%10_000), Time: noon, Sender: "alice", Person: "alice", Text: benchText})
	}
	mustCommit(b, s, rows)
	mustClose(b, s)
}

// BenchmarkStart opens a large folder, loads it and reads the newest messages.
func BenchmarkStart(b *testing.B) {
	dir := large(b)
	for _, name := range []string{"lobby", "rooms"} {
		b.Run(name, func(b *testing.B) { benchmarkStart(b, dir) })
		withRooms(b, dir)
	}
}

func benchmarkStart(b *testing.B, dir string) {
	for b.Loop() {
		start := time.Now()
		s := mustOpen(b, dir)
		opened := time.Now()
		kept := mustLoad(b, s)
		loaded := time.Now()
		if _, err := s.Newest(context.Background(), state.Lobby, PageLimit); err != nil || len(kept.Requests) != 100_000 || len(kept.Unseen) < 19_000 {
			b.Fatal(err, len(kept.Requests), len(kept.Unseen))
		}
		b.ReportMetric(opened.Sub(start).Seconds()*1000, "open-ms")
		b.ReportMetric(loaded.Sub(opened).Seconds()*1000, "load-ms")
		b.ReportMetric(time.Since(loaded).Seconds()*1000, "newest-ms")
		mustClose(b, s)
	}
}

// BenchmarkForget forgets a guest while as many requests are kept as ever are.
func BenchmarkForget(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	var rows state.Rows
	fill(&rows, 0, 100_000)
	mustCommit(b, s, rows)
	for b.Loop() {
		mustCommit(b, s, state.Rows{Last: rows.Last, Forgotten: []state.Forgotten{{Person: "~guest", UpTo: rows.Last}}})
	}
}

// BenchmarkBetween is a page of 50 out of 100,000 messages.
func BenchmarkBetween(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	const last = 100_000
	var rows state.Rows
	fill(&rows, 0, last)
	mustCommit(b, s, rows)
	i := 0
	for b.Loop() {
		i++
		number := uint64(100 + i*7919%(last-100))
		if page, err := s.Between(context.Background(), state.Lobby, 0, number, 50); err != nil || len(page) != 50 {
			b.Fatal(len(page), err)
		}
	}
}

// BenchmarkFilesInPlace is what each commit pays for looking.
func BenchmarkFilesInPlace(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	for b.Loop() {
		if err := s.files.check(); err != nil {
			b.Fatal(fmt.Errorf("nothing has happened: %w", err))
		}
	}
}

// BenchmarkSearch searches in 10,000 messages for a word that nobody has said, and for one that
// ten have.
func BenchmarkSearch(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	var rows state.Rows
	fill(&rows, 0, 10_000)
	for i := range 10 {
		rows.Messages[i*1000].Text = "buy milk"
	}
	mustCommit(b, s, rows)
	for _, word := range []string{"nobody", "milk"} {
		b.Run(word, func(b *testing.B) {
			q := search.Query{Words: []search.Word{{Text: word}}, Rooms: []state.RoomFrom{{Room: rows.Messages[0].Room}}, Before: math.MaxUint64, Most: 50, Bytes: 1 << 20}
			n := 0
			for b.Loop() {
				page, err := s.Search(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				n += len(page.Hits)
			}
			b.ReportMetric(float64(n)/float64(b.N), "found")
		})
	}
}
