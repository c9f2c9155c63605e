package server_test

import (
	"fmt"
	"testing"
)

// alice2 is a second session of alice, of whom others are told nothing.
const alice2 = `alice2> {"request":"login","content":"alice","password":"blue horses","extended":1}
			alice2< info server: Login successful*
			alice2< history*
			`

func TestReadCursors(t *testing.T) {
	plays(t, company(), map[string]string{
		"of rooms": `alice! bob
			` + alice2 + `bob> create den
			bob< info server: You have made den*
			alice> join den
			alice< info server: You are in den*
			alice2< info server: You have joined den in another session.
			bob< info server: alice joined den
			bob> msg one
			bob< message bob: one
			alice< message bob: one
			alice2< message bob: one
			alice2& {"room":"den","id":1}
			alice> {"request":"read","content":{"room":"DEN","id":1},"ref":"r"}
			alice< info server: You have read den up to number 1.
			alice& {"event":"read","room":"den","id":1,"ref":"r"}
			alice2< info server: You have read den up to number 1.
			alice2& {"event":"read","room":"den","id":1,"ref":null}
			alice> {"request":"read","content":{"room":"lobby","id":"1"}}
			alice< info server: You have read the lobby up to number 1.
			alice& {"event":"read","room":null,"name":null,"id":1}
			alice2< info server: You have read the lobby up to number 1.
			alice2& {"event":"read","room":null,"name":null,"id":1}
			bob< nothing`,
		"never go back, nor beyond what there is": `alice! bob
			` + alice2 + `bob> msg one
			bob< message bob: one
			alice< message bob: one
			alice2< message bob: one
			bob> msg two
			bob< message bob: two
			alice< message bob: two
			alice2< message bob: two
			alice> read lobby 99999999999
			alice< info server: You have read the lobby up to number 2.
			alice& {"id":2}
			alice2< info server: You have read the lobby up to number 2.
			alice> read lobby 1
			alice< info server: You have read the lobby up to number 2.
			alice& {"event":"read","id":2}
			alice2< nothing
			alice> read lobby 2
			alice< info server: You have read the lobby up to number 2.
			alice2< nothing`,
		"of the lobby are told at a login": `alice! bob
			bob> msg one
			bob< message bob: one
			alice< message bob: one
			alice> read lobby 1
			alice< info server: You have read the lobby up to number 1.
			alice2> {"request":"login","content":"alice","password":"blue horses","extended":1}
			alice2< info server: Login successful*
			alice2& {"event":"login","read":1}
			alice2< history*`,
		"of direct messages": `alice! bob
			bob> dm alice hi
			bob< info server: Your message was delivered to alice.
			alice< message bob: hi
			alice> {"request":"read","content":{"name":"BOB","id":1},"ref":"r"}
			alice< info server: You have read the direct messages with bob up to number 1.
			alice& {"event":"read","name":"bob","room":null,"id":1,"ref":"r"}
			alice> read bob 1
			alice< info server: You have read the direct messages with bob up to number 1.
			bob> create bob
			bob< info server: You have made bob*
			alice> read bob 1
			alice< info server: You have read the direct messages with bob up to number 1.
			alice> join bob
			alice< info server: You are in bob*
			bob< info server: alice joined bob
			alice> read bob 1
			alice< info server: You have read bob up to number 1.
			alice& {"room":"bob","name":null}
			alice> read @bob 1
			alice< info server: You have read the direct messages with bob up to number 1.
			alice& {"room":null,"name":"bob"}`,
		"errors say what to do": `alice! bob carl-
			bob> read lobby 1
			bob< error server: What was read is kept for accounts only. Use: register PASSWORD
			bob& {"code":"not_allowed"}
			carl> read lobby 1
			carl< error server: What was read is kept for accounts only*
			carl> unread
			carl< error server: What was read is kept for accounts only*
			alice> read
			alice< error server: ID is the number of the message up to which you have read. Use: read ROOM ID, or read @NAME ID
			alice& {"code":"bad_request"}
			alice> read lobby
			alice< error server: ID is*
			alice> read lobby one
			alice< error server: ID is*
			alice> read lobby -1
			alice< error server: ID is*
			alice> {"request":"read","content":{"id":1}}
			alice< error server: ID is*
			alice> {"request":"read","content":{"room":"lobby","name":"bob","id":1}}
			alice< error server: ID is*
			alice> {"request":"read","content":{"room":"lobby","id":1.5}}
			alice< error server: "id" in the content of read must be a whole number, such as 12.
			alice> {"request":"read","content":{"room":"bob","id":1}}
			alice< error server: There is no room bob*
			alice& {"code":"unknown_room"}
			alice> read nobody 1
			alice< error server: There is nobody called nobody.
			alice> read alice 1
			alice< error server: That is you.
			bob> create den
			bob< info server: You have made den*
			alice> {"request":"read","content":{"room":"den","id":1}}
			alice< error server: You are not in den. Use: join den
			alice& {"code":"not_in_room"}
			alice> read den 1
			alice< error server: You are not in den. Use: join den
			alice& {"code":"not_in_room"}`,
	})
}

func TestUnread(t *testing.T) {
	plays(t, company(), map[string]string{
		"what others have said, and with one's name": `alice! bob carl
			alice> unread
			alice< info server: You have read everything.
			alice& {"event":"unread","unread":[]}
			bob> msg hello Alice!
			bob< message bob: hello Alice!
			alice< message bob: hello Alice!
			carl< message bob: hello Alice!
			carl> msg malice
			carl< message carl: malice
			alice< message carl: malice
			bob< message carl: malice
			alice> msg I am alice
			alice< message alice: I am alice
			bob< message alice: I am alice
			carl< message alice: I am alice
			carl> dm alice hi
			carl< info server: Your message was delivered to alice.
			alice< message carl: hi
			alice> {"request":"unread","ref":"u"}
			alice< info server: Not read:\nlobby: 2, 1 with your name.\ndirect messages, carl: 1.
			alice& {"event":"unread","ref":"u","unread":[{"room":"lobby","count":2,"mentions":1},{"name":"carl","count":1}]}
			alice> read lobby 1
			alice< info server: You have read the lobby up to number 1.
			alice> read carl 4
			alice< info server: You have read the direct messages with carl up to number 4.
			alice> unread
			alice< info server: Not read:\nlobby: 1.
			alice& {"unread":[{"room":"lobby","read":1,"count":1}]}
			alice> block carl
			alice< info server: You have blocked carl*
			alice> unread
			alice< info server: You have read everything.`,
		"of rooms only what came behind the joining": `alice! bob
			bob> create den
			bob< info server: You have made den*
			bob> msg before
			bob< message bob: before
			alice> join den
			alice< info server: You are in den*
			alice< history bob: before
			bob< info server: alice joined den
			alice> unread
			alice< info server: You have read everything.
			bob> msg after, ALICE
			bob< message bob: after, ALICE
			alice< message bob: after, ALICE
			alice> unread
			alice< info server: Not read:\nden: 1, 1 with your name.
			alice& {"unread":[{"room":"den","read":1,"count":1,"mentions":1}]}
			alice> leave
			alice< info server: You have left den*
			bob< info server: alice left den
			alice> unread
			alice< info server: You have read everything.`,
		"of guests who are here": `alice! carl
			bob> {"request":"login","content":"bob","extended":1}
			bob< info server: Login successful*
			bob& {"token":"$bob"}
			bob< history
			alice< info server: bob logged in
			carl< info server: bob logged in
			bob> dm alice hi
			bob< info server: Your message*
			alice< message bob: hi
			carl> dm alice hello
			carl< info server: Your message*
			alice< message carl: hello
			bob resets
			carl> logout
			carl< info server: Logout*
			carl< closed
			alice< info server: carl logged out
			alice> unread
			alice< info server: You have read everything.
			rob> {"request":"login","content":"rob","extended":1,"token":"$bob"}
			rob< info server: Login successful*
			rob< history
			alice< info server: rob logged in
			alice> unread
			alice< info server: Not read:\ndirect messages, rob: 1.
			alice> read rob 1
			alice< info server: You have read the direct messages with rob up to number 1.
			alice> unread
			alice< info server: You have read everything.`,
		"as one types it, in a plain session": `alice! bob
			alice> logout
			alice< info server: Logout*
			alice< closed
			bob< info server: alice logged out
			bob> msg hello alice
			bob< message bob: hello alice
			alice> login alice blue horses
			alice< info server: Login successful*
			alice< message bob: hello alice
			bob< info server: alice logged in
			alice> unread
			alice< info server: Not read:\nlobby: 1, 1 with your name.
			alice> read lobby 1
			alice< info server: You have read the lobby up to number 1.
			alice> unread
			alice< info server: You have read everything.`,
		"a cursor is kept": `alice! bob
			bob> msg one
			bob< message bob: one
			alice< message bob: one
			alice> read lobby 1
			alice< info server: You have read the lobby up to number 1.
			bob> msg two
			bob< message bob: two
			alice< message bob: two
			server crashes
			alice> {"request":"login","content":"alice","password":"blue horses","extended":1}
			alice< info server: Login successful*
			alice< history bob: one | bob: two
			alice> unread
			alice< info server: Not read:\nlobby: 1.
			alice& {"unread":[{"room":"lobby","read":1,"count":1}]}`,
		"more than is counted": fmt.Sprintf(`alice! bob
			%salice> unread
			alice< info server: Not read:\ndirect messages, bob: 999 or more.
			alice& {"unread":[{"name":"bob","count":999,"more":true}]}`, thousandDirects()),
	})
}

// thousandDirects has bob write more to alice than is counted.
func thousandDirects() string {
	script := ""
	for range 1001 {
		script += "bob> dm alice hi\nbob< info server: Your message*\nalice< message bob: hi\n"
	}
	return script
}
