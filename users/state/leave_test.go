package state_test

import (
	"testing"

	"parley/users/state"
)

func TestLeave(t *testing.T) {
	for name, lines := range map[string]string{
		"the ways to leave": `
			0 add anna hash=h -> anna | account anna h
			1 enter anna #1 token=a verified=h -> anna; anna logged in@1 | account anna h
			2 leave anna #1 out -> anna; anna logged out@2 | account anna h
			2 seen anna -> until 2
			3 enter anna #2 token=b verified=h -> anna; anna logged in@3 | account anna h
			4 leave anna #2 timeout -> anna; anna timed out@4 | account anna h
			5 enter anna #3 token=c verified=h -> anna; anna logged in@5 | account anna h
			6 leave anna #3 lost -> anna | account anna h
			6 leave anna #3 lost -> the session is not there any more
			6 names ->
			6 next -> 11
			10.9 due ->
			11 due -> anna lost the connection@6
			12 due ->`,
		"a reason that there is not is a lost connection": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 leave anna #1 somehow -> anna
			7 due -> anna lost the connection@2`,
		"only the session that has the name": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 leave anna #2 out -> the session is not there any more
			2 leave bob #1 out -> the session is not there any more
			2 register bob #1 hash=h -> the session is not there any more
			2 register anna #2 hash=h -> the session is not there any more
			3 names -> anna`,
		"invitations and a guest's blocks end": `
			0 add bob hash=h -> bob | account bob h
			1 enter anna #1 token=a -> anna; anna logged in@1
			1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
			1 enter carl #3 token=c -> carl; carl logged in@1
			2 block carl #3 bob -> bob
			2 block bob #2 carl -> carl | block bob>carl
			3 direct bob #2 carl -> the other one has blocked who asks; carl
			3 invite anna #1 bob -> bob
			4 leave bob #2 out -> bob; bob logged out@4; void anna>bob | account bob h
			5 deaf bob -> [3]
			5 leave carl #3 lost -> carl
			5 deaf bob -> []
			5 deaf carl -> []
			6 enter carl #4 token=c back=c -> carl
			7 enter bob #5 token=b verified=h -> bob; bob logged in@7 | account bob h
			8 direct bob #5 carl -> carl | direct bob>~c
			8 direct carl #4 bob -> the other one has blocked who asks; bob`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}

func TestAQuickReturnIsNotAnnounced(t *testing.T) {
	for name, lines := range map[string]string{
		"an account": `
			0 add anna hash=h -> anna | account anna h
			1 enter anna #1 token=a verified=h addr=x -> anna; anna logged in@1 | account anna h
			2 leave anna #1 lost -> anna | account anna h
			6.9 enter anna #2 token=b verified=h addr=y -> anna | account anna h
			7 due ->
			8 seen anna -> since 1, away false`,
		"a guest with a token, from elsewhere": `
			1 enter anna #1 token=a addr=x -> anna; anna logged in@1
			2 leave anna #1 lost -> anna
			3 enter anna #2 token=a back=a addr=y -> anna
			9 due ->`,
		"a guest without one, from the same address": `
			1 enter anna #1 token=a addr=x -> anna; anna logged in@1
			2 leave anna #1 lost -> anna
			3 enter anna #2 token=b addr=x -> anna
			9 due ->`,
		"not if it is another one": `
			1 enter anna #1 token=a addr=x -> anna; anna logged in@1
			2 leave anna #1 lost -> anna
			3 enter anna #2 token=b addr=y -> anna; anna lost the connection@2; anna logged in@3
			9 due ->`,
		"not if a guest's name was made an account's meanwhile": `
			1 enter anna #1 token=a addr=x -> anna; anna logged in@1
			2 leave anna #1 lost -> anna
			3 add anna hash=h -> anna | account anna h
			4 enter anna #2 token=b verified=h addr=x -> anna; anna lost the connection@2; anna logged in@4 | account anna h`,
		"not a departure that is not the one that was proposed": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 leave anna #1 lost -> anna
			3 enter anna #2 token=a back=a -> anna
			4 leave anna #2 lost -> anna
			7 depart anna 2 ->
			8 depart bob 4 ->
			9 depart anna 4 -> anna lost the connection@4
			9 depart anna 4 ->`,
		"not once it was announced": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 leave anna #1 lost -> anna
			7 due -> anna lost the connection@2
			8 enter anna #2 token=a back=a -> anna; anna logged in@8`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}

// TestAGuestMayComeBack: what is kept of a guest is so for as long as the guest may come
// back with the token.
func TestAGuestMayComeBack(t *testing.T) {
	before := `
		0 add bob hash=h -> bob | account bob h
		1 enter anna #1 token=a -> anna; anna logged in@1
		1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
		2 direct bob #2 anna id=1 -> anna | direct bob>~a, request bob 1
		3 direct anna #1 bob id=1 -> bob | direct ~a>bob, request ~a 1
		`
	for name, lines := range map[string]string{
		"within the grace": `
			4 leave anna #1 lost -> anna
			9 due -> anna lost the connection@4
			9 next -> 64
			63.9 enter anna #3 token=a back=a -> anna; anna logged in@63.9
			64 due ->
			64 forget ~a ->
			65 unseen ~a -> 1 1
			65 direct anna #3 bob id=1 -> again; bob`,
		"under another name": `
			4 leave anna #1 timeout -> anna; anna timed out@4
			5 enter anne #3 token=a back=a -> anne; anne logged in@5
			65 due ->
			65 unseen ~a -> 1 1`,
		"not after it": `
			4 leave anna #1 timeout -> anna; anna timed out@4
			63.9 due ->
			63.9 forget ~a ->
			64 due -> | forgotten ~a
			65 next -> 2592004.000000001
			65 unseen ~a -> 0 0
			66 enter anna #3 token=a back=a -> anna; anna logged in@66
			67 direct anna #3 bob id=1 -> again; bob`, // for an hour, as everybody's: nobody else has that token
		"a logout is for good": `
			4 leave anna #1 out -> anna; anna logged out@4 | forgotten ~a
			5 unseen ~a -> 0 0
			70 due ->`,
		"of two names with one token, the later one": `
			4 enter anne #3 token=a back=a -> anne; anne logged in@4
			5 leave anna #1 timeout -> anna; anna timed out@5
			6 leave anne #3 timeout -> anne; anne timed out@6
			65 due ->
			66 due -> | forgotten ~a
			67 due ->`,
		"each time anew": `
			4 leave anna #1 timeout -> anna; anna timed out@4
			50 enter anna #3 token=a back=a -> anna; anna logged in@50
			51 leave anna #3 timeout -> anna; anna timed out@51
			64 forget ~a ->
			65 unseen ~a -> 1 1
			110.9 due ->
			111 due -> | forgotten ~a`,
	} {
		t.Run(name, func(t *testing.T) { play(t, before+lines) })
	}
}

func TestWhoLeftLongAgoIsForgotten(t *testing.T) {
	play(t, `
		1 enter anna #1 token=a -> anna; anna logged in@1
		2 leave anna #1 out -> anna; anna logged out@2
		2592002 due ->
		2592002 seen anna -> until 2
		2592002.1 due ->
		2592002.1 seen anna -> unknown
		2592003 next -> never`)
}

func TestAGuestOfBeforeTheStartMayComeBack(t *testing.T) {
	kept := state.Kept{Last: 3, Guests: []string{"~a", "~b"}, Unseen: []state.Unseen{{Number: 2, From: "~c", Person: "~a"}, {Number: 3, From: "~c", Person: "~b"}}}
	newDialogue(t, kept).play(`
		1 next -> 60
		1 enter anna #1 token=a back=a -> anna; anna logged in@1
		60 due -> | forgotten ~b
		61 unseen ~a -> 2 2
		61 unseen ~b -> 0 0`)
}
