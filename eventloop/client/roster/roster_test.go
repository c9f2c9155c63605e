package roster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"parley/protocol"
)

// said is a roster on one line: who is there, away and in which rooms.
func said(r *Roster) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(r.People())) {
		p, _ := r.Lookup(key)
		s := p.Name
		if p.Away {
			s += "(" + p.Why + ")"
		}
		all = append(all, strings.Join(append([]string{s}, p.Rooms...), "+"))
	}
	return strings.Join(all, " ")
}

func TestRoster(t *testing.T) {
	var r Roster
	for _, step := range []struct {
		what string
		do   func()
		want string
	}{
		{"a list in pages", func() {
			r.Listed("", []string{"Alice", "bob"}, protocol.Absences{"bob": "at lunch"}, true)
			r.Listed("", []string{"carl"}, nil, false)
		}, "Alice bob(at lunch) carl"},
		{"a list of a room", func() { r.Listed("Dev", []string{"bob", "dora"}, protocol.Absences{"bob": ""}, false) }, "Alice bob()+dev carl dora+dev"},
		{"somebody comes into a room", func() { r.CameIn("ALICE", "dev") }, "ALICE+dev bob()+dev carl dora+dev"},
		{"into another one", func() { r.CameIn("bob", "Art") }, "ALICE+dev bob()+art+dev carl dora+dev"},
		{"one leaves", func() { r.LeftRoom("alice", "DEV") }, "alice bob()+art+dev carl dora+dev"},
		{"who is not there does not leave", func() { r.LeftRoom("erik", "dev") }, "alice bob()+art+dev carl dora+dev"},
		{"a list without somebody", func() { r.Listed("dev", []string{"bob"}, nil, false) }, "alice bob+art+dev carl dora"},
		{"somebody is gone", func() { r.Left("Bob") }, "alice carl dora"},
		{"all lists count", func() { r.Listed("", []string{"dora"}, nil, false) }, "dora"},
		{"somebody goes away and comes back", func() {
			r.IsAway("dora", true, "x")
			r.IsAway("dora", false, "")
		}, "dora"},
		{"what is no name", func() { r.Came("no name"); r.Came("") }, "dora"},
		{"one is out of a room", func() {
			r.CameIn("dora", "dev")
			r.Out("dev")
		}, "dora"},
		{"nobody is known", r.Forget, ""},
	} {
		step.do()
		if got := said(&r); got != step.want {
			t.Errorf("%s: %q, want %q", step.what, got, step.want)
		}
	}
}

// What is the same as before is no change; what others were given stays as it was.
func TestChangesAreCounted(t *testing.T) {
	var r Roster
	r.CameIn("bob", "dev")
	before, was := r.Changes(), r.People()
	r.CameIn("bob", "dev")
	r.IsAway("bob", false, "")
	r.Left("carl")
	if r.Changes() != before {
		t.Error("nothing has changed, and was counted")
	}
	r.CameIn("bob", "art")
	if r.Changes() == before || len(was["bob"].Rooms) != 1 {
		t.Errorf("it was not counted, or what was given is %v now", was)
	}
}

func TestACrowdIsBounded(t *testing.T) {
	var r Roster
	for i := range maxPeople + 10 {
		r.Came(fmt.Sprintf("p%d", i))
	}
	if n := len(r.People()); n != maxPeople {
		t.Errorf("%d people are known", n)
	}
}

// Whose name looks like another one's is known before they are there and after.
func TestWhoTheyAreNot(t *testing.T) {
	var r Roster
	r.IsLike("aIice", "alice")
	r.Came("AIICE")
	if p, _ := r.Lookup("aIice"); p.Like != "alice" {
		t.Errorf("she came as one who is not %q", p.Like)
	}
	before := r.Changes()
	r.IsLike("aIice", "")
	if p, _ := r.Lookup("aIice"); p.Like != "" || r.Changes() == before {
		t.Errorf("she has an account, and is not %q, or that is no change", p.Like)
	}
	r.IsLike("aIice", "alice")
	r.Left("aIice")
	r.IsLike("b0b", "no name")
	if r.Like("aIice") != "alice" || r.Like("b0b") != "" {
		t.Errorf("aIice is not %q, b0b is not %q", r.Like("aIice"), r.Like("b0b"))
	}
	if r.Forget(); r.Like("aIice") != "alice" || len(r.People()) > 0 {
		t.Errorf("without a connection aIice is not %q, and there are %v", r.Like("aIice"), r.People())
	}
}
