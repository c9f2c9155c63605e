package users_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parley/users"
)

// home is the address that is known of alice.
const home = "addr:203.0.113.7"

func knowsHome(name, addr string) bool { return name == "alice" && addr == home }

// guesser returns the n-th of many addresses.
func guesser(n int) string { return fmt.Sprintf("addr:10.%d.%d.%d", n>>16&255, n>>8&255, n&255) }

func lenient() *users.Lockouts { return users.NewLockouts(users.DefaultLockoutLimits(), knowsHome) }

// Three wrong ones block who has guessed, for longer each time, and nobody else.
func TestAGuesserBlocksItself(t *testing.T) {
	g := lenient()
	now := start
	for i, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
		want *= time.Minute
		if wait := fail(g, 3, "Alice", there, now); wait != want {
			t.Errorf("block %d of the guesser: %v, want %v", i, wait, want)
		}
		for _, addr := range []string{here, home, nowhere} {
			if wait, blocked, _ := g.Succeeded("alice", addr, now); blocked {
				t.Errorf("block %d: who has the password, at %q, waits %v", i, addr, wait)
			}
		}
		if _, blocked, _ := g.Succeeded("alice", there, now.Add(want-1)); !blocked {
			t.Error("the guesser gets in during the block")
		}
		now = now.Add(want)
	}
}

// A login from elsewhere gives a guesser nothing; its own ends its row.
func TestALoginEndsTheRowOfItsAddress(t *testing.T) {
	g := lenient()
	fail(g, 2, "alice", there, start)
	if _, _, changed := g.Succeeded("alice", here, start); len(changed) != 0 {
		t.Errorf("a login from elsewhere changes %v", changed)
	}
	if wait := fail(g, 1, "alice", there, start); wait == 0 {
		t.Error("a login from elsewhere ends the row of the guesser")
	}
	fail(g, 2, "alice", here, start)
	if _, _, changed := g.Succeeded("alice", here, start); len(changed) != 1 || changed[0].Key != "alice/"+here || !changed[0].Forgotten() {
		t.Errorf("a login changes %v", changed)
	}
	if wait := fail(g, 2, "alice", here, start); wait != 0 {
		t.Errorf("after a login two wrong ones block for %v", wait)
	}
}

// Any number of addresses together have 90 guesses at a name and one more each minute; the
// owner at home does not notice, and nobody is kept from other names.
func TestGuessingFromManyAddresses(t *testing.T) {
	g := lenient()
	guesses, next := 0, 0
	const hours = 24
	for now := start; now.Before(start.Add(hours * time.Hour)); now = now.Add(10 * time.Second) {
		for range 5 {
			next++
			if _, blocked := g.Check("alice", guesser(next), now); !blocked {
				g.Failed("alice", guesser(next), now)
				guesses++
			}
		}
		if wait, blocked, _ := g.Succeeded("alice", home, now); blocked {
			t.Fatalf("the owner at home waits %v", wait)
		}
		if _, blocked := g.Check("bob", here, now); blocked {
			t.Fatal("bob is blocked")
		}
	}
	if want := 60*(hours+1) + 30; guesses < want-10 || guesses > want {
		t.Errorf("%d guesses, want %d", guesses, want)
	}
}

// While guesses at a name are used up, an address that is not known has its chance each
// minute, whatever it was before.
func TestTheSlowLaneOfANameIsBounded(t *testing.T) {
	g := full()
	for minute := range 3 {
		now := start.Add(time.Duration(minute) * time.Minute)
		wait, _ := g.Draw(secret, "alice", here, now)
		if !isLot(wait) {
			t.Errorf("who has the password waits %v", wait)
		}
		if _, blocked, _ := g.Succeeded("alice", here, now.Add(wait)); blocked {
			t.Error("and longer")
		}
		g.Failed("alice", guesser(1000+minute), now.Add(time.Minute))
		if wait, blocked := g.Draw(secret, "alice", here, now.Add(time.Minute)); !blocked || !isLot(wait) {
			t.Errorf("after one more guess: %v", wait)
		}
	}
	if wait, _ := g.Draw(secret, "alice", here, start.Add(10*time.Minute)); wait != 0 {
		t.Errorf("after a pause: %v", wait)
	}
}

// Who guesses from the owner's own address makes the owner wait for a minute at most, also
// when the address is blocked for other names; and gets not more than three guesses a minute.
func TestGuessingFromTheOwnersAddress(t *testing.T) {
	g := lenient()
	guesses := 0
	for now := start; now.Before(start.Add(time.Hour)); now = now.Add(time.Second) {
		wait, blocked := g.Check("alice", home, now)
		if wait > time.Minute {
			t.Fatalf("the owner waits %v", wait)
		}
		if !blocked {
			g.Failed("alice", home, now)
			guesses++
		}
	}
	if guesses > 180 {
		t.Errorf("%d guesses in an hour", guesses)
	}
	now := start.Add(2 * time.Hour)
	for i := range 20 {
		fail(g, 1, fmt.Sprint("user", i), home, now)
	}
	if wait, _ := g.Check("bob", home, now); wait != time.Hour {
		t.Errorf("an address that guesses at all names is blocked for %v", wait)
	}
	if _, blocked := g.Check("alice", home, now); blocked {
		t.Error("and the owner at it, too")
	}
}

// Guesses that were looked at together are few, whichever address they come from; and of one
// address they take no more from the others than one after the other.
func TestManyGuessesAtOnceAreFew(t *testing.T) {
	for _, addr := range []string{there, home} {
		g := lenient()
		fail(g, 63, "alice", addr, start)
		if _, blocked, _ := g.Succeeded("alice", addr, start); !blocked {
			t.Errorf("the 64th guess at once from %s got in", addr)
		}
		if b, ok := g.Lookup("alice"); addr == there && b.Failures != 3 || addr == home && ok {
			t.Errorf("of the name count %d", b.Failures)
		}
	}
	g := lenient()
	for i := range 93 {
		g.Failed("alice", guesser(i), start)
	}
	if _, blocked, _ := g.Succeeded("alice", guesser(94), start); !blocked {
		t.Error("the 94th guess at once from many addresses got in")
	}
}

func TestUnblockForgetsAllPairs(t *testing.T) {
	g := lenient()
	fail(g, 3, "alice", there, start)
	fail(g, 3, "alice", here, start)
	fail(g, 3, "bob", here, start)
	if diff := cmp.Diff([]string{"alice", "alice/" + here, "alice/" + there}, keysOf(g.Unblock("Alice"))); diff != "" {
		t.Error(diff)
	}
	if _, blocked := g.Check("bob", here, start); !blocked {
		t.Error("bob's is forgotten, too")
	}
	if diff := cmp.Diff([]string{here, "bob/" + here}, keysOf(g.Unblock("192.0.2.1"))); diff != "" {
		t.Error(diff)
	}
	if len(g.Unblock("alice")) != 0 {
		t.Error("something is left of alice")
	}
}

// The other rule takes over what was counted by the one before, and forgives no more than it
// has no word for.
func TestTheRuleChanges(t *testing.T) {
	g := lenient()
	fail(g, 3, "alice", there, start)
	for i := range 100 {
		g.Failed("bob", guesser(i), start)
	}
	changed := g.SetLimits(strict(), start)
	if wait, _ := g.Check("bob", nowhere, start); wait != time.Minute {
		t.Errorf("strict: bob is blocked for %v, as the name was for all", wait)
	}
	for _, b := range g.Export() {
		if len(b.Key) > 5 && b.Key[:6] == "alice/" {
			t.Errorf("strict: %v is still there", b)
		}
	}
	if len(changed) == 0 {
		t.Error("nothing of it is removed on the disk")
	}
	fail(g, 3, "carol", here, start)
	lenient := users.DefaultLockoutLimits()
	lenient.NameReserve = 0
	g.SetLimits(lenient, start)
	if wait, _ := g.Draw(secret, "carol", here, start); !isLot(wait - time.Minute) {
		t.Errorf("lenient: carol is blocked for %v", wait)
	}
	if _, blocked := g.Draw(secret, "carol", here, start.Add(2*time.Minute)); blocked {
		t.Error("lenient: and for longer")
	}
	g.SetLimits(users.DefaultLockoutLimits(), start)
	if wait, _ := g.Draw(secret, "carol", here, start); wait != 0 {
		t.Errorf("lenient: a stranger waits %v", wait)
	}
}

// A restart forgives nobody: random guesses from known and other addresses, beside lockouts
// that are never restarted.
func TestLenientLockoutsSurviveRestarts(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	limits.Names, limits.NameFailures, limits.NameReserve, limits.NameMemory, limits.AddrFailures = 4, 4, 3, 90*time.Minute, 0
	rapid.Check(t, func(t *rapid.T) {
		steady, g := users.NewLockouts(limits, knowsHome), users.NewLockouts(limits, knowsHome)
		disk := map[string]users.Lockout{}
		keep := func(changed []users.Lockout) {
			for _, b := range changed {
				disk[b.Key] = b
				if b.Forgotten() {
					delete(disk, b.Key)
				}
			}
		}
		now := start
		names, addrs := rapid.SampledFrom([]string{"alice", "BOB", "carol"}), rapid.SampledFrom([]string{home, here, there, nowhere})
		t.Repeat(map[string]func(*rapid.T){
			"fail": func(t *rapid.T) {
				name, addr := names.Draw(t, "name"), addrs.Draw(t, "address")
				wait, _, changed := g.Failed(name, addr, now)
				keep(changed)
				if want, _, _ := steady.Failed(name, addr, now); wait != want {
					t.Fatalf("wait %v, want %v", wait, want)
				}
			},
			"succeed": func(t *rapid.T) {
				name, addr := names.Draw(t, "name"), addrs.Draw(t, "address")
				_, blocked, changed := g.Succeeded(name, addr, now)
				keep(changed)
				if _, want, _ := steady.Succeeded(name, addr, now); blocked != want {
					t.Fatalf("blocked %v, want %v", blocked, want)
				}
			},
			"wait": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 1500).Draw(t, "seconds")) * time.Second)
			},
			"sweep": func(t *rapid.T) { keep(g.Sweep(now)) },
			"restart": func(t *rapid.T) {
				var kept []users.Lockout
				for _, b := range disk {
					kept = append(kept, b)
				}
				g = users.NewLockouts(limits, knowsHome)
				keep(load(g, limits, kept, now))
			},
			"": func(t *rapid.T) {
				if len(g.Export()) != len(disk) {
					t.Fatalf("remembered %v, on disk %v", g.Export(), disk)
				}
				for _, b := range g.Export() {
					if disk[b.Key] != b {
						t.Fatalf("%+v is on disk as %+v", b, disk[b.Key])
					}
				}
				for _, name := range []string{"alice", "bob", "carol"} {
					for _, addr := range []string{home, here, there, nowhere} {
						got, _ := g.Check(name, addr, now)
						if want, _ := steady.Check(name, addr, now); got != want {
							t.Fatalf("%s at %s: wait %v, want %v", name, addr, got, want)
						}
					}
				}
			},
		})
	})
}
