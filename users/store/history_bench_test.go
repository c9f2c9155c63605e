package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"parley/users/state"
	"parley/users/tail"
)

const saidInRooms = 1_000_000

// manyRooms keeps a million messages, half of them in the lobby, the others in 1,000 rooms.
func manyRooms(b *testing.B) (s *Store, rooms []state.RoomFrom) {
	s = mustOpenWith(b, b.TempDir(), SyncNone)
	for i := range 1000 {
		rooms = append(rooms, state.RoomFrom{Room: fmt.Sprint("Room-", i)})
	}
	for n := uint64(0); n < saidInRooms; {
		var rows state.Rows
		fill(&rows, n, 10_000)
		rows.Requests, n = nil, rows.Last
		for i := range rows.Messages {
			if m := &rows.Messages[i]; m.Number%2 == 0 {
				m.Room = rooms[m.Number/2*7919%1000].Room
			}
		}
		mustCommit(b, s, rows)
	}
	return s, rooms
}

// BenchmarkPage is a page of 16 KB for somebody who comes back: of the lobby alone, with
// 100 rooms, of 100 rooms alone and of one; and of 100 in which nothing was ever said.
func BenchmarkPage(b *testing.B) {
	s, all := manyRooms(b)
	quiet := make([]state.RoomFrom, 100)
	for i := range quiet {
		quiet[i] = state.RoomFrom{Room: fmt.Sprint("quiet-", i)}
	}
	for _, c := range []struct {
		name  string
		rooms []state.RoomFrom
	}{
		{"lobby", lobby}, {"lobby and 100 rooms", append(all[:100:100], lobby...)}, {"100 rooms", all[:100]}, {"1 room", all[:1]}, {"100 quiet rooms", quiet},
	} {
		b.Run(c.name, func(b *testing.B) {
			after, n := uint64(0), 0
			for b.Loop() {
				page, reached, err := s.MessagesAfter(context.Background(), c.rooms, after, saidInRooms, 16<<10)
				if err != nil {
					b.Fatal(err)
				}
				n += len(page)
				if after = reached; after == saidInRooms {
					after = 0
				}
			}
			b.ReportMetric(float64(n)/float64(b.N), "messages/page")
		})
	}
}

// BenchmarkUnread counts 100 rooms with 500 messages each, none of which is in the tail: the
// last ones not to the end.
func BenchmarkUnread(b *testing.B) {
	s, all := manyRooms(b)
	q := tail.UnreadQuery{Person: "bob", Name: "bob", Rooms: all[:100], Most: 999,
		Mention: func(text string) bool { return strings.Contains(text, "bob") }}
	for b.Loop() {
		found, err := tail.Count(context.Background(), s, tail.New(1, saidInRooms).Unread(q))
		if err != nil || len(found) != 100 || found[0].Count != 500 || !found[99].More {
			b.Fatal(err, len(found))
		}
	}
}
