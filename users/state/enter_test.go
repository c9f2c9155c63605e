package state_test

import (
	"fmt"
	"testing"
	"time"
)

func TestEnter(t *testing.T) {
	for name, lines := range map[string]string{
		"guests, each under one name": `
			1 enter Anna #1 token=a -> Anna; Anna logged in@1
			2 enter bob #2 token=b -> bob; bob logged in@2
			3 enter anna #3 token=c -> name taken
			3 enter anna #3 token=c takeover -> name taken
			3 enter anna #3 token=c back=b -> name taken
			3 enter anna #3 token=c back=c -> name taken
			4 names -> Anna bob
			4 person anna -> ~a`,
		"a guest with the token of the older session": `
			1 enter Anna #1 token=a -> Anna; Anna logged in@1
			2 enter bob #2 token=b -> bob; bob logged in@2
			3 away anna #1 lunch
			4 enter anna #3 token=a back=a -> anna; ended Anna#1
			4 seen anna -> since 1, away true
			4 person anna -> ~a
			5 leave anna #1 out -> the session is not there any more
			6 leave anna #3 out -> anna; anna logged out@6`,
		"a guest with a token is the one who had it, whatever the name": `
			1 enter Anna #1 token=new back=old -> Anna; Anna logged in@1
			2 person anna -> ~old
			3 enter anna #2 token=newest back=new -> anna; ended Anna#1
			4 person anna -> ~old`,
		"a guest has one name at a time": `
			0 add carl hash=h -> carl | account carl h
			1 enter Anna #1 token=a -> Anna; Anna logged in@1
			2 enter bob #2 token=b back=a -> logged in elsewhere
			2 enter bob #2 token=a -> logged in elsewhere
			2 enter bob #2 token=b back=a hash=h2 -> logged in elsewhere
			3 enter carl #2 token=b back=a verified=h -> carl; carl logged in@3 | account carl h
			4 leave anna #1 lost -> Anna
			5 enter bob #3 token=b back=a -> bob; bob logged in@5
			6 person bob -> ~a`,
		"an account needs its password": `
			0 add Anna hash=h -> Anna | account Anna h
			1 enter anna #1 token=a -> that name is registered
			1 enter anna #1 token=a back=x -> that name is registered
			1 enter anna #1 token=a takeover -> that name is registered
			1 enter anna #1 token=a verified=old -> the password was changed meanwhile
			1 enter bob #1 token=a verified=h -> there is no user of that name
			2 enter anna #1 token=a verified=h -> Anna; Anna logged in@2 | account Anna h
			3 person anna -> anna`,
		"an account elsewhere": `
			0 add Anna hash=h -> Anna | account Anna h
			1 enter anna #1 token=a verified=h -> Anna; Anna logged in@1 | account Anna h
			2 enter anna #2 token=b verified=h -> logged in elsewhere
			2 enter anna #2 token=b verified=h back=x -> logged in elsewhere
			3 enter anna #2 token=b verified=h back=a -> Anna; ended Anna#1 | account Anna h
			4 enter anna #3 token=c verified=h back=a -> logged in elsewhere
			5 enter anna #3 token=c verified=h takeover -> Anna; ended Anna#2 | account Anna h
			6 enter anna #4 token=d back=c -> that name is registered
			7 seen anna -> since 1, away false`,
		"registering with the login": `
			0 add bob hash=h -> bob | account bob h
			1 enter Anna #1 token=a -> Anna; Anna logged in@1
			2 enter Bob #2 token=b hash=h2 -> that name is registered
			2 enter anna #2 token=b hash=h2 -> name taken
			2 enter anna #2 token=b hash=h2 takeover -> name taken
			3 enter carl #2 token=b hash=h3 -> carl; carl logged in@3 | account carl h3
			4 enter anna #3 token=c back=a hash=h4 -> anna; ended Anna#1 | account anna h4
			5 person anna -> anna
			6 enter dora #4 token=d hash=h5 -> no more names can be registered here: ask the owner of the server
			6 enter erik #4 token=e -> erik; erik logged in@6
			6 enter erik #5 token=f hash=h5 -> name taken
			7 add dora hash=h5 -> dora | account dora h5`,
		"a newer session is as deaf as the older one": `
			1 enter anna #7 token=a -> anna; anna logged in@1
			2 enter bob #2 token=b -> bob; bob logged in@2
			3 block anna #7 bob -> bob
			4 deaf bob -> [7]
			5 enter anna #3 token=a back=a -> anna; ended anna#7
			6 deaf bob -> [3]`,
		"a guest who registers with the login keeps what is theirs": `
			0 add bob hash=h -> bob | account bob h
			1 enter Anna #1 token=a -> Anna; Anna logged in@1
			2 block anna #1 bob -> bob
			3 direct anna #1 bob -> bob | direct ~a>bob
			4 enter Anna #2 token=a2 back=a hash=h2 -> Anna; ended Anna#1 | account Anna h2, block Anna>bob, renamed ~a=anna`,
		"an older session that ends leaves no invitation": `
			1 enter anna #1 token=a -> anna; anna logged in@1
			2 enter bob #2 token=b -> bob; bob logged in@2
			3 invite anna #1 bob -> bob
			4 enter bob #3 token=b back=b -> bob; ended bob#2; void anna>bob`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
}

func TestALockoutIsDecidedFirst(t *testing.T) {
	for name, lines := range map[string]string{
		"the name": `
			0 add anna hash=h -> anna | account anna h
			1 wrong anna -> | wrong anna 1/0
			1 wrong anna -> | wrong anna 2/0
			1 wrong Anna -> wait 1m0s | wrong anna 0/1
			2 enter anna #1 token=a verified=h -> locked out after too many wrong passwords; wait 59s
			2 enter anna #1 token=a verified=old -> locked out after too many wrong passwords; wait 59s
			2 enter anna #1 token=a -> that name is registered
			61 enter anna #1 token=a verified=h -> anna; anna logged in@61 | account anna h, -wrong anna 0/0`,
		"only who shows a password is locked out": `
			1 wrong anna -> | wrong anna 1/0
			1 wrong anna -> | wrong anna 2/0
			1 wrong anna -> wait 1m0s | wrong anna 0/1
			2 enter anna #1 token=a -> anna; anna logged in@2`,
		"a login that is refused does not end the row": `
			0 add anna hash=h -> anna | account anna h
			1 wrong anna -> | wrong anna 1/0
			2 enter anna #1 token=a verified=old -> the password was changed meanwhile
			3 wrong anna -> | wrong anna 2/0
			4 enter anna #1 token=a verified=h -> anna; anna logged in@4 | account anna h, -wrong anna 0/0
			5 wrong anna -> | wrong anna 1/0
			6 enter anna #2 token=b verified=h -> logged in elsewhere
			7 wrong anna -> | wrong anna 2/0`,
	} {
		t.Run(name, func(t *testing.T) { play(t, lines) })
	}
	d := play(t, `0 add anna hash=h -> anna | account anna h`)
	for i := range 20 {
		d.ask(start.Add(time.Second), "wrong", []string{fmt.Sprint("user", i), "addr=addr:192.0.2.1"})
	}
	d.play(`
		2 enter anna #1 token=a verified=h addr=addr:192.0.2.1 -> locked out after too many wrong passwords; wait 59m59s
		2 enter anna #1 token=a verified=h addr=addr:192.0.2.2 -> anna; anna logged in@2 | account anna h
		2 enter bob #2 token=b addr=addr:192.0.2.1 -> bob; bob logged in@2`)
}
