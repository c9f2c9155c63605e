package server_test

import "testing"

// operates has alice, who has an account, be a moderator.
const operates = `operator gives alice moderator
	alice< info server: The server's owner has made you moderator of the server.
	`

func TestOrder(t *testing.T) {
	plays(t, company(), map[string]string{
		"a ban while the person waits for a hash, with more behind it": `alice! bob! carol
			` + operates + `bob< info server: *
			carol< info server: *
			bob>> {"request":"msg","content":"before"}{"request":"passwd","content":{"old":"blue horses","new":"red horses"}}{"request":"msg","content":"late"}\n
			alice> ban bob
			alice< message bob: before
			alice< info server: bob logged out
			alice< info server: You have banned bob.
			carol< message bob: before
			carol< info server: alice has banned bob.
			carol< info server: bob logged out
			bob< message bob: before
			bob< info server: Good bye. alice has banned you.
			bob< closed
			carol< nothing
			alice< nothing`,
		"nothing is decided while the disk fails": `alice! bob
			` + operates + `bob< info server: *
			disk fails
			bob> msg so that it is noticed
			alice> ban bob
			wait 100ms
			alice> ban bob
			alice< error server: *storage has failed*
			disk works
			wait 10s
			bob< message bob: so that it is noticed
			bob< info server: Good bye. alice has banned you.
			alice< message bob: so that it is noticed
			alice< info server: bob logged out
			alice< info server: You have banned bob.`,
		"a kick from a room whose last member goes": `alice! bob
			` + operates + `bob< info server: *
			bob> create den
			bob< info server: You have made den*
			alice> kick bob den
			alice< info server: You have kicked bob from den.
			bob< info server: alice has kicked you from den. What you say goes to the lobby now.
			bob> msg here
			bob< message bob: here
			alice< message bob: here`,
		"all sessions of an account hear what was done to it": `alice! bob!
			` + operates + `bob< info server: *
			phone> {"request":"login","content":"bob","password":"blue horses","extended":1}
			phone< info server: Login successful*
			phone< history
			bob> create den
			bob< info server: You have made den*
			phone< info server: You have made den in another session.
			alice> mute bob den
			alice< info server: You have muted bob in den.
			bob< info server: alice has muted you in den.
			phone< info server: alice has muted you in den.
			alice> kick bob den
			alice< info server: You have kicked bob from den.
			bob< info server: alice has kicked you from den. What you say goes to the lobby now.
			phone< info server: alice has kicked you from den. What you say goes to the lobby now.
			alice> kick bob
			alice< info server: bob logged out
			alice< info server: You have kicked bob.
			bob< info server: Good bye. alice has kicked you.
			bob< closed
			phone< info server: Good bye. alice has kicked you.
			phone< closed`,
		"another session of who keeps order hears it, too": `alice!
			` + operates + `phone> {"request":"login","content":"alice","password":"blue horses","extended":1}
			phone< info server: Login successful*
			phone< history
			alice> ban bob
			alice< info server: You have banned bob.
			phone< info server: alice has banned bob.
			phone> unban bob
			phone< info server: You have unbanned bob.
			alice< info server: alice has unbanned bob.`,
		"words that cannot be": `alice!
			` + operates + `alice> {"request":"ban","content":{"who":"bob","why":"two\nlines"}}
			alice< error server: A reason is one line without tabs.
			alice> {"request":"kick","content":{"name":"bob","why":" "}}
			alice< error server: That text is blank*
			alice> {"request":"mute","content":{"name":"bob","for":10}}
			alice< error server: "for" in the content of mute must be a string*
			alice> {"request":"mute","content":{"name":"bob","for":"0s"}}
			alice< error server: "0s" is no time at all*
			alice> {"request":"mute","content":{"name":"bob","for":"4000d"}}
			alice< error server: "4000d" is too long*
			alice> {"request":"ban","content":{"who":"10.0.0.1","room":"den"}}
			alice< error server: There is no room den*
			alice> {"request":"ban","content":{"room":"den"}}
			alice< error server: ban is missing its who. Use: ban NAME|ADDRESS|CIDR [ROOM] [FOR] [WHY]
			alice> {"request":"audit","content":{"name":"b b"}}
			alice< error server: Nobody can be called "b b".
			alice> announce
			alice< error server: announce is missing its text. Use: announce TEXT
			alice> slow
			alice< error server: slow is missing its room*
			alice> slow attic 3
			alice< error server: There is no room attic*
			alice> slow lobby -1
			alice< error server: SECONDS is a whole number*`,
	})
}
