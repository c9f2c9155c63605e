package users_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"parley/users"
	"pgregory.net/rapid"
)

var (
	nowhere = "" // a Unix socket's peer
	here    = "addr:192.0.2.1"
	there   = "addr:192.0.2.2"
)

// fail counts n wrong passwords and returns how long the next login has to wait.
func fail(g *users.Lockouts, n int, name string, addr string, now time.Time) (wait time.Duration) {
	for range n {
		wait, _, _ = g.Failed(name, addr, now)
	}
	return wait
}

// failNames counts a wrong password for each of n names.
func failNames(g *users.Lockouts, n int, addr string, now time.Time) (wait time.Duration) {
	for i := range n {
		wait = fail(g, 1, fmt.Sprint("name", i), addr, now)
	}
	return wait
}

func TestANameIsBlockedForLongerEachTime(t *testing.T) {
	g := users.NewLockouts(strict(), nil)
	now := start
	for i, want := range []time.Duration{1, 2, 4, 8, 15, 15, 15} {
		want *= time.Minute
		if wait := fail(g, 2, "alice", here, now); wait != 0 {
			t.Errorf("block %d came after two failures: %v", i, wait)
		}
		if wait := fail(g, 1, "ALICE", there, now); wait != want {
			t.Errorf("block %d: wait %v, want %v", i, wait, want)
		}
		if wait, blocked := g.Check("Alice", nowhere, now.Add(want-1)); wait != 1 || !blocked {
			t.Errorf("block %d, just before its end: %v, %v", i, wait, blocked)
		}
		if wait := fail(g, 5, "alice", nowhere, now.Add(want-1)); wait != 1 {
			t.Errorf("block %d is prolonged by failures in it: %v", i, wait)
		}
		if _, blocked := g.Check("bob", here, now); blocked {
			t.Error("bob is blocked")
		}
		now = now.Add(want)
		if wait, blocked := g.Check("alice", here, now); blocked {
			t.Errorf("block %d, at its end: %v", i, wait)
		}
	}
}

func TestWhatEndsTheRowAndTheDoubling(t *testing.T) {
	limits := strict()
	for _, test := range []struct {
		name string
		then func(g *users.Lockouts, now time.Time) time.Time
		want time.Duration // of the next block
	}{
		{"nothing", func(_ *users.Lockouts, now time.Time) time.Time { return now }, 2 * time.Minute},
		{"almost an hour", func(_ *users.Lockouts, now time.Time) time.Time { return now.Add(limits.Quiet - 1) }, 2 * time.Minute},
		{"an hour", func(_ *users.Lockouts, now time.Time) time.Time { return now.Add(limits.Quiet) }, time.Minute},
		{"a login", func(g *users.Lockouts, now time.Time) time.Time {
			if wait, blocked, changed := g.Succeeded("alice", here, now); blocked || len(changed) != 1 || !changed[0].Forgotten() {
				t.Errorf("a login: %v, %v, %v", wait, blocked, changed)
			}
			return now
		}, time.Minute},
		{"the owner", func(g *users.Lockouts, now time.Time) time.Time {
			if changed := g.Unblock("Alice"); len(changed) != 1 || !changed[0].Forgotten() || changed[0].Key != "alice" {
				t.Errorf("the owner: %v", changed)
			}
			return now
		}, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := users.NewLockouts(limits, nil)
			fail(g, 3, "alice", nowhere, start)
			now := test.then(g, start.Add(time.Minute))
			if wait := fail(g, 3, "alice", nowhere, now); wait != test.want {
				t.Errorf("the next block: %v, want %v", wait, test.want)
			}
		})
	}
}

// TestARightPasswordInABlockIsRefused: also one that was looked at when the block came.
func TestARightPasswordInABlockIsRefused(t *testing.T) {
	g := users.NewLockouts(strict(), nil)
	fail(g, 3, "alice", nowhere, start)
	if wait, blocked, changed := g.Succeeded("alice", here, start.Add(time.Second)); !blocked || wait != 59*time.Second || changed != nil {
		t.Errorf("got %v, %v, %v", wait, blocked, changed)
	}
	if wait, blocked := g.Check("alice", nowhere, start.Add(time.Second)); !blocked || wait != 59*time.Second {
		t.Errorf("and then: %v, %v", wait, blocked)
	}
}

func TestGuessingForADay(t *testing.T) {
	g := users.NewLockouts(strict(), nil)
	guesses := 0
	for now := start; now.Before(start.Add(24 * time.Hour)); now = now.Add(time.Second) {
		if _, blocked := g.Check("alice", nowhere, now); !blocked {
			g.Failed("alice", nowhere, now)
			guesses++
		}
	}
	if guesses > 300 {
		t.Errorf("%d guesses, want 300 at most", guesses)
	}
}

func TestZeroIsNever(t *testing.T) {
	g := users.NewLockouts(users.LockoutLimits{}, nil)
	if wait := fail(g, 100, "alice", here, start); wait != 0 || len(g.Export()) != 0 {
		t.Errorf("wait %v, remembered %v", wait, g.Export())
	}
	changed := load(g, users.LockoutLimits{}, []users.Lockout{{Key: "alice", Failures: 2, Last: start}}, start)
	if diff := cmp.Diff([]users.Lockout{{Key: "alice"}}, changed); diff != "" {
		t.Error(diff)
	}
	changed = load(g, users.LockoutLimits{}, []users.Lockout{{Key: "bob", Level: 1 << 40, Until: start.Add(time.Hour), Last: start}}, start)
	if _, blocked := g.Check("bob", here, start); blocked || len(changed) != 1 {
		t.Errorf("a block of before is %v, and changed is %v", blocked, changed)
	}
	for what, zero := range map[string]func(*users.LockoutLimits){
		"no failures block a name":  func(l *users.LockoutLimits) { l.Failures, l.AddrFailures = 0, 0 },
		"a block of a name is none": func(l *users.LockoutLimits) { l.Block, l.AddrFailures = 0, 0 },
	} {
		limits := strict()
		zero(&limits)
		g := users.NewLockouts(limits, nil)
		if wait := fail(g, 100, "alice", here, start); wait != 0 || len(g.Export()) != 0 {
			t.Errorf("%s: wait %v, remembered %v", what, wait, g.Export())
		}
	}
}

// TestWhenMemoryIsFullTheLeastHarmfulGoes: the order in which names are pushed out.
func TestWhenMemoryIsFullTheLeastHarmfulGoes(t *testing.T) {
	limits := strict()
	limits.Names = 6
	g := users.NewLockouts(limits, nil)
	now := start
	fail(g, 3, "stale", nowhere, now)
	now = now.Add(limits.Quiet + time.Minute)
	fail(g, 3, "over", nowhere, now) // was blocked
	now = now.Add(2 * time.Minute)
	fail(g, 2, "twice", nowhere, now)
	fail(g, 1, "early", nowhere, now)
	fail(g, 1, "late", nowhere, now.Add(time.Second))
	fail(g, 3, "blocked", nowhere, now)
	now = now.Add(2 * time.Second)
	var gone []string
	for i := range 6 {
		name := fmt.Sprint("new", i)
		fail(g, 3, "again", nowhere, now) // stays: it is blocked
		_, _, changed := g.Failed(name, nowhere, now)
		for _, b := range changed {
			if b.Forgotten() {
				gone = append(gone, b.Key)
			}
		}
		fail(g, 2, name, nowhere, now)
	}
	// "stale" gave way to "again".
	if diff := cmp.Diff([]string{"early", "late", "twice", "over"}, gone[:4]); diff != "" {
		t.Error(diff)
	}
	if got := g.Export(); len(got) != 6 {
		t.Errorf("%d are remembered, want 6", len(got))
	}
}

func TestAFloodPushesOutItself(t *testing.T) {
	limits := strict()
	limits.Names, limits.Addrs = 50, 50
	g := users.NewLockouts(limits, nil)
	fail(g, 3, "alice", nowhere, start)
	addr := users.AddrKey(netip.MustParseAddr("2001:db8::1"))
	failNames(g, 20, addr, start)
	for i := range 1000 {
		flood := users.AddrKey(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
		g.Failed(fmt.Sprint("user", i), flood, start.Add(time.Duration(i)*time.Millisecond))
	}
	now := start.Add(time.Second)
	if _, blocked := g.Check("alice", nowhere, now); !blocked {
		t.Error("the name's block was pushed out")
	}
	if _, blocked := g.Check("bob", addr, now); !blocked {
		t.Error("the address's block was pushed out")
	}
	if n := len(g.Export()); n != 100 {
		t.Errorf("%d are remembered, want 100", n)
	}
}

func TestLoadDoesNotTrustTheClockOfTheTime(t *testing.T) {
	g := users.NewLockouts(strict(), nil)
	next := start.AddDate(1, 0, 0)
	changed := load(g, strict(), []users.Lockout{
		{Key: "alice", Level: 2, Until: next, Last: next},
		{Key: "bob", Level: 1 << 40, Until: next},
		{Key: "carol", Failures: 100, Last: start},
		{Key: "dave", Level: 4, Last: start.AddDate(-1, 0, 0)},
		{Key: "addr:192.0.2.1", Level: 1, Until: next},
		{Key: "addr:192.0.2.2", Failures: 19, Last: start.Add(-time.Minute)},
	}, start)
	got := map[string]time.Duration{}
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		got[name], _ = g.Check(name, nowhere, start)
	}
	if b, _ := g.Lookup("carol"); b.Failures != 2 {
		t.Errorf("carol has %d failures, of which the third blocks", b.Failures)
	}
	got["here"], _ = g.Check("eve", here, start)
	got["carol again"], _, _ = g.Failed("carol", nowhere, start)
	got["there"], _ = g.Check("eve", there, start)
	got["there again"], _, _ = g.Failed("eve", there, start)
	want := map[string]time.Duration{"alice": 2 * time.Minute, "bob": 15 * time.Minute, "carol": 0, "dave": 0, "here": time.Hour,
		"carol again": time.Minute, "there": 0, "there again": time.Hour}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"alice", "bob", "carol", "dave", "addr:192.0.2.1"}, keysOf(changed)); diff != "" {
		t.Error(diff)
	}
}

func TestOtherLimits(t *testing.T) {
	limits := strict()
	g := users.NewLockouts(limits, nil)
	fail(g, 3, "alice", nowhere, start)
	fail(g, 1, "bob", nowhere, start.Add(time.Second))
	fail(g, 2, "carol", nowhere, start)
	for range 5 {
		fail(g, 2, "anna", here, start)
		g.Succeeded("anna", here, start)
	}
	limits.Names, limits.AddrFailures = 2, 5
	now := start.Add(2 * time.Second)
	if diff := cmp.Diff([]string{"bob", "addr:192.0.2.1"}, keysOf(g.SetLimits(limits, now))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"addr:192.0.2.1", "alice", "carol"}, keysOf(g.Export())); diff != "" {
		t.Error(diff)
	}
	// Of an address the newest failures count, of which there are as many as do not block.
	if wait := fail(g, 1, "dave", here, start.Add(limits.AddrWindow)); wait != 0 {
		t.Errorf("the address waits %v for failures that are too old", wait)
	}
	if changed := g.SetLimits(users.LockoutLimits{}, now); len(changed) != 3 || g.Len() != 0 {
		t.Errorf("without limits %v change, and %d are remembered", keysOf(changed), g.Len())
	}
}

// TestLockoutsSurviveRestarts runs random failures and restarts beside lockouts
// that is never restarted. What is kept on disk is what the changes say.
func TestLockoutsSurviveRestarts(t *testing.T) {
	limits := strict()
	limits.Names = 3
	rapid.Check(t, func(t *rapid.T) {
		steady, g := users.NewLockouts(limits, nil), users.NewLockouts(limits, nil)
		disk := map[string]users.Lockout{}
		keep := func(changed []users.Lockout) {
			for _, b := range changed {
				if b.Forgotten() {
					delete(disk, b.Key)
				} else {
					disk[b.Key] = b
				}
			}
		}
		now := start
		drawName := rapid.SampledFrom([]string{"alice", "BOB", "carol", "dave", "eve"})
		t.Repeat(map[string]func(*rapid.T){
			"try": func(t *rapid.T) {
				name := drawName.Draw(t, "name")
				_, blocked := g.Check(name, nowhere, now)
				right := rapid.IntRange(0, 7).Draw(t, "right") == 0
				if right {
					_, refused, changed := g.Succeeded(name, nowhere, now)
					keep(changed)
					if refused != blocked {
						t.Fatalf("%s: blocked %v, refused %v", name, blocked, refused)
					}
					steady.Succeeded(name, nowhere, now)
					return
				}
				wait, _, changed := g.Failed(name, nowhere, now)
				keep(changed)
				if want, _, _ := steady.Failed(name, nowhere, now); wait != want {
					t.Fatalf("%s: wait %v, want %v", name, wait, want)
				}
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "seconds")) * time.Second)
			},
			"sweep": func(t *rapid.T) { keep(g.Sweep(now)) },
			"restart": func(t *rapid.T) {
				kept := make([]users.Lockout, 0, len(disk))
				for _, b := range disk {
					kept = append(kept, b)
				}
				g = users.NewLockouts(limits, nil)
				keep(load(g, limits, kept, now))
			},
			"": func(t *rapid.T) {
				all := g.Export()
				if len(all) != len(disk) || len(all) > limits.Names {
					t.Fatalf("remembered %v, on disk %v", all, disk)
				}
				for _, b := range all {
					if disk[b.Key] != b {
						t.Fatalf("%+v is on disk as %+v", b, disk[b.Key])
					}
					got, _ := g.Check(b.Key, nowhere, now)
					if want, _ := steady.Check(b.Key, nowhere, now); got != want {
						t.Fatalf("%s: wait %v, want %v", b.Key, got, want)
					}
				}
			},
		})
	})
}

// TestManyGuessesAtOnceAreFewGuesses: while passwords are being looked at their
// failures are not counted yet; the right one among them must not get in.
func TestManyGuessesAtOnceAreFewGuesses(t *testing.T) {
	g := users.NewLockouts(strict(), nil)
	for range 64 {
		if _, blocked := g.Check("alice", nowhere, start); blocked {
			t.Fatal("blocked before the first answer")
		}
	}
	fail(g, 63, "alice", nowhere, start)
	if _, blocked, _ := g.Succeeded("alice", nowhere, start); !blocked {
		t.Error("the 64th guess at once got in")
	}
	if b, ok := g.Lookup("ALICE"); !ok || b.Level != 1 || b.Failures != 0 {
		t.Errorf("they counted as %+v", b)
	}
}

func BenchmarkLockoutsFull(b *testing.B) {
	for name, limits := range map[string]users.LockoutLimits{"strict": strict(), "lenient": users.DefaultLockoutLimits()} {
		b.Run(name, func(b *testing.B) {
			g := users.NewLockouts(limits, nil)
			for i := range limits.NameFailures + limits.NameReserve {
				g.Failed("alice", guesser(i), start)
			}
			for i := range limits.Names {
				g.Failed(fmt.Sprint("user", i), nowhere, start.Add(time.Duration(i)))
			}
			for i := 0; b.Loop(); i++ {
				g.Failed(fmt.Sprint("new", i), nowhere, start.Add(time.Second))
			}
		})
	}
}

// load has lockouts take over what others have exported, under limits.
func load(g *users.Lockouts, limits users.LockoutLimits, blocks []users.Lockout, now time.Time) (changed []users.Lockout) {
	g.Restore(blocks)
	return g.SetLimits(limits, now)
}

// strict are the limits of the rule that blocks a name for everybody.
func strict() users.LockoutLimits {
	limits := users.DefaultLockoutLimits()
	limits.Lenient = false
	return limits
}
