package state_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// As many sanctions as there may be are in a place, and those that have ended take none.
func TestOnlySoManySanctions(t *testing.T) {
	d := play(t, crowd)
	at := d.state.Time()
	ban := func(room, name string, lasts time.Duration) error {
		return d.state.Apply(at, &command.Sanction{Kind: users.Ban, Name: name, Room: room, For: lasts}, nil).Err
	}
	for room, most := range map[string]int{"": state.MaxSanctions, "den": state.MaxSanctionsIn} {
		for i := range most {
			if err := ban(room, fmt.Sprint("x", i), time.Duration(most-i)*time.Second); err != nil {
				t.Fatal(room, i, err)
			}
		}
		if err := ban(room, "one more", 0); err != state.ErrName {
			t.Errorf("no name: %v", err)
		}
		if err := ban(room, "more", 0); err != state.ErrFull {
			t.Errorf("one more in %q: %v", room, err)
		}
		if err := ban(room, "x0", 0); err != nil {
			t.Errorf("in place of another in %q: %v", room, err)
		}
		if room == "" {
			if r := d.state.Apply(at, &command.Sanction{Kind: users.Ban, Addr: "9.9.9.9/32"}, nil); r.Err != state.ErrFull {
				t.Errorf("an address: %v", r.Err)
			}
		}
		at = at.Add(time.Second) // the last one has ended, and was not swept
		if err := ban(room, "more", 0); err != nil {
			t.Errorf("in %q, when one has ended: %v", room, err)
		}
	}
	if wrong := d.state.Contradiction(); wrong != "" {
		t.Error(wrong)
	}
}

// The state remembers the newest reports, also when it is loaded; the audit log has all.
func TestOnlySoManyReportsAreRemembered(t *testing.T) {
	d, table := play(t, crowd), state.NewTable()
	by := command.By{Name: "carl", Session: session("#3")}
	var rows state.Rows
	d.state.Apply(d.state.Time(), &command.SetRole{Name: "anna", Role: users.Moderator}, &rows)
	for i := range state.MaxReports + 10 {
		if r := d.state.Apply(d.state.Time(), &command.Report{By: by, Name: "dora", Why: fmt.Sprint(i)}, &rows); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	table.Put(&rows)
	loaded := state.New(table.Kept(), d.state.Time())
	for name, s := range map[string]*state.State{"told": d.state, "loaded": loaded} {
		all := s.Reports("anna", 1<<63, 1<<20)
		if len(all) != state.MaxReports || all[0].Why != "10" || all[len(all)-1].Why != fmt.Sprint(state.MaxReports+9) {
			t.Errorf("%s: %d reports", name, len(all))
		}
		page := s.Reports("anna", all[500].Number, 3)
		if len(page) != 3 || page[2] != all[499] {
			t.Errorf("%s: a page is %+v", name, page)
		}
		if n := s.ReportsSince("anna", start); n != state.MaxReports {
			t.Errorf("%s: %d since the start", name, n)
		}
	}
	if acts, _ := table.Acts(context.Background(), state.ActFilter{Name: "CARL"}, 1<<20); len(acts) != state.MaxReports+10 {
		t.Errorf("the audit log has %d", len(acts))
	}
}
