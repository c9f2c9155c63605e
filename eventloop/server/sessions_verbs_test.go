package server_test

import "testing"

func TestSessions(t *testing.T) {
	plays(t, company(), map[string]string{
		"are listed and ended": `alice! bob
			` + alice2 + `alice> sessions
			alice< info server: Your sessions:\n1: since 2026-11-21 09:30, from *1 (this one).\n2: since 2026-11-21 09:30, from *1.
			alice& {"event":"sessions"}
			alice2> {"request":"sessions","ref":"s"}
			alice2< info server: Your sessions:\n1: since 2026-11-21 09:30, from *1.\n2: since 2026-11-21 09:30, from *1 (this one).
			alice2& {"event":"sessions","ref":"s"}
			alice2> {"request":"logout","content":{"id":1},"ref":"l"}
			alice2< info server: You have ended your session 1.
			alice2& {"event":"session_ended","id":1,"ref":"l"}
			alice< info server: Good bye: you have ended this session from another one.
			alice& {"event":"logout","code":"not_allowed"}
			alice< closed
			bob< nothing
			alice2> sessions
			alice2< info server: Your sessions:\n2: *(this one).
			alice2> logout 2
			alice2< info server: Logout successful. Good bye, alice.
			alice2< closed
			bob< info server: alice logged out`,
		"of one who is a guest": `alice bob-
			alice> sessions
			alice< info server: Your sessions:\n1: since 2026-11-21 09:30, from *(this one).
			bob> sessions
			bob< info server: Your sessions:\n1: *(this one).`,
		"errors say what to do": `alice!
			alice> logout 2
			alice< error server: You have no session 2. Use: sessions
			alice& {"code":"bad_request"}
			alice> logout now
			alice< error server: ID is the number of a session of yours. Use: sessions, or logout ID
			alice> {"request":"logout","content":{"id":18446744073709551616}}
			alice< error server: ID is the number*
			alice> {"request":"logout","content":{"id":[1]}}
			alice< error server: "id" in the content of logout must be a whole number, such as 12.
			alice> {"request":"logout","content":{}}
			alice< info server: Logout*
			alice< closed`,
		"in a plain session whatever stands behind logout is passed over": `bob- carl- dora-
			bob> logout 7
			bob< info server: Logout*
			bob< closed
			carl< info server: bob logged out
			dora< info server: bob logged out
			carl> logout good bye all
			carl< info server: Logout*
			carl< closed
			dora< info server: carl logged out
			dora> logout None
			dora< info server: Logout*
			dora< closed`,
	})
}

// What one session of an account does in rooms, its other ones are told, and they hear the
// room.
func TestRoomsInSeveralSessions(t *testing.T) {
	plays(t, company(), map[string]string{
		"created, joined and left": `alice! bob
			` + alice2 + `alice> {"request":"create","content":"den","ref":"1"}
			alice< info server: You have made den, and are in it*
			alice2< info server: You have made den in another session.
			alice2& {"event":"created","room":"den","ref":null,"rooms":[{"name":"den","members":1,"joined":true}]}
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			alice2< info server: bob joined den
			bob> msg hi
			bob< message bob: hi
			alice< message bob: hi
			alice2< message bob: hi
			alice2& {"room":"den"}
			alice2> msg for all
			alice2< message alice: for all
			alice2& {"room":null}
			alice< message alice: for all
			bob< message alice: for all
			alice> msg in the den
			alice< message alice: in the den
			alice2< message alice: in the den
			alice2& {"room":"den"}
			bob< message alice: in the den
			alice2> join den
			alice2< info server: You are in den: what you say goes there. Here are: alice, bob.
			alice> leave
			alice< info server: You have left den: what you say goes to the lobby now.
			alice2< info server: You have left den in another session: what you say goes to the lobby now.
			alice2& {"event":"left","room":"den","ref":null}
			bob< info server: alice left den
			bob> msg alone
			bob< message bob: alone
			alice< nothing
			alice2< nothing
			alice2> join den
			alice2< info server: You are in den*
			alice2< history bob: hi | alice: in the den | bob: alone
			alice< info server: You have joined den in another session.
			alice& {"event":"joined","room":"den","ref":null}
			bob< info server: alice joined den
			bob> msg both
			bob< message bob: both
			alice< message bob: both
			alice2< message bob: both`,
		"invited": `alice! bob
			` + alice2 + `bob> create den private
			bob< info server: You have made den*
			bob> invite alice
			bob< info server: You have invited alice to den.
			alice< info server: bob invites you to the room den. Use: join den
			alice2< info server: bob invites you to the room den. Use: join den
			alice2& {"event":"room_invitation","room":"den","name":"bob"}`,
		"the topic": `alice! bob
			` + alice2 + `alice> create den
			alice< info server: You have made den*
			alice2< info server: You have made den in another session.
			alice> topic dens
			alice< info server: den is about: dens.
			alice2< info server: alice has set the topic of den: dens.
			alice2& {"event":"topic","name":"alice","ref":null}`,
		"an account stays in its rooms, and a guest's last room ends": `alice! bob
			alice> create den
			alice< info server: You have made den*
			bob> create loft
			bob< info server: You have made loft*
			alice> logout
			alice< info server: Logout*
			alice< closed
			bob< info server: alice logged out
			bob> names den
			bob< info server: Nobody of den is connected.
			bob& {"names":[]}
			bob> logout
			bob< info server: Logout*
			bob< closed
			alice> {"request":"login","content":"alice","password":"blue horses","extended":1}
			alice< info server: Login successful*
			alice& {"rooms":[{"name":"den","joined":true}]}
			alice< history
			alice> rooms
			alice< info server: Rooms:\nden (1 connected, you are in it).`,
	})
}
