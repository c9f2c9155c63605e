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
			5 leave carl #3 out -> carl; carl logged out@5
			5 deaf bob -> []
			5 deaf carl -> []
			6 enter carl #4 token=c back=c -> carl; carl logged in@6
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

// TestAGuestsBlocksWaitForTheReturn: they go by name, and are nobody else's.
func TestAGuestsBlocksWaitForTheReturn(t *testing.T) {
	before := `
		1 enter anna #1 token=a -> anna; anna logged in@1
		1 enter bob #2 token=b -> bob; bob logged in@1
		2 block anna #1 bob -> bob
		2 deaf bob -> [1]
		`
	for name, lines := range map[string]string{
		"after a lost connection": `
			3 leave anna #1 lost -> anna
			3 deaf bob -> []
			4 untold anna -> [2]
			9 enter anna #3 token=x back=a -> anna; anna lost the connection@3; anna logged in@9
			9 deaf bob -> [3]
			9 direct bob #2 anna -> the other one has blocked who asks; anna
			10 leave anna #3 timeout -> anna; anna timed out@10
			69 enter anna #4 token=y back=a -> anna; anna logged in@69
			69 deaf bob -> [4]
			70 unblock anna #4 bob -> bob
			70 deaf bob -> []`,
		"not after a logout": `
			3 leave anna #1 out -> anna; anna logged out@3
			4 enter anna #3 token=a back=a -> anna; anna logged in@4
			4 deaf bob -> []`,
		"not when the guest is forgotten": `
			3 leave anna #1 lost -> anna
			62.9 due -> anna lost the connection@3
			63 due ->
			64 enter anna #3 token=x back=a -> anna; anna logged in@64
			64 deaf bob -> []`,
		"not for another guest": `
			3 leave anna #1 lost -> anna
			4 enter Anna #3 token=x addr=y -> Anna; anna lost the connection@3; Anna logged in@4
			4 deaf bob -> []
			5 leave anna #3 out -> Anna; Anna logged out@5
			6 enter anna #4 token=y back=a -> anna; anna logged in@6
			6 deaf bob -> []`,
		"nor for one from the same address": `
			3 leave anna #1 lost -> anna
			4 enter anna #3 token=x -> anna
			4 deaf bob -> []`,
		"another guest's own stay": `
			3 leave anna #1 lost -> anna
			4 enter anna #3 token=x -> anna
			5 block anna #3 bob -> bob
			63 due ->
			63 deaf bob -> [3]
			64 leave anna #3 lost -> anna
			64 forget ~a ->
			65 enter anna #4 token=y back=x -> anna
			65 deaf bob -> [4]`,
		"not for an account of that name": `
			3 leave anna #1 lost -> anna
			4 add anna hash=h -> anna | account anna h
			5 enter anna #3 token=x verified=h -> anna; anna lost the connection@3; anna logged in@5 | account anna h
			5 deaf bob -> []`,
		"nor for a guest who registers it with the login": `
			3 leave anna #1 lost -> anna
			4 enter anna #3 token=x hash=h -> anna; anna lost the connection@3; anna logged in@4 | account anna h
			4 deaf bob -> []`,
		"for who registers it after the return": `
			3 leave anna #1 lost -> anna
			4 enter anna #3 token=x back=a hash=h -> anna; anna lost the connection@3; anna logged in@4 | account anna h, block anna>bob
			4 deaf bob -> [3]`,
		"under another name, of which they made one": `
			2 enter carl #4 token=c -> carl; carl logged in@2
			2 block anna #1 carl -> carl
			3 leave anna #1 lost -> anna
			3 leave carl #4 out -> carl; carl logged out@3
			4 enter Carl #5 token=x back=a -> Carl; Carl logged in@4
			4 deaf bob -> [5]
			4 deaf carl -> []
			5 enter anna #6 token=y addr=y -> anna; anna lost the connection@3; anna logged in@5
			5 deaf bob -> [5]
			6 leave carl #5 lost -> Carl
			7 enter anne #7 token=z back=a hash=h -> anne; anne logged in@7 | account anne h, block anne>bob
			7 deaf bob -> [7]`,
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
