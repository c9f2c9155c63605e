package state_test

import (
	"fmt"
	"testing"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

func TestReadCursors(t *testing.T) {
	before := people + `
		2 create anna #1 Attic -> Attic | room Attic of anna, member anna in Attic since 0
		2 message anna #1 -> | message anna
		2 message anna #1 -> | message anna
		2 message anna #1 room=attic -> | message anna in Attic
		2 direct carl #3 anna -> anna | direct ~c>anna
		`
	for name, lines := range map[string]string{
		"of rooms": `
			3 read anna #1 attic 2 -> Attic 2 | anna read Attic 2
			3 read anna #1 LOBBY 1 -> lobby 1 | anna read lobby 1
			3 cursors anna -> Attic 2, lobby 1
			3 cursors bob ->`,
		"of direct messages": `
			3 read anna #1 @BOB 3 -> bob 3 | anna read @bob 3
			3 read anna #1 @carl 4 -> carl 4 | anna read @~c 4
			3 cursors anna -> @bob 3, @~c 4
			4 leave bob #2 out -> bob; bob logged out@4 | account bob h
			4 read anna #1 @bob 4 -> bob 4 | anna read @bob 4`,
		"never back": `
			3 read anna #1 attic 3 -> Attic 3 | anna read Attic 3
			3 read anna #1 attic 2 -> again; Attic 3
			3 read anna #1 attic 3 -> again; Attic 3
			3 read anna #1 attic 0 -> again; Attic 3
			3 read anna #1 lobby 2 -> lobby 2 | anna read lobby 2
			3 read anna #1 lobby 1 -> again; lobby 2
			3 read anna #1 @bob 2 -> bob 2 | anna read @bob 2
			3 read anna #1 @bob 1 -> again; bob 2
			3 cursors anna -> Attic 3, lobby 2, @bob 2`,
		"nothing is no cursor": `
			3 read anna #1 attic 0 -> again; Attic
			3 read anna #1 lobby 0 -> again; lobby
			3 read anna #1 @bob 0 -> again; bob
			3 cursors anna ->`,
		"not beyond the last number": `
			3 read anna #1 attic 99 -> Attic 4 | anna read Attic 4
			3 read anna #1 lobby 18446744073709551615 -> lobby 4 | anna read lobby 4
			3 read anna #1 @bob 5 -> bob 4 | anna read @bob 4`,
		"of what": `
			3 read bob #2 attic 1 -> who asks is not in that room
			3 read bob #2 cellar 1 -> there is no room of that name
			3 read bob #2 @bob 1 -> that is yourself
			3 read bob #2 @dora 1 -> there is no user of that name; dora
			3 read carl #3 lobby 1 -> who asks has no account
			3 read carl #3 @anna 1 -> who asks has no account`,
		"leaving a room ends the one in it": `
			3 read anna #1 attic 3 -> Attic 3 | anna read Attic 3
			4 part anna #1 attic -> Attic | -member anna in Attic since 0, -anna read Attic 3
			4 join anna #1 attic -> Attic | member anna in Attic since 4
			4 cursors anna ->
			4 read anna #1 attic 1 -> Attic 1 | anna read Attic 1`,
		"with a guest who logs out": `
			3 read anna #1 @carl 4 -> carl 4 | anna read @~c 4
			4 leave carl #3 out -> carl; carl logged out@4 | forgotten ~c, -anna read @~c 4
			4 read anna #1 @carl 4 -> the receiver is gone and has no account; carl
			4 cursors anna ->`,
		"with a guest who does not come back": `
			3 read anna #1 @carl 4 -> carl 4 | anna read @~c 4
			4 leave carl #3 lost -> carl
			9 due -> carl lost the connection@4
			63 cursors anna -> @~c 4
			64 due -> | forgotten ~c, -anna read @~c 4`,
		"with a guest who registers": `
			3 read bob #2 @anna 2 -> anna 2 | bob read @anna 2
			3 read bob #2 @carl 4 -> carl 4 | bob read @~c 4
			4 register carl #3 hash=h -> carl | account carl h, renamed ~c=carl, -bob read @~c 4, bob read @carl 4
			4 cursors bob -> @anna 2, @carl 4
			5 read bob #2 @carl 3 -> again; carl 4`,
		"of and with an account that is deleted": `
			3 read bob #2 @anna 2 -> anna 2 | bob read @anna 2
			3 read anna #1 @bob 3 -> bob 3 | anna read @bob 3
			3 read anna #1 lobby 1 -> lobby 1 | anna read lobby 1
			3 read anna #1 attic 2 -> Attic 2 | anna read Attic 2
			4 delete anna -> anna; Attic ended; ended anna#1; anna logged out@4 in [Attic] | -account anna h, forgotten anna, -room Attic to 4, -member anna in Attic since 0, -anna read Attic 2, -anna read lobby 1, -anna read @bob 3, -bob read @anna 2
			4 cursors bob ->
			4 cursors anna ->`,
	} {
		t.Run(name, func(t *testing.T) { play(t, before+lines) })
	}
}

// Beyond the limit the cursor goes that is furthest back.
func TestOnlySoManyReadCursorsWithPersons(t *testing.T) {
	var kept state.Kept
	for i := range state.MaxReading + 1 {
		kept.Accounts = append(kept.Accounts, users.Account{Name: fmt.Sprint("user", i), Hash: "h"})
	}
	kept.Last = 5000
	d := newDialogue(t, kept)
	d.play(`1 enter user0 #1 token=a verified=h -> user0; user0 logged in@1 | account user0 h`)
	by := command.By{Name: "user0", Session: session("#1")}
	d.play(`2 read user0 #1 lobby 5 -> lobby 5 | user0 read lobby 5`)
	for i := range state.MaxReading {
		number := uint64(2000 - i)
		if r := d.state.Apply(start, &command.Read{By: by, Name: fmt.Sprint("user", i+1), Number: number}, nil); r.Number != number {
			t.Fatalf("%d: %+v", i, r)
		}
	}
	d.twin = d.state
	var rows state.Rows
	d.state.Apply(start, &command.Read{By: by, Name: "user7", Number: 2500}, &rows)
	if len(rows.ReadCursors) != 1 {
		t.Errorf("one that is moved: %+v", rows.ReadCursors)
	}
	d.state.Apply(start, &command.AddAccount{Name: "dora", Hash: "h"}, nil)
	rows.Reset()
	d.state.Apply(start, &command.Read{By: by, Name: "dora", Number: 1}, &rows)
	last := fmt.Sprint("user", state.MaxReading)
	if len(rows.ReadCursors) != 2 || !rows.ReadCursors[0].Gone || rows.ReadCursors[0].With != last || rows.ReadCursors[1].With != "dora" {
		t.Errorf("got %+v", rows.ReadCursors)
	}
	if all := d.state.ReadCursors("user0"); len(all) != state.MaxReading+1 || d.state.ReadCursor("user0", "", last) != 0 || d.state.ReadCursor("user0", state.Lobby, "") != 5 {
		t.Errorf("there are %d", len(all))
	}
	if wrong := d.state.Contradiction(); wrong != "" {
		t.Error(wrong)
	}
}
