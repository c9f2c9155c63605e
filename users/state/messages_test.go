package state_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

func TestMessages(t *testing.T) {
	for name, lines := range map[string]string{
		"a room that there is not": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 message anna #1 room=attic id=1 -> there is no room of that name
			2 message anna #1 id=1 -> | message anna, request ~a 1`,
		"only of who is there": `
			2 message anna #1 -> the session is not there any more
			2 direct anna #1 bob -> the session is not there any more
			2 sees anna #1 5 -> the session is not there any more`,
		"one sequence of numbers for all": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b -> bob; bob logged in@1
			2 message anna #1 -> | message anna
			2 direct anna #1 bob -> bob | direct ~a>~b
			2 last -> 2
			2 direct anna #1 ANNA -> that is yourself
			2 last -> 2
			2 message bob #2 -> | message bob
			2 last -> 3`,
		"without an id nothing is a retry": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 message anna #1 -> | message anna
			2 message anna #1 -> | message anna`,
		"an id is for one request of one person": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b -> bob; bob logged in@1
			2 message anna #1 id=1 -> | message anna, request ~a 1
			3 message anna #1 id=1 -> again; lobby
			3 message anna #1 id=1 text=other -> the id belongs to another request
			3 direct anna #1 bob id=1 -> the id belongs to another request
			3 message bob #2 id=1 -> | message bob, request ~b 1
			4 direct anna #1 bob id=2 -> bob | direct ~a>~b, request ~a 2
			4 direct anna #1 BOB id=2 -> again; bob
			4 message anna #1 id=2 -> the id belongs to another request`,
		"a retry is one from another session, and when all has changed": `
			0 add bob hash=h -> bob | account bob h
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 direct anna #1 bob id=1 -> bob | direct ~a>bob, request ~a 1
			3 enter anna #2 token=c back=a -> anna; ended anna#1
			3 delete bob -> bob | -account bob h, forgotten bob
			4 direct anna #2 bob id=1 -> again; bob
			4 direct anna #2 bob id=2 -> there is no user of that name; bob`,
		"a day is remembered": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 message anna #1 id=1 -> | message anna, request ~a 1
			86401.9 message anna #1 id=1 -> again; lobby
			86402 message anna #1 id=1 text=other -> | message anna, request ~a 1
			86403 message anna #1 id=1 -> the id belongs to another request`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}

func TestDirects(t *testing.T) {
	for name, lines := range map[string]string{
		"who can get one": `
			0 add Bob hash=h -> Bob | account Bob h
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter carl #2 token=c -> carl; carl logged in@1
			2 direct anna #1 bOB -> Bob | direct ~a>bob
			2 direct anna #1 CARL -> carl | direct ~a>~c
			2 direct anna #1 dora -> there is no user of that name; dora
			3 leave carl #2 out -> carl; carl logged out@3 | forgotten ~c
			3 direct anna #1 carl -> the receiver is gone and has no account; carl`,
		"a block": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter carl #2 token=c -> carl; carl logged in@1
			2 block carl #2 anna -> anna
			3 direct anna #1 carl id=1 -> the other one has blocked who asks; carl
			3 direct carl #2 anna -> anna | direct ~c>~a
			4 unblock carl #2 anna -> anna
			4 direct anna #1 carl id=1 -> carl | direct ~a>~c, request ~a 1`,
		"the cursor": `
			0 add bob hash=h -> bob | account bob h
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
			2 sees bob #2 99 ->
			2 direct anna #1 bob -> bob | direct ~a>bob
			2 message anna #1 -> | message anna
			2 direct anna #1 bob -> bob | direct ~a>bob
			2 direct anna #1 bob -> bob | direct ~a>bob
			2 unseen bob -> 1 4
			3 sees bob #2 0 ->
			3 sees bob #2 2 -> | cursor bob 2
			3 unseen bob -> 3 4
			3 sees bob #2 2 ->
			3 sees bob #2 3 -> | cursor bob 3
			3 unseen bob -> 4 4
			3 sees bob #2 99 -> | cursor bob 4
			3 unseen bob -> 0 0
			3 sees bob #2 99 ->
			4 direct anna #1 bob -> bob | direct ~a>bob
			4 unseen bob -> 5 5`,
		"a guest has a cursor": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b -> bob; bob logged in@1
			2 direct anna #1 bob -> bob | direct ~a>~b
			3 sees bob #2 1 -> | cursor ~b 1`,
		"a guest who registers takes all along": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b -> bob; bob logged in@1
			2 direct anna #1 bob -> bob | direct ~a>~b
			2 direct bob #2 anna id=1 -> anna | direct ~b>~a, request ~b 1
			3 register bob #2 hash=h -> bob | account bob h, renamed ~b=bob
			3 unseen ~b -> 0 0
			3 unseen bob -> 1 1
			4 direct bob #2 anna id=1 -> again; anna
			4 register anna #1 hash=h -> anna | account anna h, renamed ~a=anna
			4 unseen anna -> 2 2`,
		"a guest of whom all was seen is forgotten nevertheless": `
			0 add bob hash=h -> bob | account bob h
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
			2 direct anna #1 bob -> bob | direct ~a>bob
			2 sees bob #2 1 -> | cursor bob 1
			3 leave anna #1 out -> anna; anna logged out@3 | forgotten ~a
			4 enter anna #3 token=a -> anna; anna logged in@4
			5 leave anna #3 out -> anna; anna logged out@5`,
		"of a guest who only asked for something there is nothing to forget": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 message anna #1 id=1 -> | message anna, request ~a 1
			3 leave anna #1 out -> anna; anna logged out@3`,
		"what a guest has left for an account stays": `
			0 add bob hash=h -> bob | account bob h
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter carl #3 token=c -> carl; carl logged in@1
			2 direct anna #1 bob -> bob | direct ~a>bob
			2 direct anna #1 carl -> carl | direct ~a>~c
			3 leave anna #1 out -> anna; anna logged out@3 | forgotten ~a
			3 unseen bob -> 1 1
			3 unseen ~c -> 0 0
			4 delete bob -> bob | -account bob h, forgotten bob
			4 unseen bob -> 0 0`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}

// A Result says all that the sender and the receiver are to be told.
func TestWhatIsSaidOfAMessage(t *testing.T) {
	d := play(t, `
		0 add Bob hash=h -> Bob | account Bob h
		1 enter Anna #1 token=a -> Anna; Anna logged in@1`)
	at := start.Add(2 * time.Second)
	by := command.By{Name: "anna", Session: session("#1")}
	m := state.Message{Number: 1, Room: state.Lobby, Time: at, Sender: "Anna", Text: "hi", Person: "~a"}
	direct := state.Direct{Number: 2, Time: at, Sender: "Anna", To: "Bob", From: "~a", Person: "bob", Text: "ho"}
	later := direct
	later.Number = 3
	there := session("#2")
	for i, c := range []struct {
		c    command.Command
		want state.Result
	}{
		{&command.Message{By: by, ID: "1", Room: state.Lobby, Text: "hi"}, state.Result{Number: 1, Message: &m}},
		{&command.Message{By: by, ID: "1", Room: state.Lobby, Text: "hi"}, state.Result{Number: 1, Again: true, Room: &state.Room{Name: state.Lobby}}},
		{&command.Direct{By: by, ID: "2", To: "BOB", Text: "ho"}, state.Result{Number: 2, Direct: &direct, Name: "Bob"}},
		{&command.Direct{By: by, ID: "2", To: "BOB", Text: "ho"}, state.Result{Number: 2, Again: true, Name: "Bob"}},
		{&command.Enter{Session: there, Name: "bob", Verified: "h", Token: "b"}, state.Result{Name: "Bob", Announce: []users.Announcement{{Name: "Bob", Change: users.LoggedIn, At: at, Person: "bob"}}}},
		{&command.Direct{By: by, ID: "3", To: "BOB", Text: "ho"}, state.Result{Number: 3, Direct: &later, Name: "Bob", There: there}},
		{&command.Direct{By: by, ID: "3", To: "BOB", Text: "ho"}, state.Result{Number: 3, Again: true, Name: "Bob", There: there}},
	} {
		if diff := cmp.Diff(c.want, d.state.Apply(at, c.c, nil)); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}

// send has somebody say something to bob n times, and returns what became of the last.
func send(d *dialogue, name, session string, n int) (last string) {
	for range n {
		last = d.ask(d.state.Time(), "direct", []string{name, session, "bob"})
	}
	return last
}

// Limits hold while the receiver is not there. A guest who takes another name is one of
// the guests.
func TestOnlySoManyDirectsWait(t *testing.T) {
	d := play(t, `
		0 add bob hash=h -> bob | account bob h
		1 add anna hash=h -> anna | account anna h
		1 enter anna #1 token=a verified=h -> anna; anna logged in@1 | account anna h`)
	guest := func(i int) (name, session string) {
		name, session = fmt.Sprint("guest", i), fmt.Sprint("#", 10+i)
		d.ask(d.state.Time(), "enter", []string{name, session, "token=" + name})
		return name, session
	}
	check := func(what, got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	check("as many as one may leave", send(d, "anna", "#1", users.MaxDirectsFrom), "direct anna>bob")
	check("one more", send(d, "anna", "#1", 1), users.ErrSenderFull.Error())
	for i := range users.MaxDirectsOfGuests / users.MaxDirectsFrom {
		name, session := guest(i)
		check("a guest's", send(d, name, session, users.MaxDirectsFrom), "direct ~"+name+">bob")
		check("a guest's one more", send(d, name, session, 1), users.ErrSenderFull.Error())
	}
	name, session := guest(8)
	check("a third guest's", send(d, name, session, 1), users.ErrGuestsFull.Error())
	check("a guest who registers", d.ask(d.state.Time(), "register", []string{name, session, "hash=h"}), name)
	check("registered", send(d, name, session, users.MaxDirects-users.MaxDirectsFrom-users.MaxDirectsOfGuests), "direct guest8>bob")
	d.play("62 delete anna -> anna; ended anna#1; anna logged out@62 | -account anna h, forgotten anna")
	check("of whom the account was deleted", send(d, name, session, 1), users.ErrSenderFull.Error())
	d.play(`
		63 enter bob #2 token=b verified=h -> bob; bob logged in@63 | account bob h
		63 sees bob #2 55 -> | cursor bob 55`)
	check("to one who is there", send(d, name, session, 1), "direct guest8>bob")
}

func TestTheMailboxIsFull(t *testing.T) {
	d := play(t, `0 add bob hash=h -> bob | account bob h`)
	for i := range users.MaxDirects/users.MaxDirectsFrom + 1 {
		name, session := fmt.Sprint("user", i), fmt.Sprint("#", i+1)
		d.state.Apply(start, &command.Limits{Accounts: 100, GuestGrace: time.Minute}, nil)
		d.twin.Apply(start, &command.Limits{Accounts: 100, GuestGrace: time.Minute}, nil)
		d.ask(d.state.Time(), "enter", []string{name, session, "token=" + name, "hash=h"})
		got := send(d, name, session, users.MaxDirectsFrom)
		if full := strings.Contains(got, users.ErrMailboxFull.Error()); full != (i == users.MaxDirects/users.MaxDirectsFrom) {
			t.Errorf("%s: %q", name, got)
		}
	}
	d.play(fmt.Sprintf("1 unseen bob -> 1 %d", users.MaxDirects))
}

// Somebody who is there and says nothing of what was seen has seen what is old.
func TestOnlySoManyAreUnseenOfWhoIsThere(t *testing.T) {
	d := play(t, `
		0 add bob hash=h -> bob | account bob h
		1 enter anna #1 token=a -> anna; anna logged in@1
		1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h`)
	const many = state.MaxUnseen * 5 / 4
	if got := send(d, "anna", "#1", many); got != "bob | direct ~a>bob" {
		t.Errorf("got %q", got)
	}
	if got := send(d, "anna", "#1", 1); got != fmt.Sprintf("bob | direct ~a>bob, cursor bob %d", many+1-state.MaxUnseen) {
		t.Errorf("one more: got %q", got)
	}
	d.play(fmt.Sprintf("2 unseen bob -> %d %d", many+2-state.MaxUnseen, many+1))
	d.play(`
		62 leave bob #2 out -> bob; bob logged out@62 | account bob h
		62 direct anna #1 bob -> as many direct messages wait for that user as can be kept; bob`)
}
