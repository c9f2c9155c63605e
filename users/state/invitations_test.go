package state_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// three are anna, bob and carl, who are there.
const three = `
	1 enter anna #1 token=a -> anna; anna logged in@1
	1 enter bob #2 token=b -> bob; bob logged in@1
	1 enter carl #3 token=c plain -> carl; carl logged in@1
	1 add dora hash=h -> dora | account dora h
	1 enter eve #5 token=e -> eve; eve logged in@1
	1 leave eve #5 out -> eve; eve logged out@1`

func TestInvitations(t *testing.T) {
	for name, lines := range map[string]string{
		"who can be asked": `
			2 invite anna #1 ANNA -> that is yourself
			2 invite anna #1 frank -> there is no user of that name
			2 invite anna #1 dora -> the receiver is gone and has no account
			2 invite anna #1 eve -> the receiver is gone and has no account
			2 invite anna #1 carl -> the receiver's client cannot do that
			2 invite carl #3 anna -> anna
			2 invite anna #9 bob -> the session is not there any more
			2 invite anna #1 BOB -> bob
			2 invite anna #1 bob -> you have invited that user already`,
		"blocks": `
			2 block anna #1 bob -> bob
			3 invite anna #1 bob -> who asks has blocked the other one
			3 invite bob #2 anna -> the other one has blocked who asks`,
		"a block ends what they asked each other": `
			2 invite anna #1 bob -> bob
			2 invite carl #3 bob -> bob
			3 block bob #2 anna -> anna; void anna>bob
			4 unblock bob #2 anna -> anna
			4 invite anna #1 bob -> the other one did not agree a moment ago; wait 29s
			4 accept bob #2 carl -> carl; agreed carl>bob`,
		"a block ends what who blocks has asked": `
			2 invite anna #1 bob -> bob
			3 block anna #1 bob -> bob; void anna>bob`,
		"accepted": `
			2 accept bob #2 anna -> that user has not invited you
			2 accept bob #2 frank -> there is no user of that name
			2 invite anna #1 bob -> bob
			3 accept anna #1 bob -> that user has not invited you
			3 accept bob #2 ANNA -> anna; agreed anna>bob
			3 accept bob #2 anna -> that user has not invited you
			4 invite anna #1 bob -> bob`,
		"to ask who has asked is to agree": `
			2 invite anna #1 bob -> bob
			3 invite bob #2 anna -> anna; agreed anna>bob
			3 accept bob #2 anna -> that user has not invited you`,
		"declined": `
			2 decline bob #2 frank -> there is no user of that name
			2 decline bob #2 anna -> that user has not invited you
			2 invite anna #1 bob -> bob
			3 decline bob #2 anna -> anna; void anna>bob
			4 invite anna #1 bob -> the other one did not agree a moment ago; wait 29s
			4 invite bob #2 anna -> anna
			5 decline anna #1 bob -> bob; void bob>anna
			33 invite anna #1 bob -> bob`,
		"withdrawn": `
			2 withdraw anna #1 bob -> that user has not invited you
			2 withdraw anna #1 frank -> there is no user of that name
			2 invite anna #1 bob -> bob
			3 withdraw bob #2 anna -> that user has not invited you
			3 withdraw anna #1 BOB -> bob; void anna>bob
			3 invite anna #1 bob -> bob`,
		"lapsed": `
			2 invite anna #1 bob -> bob
			3 invite bob #2 carl -> the receiver's client cannot do that
			61.9 lapse ->
			62 lapse -> void anna>bob
			62 accept bob #2 anna -> that user has not invited you
			91 invite anna #1 bob -> the other one did not agree a moment ago; wait 1s
			92 invite anna #1 bob -> bob`,
		"who leaves takes them along": `
			2 invite anna #1 bob -> bob
			3 leave bob #2 out -> bob; bob logged out@3; void anna>bob
			3 accept bob #2 anna -> the session is not there any more`,
	} {
		t.Run(name, func(t *testing.T) { play(t, three+lines) })
	}
}

// An offer has the name of who makes it, whatever it says itself.
func TestWhatIsSaidOfAnInvitation(t *testing.T) {
	d := play(t, three)
	at := start.Add(2 * time.Second)
	anna, bob := command.By{Name: "anna", Session: session("#1")}, command.By{Name: "bob", Session: session("#2")}
	asks := users.Invitation{Session: 1, From: users.Offer{Name: "anna", Fingerprint: "f", Paths: []string{"p"}}, To: "bob", Until: at.Add(state.InvitationTimeout), Asker: session("#1")}
	agreed := asks
	agreed.Answerer = session("#2")
	offer := users.Offer{Name: "server", Fingerprint: "f", Paths: []string{"p"}}
	for i, c := range []struct {
		c    command.Command
		want state.Result
	}{
		{&command.Invite{By: anna, To: "BOB", Offer: offer}, state.Result{Name: "bob", There: bob.Session, Invited: &asks}},
		{&command.Accept{By: bob, From: "ANNA"}, state.Result{Name: "anna", There: anna.Session, Agreed: &agreed}},
	} {
		if diff := cmp.Diff(c.want, d.state.Apply(at, c.c, nil), cmpopts.IgnoreUnexported(users.Invitation{})); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}

func TestBlocksAndAway(t *testing.T) {
	for name, lines := range map[string]string{
		"a guest's blocks are not kept": `
			2 block anna #1 BOB -> bob
			2 deaf bob -> [1]
			2 block anna #1 bob -> you have blocked that user already
			2 block anna #1 anna -> that is yourself
			2 block anna #1 frank -> there is no user of that name
			2 block anna #2 bob -> the session is not there any more
			3 unblock anna #1 frank -> there is no user of that name
			3 unblock anna #1 carl -> you have not blocked that user
			3 unblock anna #1 Bob -> bob
			3 deaf bob -> []
			3 unblock anna #2 bob -> the session is not there any more`,
		"an account's are": `
			2 enter dora #4 token=d verified=h -> dora; dora logged in@2 | account dora h
			2 block dora #4 BOB -> bob | block dora>bob
			3 block dora #4 anna -> anna | block dora>anna
			3 unblock dora #4 BOB -> bob | -block dora>bob`,
		"away and back": `
			2 back anna #1 -> who comes back was not away
			2 away anna #1 lunch ->
			2 seen anna -> since 1, away true
			3 away anna #1 ->
			3 back anna #1 ->
			3 seen anna -> since 1, away false
			3 away anna #2 -> the session is not there any more
			3 back anna #2 -> the session is not there any more`,
	} {
		t.Run(name, func(t *testing.T) { play(t, three+lines) })
	}
}

func TestAReasonToBeAwayIsShort(t *testing.T) {
	d := play(t, three)
	c := &command.Away{By: command.By{Name: "anna", Session: session("#1")}, Text: string(make([]byte, users.MaxAway+1))}
	if got := d.apply(start.Add(2*time.Second), c); got != users.ErrAwayTooLong.Error() {
		t.Errorf("got %q", got)
	}
}
