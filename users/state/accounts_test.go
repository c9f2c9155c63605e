package state_test

import "testing"

func TestAccounts(t *testing.T) {
	for name, lines := range map[string]string{
		"register": `
			0 add bob hash=h -> bob | account bob h
			1 enter Anna #1 token=a -> Anna; Anna logged in@1
			1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
			2 block anna #1 bob -> bob
			2 direct bob #2 anna -> the other one has blocked who asks; Anna
			3 message anna #1 id=1 -> | message Anna, request ~a 1
			4 register anna #1 hash=h2 -> Anna | account Anna h2, block Anna>bob, renamed ~a=anna
			5 register anna #1 hash=h2 -> that name is registered
			6 person anna -> anna
			7 message anna #1 id=1 -> again; lobby
			8 leave anna #1 lost -> Anna | account Anna h2
			9 enter anna #3 token=c -> that name is registered
			9 enter anna #3 token=c verified=h2 back=a -> Anna | account Anna h2`,
		"so many": `
			0 add a hash=h -> a | account a h
			0 add b hash=h -> b | account b h
			0 add c hash=h -> c | account c h
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 register anna #1 hash=h -> no more names can be registered here: ask the owner of the server
			3 add d hash=h -> d | account d h
			4 delete a -> a | -account a h, forgotten a
			4 delete b -> b | -account b h, forgotten b
			5 register anna #1 hash=h -> anna | account anna h`,
		"set a password": `
			0 add Anna hash=h -> Anna | account Anna h
			1 sethash anna was=other hash=h2 -> the password was changed meanwhile
			2 sethash anna was=h hash=h2 -> Anna | account Anna h2
			3 sethash anna hash=h3 -> Anna | account Anna h3
			4 sethash bob hash=h3 -> there is no user of that name
			5 enter anna #1 token=a verified=h2 -> the password was changed meanwhile
			6 enter anna #1 token=a verified=h3 -> Anna; Anna logged in@6 | account Anna h3`,
		"the owner adds one": `
			0 add Anna hash=h -> Anna | account Anna h
			1 add anna hash=h2 -> that name is registered
			2 enter bob #1 token=b -> bob; bob logged in@2
			2 enter carl #2 token=c -> carl; carl logged in@2
			3 block bob #1 anna -> Anna
			3 direct carl #2 bob -> bob | direct ~c>~b
			3 invite bob #1 carl -> carl
			4 add Bob hash=h2 -> Bob; ended bob#1; bob logged out@4; void bob>carl | account Bob h2, forgotten ~b
			5 names -> carl
			6 leave bob #1 lost -> the session is not there any more
			7 enter bob #3 token=b back=b -> that name is registered`,
		"the owner deletes one": `
			0 add Anna hash=h -> Anna | account Anna h
			0 add bob hash=h -> bob | account bob h
			1 enter anna #1 token=a verified=h -> Anna; Anna logged in@1 | account Anna h
			1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
			1 enter carl #3 token=c -> carl; carl logged in@1
			2 block anna #1 bob -> bob | block Anna>bob
			2 block bob #2 anna -> Anna | block bob>Anna
			2 block carl #3 anna -> Anna
			2 wrong anna -> | wrong anna 1/0
			3 delete ANNA -> Anna; ended Anna#1; Anna logged out@3 | -account Anna h, -block Anna>bob, -block bob>Anna, forgotten anna
			4 delete anna -> there is no user of that name
			5 enter anna #4 token=a back=a -> anna; anna logged in@5
			6 person anna -> ~a
			6 direct anna #4 bob -> bob | direct ~a>bob
			6 direct anna #4 carl -> carl | direct ~a>~c
			7 unlock anna -> | -wrong anna 0/0`,
		"and one who is not there": `
			0 add anna hash=h -> anna | account anna h
			1 enter bob #1 token=b -> bob; bob logged in@1
			2 direct bob #1 anna -> anna | direct ~b>anna
			3 unseen anna -> 1 1
			4 delete anna -> anna | -account anna h, forgotten anna
			5 unseen anna -> 0 0`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}
