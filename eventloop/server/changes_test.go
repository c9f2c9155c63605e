package server_test

import (
	"fmt"
	"testing"
	"time"
)

// Each verb in its forms, extended and plain: who is told what.
func TestChanges(t *testing.T) {
	plays(t, company(), map[string]string{
		"edit": `alice bob carl-
			alice> msg helo
			alice< message alice: helo
			bob< message alice: helo
			bob& {"id":1,"marks":null}
			carl< message alice: helo
			alice> {"request":"edit","content":{"id":1,"text":"hello"},"ref":"e"}
			alice< info server: You have edited message 1: hello.
			alice& {"event":"edited","ref":"e","id":1,"room":null,"name":"alice","to":null,"text":"hello","marks":{"edited":"2026-11-21T09:30:00Z"}}
			bob< info server: alice has edited message 1: hello.
			bob& {"event":"edited","ref":null,"id":1,"room":null,"name":"alice","to":null,"text":"hello","marks":{"edited":"2026-11-21T09:30:00Z","reactions":null}}
			carl< info server: alice has edited message 1: hello.
			bob> history
			bob< history alice: hello
			bob> edit 1 mine
			bob< error server: Message 1 is not yours: only who has said something can edit it.
			bob& {"code":"forbidden"}
			carl> history
			carl< info server: One earlier message of the lobby follows.
			carl< message alice: (1) hello (edited)
			alice> edit 1 two  words\nand a line
			alice< info server: You have edited message 1: two words\nand a line.`,
		"edit, typed": `alice- bob-
			alice> msg helo
			alice< message alice: helo
			bob< message alice: helo
			alice> {"request":"edit","content":"1 hello\nyou"}
			alice< info server: You have edited message 1: hello you.
			bob< info server: alice has edited message 1: hello you.
			bob> edit 1 no
			bob< error server: Message 1 is not yours: only who has said something can edit it.
			bob> history
			bob< info server: One earlier message of the lobby follows.
			bob< message alice: (1) hello\nyou (edited)`,
		"remove": `alice bob carl-
			alice> msg secret
			alice< message alice: secret
			bob< message alice: secret
			carl< message alice: secret
			bob> remove 1 spam
			bob< error server: Message 1 is not yours, and your role does not let you remove what others have said there.
			bob& {"code":"forbidden"}
			alice> {"request":"remove","content":{"id":"1","why":"not for you"},"ref":"r"}
			alice< info server: You have removed message 1: not for you.
			alice& {"event":"removed","ref":"r","id":1,"room":null,"name":"alice","text":null,"marks":{"removed":{"by":"alice","why":"not for you"}}}
			bob< info server: alice has removed message 1: not for you.
			bob& {"event":"removed","id":1,"name":"alice"}
			carl< info server: alice has removed message 1: not for you.
			bob> history
			bob< history alice:
			carl> history
			carl< info server: One earlier message of the lobby follows.
			carl< message alice: (1) (removed by alice: not for you)
			alice> remove 1
			alice< error server: Message 1 was removed.
			alice& {"code":"bad_request"}
			alice> edit 1 again
			alice< error server: Message 1 was removed.
			bob> react 1 +1
			bob< error server: Message 1 was removed.
			dora> {"request":"login","content":"dora","extended":1}
			dora< info server: Login successful*
			dora< history alice:
			erik> login erik
			erik< info server: Login successful*
			erik< message alice: (removed by alice: not for you)`,
		"react and unreact": `alice bob carl-
			alice> msg hi
			alice< message alice: hi
			bob< message alice: hi
			carl< message alice: hi
			bob> {"request":"react","content":{"id":1,"word":"+1"},"ref":"r"}
			bob< info server: You have put +1 to message 1 of alice.
			bob& {"event":"reacted","ref":"r","id":1,"room":null,"name":"bob","text":"+1","marks":null}
			alice< info server: bob has put +1 to message 1 of alice.
			alice& {"event":"reacted","ref":null,"id":1,"name":"bob","text":"+1"}
			carl< info server: bob has put +1 to message 1 of alice.
			carl> react 1 +1
			carl< info server: You have put +1 to message 1 of alice.
			alice< info server: carl has put +1 to message 1 of alice.
			bob< info server: carl has put +1 to message 1 of alice.
			alice> react 1 😀
			alice< info server: You have put 😀 to message 1.
			bob< info server: alice has put 😀 to message 1.
			carl< info server: alice has put 😀 to message 1.
			bob> react 1 +1
			bob< info server: You have put +1 to message 1 of alice.
			bob& {"event":"reacted","id":1,"name":"bob","text":"+1"}
			bob> history
			bob< history alice: hi
			carl> history
			carl< info server: One earlier message of the lobby follows.
			carl< message alice: (1) hi\n(reactions: +1 bob, carl; 😀 alice)
			bob> {"request":"unreact","content":{"id":1,"word":"+1"},"ref":"u"}
			bob< info server: You have taken +1 back from message 1 of alice.
			bob& {"event":"unreacted","ref":"u","id":1,"name":"bob","text":"+1"}
			alice< info server: bob has taken +1 back from message 1 of alice.
			carl< info server: bob has taken +1 back from message 1 of alice.
			bob> unreact 1 +1
			bob< error server: You have not put that to message 1.
			bob& {"code":"bad_request"}
			carl> unreact 1 no
			carl< error server: You have not put that to message 1.
			dora> {"request":"login","content":"dora","extended":1}
			dora< info server: Login successful*
			dora< history alice: hi
			dora& {"event":"history"}`,
		"in a room": `alice bob carl- dora
			alice> create den
			alice< info server: You have made den*
			carl> join den
			carl< info server: You are in den*
			alice< info server: carl joined den
			alice> msg helo
			alice< message alice: helo
			carl< message alice: (in den) helo
			alice> edit 1 hello
			alice< info server: You have edited message 1 in den: hello.
			alice& {"event":"edited","id":1,"room":"den"}
			carl< info server: alice has edited message 1 in den: hello.
			carl> react 1 ok
			carl< info server: You have put ok to message 1 of alice in den.
			alice< info server: carl has put ok to message 1 of alice in den.
			bob> react 1 ok
			bob< error server: There is no message 1 that you can see.
			bob& {"code":"unknown_message"}
			bob> remove 1
			bob< error server: There is no message 1 that you can see.
			bob> edit 1 x
			bob< error server: There is no message 1 that you can see.
			carl> join lobby
			carl< info server: You are in the lobby*
			alice> remove 1
			alice< info server: You have removed message 1 in den.
			bob< nothing
			carl> join den
			carl< info server: You are in den*
			carl< message alice: (removed by alice) (in den)`,
		"direct messages": `alice bob carl-
			alice> dm bob helo
			alice< info server: Your message was delivered to bob.
			bob< message alice: helo
			alice> {"request":"edit","content":{"id":1,"text":"hello"},"ref":"e"}
			alice< info server: You have edited the direct message 1: hello.
			alice& {"event":"edited","ref":"e","id":1,"room":null,"name":"alice","to":"bob","text":"hello"}
			bob< info server: alice has edited the direct message 1: hello.
			bob& {"event":"edited","id":1,"name":"alice","to":"bob","text":"hello"}
			bob> react 1 +1
			bob< info server: You have put +1 to the direct message 1 of alice.
			bob& {"event":"reacted","id":1,"name":"bob","to":"alice","text":"+1"}
			alice< info server: bob has put +1 to the direct message 1 of alice.
			alice& {"event":"reacted","id":1,"name":"bob","to":"alice","text":"+1"}
			alice> react 1 oh
			alice< info server: You have put oh to the direct message 1.
			alice& {"event":"reacted","id":1,"name":"alice","to":"bob","text":"oh"}
			bob< info server: alice has put oh to the direct message 1.
			bob& {"event":"reacted","id":1,"name":"alice","to":"bob","text":"oh"}
			bob> edit 1 no
			bob< error server: Message 1 is not yours*
			bob> remove 1
			bob< error server: Message 1 is not yours*
			carl> react 1 +1
			carl< error server: There is no message 1 that you can see.
			carl> edit 1 +1
			carl< error server: There is no message 1 that you can see.
			alice> history with:bob
			alice< history alice: hello
			alice> unreact 1 oh
			alice< info server: You have taken oh back from the direct message 1.
			bob< info server: alice has taken oh back from the direct message 1.
			alice> remove 1
			alice< info server: You have removed the direct message 1.
			alice& {"event":"removed","id":1,"name":"alice","to":"bob","marks":{"removed":{"by":"alice"}}}
			bob< info server: alice has removed the direct message 1.
			bob& {"event":"removed","id":1,"name":"alice","to":"bob"}
			bob> history with:alice
			bob< history alice:
			alice> dm carl hi
			alice< info server: Your message was delivered to carl.
			carl< message alice: (to you alone) hi
			alice> edit $last there
			alice< error server: ID is the number of a message, such as 12, and not "$last". Use: edit ID TEXT
			alice> history with:carl
			alice< history alice: hi
			carl> history with:alice
			carl< info server: One earlier message between you and alice follows.
			carl< message alice: (7) (to you alone) hi
			carl> react 7 ok
			carl< info server: You have put ok to the direct message 7 of alice.
			alice< info server: carl has put ok to the direct message 7 of alice.
			alice> edit 7 hi you
			alice< info server: You have edited the direct message 7: hi you.
			carl< info server: alice has edited the direct message 7: hi you.
			carl> history with:alice
			carl< info server: One earlier message between you and alice follows.
			carl< message alice: (7) (to you alone) hi you (edited)\n(reactions: ok carl)
			alice> remove 7
			alice< info server: You have removed the direct message 7.
			carl< info server: alice has removed the direct message 7.
			carl> history with:alice
			carl< info server: One earlier message between you and alice follows.
			carl< message alice: (7) (removed by alice) (to you alone)`,
		"another session of one's own": `alice! bob
			alice2> {"request":"login","content":"alice","password":"blue horses","extended":1}
			alice2< info server: Login successful*
			alice2< history
			alice> dm bob helo
			alice< info server: Your message was delivered to bob.
			alice2< message alice: helo
			bob< message alice: helo
			alice2> edit 1 hello
			alice2< info server: You have edited the direct message 1: hello.
			alice< info server: alice has edited the direct message 1: hello.
			alice& {"event":"edited","id":1,"name":"alice","to":"bob"}
			bob< info server: alice has edited the direct message 1: hello.
			alice> msg hi
			alice< message alice: hi
			alice2< message alice: hi
			bob< message alice: hi
			alice> remove 3
			alice< info server: You have removed message 3.
			alice2< info server: alice has removed message 3.
			alice2& {"event":"removed","id":3,"name":"alice"}
			bob< info server: alice has removed message 3.`,
		"what a message said before": `alice bob carl-
			alice> create den
			alice< info server: You have made den*
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			bob> msg helo
			alice< message bob: helo
			bob< message bob: helo
			alice> versions 1
			alice< history
			alice& {"event":"versions","id":1,"state":null}
			bob> edit 1 hell
			bob< info server: You have edited message 1 in den: hell.
			alice< info server: bob has edited*
			bob> edit 1 hello
			bob< info server: You have edited message 1 in den: hello.
			alice< info server: bob has edited*
			alice> {"request":"versions","content":{"id":"1"},"ref":"v"}
			alice< history bob: helo | bob: hell
			alice& {"event":"versions","ref":"v","id":1,"room":"den"}
			bob> versions 1
			bob< error server: What a message said before is shown only to those who keep order where it was said.
			bob& {"code":"forbidden"}
			carl> versions 1
			carl< error server: There is no message 1 that you can see.
			alice> versions 2
			alice< error server: There is no message 2 that you can see.
			bob> dm alice one
			bob< info server: Your message was delivered to alice.
			alice< message bob: one
			alice> versions 4
			alice< error server: What a message said before is shown only*
			bob> remove 1
			bob< info server: You have removed message 1 in den.
			alice< info server: bob has removed message 1 in den.
			alice> versions 1
			alice< history`,
		"what a message said before, in a plain session": `alice- bob
			alice> create den
			alice< info server: You have made den*
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			bob> msg a
			alice< message bob: (in den) a
			bob< message bob: a
			alice> versions 1
			alice< info server: There is nothing that message 1 of bob in den said before.
			bob> edit 1 b
			bob< info server: You have edited message 1 in den: b.
			alice< info server: bob has edited message 1 in den: b.
			alice> versions 1
			alice< info server: The text that message 1 of bob in den had before follows.
			alice< message bob: (in den) a
			bob> edit 1 c
			bob< info server: You have edited message 1 in den: c.
			alice< info server: bob has edited message 1 in den: c.
			alice> versions 1
			alice< info server: 2 texts that message 1 of bob in den had before follow.
			alice< message bob: (in den) a
			alice< message bob: (in den) b
			alice> remove 1 why not
			alice< info server: You have removed message 1 of bob in den: why not.
			bob< info server: alice has removed message 1 of bob in den: why not.
			alice> versions 1
			alice< info server: There is nothing that message 1 of bob in den said before.`,
		"what is wrong is said": `alice bob-
			alice> msg hi
			alice< message alice: hi
			bob< message alice: hi
			alice> edit
			alice< error server: edit is missing its id. Use: edit ID TEXT
			alice> edit 1
			alice< error server: edit is missing its text. Use: edit ID TEXT
			alice> edit one text
			alice< error server: ID is the number of a message, such as 12, and not "one". Use: edit ID TEXT
			alice& {"code":"bad_request"}
			bob> remove 0
			bob< error server: ID is the number of a message, such as 12, and not "0". Use: remove ID WHY
			bob> react -1 x
			bob< error server: ID is the number of a message, such as 12, and not "-1". Use: react ID WORD
			bob> unreact 99999999999999999999999 x
			bob< error server: ID is the number of a message, such as 12, and not "99999999999999999999999". Use: unreact ID WORD
			alice> edit 2 text
			alice< error server: There is no message 2 that you can see.
			alice& {"code":"unknown_message"}
			bob> react 1 two words
			bob< error server: A reaction is one word or emoji, such as: +1
			alice> {"request":"react","content":{"id":1,"word":"a\u202eb"}}
			alice< error server: There is a character in that reaction*
			alice& {"code":"bad_request"}
			alice> {"request":"react","content":{"id":1,"word":"123456789012345678901234567890123"}}
			alice< error server: That reaction is too long*
			alice& {"code":"too_large"}
			alice> {"request":"edit","content":{"id":1,"text":"\u001b[31m"}}
			alice< error server: There is a control character (U+001B) in that text*
			alice> {"request":"remove","content":{"id":1,"why":"one\ntwo"}}
			alice< error server: A reason is one line without tabs.
			alice> {"request":"remove","content":{"id":1.5}}
			alice< error server: "id" in the content of remove must be a whole number, such as 12.
			alice> edit 1 hi
			alice< info server: You have edited message 1: hi.
			bob< info server: alice has edited message 1: hi.`,
	})
}

// One may edit for 15 minutes, by the time of the log.
func TestEditIsTooLate(t *testing.T) {
	const script = `alice bob
		alice> msg helo
		alice< message alice: helo
		bob< message alice: helo
		wait 14m59s
		alice> edit 1 hello
		alice< info server: You have edited message 1: hello.
		bob< info server: alice has edited message 1: hello.
		wait 1s
		alice> edit 1 late
		alice< error server: Message 1 is too old to be edited: that can be done for 15 minutes. Say it anew.
		alice& {"code":"too_late"}
		bob> react 1 +1
		bob< info server: You have put +1 to message 1 of alice.
		alice< info server: bob has put +1 to message 1 of alice.
		alice> remove 1
		alice< info server: You have removed message 1.
		bob< info server: alice has removed message 1.`
	plays(t, company(), map[string]string{"by default": script})
	cfg := company()
	cfg.EditFor = -1
	plays(t, cfg, map[string]string{"for ever": `alice bob
		alice> msg helo
		alice< message alice: helo
		bob< message alice: helo
		wait 1000h
		alice> edit 1 hello
		alice< info server: You have edited message 1: hello.
		bob< info server: alice has edited message 1: hello.`})
	cfg.EditFor = 90 * time.Second
	plays(t, cfg, map[string]string{"for another time": `alice
		alice> msg helo
		alice< message alice: helo
		wait 91s
		alice> edit 1 hello
		alice< error server: Message 1 is too old to be edited: that can be done for 1m30s. Say it anew.`})
}

// A message has 20 kinds of reactions at most, each of which any number of people may put.
func TestTwentyKindsOfReactions(t *testing.T) {
	script := "alice bob\nalice> msg hi\nalice< message alice: hi\nbob< message alice: hi\n"
	for i := range 20 {
		script += fmt.Sprintf(`alice> react 1 k%d
			alice< info server: You have put k%[1]d to message 1.
			bob< info server: alice has put k%[1]d to message 1.
			`, i)
	}
	plays(t, company(), map[string]string{"20": script + `bob> react 1 k20
		bob< error server: There are as many reactions to message 1 as it can have: 20 kinds, and 200 in all.
		bob& {"code":"not_allowed"}
		bob> react 1 k7
		bob< info server: You have put k7 to message 1 of alice.
		alice< info server: bob has put k7 to message 1 of alice.
		alice> unreact 1 k3
		alice< info server: You have taken k3 back from message 1.
		bob< info server: alice has taken k3 back from message 1.
		bob> react 1 k20
		bob< info server: You have put k20 to message 1 of alice.
		alice< info server: bob has put k20 to message 1 of alice.`})
}
