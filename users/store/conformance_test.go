package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"parley/users"
	"parley/users/rooms"
)

// TestConformance is what holds wherever the data are.
func TestConformance(t *testing.T) {
	cases := map[string]func(*testing.T, *Store){
		"empty":         testEmpty,
		"messages":      testMessages,
		"numbers":       testNumbers,
		"requests":      testRequests,
		"pruning":       testPruning,
		"accounts":      testAccounts,
		"passwords":     testPasswords,
		"blocks":        testBlocks,
		"login blocks":  testLoginBlocks,
		"directs":       testDirects,
		"deletion":      testDeletion,
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
	state := mustLoad(t, s)
	if len(state.Log) != 26 {
		t.Errorf("the log's name is %q", state.Log)
	}
	same(t, "state", state, State{Log: state.Log})
	page, err := s.Newest(context.Background(), 10)
	if err != nil || len(page) > 0 {
		t.Error(page, err)
	}
}

func testMessages(t *testing.T, s *Store) {
	var all []rooms.Message
	for id := uint64(1); id <= PageLimit+10; id++ {
		all = append(all, message(id))
		if err := s.AppendMessage(message(id), "", nil); err != nil {
			t.Fatal(err)
		}
	}
	odd := rooms.Message{ID: 5000, Sender: "b0b", Text: "a\x00b\n\"'; -- é 漢 \U0001F600"} // without time
	mustWrite(t, func(done func(error)) error { return s.AppendMessage(odd, "", done) })
	all = append(all, odd)

	page := func(id uint64, n int) []rooms.Message {
		t.Helper()
		got, err := s.Before(context.Background(), id, n)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	end := len(all)
	same(t, "before 4", page(4, 2), all[1:3])
	same(t, "before 3", page(3, 5), all[:2])
	same(t, "before 1", page(1, 5), nil)
	same(t, "none", page(7, 0), nil)
	same(t, "fewer than none", page(7, -1), nil)
	same(t, "no more than a page", page(math.MaxUint64, math.MaxInt), all[end-PageLimit:])
	newest, err := s.Newest(context.Background(), 3)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "newest", newest, all[end-3:])
	same(t, "last", mustLoad(t, s).Last, 5000)
}

func testNumbers(t *testing.T, s *Store) {
	mustWrite(t, s.say(7, ""))
	mustRefuse(t, s.say(7, ""), ErrNumberTaken)
	mustRefuse(t, s.say(7, "r"), ErrNumberTaken)
	mustWrite(t, s.say(8, "r")) // a refused request is not remembered
	mustWrite(t, s.register(account("bob")))
	mustWrite(t, s.send(users.Direct{ID: 7, To: "bob"}, ""))
	mustRefuse(t, s.send(users.Direct{ID: 7, To: "bob"}, ""), ErrNumberTaken)
}

func testRequests(t *testing.T, s *Store) {
	duplicateOf := func(w write, first uint64) {
		t.Helper()
		var dup *DuplicateError
		if err := Wait(w); !errors.As(err, &dup) || dup.Number != first {
			t.Fatalf("got %v, want a duplicate of %d", err, first)
		}
	}
	mustWrite(t, s.register(account("bob")), s.say(1, "r1"), s.say(2, "r2"))
	duplicateOf(s.say(3, "r1"), 1)
	duplicateOf(s.say(1, "r1"), 1)

	direct := users.Direct{ID: 1, From: "ALICE", To: "bob", Text: "hi", Time: noon}
	duplicateOf(s.send(direct, "r2"), 2) // of whatever kind
	mustWrite(t, s.send(direct, "r3"))
	remember := func(sender, id string) write {
		r := Request{Sender: sender, ID: id, Digest: math.MaxUint64, Number: 9, Time: noon}
		return func(done func(error)) error { return s.Remember(r, done) }
	}
	duplicateOf(remember("aLICE", "r3"), 1)
	mustWrite(t, remember("bob", "r3"), remember("bob", ""), remember("bob", ""))

	same(t, "requests", mustLoad(t, s).Requests, []Request{
		{"alice", "r1", rooms.Digest("", message(1).Text), 1, message(1).Time},
		{"alice", "r2", rooms.Digest("", message(2).Text), 2, message(2).Time},
		{"alice", "r3", rooms.Digest("bob", direct.Text), 1, noon},
		{"bob", "r3", math.MaxUint64, 9, noon},
	})
	page, err := s.Newest(context.Background(), 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "messages", page, []rooms.Message{message(1), message(2)})
}

func testPruning(t *testing.T, s *Store) {
	at := func(id uint64, request string, age time.Duration) write {
		m := message(id)
		m.Time = noon.Add(-age)
		return func(done func(error)) error { return s.AppendMessage(m, request, done) }
	}
	mustWrite(t, at(1, "old", rooms.RequestMemory+time.Minute), at(2, "younger", time.Minute), at(3, "today", 0))
	mustWrite(t, at(4, "old", 0)) // is not remembered any more
	var ids []string
	for _, r := range mustLoad(t, s).Requests {
		ids = append(ids, r.ID)
	}
	same(t, "requests", ids, []string{"younger", "today", "old"})
	mustRefuse(t, at(5, "old", 0), &DuplicateError{Number: 4})
}

func (e *DuplicateError) Is(target error) bool {
	other, ok := target.(*DuplicateError)
	return ok && *other == *e
}

func testAccounts(t *testing.T, s *Store) {
	bob := account("Bob")
	mustWrite(t, s.register(bob), s.register(account("alice")))
	mustRefuse(t, s.register(account("bOB")), users.ErrRegistered)
	touch := func(name string, at time.Time) write {
		return func(done func(error)) error { return s.TouchLastSeen(name, at, done) }
	}
	mustWrite(t, touch("BOB", noon.Add(time.Hour)), touch("bob", noon))
	mustRefuse(t, touch("carol", noon), users.ErrUnknownUser)
	bob.LastSeen = noon.Add(time.Hour)
	same(t, "accounts", mustLoad(t, s).Accounts, []users.Account{account("alice"), bob})
}

func testPasswords(t *testing.T, s *Store) {
	set := func(name, was, hash string) write {
		return func(done func(error)) error { return s.SetHash(name, was, hash, done) }
	}
	mustWrite(t, s.register(account("bob")))
	mustWrite(t, set("BOB", account("bob").Hash, "second"), set("bob", "", "third"))
	mustRefuse(t, set("bob", "second", "fourth"), ErrStale)
	mustRefuse(t, set("carol", "", "x"), users.ErrUnknownUser)
	mustRefuse(t, set("carol", "y", "x"), users.ErrUnknownUser)
	same(t, "hash", mustLoad(t, s).Accounts[0].Hash, "third")
}

func testBlocks(t *testing.T, s *Store) {
	block := func(blocker, blocked string) write {
		return func(done func(error)) error { return s.PutBlock(users.Block{Blocker: blocker, Blocked: blocked}, done) }
	}
	unblock := func(blocker, blocked string) write {
		return func(done func(error)) error {
			return s.DeleteBlock(users.Block{Blocker: blocker, Blocked: blocked}, done)
		}
	}
	mustWrite(t, s.register(account("Alice")), s.register(account("bob")))
	mustWrite(t, block("ALICE", "Bob"), block("alice", "bob"), block("bob", "Carol"), block("bob", "dave"))
	mustRefuse(t, block("carol", "bob"), users.ErrUnknownUser)
	mustWrite(t, unblock("BOB", "DAVE"), unblock("bob", "dave"))
	same(t, "blocks", mustLoad(t, s).Blocks, []users.Block{{Blocker: "Alice", Blocked: "Bob"}, {Blocker: "bob", Blocked: "Carol"}})
}

func testLoginBlocks(t *testing.T, s *Store) {
	put := func(b users.LoginBlock) write {
		return func(done func(error)) error { return s.PutLoginBlock(b, done) }
	}
	remove := func(key string) write {
		return func(done func(error)) error { return s.DeleteLoginBlock(key, done) }
	}
	alice := users.LoginBlock{Key: "alice", Failures: 1, Level: 2, Until: noon, First: noon.Add(1), Last: noon.Add(2)}
	mustWrite(t, put(users.LoginBlock{Key: "alice", Failures: 3}), put(alice))
	mustWrite(t, put(users.LoginBlock{Key: "bob", Failures: 1}), remove("bob"), remove("bob"))
	same(t, "login blocks", mustLoad(t, s).LoginBlocks, []users.LoginBlock{alice})
}

func testDirects(t *testing.T, s *Store) {
	direct := func(id uint64, to string) users.Direct {
		return users.Direct{ID: id, Time: noon, From: "Guest", To: to, Text: fmt.Sprint("psst ", id)}
	}
	mustWrite(t, s.register(account("bob")), s.register(account("alice")))
	mustWrite(t, s.send(direct(3, "Bob"), ""), s.send(direct(1, "bob"), ""), s.send(direct(2, "alice"), ""), s.send(direct(4, "bob"), ""))
	mustRefuse(t, s.send(direct(5, "carol"), "r"), users.ErrUnknownUser)

	waiting := func(receiver string, want ...users.Direct) {
		t.Helper()
		got, err := s.Directs(context.Background(), receiver)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "directs", got, want)
	}
	waiting("BOB", direct(1, "bob"), direct(3, "Bob"), direct(4, "bob"))
	waiting("", direct(1, "bob"), direct(2, "alice"), direct(3, "Bob"), direct(4, "bob"))
	state := mustLoad(t, s)
	var counts users.Mailboxes
	counts.Add("alice", "guest", 1)
	counts.Add("bob", "guest", 3)
	same(t, "counts", state.Waiting, counts)
	same(t, "last", state.LastDirect, 4)

	delivered := func(receiver string, upTo uint64) write {
		return func(done func(error)) error { return s.DeleteDirects(receiver, upTo, done) }
	}
	mustWrite(t, delivered("BOB", 3))
	waiting("bob", direct(4, "bob"))
	mustWrite(t, delivered("bob", 4), delivered("alice", 4))
	waiting("")
	same(t, "last", mustLoad(t, s).LastDirect, 4)
}

func testDeletion(t *testing.T, s *Store) {
	bob := users.LoginBlock{Key: "bob", Failures: 1}
	mustWrite(t, s.register(account("alice")), s.register(account("bob")),
		s.send(users.Direct{ID: 1, From: "alice", To: "bob"}, ""),
		s.send(users.Direct{ID: 2, From: "bob", To: "alice"}, "r"),
		func(done func(error)) error { return s.PutBlock(users.Block{Blocker: "alice", Blocked: "bob"}, done) },
		func(done func(error)) error { return s.PutBlock(users.Block{Blocker: "alice", Blocked: "carol"}, done) },
		func(done func(error)) error { return s.PutBlock(users.Block{Blocker: "bob", Blocked: "alice"}, done) },
		func(done func(error)) error { return s.PutLoginBlock(bob, done) },
		s.delete("BOB"))
	mustRefuse(t, s.delete("bob"), users.ErrUnknownUser)
	state := mustLoad(t, s)
	var waiting users.Mailboxes
	waiting.Add("alice", "bob", 1)
	same(t, "state", state, State{
		Log: state.Log, LastDirect: 2,
		Accounts: []users.Account{account("alice")},
		Blocks:   []users.Block{{Blocker: "alice", Blocked: "carol"}},
		Waiting:  waiting,
		Requests: []Request{{"bob", "r", rooms.Digest("alice", ""), 2, time.Time{}}},
	})
	mustWrite(t, s.register(account("bob")))
}

func testCancelled(t *testing.T, s *Store) {
	mustWrite(t, s.say(1, ""))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Load(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := s.Newest(ctx, 1); !errors.Is(err, context.Canceled) {
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
		if _, err := s.Newest(context.Background(), 1); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		for _, end := range ends {
			end()
		}
		if _, err := s.Newest(context.Background(), 1); err != nil {
			t.Error(err)
		}
	}
}
