package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/users"
	"parley/users/state"
)

// TestConformance is what holds wherever the data are.
func TestConformance(t *testing.T) {
	cases := map[string]func(*testing.T, *Store){
		"empty":         testEmpty,
		"mark":          testMark,
		"messages":      testMessages,
		"directs":       testDirects,
		"replaced":      testReplaced,
		"renamed":       testRenamed,
		"hooks":         testHooks,
		"outgoing":      testOutgoing,
		"news":          testNews,
		"forgotten":     testForgotten,
		"order":         testOrder,
		"bytes":         testBytes,
		"cancelled":     testCancelled,
		"reading limit": testReadLimit,
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Run("file", func(t *testing.T) { test(t, mustOpen(t, t.TempDir())) })
			t.Run("memory", func(t *testing.T) { test(t, mustOpen(t, Memory)) })
		})
	}
}

func testEmpty(t *testing.T, s *Store) {
	same(t, "kept", mustLoad(t, s), state.Kept{})
	same(t, "newest", newest(t, s), nil)
	if err := s.Commit(&state.Rows{Last: 7}); err != nil { // of no command
		t.Error(err)
	}
	same(t, "kept", mustLoad(t, s), state.Kept{})
}

func testMark(t *testing.T, s *Store) {
	mark := state.Mark{Stream: "a stream 2026-11-26", Position: 1<<64 - 1, Message: 1 << 63}
	for _, m := range []*state.Mark{{Stream: "s", Position: 1}, &mark, nil} {
		if err := s.Commit(&state.Rows{Last: 1, Count: 1, Time: noon, Mark: m}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "mark", mustLoad(t, s).Mark, mark)
}

func testMessages(t *testing.T, s *Store) {
	odd := state.Message{Number: 5000, Room: state.Lobby, Sender: "b0b", Text: "a\x00b\n\"'; -- é 漢 \U0001F600"} // without time
	elsewhere := state.Message{Number: 3, Room: "elsewhere", Sender: "Alice", Time: noon}
	rows := state.Rows{Last: math.MaxInt64, Time: noon}
	var all []state.Message
	for number := uint64(1); number <= PageLimit+10; number++ {
		if number != elsewhere.Number {
			all = append(all, message(number))
		}
	}
	all = append(all, odd)
	rows.Messages = append(rows.Messages, all...)
	rows.Messages = append(rows.Messages, elsewhere)
	mustCommit(t, s, rows)

	between := func(room string, after, before uint64, n int) []state.Message {
		t.Helper()
		got, err := s.Between(context.Background(), room, after, before, n)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	page := func(room string, before uint64, n int) []state.Message { return between(room, 0, before, n) }
	end := len(all)
	same(t, "between 1 and 5", between(state.Lobby, 1, 5, 9), all[1:3])
	same(t, "before 5", page(state.Lobby, 5, 2), all[1:3])
	same(t, "before 4", page(state.Lobby, 4, 5), all[:2])
	same(t, "before 1", page(state.Lobby, 1, 5), nil)
	same(t, "none", page(state.Lobby, 7, 0), nil)
	same(t, "fewer than none", page(state.Lobby, 7, -1), nil)
	same(t, "no more than a page", page(state.Lobby, math.MaxUint64, math.MaxInt), all[end-PageLimit:])
	same(t, "another room", page("elsewhere", math.MaxUint64, 10), []state.Message{elsewhere})
	same(t, "no room", page("nowhere", math.MaxUint64, 10), nil)
	same(t, "newest", newest(t, s), all[end-PageLimit:])
	same(t, "last", mustLoad(t, s).Last, math.MaxInt64)
}

func directsOf(t testing.TB, s *Store, person string, after uint64) (numbers []uint64) {
	t.Helper()
	list, err := s.DirectsAfter(context.Background(), person, after, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		numbers = append(numbers, d.Number)
	}
	return numbers
}

func testDirects(t *testing.T, s *Store) {
	mustCommit(t, s, state.Rows{
		Directs: []state.Direct{direct(1, "alice", "bob"), direct(2, "bob", "alice"), direct(3, "~x", "bob"), direct(4, "alice", "~x"), direct(5, "~y", "~x")},
		Cursors: []state.Cursor{{Person: "bob", Number: 1}, {Person: "~x", Number: 5}},
		Last:    5, Time: noon,
	})
	same(t, "of bob", directsOf(t, s, "bob", 0), []uint64{1, 2, 3})
	same(t, "of bob after 1", directsOf(t, s, "bob", 1), []uint64{2, 3})
	same(t, "of ~x", directsOf(t, s, "~x", 0), []uint64{3, 4, 5})
	same(t, "of nobody", directsOf(t, s, "carol", 0), nil)
	list, err := s.DirectsAfter(context.Background(), "bob", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "one", list, []state.Direct{direct(3, "~x", "bob")})
	kept := mustLoad(t, s)
	same(t, "unseen", kept.Unseen, []state.Unseen{{Number: 2, From: "bob", Person: "alice"}, {Number: 3, From: "~x", Person: "bob"}})
	same(t, "guests", kept.Guests, []string{"~x", "~y"})
}

// What has the key of another row takes its place.
func testReplaced(t *testing.T, s *Store) {
	bob := account("Bob")
	bob.Known = "20783:9f86d081884c7d65"
	block := users.Lockout{Key: "bob", Failures: 1, Level: 2, Until: noon, First: noon.Add(1), Last: noon.Add(2)}
	once := state.Rows{
		Messages: []state.Message{message(1)}, Directs: []state.Direct{direct(2, "bob", "alice")},
		Requests: []state.Request{request(1, "bob"), request(2, "bob")}, Cursors: []state.Cursor{{Person: "alice", Number: 2}},
		Accounts: []state.AccountRow{{Account: account("bOB")}, {Account: account("carol")}},
		Blocks:   []state.BlockRow{{Block: users.Block{Blocker: "bob", Blocked: "eve"}}, {Block: users.Block{Blocker: "bob", Blocked: "dave"}}},
		Lockouts: []users.Lockout{{Key: "bob", Failures: 3}, {Key: "carol", Level: 1}},
		Last:     2, Time: noon,
	}
	mustCommit(t, s, once, once, state.Rows{
		Accounts:    []state.AccountRow{{Account: bob}, {Account: account("CAROL"), Gone: true}, {Account: account("nobody"), Gone: true}},
		Blocks:      []state.BlockRow{{Block: users.Block{Blocker: "BOB", Blocked: "Eve"}}, {Block: users.Block{Blocker: "Bob", Blocked: "Dave"}, Gone: true}},
		Lockouts:    []users.Lockout{block, {Key: "carol"}},
		OldRequests: 1, Last: 2, Time: noon.Add(time.Second),
	})
	same(t, "kept", mustLoad(t, s), state.Kept{
		Last: 2, Time: noon.Add(time.Second),
		Accounts: []users.Account{bob}, Blocks: []users.Block{{Blocker: "Bob", Blocked: "Eve"}}, Lockouts: []users.Lockout{block},
		Cursors: []state.Cursor{{Person: "alice", Number: 2}}, Requests: []state.Request{request(2, "bob")},
	})
}

func testHooks(t *testing.T, s *Store) {
	ci, probe := state.Hook{Name: "CiHook", Room: "Den", Token: "k1", Made: noon}, state.Hook{Name: "probeHook", Room: state.Lobby, Token: "k2", Made: noon.Add(1)}
	mustCommit(t, s, state.Rows{Hooks: []state.HookRow{{Hook: probe}, {Hook: ci}, {Hook: state.Hook{Name: "zHook", Token: "k3"}}}, Time: noon})
	same(t, "hooks", mustLoad(t, s).Hooks[:2], []state.Hook{ci, probe})
	ci.Token = "k4"
	mustCommit(t, s, state.Rows{Hooks: []state.HookRow{{Hook: state.Hook{Name: "ZHOOK"}, Gone: true}, {Hook: state.Hook{Name: "CIHOOK"}, Gone: true}, {Hook: ci}}, Time: noon})
	same(t, "hooks", mustLoad(t, s).Hooks, []state.Hook{ci, probe})
}

func testRenamed(t *testing.T, s *Store) {
	mustCommit(t, s, state.Rows{
		Directs:  []state.Direct{direct(1, "~x", "bob"), direct(2, "bob", "~x"), direct(3, "bob", "~x"), direct(4, "~x", "bob")},
		Requests: []state.Request{request(1, "~x"), request(4, "~x")},
		Cursors:  []state.Cursor{{Person: "~x", Number: 2}, {Person: "bob", Number: 4}},
		Renamed:  []state.Renamed{{From: "~x", To: "kim", UpTo: 3}},
		Last:     4, Time: noon,
	})
	same(t, "of kim", directsOf(t, s, "kim", 0), []uint64{1, 2, 3})
	same(t, "of the next who has the token", directsOf(t, s, "~x", 0), []uint64{4})
	kept := mustLoad(t, s)
	same(t, "requests", kept.Requests, []state.Request{request(1, "kim"), request(4, "~x")})
	same(t, "cursors", kept.Cursors, []state.Cursor{{Person: "bob", Number: 4}, {Person: "kim", Number: 2}})
	mustCommit(t, s, state.Rows{
		Cursors: []state.Cursor{{Person: "kim", Number: 3}, {Person: "~y", Number: 1}},
		Renamed: []state.Renamed{{From: "~y", To: "kim", UpTo: 4}},
		Last:    4, Time: noon,
	})
	same(t, "the cursor that is further", mustLoad(t, s).Cursors[1], state.Cursor{Person: "kim", Number: 3})
}

func testForgotten(t *testing.T, s *Store) {
	mustCommit(t, s, state.Rows{
		Directs: []state.Direct{
			direct(1, "~x", "bob"), direct(2, "~x", "~y"), direct(3, "bob", "~x"), direct(4, "~x", "bob"), direct(5, "bob", "alice"), direct(6, "~x", "bob"),
		},
		Requests:  []state.Request{request(1, "~x"), request(2, "bob"), request(6, "bob")},
		Cursors:   []state.Cursor{{Person: "~x", Number: 3}, {Person: "bob", Number: 1}},
		Forgotten: []state.Forgotten{{Person: "~x", UpTo: 5}},
		Last:      6, Time: noon,
	})
	same(t, "of ~x", directsOf(t, s, "~x", 0), []uint64{4, 6})
	kept := mustLoad(t, s)
	same(t, "requests", kept.Requests, []state.Request{request(1, "~x"), request(2, "bob"), request(6, "bob")}) // a guest's lapse in time
	same(t, "cursors", kept.Cursors, []state.Cursor{{Person: "bob", Number: 1}})
	mustCommit(t, s, state.Rows{Forgotten: []state.Forgotten{{Person: "bob", UpTo: 5}}, Last: 6, Time: noon})
	same(t, "requests", mustLoad(t, s).Requests, []state.Request{request(1, "~x"), request(6, "bob")})
	mustCommit(t, s, state.Rows{Forgotten: []state.Forgotten{{Person: "bob", UpTo: 6}}, Last: 6, Time: noon})
	same(t, "kept", mustLoad(t, s), state.Kept{Last: 6, Time: noon, Requests: []state.Request{request(1, "~x")}})
}

func testBytes(t *testing.T, s *Store) {
	mustCommit(t, s, said(1, 2, 3, 4)) // texts of six bytes
	for bytes, want := range map[int]int{-1: 1, 0: 1, 6: 1, 11: 1, 12: 2, 1000: 4} {
		page, _, err := s.MessagesAfter(context.Background(), lobby, 0, math.MaxUint64, bytes)
		if err != nil || len(page) != want || page[0].Number != 1 {
			t.Errorf("%d bytes: %v %v", bytes, page, err)
		}
	}
	page, reached, err := s.MessagesAfter(context.Background(), lobby, 4, 7, 1000)
	if err != nil || len(page) > 0 || reached != 7 {
		t.Error(page, err)
	}
}

func testCancelled(t *testing.T, s *Store) {
	mustCommit(t, s, said(1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Load(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := s.Newest(ctx, state.Lobby, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	same(t, "last", mustLoad(t, s).Last, 1)
}

func testReadLimit(t *testing.T, s *Store) {
	for range 2 { // what has ended leaves room, and no more than that
		var ends []func()
		for range ReadLimit {
			_, end, err := s.startRead(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, end)
		}
		if _, err := s.Newest(context.Background(), state.Lobby, 1); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		for _, end := range ends {
			end()
		}
		newest(t, s)
	}
}

// TestRandomRows has a store and a table in memory keep the same rows, across restarts.
func TestRandomRows(t *testing.T) {
	testRandomRows(t, 1795742435277832109) // in which somebody is forgotten twice up to the same number
	testRandomRows(t, uint64(time.Now().UnixNano()))
}

func testRandomRows(t *testing.T, seed uint64) {
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir, table := t.TempDir(), state.NewTable()
	var last uint64
	var said changeable
	for range 5 {
		s := mustOpen(t, dir)
		s.sweptAtOnce, s.walkedAtOnce = 2, 3
		for range 40 {
			var rows state.Rows
			for range 1 + random.IntN(8) {
				last++
				addRandom(&rows, last, random)
				said.addRandom(&rows, last, random)
			}
			for i := range rows.Pruned { // of a room that has ended less is pruned than is gone
				if room := rows.Pruned[i].Room; room != "" && room != state.Lobby {
					rows.Pruned[i].UpTo = last
				}
			}
			if err := s.Commit(&rows); err != nil {
				t.Fatal(err)
			}
			table.Put(&rows)
			for range random.IntN(3) {
				sweepOnce(t, s)
			}
			want := table.Kept()
			if len(want.Requests) == 0 {
				want.Requests = nil
			}
			got := mustLoad(t, s)
			for _, guest := range want.Guests { // the store knows guests of whom all is gone until it is deleted
				same(t, "guest "+guest, slices.Contains(got.Guests, guest), true)
			}
			want.Guests = got.Guests
			same(t, "kept", got, want)
			said.compare(t, s, table, last, random)
			compareReads(t, s, table, uint64(random.Int64N(int64(last))), []int{0, 50, 1000}[random.IntN(3)])
		}
		mustClose(t, s)
	}
}

func addRandom(rows *state.Rows, number uint64, random *rand.Rand) {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	account, guest := pick("alice", "bob", "carol"), pick("~x", "~y", "~z")
	person := pick(account, guest)
	upTo := number - uint64(random.Int64N(int64(min(number, 20))))
	if random.IntN(2) == 0 {
		addRandomRoom(rows, number, upTo, random)
	}
	if random.IntN(3) == 0 {
		addRandomRetention(rows, upTo, account, random)
	}
	if random.IntN(3) == 0 {
		addRandomOrder(rows, number, random)
	}
	switch random.IntN(9) {
	case 0:
		m := message(number)
		m.Room, m.Sender = pick(state.Lobby, "den", "Den", "attic"), pick("Alice", "bob", "carol", "eve")
		m.Person = pick("", account, guest)
		rows.Messages = append(rows.Messages, m)
	case 1, 2, 3:
		to := pick("alice", "bob", "~x", "~z")
		rows.Directs = append(rows.Directs, direct(number, person, to))
	case 4:
		rows.Requests = append(rows.Requests, request(number, person))
	case 5:
		rows.Cursors = append(rows.Cursors, state.Cursor{Person: person, Number: upTo})
	case 6:
		rows.Renamed = append(rows.Renamed, state.Renamed{From: guest, To: account, UpTo: number})
	case 7:
		rows.Forgotten = append(rows.Forgotten, state.Forgotten{Person: person, UpTo: number, Behind: len(rows.Renamed)})
	case 8:
		block := users.Block{Blocker: account, Blocked: pick("alice", "bob", "eve")}
		a := users.Account{Name: account, Hash: fmt.Sprint(number), Registered: noon, Number: upTo, Guest: guest, Role: users.Role(pick("", "owner", "moderator")), Known: users.KnownAddrs(pick("", "20783:9f86d081884c7d65"))}
		rows.Accounts = append(rows.Accounts, state.AccountRow{Account: a, Gone: random.IntN(3) == 0})
		rows.Blocks = append(rows.Blocks, state.BlockRow{Block: block, Gone: random.IntN(3) == 0})
		rows.Lockouts = append(rows.Lockouts, users.Lockout{Key: account, Failures: random.IntN(2)})
		rows.OldRequests = max(rows.OldRequests, number-min(number, 50))
	}
	rows.Last, rows.Time = number, noon.Add(time.Duration(number))
	rows.Count++
}

// addRandomRetention adds a row that says what is kept no more.
func addRandomRetention(rows *state.Rows, upTo uint64, account string, random *rand.Rand) {
	if random.IntN(2) == 0 {
		since := noon.Add(time.Duration(random.Int64N(int64(upTo) + 1)))
		erased := state.Erased{Author: state.Author{Person: account, After: uint64(random.Int64N(int64(upTo) + 1)), Guest: []string{"", "~x"}[random.IntN(2)], Since: since}, Name: account, As: "forgotten-abcdef", Texts: random.IntN(2) == 0}
		rows.Forgotten = append(rows.Forgotten, state.Forgotten{Person: account, UpTo: upTo, Behind: len(rows.Renamed), Erased: &erased})
		return
	}
	pruned := state.PrunedRow{Pruned: state.Pruned{Room: []string{"", state.Lobby, "den", "Den", "attic"}[random.IntN(5)], UpTo: uint64(random.Int64N(int64(upTo) + 1))}}
	pruned.Gone = pruned.Room != "" && pruned.Room != state.Lobby && random.IntN(3) == 0
	rows.Pruned = append(rows.Pruned, pruned)
}

// addRandomRoom adds a row about rooms.
func addRandomRoom(rows *state.Rows, number, upTo uint64, random *rand.Rand) {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	room, person, gone := pick("den", "Den", "attic"), pick("alice", "bob", "~x", "~y"), random.IntN(3) == 0
	switch random.IntN(5) {
	case 0, 1:
		r := state.Room{Name: room, Number: upTo, Owner: person, By: person, Private: gone, Key: fmt.Sprint(number), Topic: "t", TopicBy: person, Slow: random.IntN(3)}
		rows.Rooms = append(rows.Rooms, state.RoomRow{Room: r, Gone: gone, UpTo: upTo})
	case 2:
		rows.Members = append(rows.Members, state.MemberRow{Member: state.Member{Room: room, Person: person, Since: number, Role: users.Role(pick("", "moderator"))}, Gone: gone})
	case 3:
		i := state.RoomInvitation{Room: room, Person: person, By: fmt.Sprint(number)}
		rows.RoomInvitations = append(rows.RoomInvitations, state.RoomInvitationRow{RoomInvitation: i, Gone: gone})
	case 4:
		c := state.ReadCursor{Person: person, Room: pick("", "lobby", room), Number: number}
		if c.Room == "" {
			c.With = pick("alice", "~y")
		}
		rows.ReadCursors = append(rows.ReadCursors, state.ReadCursorRow{ReadCursor: c, Gone: gone})
	}
}

func compareReads(t *testing.T, s *Store, table *state.Table, number uint64, bytes int) {
	t.Helper()
	ctx := context.Background()
	for _, person := range []string{"alice", "~x"} {
		got, err := s.DirectsAfter(ctx, person, number, 50)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := table.DirectsAfter(ctx, person, number, 50)
		same(t, "directs of "+person, got, want)
		if got, err = s.DirectsTo(ctx, person, number/2, number, 5); err != nil {
			t.Fatal(err)
		}
		want, _ = table.DirectsTo(ctx, person, number/2, number, 5)
		same(t, "directs to "+person, list(got), list(want))
		for _, with := range []string{"alice", "~x", "bob"} {
			if got, err = s.DirectsWith(ctx, person, with, number/4, number, 5); err != nil {
				t.Fatal(err)
			}
			want, _ = table.DirectsWith(ctx, person, with, number/4, number, 5)
			same(t, "the newest directs of "+person+" with "+with, list(got), list(want))
			if got, err = s.DirectsWithAfter(ctx, person, with, number/4, number, 5); err != nil {
				t.Fatal(err)
			}
			want, _ = table.DirectsWithAfter(ctx, person, with, number/4, number, 5)
			same(t, "the oldest directs of "+person+" with "+with, list(got), list(want))
		}
	}
	for _, room := range []string{state.Lobby, "den", "Den"} {
		got, err := s.Between(ctx, room, number/2, number, 5)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := table.Between(ctx, room, number/2, number, 5)
		same(t, "messages between in "+room, list(got), list(want))
	}
	compareActs(t, s, table, number)
	compareRetention(t, s, table, number)
	comparePages(t, s, table, []state.RoomFrom{{Room: state.Lobby}, {Room: "den", After: number + 3}, {Room: "Den"}}, number, math.MaxInt64, bytes)
	comparePages(t, s, table, lobby, number/2, number, bytes)
	got, directs, after, err := s.Recent(ctx, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	want, wanted, behind, _ := table.Recent(ctx, math.MaxInt)
	same(t, "recent messages", list(got), list(want))
	same(t, "recent direct messages", list(directs), list(wanted))
	same(t, "recent after", after, behind)
}

// compareRetention compares what is found to go, and what authors get of what is theirs.
func compareRetention(t *testing.T, s *Store, table *state.Table, number uint64) {
	t.Helper()
	pruned := make(map[string]uint64)
	for _, p := range table.Kept().Pruned {
		pruned[p.Room] = p.UpTo
	}
	for i, room := range []string{"", state.Lobby, "den", "Den"} {
		for _, c := range []state.Cut{{Before: noon.Add(time.Duration(number))}, {Newest: 3}, {Newest: 2, Before: noon.Add(time.Duration(number))}, {Before: noon}, {}} {
			if c.Room, c.After = room, pruned[room]; i == 0 {
				c.Newest = 0
			}
			got, err := s.FindCut(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := table.FindCut(t.Context(), c)
			if room != "" && room != state.Lobby && want <= got { // an older room of that name has left what is not deleted yet
				continue
			}
			same(t, fmt.Sprintf("the cut %+v", c), max(got, c.After), max(want, c.After))
		}
	}
	for _, who := range []state.Author{{Person: "alice", After: number / 2, Guest: "~x", Since: noon}, {Person: "bob", Since: noon.Add(time.Duration(number))}} {
		for _, bytes := range []int{1, 100, 1 << 20} {
			same(t, fmt.Sprintf("the export of %s by %d", who.Person, bytes), exported(t, s, who, number*2, bytes), exported(t, table, who, number*2, 1<<20))
		}
	}
}

// exported returns all that an author gets, page by page.
func exported(t *testing.T, from interface {
	Export(ctx context.Context, who state.Author, after, upTo uint64, bytes int) (state.Export, uint64, error)
}, who state.Author, upTo uint64, bytes int) (all state.Export) {
	t.Helper()
	for after := uint64(0); after < upTo; {
		e, reached, err := from.Export(t.Context(), who, after, upTo, bytes)
		if err != nil || reached <= after || reached > upTo {
			t.Fatalf("behind %d it reaches %d of %d: %v", after, reached, upTo, err)
		}
		all.Messages, all.Directs, all.Reactions, after = append(all.Messages, e.Messages...), append(all.Directs, e.Directs...), append(all.Reactions, e.Reactions...), reached
	}
	return state.Export{Messages: list(all.Messages), Directs: list(all.Directs), Reactions: list(all.Reactions)}
}

func numbersOf(messages []state.Message) (numbers []uint64) {
	for _, m := range messages {
		numbers = append(numbers, m.Number)
	}
	return numbers
}

// list makes one of no list.
func list[T any](all []T) []T { return append([]T{}, all...) }

// comparePages reads all pages of some rooms.
func comparePages(t *testing.T, s *Store, table *state.Table, rooms []state.RoomFrom, after, upTo uint64, bytes int) {
	t.Helper()
	for after < upTo {
		got, reached, err := s.MessagesAfter(t.Context(), rooms, after, upTo, bytes)
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := table.MessagesAfter(t.Context(), rooms, after, upTo, bytes)
		same(t, "a page", numbersOf(got), numbersOf(want[:min(len(want), mergeMost)]))
		all, _, _ := table.MessagesAfter(t.Context(), rooms, after, reached, math.MaxInt)
		same(t, fmt.Sprint("all up to ", reached), list(got), list(all))
		if after >= reached || reached > upTo {
			t.Fatalf("read behind %d up to %d: reached %d", after, upTo, reached)
		}
		after = reached
	}
}
