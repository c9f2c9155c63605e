package state_test

import (
	"fmt"
	"testing"

	"parley/users/state"
)

func TestRoomInvitations(t *testing.T) {
	before := people + `
		2 create anna #1 club private -> club | room club of anna private, member anna in club since 0
		`
	for name, lines := range map[string]string{
		"whom": `
			3 inviteto anna #1 club ANNA -> that is yourself
			3 inviteto anna #1 club dora -> there is no user of that name; dora
			3 inviteto anna #1 club carl -> carl; club | invitation ~c to club
			3 inviteto anna #1 club CARL -> the other one was invited to that room already; carl
			4 join carl #3 club -> club | member ~c in club since 0, -invitation ~c to club
			4 inviteto anna #1 club carl -> who asks, or the other one, is in that room already; carl
			5 leave bob #2 out -> bob; bob logged out@5 | account bob h
			5 inviteto anna #1 club bob -> bob; club | invitation bob to club
			6 enter dora #4 token=d -> dora; dora logged in@6
			6 leave dora #4 out -> dora; dora logged out@6
			6 inviteto anna #1 club dora -> the receiver is gone and has no account; dora`,
		"any member may": `
			3 inviteto anna #1 club carl -> carl; club | invitation ~c to club
			4 join carl #3 club -> club | member ~c in club since 0, -invitation ~c to club
			5 inviteto carl #3 club bob -> bob; club | invitation bob to club
			5 invited bob -> club by carl`,
		"to a room that needs none": `
			3 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0
			3 inviteto anna #1 attic bob -> bob; attic | invitation bob to attic
			4 inviteto anna #1 club bob -> bob; club | invitation bob to club
			4 invited bob -> attic by anna, club by anna
			5 join bob #2 attic -> attic | member bob in attic since 0, -invitation bob to attic
			5 invited bob -> club by anna`,
		"not who has blocked one": `
			3 block bob #2 anna -> anna | block bob>anna
			3 inviteto anna #1 club bob -> the other one has blocked who asks; bob
			4 unblock bob #2 anna -> anna | -block bob>anna
			4 inviteto anna #1 club bob -> bob; club | invitation bob to club`,
		"not whom one has blocked": `
			3 block anna #1 bob -> bob | block anna>bob
			3 inviteto anna #1 club bob -> who asks has blocked the other one; bob`,
		"a block ends those of the other one": `
			3 inviteto anna #1 club bob -> bob; club | invitation bob to club
			3 create carl #3 den private -> den | room den of ~c private, member ~c in den since 0
			3 inviteto carl #3 den bob -> bob; den | invitation bob to den
			4 block bob #2 anna -> anna | block bob>anna, -invitation bob to club
			4 join bob #2 club -> the room is private, and who asks was not invited
			4 invited bob -> den by carl`,
		"and those of one's own": `
			3 inviteto anna #1 club bob -> bob; club | invitation bob to club
			4 block anna #1 bob -> bob | block anna>bob, -invitation bob to club`,
		"the owner needs none, and uses up what there is": `
			3 inviteto anna #1 club bob -> bob; club | invitation bob to club
			3 join bob #2 club -> club | member bob in club since 0, -invitation bob to club
			4 part anna #1 club -> club | -member anna in club since 0
			4 inviteto bob #2 club anna -> anna; club | invitation anna to club
			5 join anna #1 club -> club | member anna in club since 0, -invitation anna to club`,
		"a guest takes them along into the account": `
			3 inviteto anna #1 club carl -> carl; club | invitation ~c to club
			4 register carl #3 hash=h -> carl | account carl h, -invitation ~c to club, invitation carl to club
			5 join carl #3 club -> club | member carl in club since 0, -invitation carl to club`,
		"a guest who logs out": `
			3 inviteto anna #1 club carl -> carl; club | invitation ~c to club
			4 leave carl #3 out -> carl; carl logged out@4 | -invitation ~c to club
			5 enter carl #4 token=d back=c -> carl; carl logged in@5
			5 join carl #4 club -> the room is private, and who asks was not invited`,
		"a guest who comes back": `
			3 inviteto anna #1 club carl -> carl; club | invitation ~c to club
			4 leave carl #3 lost -> carl
			5 enter caro #4 token=d back=c -> caro; caro logged in@5
			6 join caro #4 club -> club | member ~c in club since 0, -invitation ~c to club`,
		"somebody else under the name": `
			3 inviteto anna #1 club carl -> carl; club | invitation ~c to club
			4 leave carl #3 lost -> carl
			5 enter carl #4 token=d addr=y -> carl; carl lost the connection@4; carl logged in@5
			5 join carl #4 club -> the room is private, and who asks was not invited`,
		"an account that is deleted": `
			3 inviteto anna #1 club bob -> bob; club | invitation bob to club
			4 delete bob -> bob; ended bob#2; bob logged out@4 | -account bob h, forgotten bob, -invitation bob to club
			5 add bob hash=h -> bob | account bob h
			5 enter bob #4 token=e verified=h -> bob; bob logged in@5 | account bob h
			5 join bob #4 club -> the room is private, and who asks was not invited`,
	} {
		t.Run(name, func(t *testing.T) { play(t, before+lines) })
	}
}

// Beyond the limit the invitation to the room goes that has been there for the longest.
func TestOnlySoManyRoomInvitationsWait(t *testing.T) {
	d := play(t, people)
	const each = state.MaxMade
	for i := range state.MaxInvited + 1 {
		name, s := []string{"anna", "bob", "dora"}[i/each], []string{"#1", "#2", "#4"}[i/each]
		if i == 2*each {
			d.ask(d.state.Time(), "enter", []string{"dora", "#4", "token=d"})
		}
		d.ask(d.state.Time(), "message", []string{name, s})
		room := fmt.Sprint("r", 999-i)
		d.ask(d.state.Time(), "create", []string{name, s, room})
		want := fmt.Sprintf("carl; %s | invitation ~c to %s", room, room)
		if i == state.MaxInvited {
			want = fmt.Sprintf("carl; %s | -invitation ~c to r999, invitation ~c to %s", room, room)
		}
		if got := d.ask(d.state.Time(), "inviteto", []string{name, s, room, "carl"}); got != want {
			t.Errorf("%d: got %s, want %s", i, got, want)
		}
	}
	d.play(`
		9 inviteto anna #1 r999 carl -> carl; r999 | -invitation ~c to r998, invitation ~c to r999
		9 inviteto anna #1 r998 carl -> carl; r998 | -invitation ~c to r999, invitation ~c to r998`)
	if n := len(d.state.RoomInvitations("~c")); n != state.MaxInvited {
		t.Errorf("%d wait", n)
	}
}
