package state_test

import (
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

func TestLockouts(t *testing.T) {
	for name, lines := range map[string]string{
		"a right password ends the row": `
			1 wrong anna addr=addr:192.0.2.1 -> | wrong anna 1/0, wrong addr:192.0.2.1 1/0
			1 wrong anna -> | wrong anna 2/0
			2 right Anna addr=addr:192.0.2.1 -> | -wrong anna 0/0
			3 right anna ->
			4 wrong anna -> | wrong anna 1/0`,
		"but not if it comes too late": `
			1 wrong anna -> | wrong anna 1/0
			1 wrong anna -> | wrong anna 2/0
			1 wrong anna -> wait 1m0s | wrong anna 0/1
			1 wrong anna -> locked out after too many wrong passwords; wait 1m0s
			2 right anna -> locked out after too many wrong passwords; wait 59s
			3 unlock Anna -> | -wrong anna 0/0
			3 unlock anna -> there is no user of that name
			4 right anna ->`,
		"what is over is swept, no more than once a minute": `
			1 next -> never
			1 wrong anna addr=addr:192.0.2.1 -> | wrong anna 1/0, wrong addr:192.0.2.1 1/0
			1 next -> 60
			60 due ->
			61 next -> 120
			601 sweep -> | -wrong addr:192.0.2.1 0/0
			3600.9 sweep ->
			3601 sweep -> | -wrong anna 0/0
			3602 next -> never`,
		"an address is unlocked by how it is written": `
			1 wrong anna addr=addr:192.0.2.1 -> | wrong anna 1/0, wrong addr:192.0.2.1 1/0
			2 unlock 192.0.2.1 -> | -wrong addr:192.0.2.1 0/0`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}

// What is kept of lockouts is judged by the limits that the node proposes, not by those
// that a state begins with.
func TestLimitsDecideOfLockoutsThatWereKept(t *testing.T) {
	kept := state.Kept{Lockouts: []users.Lockout{
		{Key: "anna", Level: 3, Until: start.Add(20 * time.Minute), Last: start.Add(-time.Minute)},
		{Key: "bob", Failures: 8, Last: start.Add(-time.Minute)},
		{Key: "carl", Level: 1, Until: start.Add(time.Hour), Last: start.Add(-time.Minute)},
	}}
	s := state.New(kept, start)
	l := limits()
	l.Lockouts.Failures, l.Lockouts.Block, l.Lockouts.MaxBlock = 10, 10*time.Minute, 30*time.Minute
	var rows state.Rows
	s.Apply(start, l, &rows)
	if got := keptRows(&rows); got != " | wrong carl 0/1" {
		t.Errorf("is to be kept otherwise: %q", got)
	}
	if wait := s.Locked("Anna", "", start); wait != 20*time.Minute {
		t.Errorf("anna is locked out for %v", wait)
	}
	if wait := s.Locked("carl", "", start); wait != 10*time.Minute {
		t.Errorf("carl is locked out for %v, though no lockout lasts that long", wait)
	}
	s.Apply(start, &command.WrongPassword{Name: "bob"}, nil)
	if r := s.Apply(start, &command.WrongPassword{Name: "bob"}, nil); r.Wait != 10*time.Minute {
		t.Errorf("bob's tenth wrong password locks out for %v", r.Wait)
	}
}

// A node that begins proposes its limits again, which forgives nobody.
func TestTheSameLimitsAgainChangeNothing(t *testing.T) {
	d := newDialogue(t, state.Kept{})
	for i := range 15 {
		d.ask(start.Add(time.Duration(i)*time.Second), "wrong", []string{"bob", "addr=addr:192.0.2.1"})
	}
	at := start.Add(20 * time.Second)
	d.state.Apply(at, nil, nil)
	before := d.state.Digest()
	var rows state.Rows
	d.state.Apply(at, limits(), &rows)
	if !rows.Empty() || d.state.Digest() != before {
		t.Errorf("rows: %q", keptRows(&rows))
	}
}
