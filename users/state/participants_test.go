package state_test

import (
	"testing"

	"parley/users"
	"parley/users/state"
)

func TestGuestsInRooms(t *testing.T) {
	before := people + `
		2 create carl #3 den -> den | room den of ~c, member ~c in den since 0
		`
	for name, lines := range map[string]string{
		"a logout ends it": `
			3 join anna #1 den -> den | member anna in den since 0
			4 leave carl #3 out -> carl; carl logged out@4 in [den] | room den of nobody, -member ~c in den since 0
			4 in den -> 1: anna
			4 rooms -> den of nobody
			5 part anna #1 den -> den; gone; den ended | -room den to 0, -member anna in den since 0`,
		"the room ends with the last": `
			3 leave carl #3 out -> carl; den ended; carl logged out@3 in [den] | -room den to 0, -member ~c in den since 0
			3 rooms ->`,
		"so does who was inactive for too long": `
			3 join anna #1 den -> den | member anna in den since 0
			3 create carl #3 cave -> cave | room cave of ~c, member ~c in cave since 0
			4 leave carl #3 timeout -> carl; cave ended; carl timed out@4 in [cave den] | -room cave to 0, -member ~c in den since 0, -member ~c in cave since 0
			5 enter carl #4 token=d back=c -> carl; carl logged in@5
			5 joined ~c ->
			5 rooms -> den of ~c`,
		"a lost connection does not": `
			3 leave carl #3 lost -> carl
			3 in den -> 0:
			4 enter carl #4 token=d back=c -> carl
			4 in den -> 1: carl
			4 joined ~c -> den since 0`,
		"nor does another name": `
			3 leave carl #3 lost -> carl
			8 due -> carl lost the connection@3 in [den]
			9 enter Caro #4 token=d back=c -> Caro; Caro logged in@9 in [den]
			9 in den -> 1: Caro
			9 message caro #4 room=den -> | message Caro in den`,
		"nor somebody else under the name": `
			3 leave carl #3 lost -> carl
			4 enter carl #4 token=d addr=y -> carl; carl lost the connection@3 in [den]; carl logged in@4
			4 in den -> 0:
			4 message carl #4 room=den -> who asks is not in that room
			5 enter caro #5 token=e back=c -> caro; caro logged in@5 in [den]
			5 in den -> 1: caro`,
		"who does not come back is forgotten": `
			3 join anna #1 den -> den | member anna in den since 0
			4 leave carl #3 lost -> carl
			9 due -> carl lost the connection@4 in [den]
			63 member ~c den -> 0 true
			64 due -> | room den of nobody, -member ~c in den since 0
			64 rooms -> den of nobody`,
		"and the room, if nobody else is in it": `
			3 leave carl #3 lost -> carl
			8 due -> carl lost the connection@3 in [den]
			63 due -> den ended | -room den to 0, -member ~c in den since 0`,
		"nor who comes back as another": `
			3 leave carl #3 lost -> carl
			64 forget ~c -> den ended | -room den to 0, -member ~c in den since 0
			65 enter carl #4 token=d back=c -> carl; carl lost the connection@3; carl logged in@65
			65 joined ~c ->`,
		"who registers stays in, and owns the room": `
			3 join anna #1 den -> den | member anna in den since 0
			3 register carl #3 hash=h -> carl | account carl h, room den of carl, -member ~c in den since 0, member carl in den since 0
			3 in den -> 2: anna carl
			3 member ~c den -> 0 false
			4 part anna #1 den -> den | -member anna in den since 0
			4 part carl #3 den -> den | -member carl in den since 0
			4 rooms -> den of carl
			5 join carl #3 den -> den | member carl in den since 0`,
		"so does who registers with the login": `
			3 enter carl #4 token=d back=c hash=h -> carl; ended carl#3 | account carl h, room den of carl, -member ~c in den since 0, member carl in den since 0
			3 in den -> 1: carl
			4 leave carl #4 lost -> carl | account carl h
			4 in den -> 0:`,
		"so does who was gone meanwhile": `
			3 leave carl #3 lost -> carl
			4 enter caro #4 token=d back=c hash=h -> caro; caro logged in@4 in [den] | account caro h, room den of caro, -member ~c in den since 0, member caro in den since 0
			4 in den -> 1: caro
			9 due -> carl lost the connection@3`,
		"an account in place of the guest": `
			3 join anna #1 den -> den | member anna in den since 0
			4 add carl hash=h -> carl; ended carl#3; carl logged out@4 in [den] | account carl h, room den of nobody, -member ~c in den since 0
			5 enter carl #4 token=d verified=h -> carl; carl logged in@5 | account carl h
			5 in den -> 1: anna`,
	} {
		t.Run(name, func(t *testing.T) { play(t, before+lines) })
	}
}

func TestAccountsInRooms(t *testing.T) {
	before := people + `
		2 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0
		2 join bob #2 attic -> attic | member bob in attic since 0
		`
	for name, lines := range map[string]string{
		"they stay in when they leave": `
			3 leave bob #2 out -> bob; bob logged out@3 in [attic] | account bob h
			3 in attic -> 1: anna
			3 member bob attic -> 0 true
			4 enter bob #4 token=d verified=h -> bob; bob logged in@4 in [attic] | account bob h
			4 in attic -> 2: anna bob
			5 leave bob #4 lost -> bob | account bob h
			5 in attic -> 1: anna
			10 due -> bob lost the connection@5 in [attic]`,
		"the name as it is spelled": `
			3 join carl #3 attic -> attic | member ~c in attic since 0
			4 enter CARL #4 token=d back=c -> CARL; ended carl#3
			4 in attic -> 3: anna bob CARL`,
		"another session is no other member": `
			3 enter bob #4 token=d verified=h takeover -> bob; ended bob#2 | account bob h
			3 in attic -> 2: anna bob
			4 leave bob #4 out -> bob; bob logged out@4 in [attic] | account bob h
			4 in attic -> 1: anna`,
		"who is deleted leaves rooms without an owner": `
			3 create bob #2 den -> den | room den of bob, member bob in den since 0
			3 create bob #2 cave -> cave | room cave of bob, member bob in cave since 0
			3 part bob #2 cave -> cave | -member bob in cave since 0
			4 join anna #1 den -> den | member anna in den since 0
			5 delete bob -> bob; cave ended; ended bob#2; bob logged out@5 in [attic den] | -account bob h, forgotten bob, room den of nobody, -room cave to 0, -member bob in den since 0, -member bob in attic since 0
			5 rooms -> attic of anna, den of nobody
			6 add bob hash=h -> bob | account bob h
			6 enter bob #4 token=d verified=h -> bob; bob logged in@6 | account bob h
			6 joined bob ->
			7 part anna #1 den -> den; gone; den ended | -room den to 0, -member anna in den since 0`,
		"also when they are not there": `
			3 leave anna #1 out -> anna; anna logged out@3 in [attic] | account anna h
			4 delete anna -> anna | -account anna h, forgotten anna, room attic of nobody, -member anna in attic since 0
			4 part bob #2 attic -> attic; gone; attic ended | -room attic to 0, -member bob in attic since 0`,
		"a private room without its owner": `
			3 create bob #2 club private -> club | room club of bob private, member bob in club since 0
			3 inviteto bob #2 club carl -> carl; club | invitation ~c to club
			3 join carl #3 club -> club | member ~c in club since 0, -invitation ~c to club
			4 delete bob -> bob; ended bob#2; bob logged out@4 in [attic club] | -account bob h, forgotten bob, room club of nobody private, -member bob in club since 0, -member bob in attic since 0
			5 add bob hash=h -> bob | account bob h
			5 enter bob #4 token=d verified=h -> bob; bob logged in@5 | account bob h
			5 join bob #4 club -> the room is private, and who asks was not invited`,
	} {
		t.Run(name, func(t *testing.T) { play(t, before+lines) })
	}
}

// A room in which only guests are ends after a start when none of them comes back, and by a
// command: nothing ends because it was loaded.
func TestRoomsAfterAStart(t *testing.T) {
	kept := state.Kept{Last: 9, Accounts: []users.Account{{Name: "anna", Hash: "h"}, {Name: "bob", Hash: "h"}},
		Rooms: []state.Room{{Name: "attic", Owner: "anna", Private: true}, {Name: "den", Owner: "~c", Newest: 8}, {Name: "Empty", Owner: "~x"}, {Name: "loose"}},
		Members: []state.Member{{Room: "attic", Person: "bob", Since: 3}, {Room: "attic", Person: "~d", Since: 2}, {Room: "den", Person: "~c", Since: 1},
			{Room: "loose", Person: "~d", Since: 1}},
		RoomInvitations: []state.RoomInvitation{{Room: "attic", Person: "~e", By: "bob"}},
		ReadCursors:     []state.ReadCursor{{Person: "bob", Room: "attic", Number: 4}, {Person: "bob", Room: state.Lobby, Number: 5}, {Person: "bob", With: "~f", Number: 6}},
	}
	newDialogue(t, kept).play(`
		1 rooms -> attic of anna private, den of ~c, Empty of ~x, loose of nobody
		1 newest den -> 8 true
		1 in attic -> 0:
		1 joined ~d -> loose since 1, attic since 2
		1 cursors bob -> attic 4, lobby 5, @~f 6
		1 invited ~e -> attic by bob
		2 enter dora #1 token=z back=d -> dora; dora logged in@2 in [loose attic]
		2 in attic -> 1: dora
		60 due -> den ended | -room den to 9, -member ~c in den since 1, | -invitation ~e to attic, | -bob read @~f 6, Empty ended | -room Empty to 9
		60 rooms -> attic of anna private, loose of nobody
		61 enter bob #2 token=b verified=h -> bob; bob logged in@61 in [attic] | account bob h
		61 in attic -> 2: bob dora`)
}
