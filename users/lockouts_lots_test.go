package users_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"parley/users"
)

// secret is the server's.
const secret = "sesame"

// full returns lockouts whose tries at alice are used up, but for one that is free now.
func full() *users.Lockouts {
	limits := users.DefaultLockoutLimits()
	g := lenient()
	for i := range limits.NameFailures + limits.NameReserve - 1 {
		g.Failed("alice", guesser(100_000+i), start)
	}
	return g
}

// isLot reports whether who waits so long waits for a lot of a try that is free.
func isLot(wait time.Duration) bool { return wait >= 0 && wait < time.Minute }

// Hundreds of addresses guess without pause, each second and before the owner does, who comes
// from addresses that the server has never seen, and tries again when he is told to. While there
// are guessers that have not guessed yet he draws lots with them; when there are none he gets in at
// the first try, however long they go on.
func TestTheOwnerAmongHundredsOfGuessers(t *testing.T) {
	const many, owners = 180, 9
	limits := users.DefaultLockoutLimits()
	addrs := guessers(0, many)
	g := lenient()
	now := start
	guesses := guessing(g, addrs, now, now.Add(time.Minute))
	over := start.Add(many * time.Minute) // for all have guessed by then, one a minute
	var waited time.Duration
	for i := range owners {
		next := start.Add(time.Duration(i+1) * 20 * time.Minute)
		guesses += guessing(g, addrs, now, next)
		now = next
		one := lenient() // that this owner is told of: a login changes nothing for the guessers
		load(one, limits, g.Export(), now)
		came, inn := now, guesser(1_000_000+i)
		for wait, blocked := one.Draw(secret, "alice", inn, came); blocked; wait, blocked = one.Draw(secret, "alice", inn, came) {
			if came.After(over) {
				t.Fatalf("the owner who comes after %v is still waiting after %v", now.Sub(start), came.Sub(start))
			}
			guessing(one, addrs, came.Truncate(time.Second).Add(time.Second), came.Add(wait))
			came = came.Add(wait)
		}
		waited += came.Sub(now)
	}
	if mean := waited / owners; mean > many/4*time.Minute {
		t.Errorf("the owner waits %v on average", mean)
	}
	if _, blocked := g.Check("alice", here, now); blocked {
		t.Error("when all have guessed the owner waits")
	}
	if most := int(now.Sub(start)/time.Minute) + limits.NameFailures + limits.NameReserve; guesses > most {
		t.Errorf("%d guesses, want at most %d", guesses, most)
	}
}

// The first lot is everybody's as often, and seconds before the next one.
func TestLots(t *testing.T) {
	const tries, many = 2000, 20
	g := full()
	now := start
	wins, early := make([]int, many), 0
	for try := range tries {
		first, next := time.Hour, time.Hour
		winner := -1
		for i := range many {
			wait, _ := g.Draw(secret, "alice", guesser(i), now)
			if !isLot(wait) {
				t.Fatalf("try %d is free after %v", try, wait)
			}
			if wait < first {
				first, next, winner = wait, first, i
			} else if wait < next {
				next = wait
			}
		}
		wins[winner]++
		if next-first >= time.Second {
			early++
		}
		now = now.Add(time.Minute)
		if _, _, changed := g.Failed("alice", guesser(200_000+try), now); len(changed) == 0 {
			t.Fatal("nobody has that try")
		}
	}
	if low, high := slices.Min(wins), slices.Max(wins); low < tries/many/2 || high > tries/many*2 {
		t.Errorf("of %d tries %v were first", tries, wins)
	}
	if early < tries*3/4 {
		t.Errorf("%d of %d were a second before the next", early, tries)
	}
}

// An address that has guessed comes behind those that have not, for a day and over a restart, though
// its tries are as many again after an hour.
func TestAGuesserIsRememberedForADay(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	for after, waits := range map[time.Duration]bool{time.Minute: true, 2 * time.Hour: true, 24*time.Hour - time.Second: true, 24 * time.Hour: false} {
		g := lenient()
		g.Failed("alice", there, start)
		now := start.Add(after)
		g.Sweep(now)
		again := lenient()
		load(again, limits, g.Export(), now)
		for i := range limits.NameFailures + limits.NameReserve*5/6 {
			again.Failed("alice", guesser(i), now)
		}
		if wait, blocked := again.Check("alice", there, now); blocked != waits {
			t.Errorf("%v after its guess it waits %v", after, wait)
		}
		if wait, _ := again.Check("alice", here, now); wait != 0 {
			t.Errorf("a stranger waits %v", wait)
		}
		if after < time.Hour {
			continue
		}
		for i := range limits.Failures - 1 {
			if _, _, changed := again.Failed("bob", there, now); len(changed) == 0 {
				t.Errorf("after %v try %d is none", after, i)
			}
		}
		if wait, _ := again.Check("bob", there, now); wait != 0 {
			t.Errorf("%v after its guess it has fewer tries: %v", after, wait)
		}
	}
}

// Who was blocked has none of what is left to those who have not guessed, and an hour later as much
// as who has guessed once.
func TestWhoWasBlockedIsRememberedAsAGuesser(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	for after, waits := range map[time.Duration]bool{30 * time.Minute: true, 2 * time.Hour: false} {
		g := lenient()
		fail(g, limits.Failures, "alice", there, start)
		now := start.Add(after)
		for i := range limits.NameFailures + limits.NameReserve/2 {
			g.Failed("alice", guesser(i), now)
		}
		if wait, blocked := g.Check("alice", there, now); blocked != waits {
			t.Errorf("%v after its block it waits %v", after, wait)
		}
	}
}

// Wrong passwords for other names do not have who has guessed at a name forgotten, while its tries
// are used up.
func TestAFloodOfOtherNamesForgetsNoGuesser(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	limits.Names = 200
	g := users.NewLockouts(limits, knowsHome)
	used := guessers(0, limits.NameFailures+limits.NameReserve-1)
	guessing(g, used, start, start.Add(time.Second))
	for i := range 3000 {
		g.Failed(fmt.Sprint("nobody", i), guesser(10_000+i/15), start.Add(time.Second))
	}
	if n := len(g.Export()); n < limits.Names {
		t.Fatalf("%d are remembered: that is no flood", n)
	}
	now := start.Add(3 * time.Minute)
	for i, addr := range used {
		if wait, blocked := g.Check("alice", addr, now); !blocked {
			t.Fatalf("guesser %d of alice is forgotten: %v", i, wait)
		}
	}
	if wait, _ := g.Draw(secret, "alice", here, now); wait != 0 {
		t.Errorf("the owner waits %v", wait)
	}
}

// Where there is no room for all, those that are only remembered go first.
func TestWhoIsOnlyRememberedGoesFirst(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	g := lenient()
	fail(g, limits.Failures, "alice", there, start)
	now := start.Add(2 * time.Hour)
	fail(g, 1, "alice", here, now)
	limits.Names = 1
	g.SetLimits(limits, now)
	for _, b := range g.Export() {
		if b.Key == "alice/"+there {
			t.Error("the older one is left")
		}
	}
	if b, _ := g.Lookup("alice"); b.Key != "alice" {
		t.Error("what all have guessed is forgotten")
	}
}

// Nobody who does not know the secret of a server knows which address will be the first. Who has
// nobody to wait for draws no lot.
func TestLotsAreTheServersOwn(t *testing.T) {
	g := full()
	same := 0
	for i := range 20 {
		one, _ := g.Draw(secret, "alice", guesser(i), start)
		other, _ := g.Draw("another", "alice", guesser(i), start)
		if one == other {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 20 lots are the same with another secret", same)
	}
	net := func(text string) string { return users.AddrKey(netip.MustParseAddr(text)) }
	one, _ := g.Draw(secret, "alice", net("2001:db8:1:1::1"), start)
	same48, _ := g.Draw(secret, "alice", net("2001:db8:1:ffff::1"), start)
	other48, _ := g.Draw(secret, "alice", net("2001:db8:2:1::1"), start)
	if one != same48 || one == other48 {
		t.Errorf("in a /48 the lots are %v and %v, in another one %v", one, same48, other48)
	}
	for _, who := range []struct{ name, addr string }{{"alice", home}, {"bob", here}} {
		if wait, _ := g.Draw(secret, who.name, who.addr, start); wait != 0 {
			t.Errorf("%s at %s, who has nobody to wait for, waits %v", who.name, who.addr, wait)
		}
	}
}
