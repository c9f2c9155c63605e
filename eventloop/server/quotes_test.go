package server_test

import "testing"

// A plain session is shown the beginning of what a message answers, if its user may see that.
func TestQuotes(t *testing.T) {
	plays(t, company(), map[string]string{
		"not of whom one has blocked": `alice bob carl- dora-
			carl> block bob
			carl< info server: You have blocked bob*
			bob> msg hi
			alice< message bob: hi
			bob< message bob: hi
			bob< info server: Your message was not delivered to some.
			dora< message bob: hi
			alice> {"request":"msg","content":{"text":"yes","re":1}}
			alice< message alice: yes
			bob< message alice: yes
			carl< message alice: (re 1) yes
			dora< message alice: (re bob: "hi") yes
			carl> {"request":"msg","content":{"text":"yes","re":1}}
			carl< error server: There is no message 1 that you can see.
			carl> history
			carl< info server: One earlier message of the lobby follows.
			carl< message alice: (2) (re 1) yes
			dora> history
			dora< info server: 2 earlier messages of the lobby follow.
			dora< message bob: (1) hi
			dora< message alice: (2) (re bob: "hi") yes
			alice> {"request":"dm","content":{"name":"carl","text":"psst","re":1}}
			alice< info server: Your message was delivered to carl.
			carl< message alice: (re 1) (to you alone) psst
			alice> {"request":"dm","content":{"name":"dora","text":"psst","re":1}}
			alice< info server: Your message was delivered to dora.
			dora< message alice: (re bob: "hi") (to you alone) psst`,
		"not from before one has joined a private room": `alice bob- carl-
			alice> create den private
			alice< info server: You have made den*
			alice> invite bob
			alice< info server: You have invited bob to den.
			bob< info server: alice invites you*
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			alice> msg the cake
			alice< message alice: the cake
			bob< message alice: (in den) the cake
			alice> invite carl
			alice< info server: You have invited carl to den.
			carl< info server: alice invites you*
			carl> join den
			carl< info server: You are in den*
			alice< info server: carl joined den
			bob< info server: carl joined den
			alice> {"request":"msg","content":{"text":"is ready","re":1}}
			alice< message alice: is ready
			bob< message alice: (re alice: "the cake") (in den) is ready
			carl< message alice: (re 1) (in den) is ready
			carl> {"request":"msg","content":{"text":"what is?","re":1}}
			carl< error server: There is no message 1 that you can see.
			carl> history
			carl< info server: One earlier message of den follows.
			carl< message alice: (2) (re 1) (in den) is ready`,
		"not of another room than one's own and the lobby": `alice bob-
			alice> create den
			alice< info server: You have made den*
			alice> msg in the den
			alice< message alice: in the den
			alice> {"request":"msg","content":{"room":"lobby","text":"here","re":1}}
			alice< message alice: here
			bob< message alice: (re 1) here
			bob> join den
			bob< info server: You are in den*
			bob< message alice: (in den) in the den
			alice< info server: bob joined den
			alice> {"request":"msg","content":{"text":"there","re":2}}
			alice< message alice: there
			bob< message alice: (re alice: "here") (in den) there
			bob> history 1
			bob< info server: One earlier message of den follows.*
			bob< message alice: (3) (re alice: "here") (in den) there`,
		"not of what was removed": `alice bob-
			alice> msg secret
			alice< message alice: secret
			bob< message alice: secret
			alice> {"request":"msg","content":{"text":"one","re":1}}
			alice< message alice: one
			bob< message alice: (re alice: "secret") one
			alice> remove 1
			alice< info server: You have removed message 1.
			bob< info server: alice has removed message 1.
			alice> {"request":"msg","content":{"text":"two","re":1}}
			alice< message alice: two
			bob< message alice: (re 1) two
			bob> history 2
			bob< info server: 2 earlier messages of the lobby follow. For more use: history lobby before 2
			bob< message alice: (2) (re 1) one
			bob< message alice: (4) (re 1) two
			carl> login carl
			carl< info server: Login successful*
			carl< message alice: (removed by alice)
			carl< message alice: (re 1) one
			carl< message alice: (re 1) two`,
	})
}

// Who is blocked, has left or is muted is told why nothing was changed.
func TestChangesThatAreRefused(t *testing.T) {
	plays(t, company(), map[string]string{
		"by who has blocked one": `alice bob
			alice> msg hi
			alice< message alice: hi
			bob< message alice: hi
			bob> dm alice helo
			bob< info server: Your message was delivered to alice.
			alice< message bob: helo
			alice> block bob
			alice< info server: You have blocked bob*
			bob> react 1 +1
			bob< error server: You cannot do that with message 1: the other one has blocked you.
			bob& {"code":"blocked_by_user"}
			bob> edit 2 hello
			bob< error server: You cannot do that with message 2: the other one has blocked you.
			bob> remove 2
			bob< info server: You have removed the direct message 2.
			alice< nothing`,
		"in a room that one has left": `alice bob
			bob> create den
			bob< info server: You have made den*
			alice> join den
			alice< info server: You are in den*
			bob< info server: alice joined den
			alice> msg helo
			alice< message alice: helo
			bob< message alice: helo
			alice> leave den
			alice< info server: You have left den*
			bob< info server: alice left den
			alice> edit 1 hello
			alice< error server: You are not in den. Use: join den
			alice& {"code":"not_in_room"}
			alice> remove 1
			alice< info server: You have removed message 1 in den.
			bob< info server: alice has removed message 1 in den.`,
		"of who is muted": `alice bob
			alice> create den
			alice< info server: You have made den*
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			bob> msg helo
			bob< message bob: helo
			alice< message bob: helo
			alice> mute bob den be polite
			alice< info server: You have muted bob*
			bob< info server: *muted*
			bob> edit 1 hello
			bob< error server: *muted*
			bob& {"code":"muted"}
			bob> react 1 +1
			bob< error server: *muted*
			bob> remove 1
			bob< info server: You have removed message 1 in den.
			alice< info server: bob has removed message 1 in den.`,
	})
}
