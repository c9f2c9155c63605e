package users_test

import (
	"fmt"
	"testing"
	"time"

	"parley/users"
)

// guessing tries a wrong password for alice each second, without pause, from all of some
// addresses, and returns how many were looked at.
func guessing(g *users.Lockouts, addrs []string, from, to time.Time) (guesses int) {
	for now := from; now.Before(to); now = now.Add(time.Second) {
		for _, addr := range addrs {
			if _, blocked := g.Draw(secret, "alice", addr, now); !blocked {
				g.Failed("alice", addr, now)
				guesses++
			}
		}
	}
	return guesses
}

// guessers returns so many addresses, beginning with the n-th.
func guessers(n, many int) (addrs []string) {
	for i := range many {
		addrs = append(addrs, guesser(n+i))
	}
	return addrs
}

// However long some addresses have been guessing, the owner gets in at the first
// try from an address that the server has never seen, and at home.
func TestSomeGuessersDoNotKeepTheOwnerOut(t *testing.T) {
	for _, many := range []int{1, 4, 10, 30} {
		t.Run(fmt.Sprint(many, " addresses"), func(t *testing.T) {
			g := lenient()
			now := start
			const between = 7 * time.Second
			for now.Before(start.Add(3 * time.Hour)) {
				guessing(g, guessers(0, many), now, now.Add(between))
				now = now.Add(between)
				for _, addr := range []string{here, home, nowhere} {
					if wait, blocked, _ := g.Succeeded("alice", addr, now); blocked {
						t.Fatalf("after %v the owner at %q waits %v", now.Sub(start), addr, wait)
					}
				}
			}
		})
	}
}

// An owner who mistypes has more tries while few guess, and comes before those who were blocked.
func TestAnOwnerMayMistype(t *testing.T) {
	g := lenient()
	now := start.Add(time.Hour)
	guessing(g, guessers(0, 10), start, now)
	for i, want := range []bool{false, false, true} {
		_, blocked := g.Check("alice", here, now)
		if blocked {
			t.Errorf("try %d is not looked at", i+1)
		}
		wait, _, _ := g.Failed("alice", here, now)
		if (wait > 0) != want {
			t.Errorf("after %d wrong ones: wait %v", i+1, wait)
		}
	}
}

// More addresses than are left room for: guesses stay bounded, room comes back one a minute, and
// those who have guessed have none of it.
func TestMoreGuessersThanTheReserve(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	g := lenient()
	most := limits.NameFailures + limits.NameReserve
	next, guesses := 0, 0
	const hours = 24
	for now := start; now.Before(start.Add(hours * time.Hour)); now = now.Add(10 * time.Second) {
		guesses += guessing(g, guessers(next, 5), now, now.Add(time.Second))
		next += 5
		if wait, blocked, _ := g.Succeeded("alice", home, now); blocked {
			t.Fatalf("the owner at home waits %v", wait)
		}
	}
	if bound := most + limits.NameFailures*hours; guesses > bound || guesses < bound-10 {
		t.Errorf("%d guesses in %d hours, want %d", guesses, hours, bound)
	}
}

// When all room is used up, what comes back is for those who have not guessed: the others, who
// try each second, have none of it.
func TestWhoHasGuessedComesLast(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	g := lenient()
	used := guessers(0, limits.NameFailures+limits.NameReserve-1)
	if got := guessing(g, used, start, start.Add(time.Second)); got != len(used) {
		t.Fatalf("of %d addresses %d may guess once", len(used), got)
	}
	to := start.Add(10 * time.Minute)
	if got := guessing(g, used, start.Add(time.Second), to); got != 0 {
		t.Errorf("those who have guessed go on with %d", got)
	}
	for i := range 10 {
		if _, blocked := g.Draw(secret, "alice", guesser(1000+i), to); blocked {
			t.Errorf("stranger %d waits", i)
		}
		g.Failed("alice", guesser(1000+i), to)
	}
	if wait, blocked := g.Draw(secret, "alice", here, to); !blocked || !isLot(wait) {
		t.Errorf("one more may guess after %v", wait)
	}
}

// Without blocks of addresses nothing is known of who has guessed, and nothing is left to others.
func TestAReserveNeedsBlocks(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	limits.Failures = 0
	g := users.NewLockouts(limits, knowsHome)
	fail(g, limits.NameFailures-1, "alice", nowhere, start)
	if wait, blocked := g.Draw(secret, "alice", here, start); !blocked || !isLot(wait) {
		t.Errorf("a stranger waits %v", wait)
	}
}

// A restart, and other limits, forgive nothing of it.
func TestTheReserveSurvivesARestart(t *testing.T) {
	limits := users.DefaultLockoutLimits()
	g := full()
	again := lenient()
	if changed := load(again, limits, g.Export(), start); len(changed) != 0 {
		t.Errorf("what was kept is not what is: %v", changed)
	}
	before, _ := g.Draw(secret, "alice", here, start)
	if wait, blocked := again.Draw(secret, "alice", here, start); !blocked || wait != before {
		t.Errorf("after a restart a stranger waits %v, before it %v", wait, before)
	}
	limits.NameReserve = 0
	again.SetLimits(limits, start)
	if wait, blocked := again.Draw(secret, "alice", here, start); !blocked || !isLot(wait-time.Minute) {
		t.Errorf("without a reserve: %v", wait)
	}
}
