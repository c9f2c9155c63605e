package server_test

import (
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/users"
)

// Who was not invited sees nothing of a private room, and who joins it nothing from before.
func TestPrivateRooms(t *testing.T) {
	plays(t, company(), map[string]string{
		"an invitation is good once": `alice bob- carl
			alice> create den private
			alice< info server: You have made den*
			alice> msg from before
			alice< message alice: from before
			bob> join den
			bob< error server: den is private: somebody who is in it has to invite you.
			carl> {"request":"join","content":{"room":"den"}}
			carl< error server: den is private*
			carl& {"code":"invite_only"}
			carl> {"request":"topic","content":{"room":"den"}}
			carl< error server: You are not in den. Use: join den
			alice> invite bob
			alice< info server: You have invited bob to den.
			bob< info server: alice invites you to the room den. Use: join den
			alice> invite bob
			alice< error server: bob was invited to that room already: wait until they come.
			bob> join den
			bob< info server: You are in den: what you say goes there. Here are: alice, bob.
			alice< info server: bob joined den
			alice> invite bob
			alice< error server: bob is in that room already.
			alice& {"code":"bad_request"}
			alice> msg now
			alice< message alice: now
			bob< message alice: (in den) now
			bob> join lobby
			bob< info server: You are in the lobby*
			bob> join den
			bob< info server: You are in den: what you say goes there. Here are: alice, bob. One earlier message follows.
			bob< message alice: (in den) now
			bob> leave
			bob< info server: You have left den*
			alice< info server: bob left den
			bob> join den
			bob< error server: den is private*
			alice> invite bob
			alice< info server: You have invited bob to den.
			bob< info server: alice invites you to the room den. Use: join den
			bob> join den
			bob< info server: You are in den: what you say goes there. Here are: alice, bob.
			alice< info server: bob joined den
			bob< nothing
			carl< nothing`,
		"any member invites, the owner comes and goes": `alice! bob! carl
			alice> create den private
			alice< info server: You have made den*
			alice> {"request":"invite","content":{"name":"BOB","room":"den"},"ref":"i"}
			alice< info server: You have invited bob to den.
			alice& {"event":"room_invited","name":"bob","room":"den","ref":"i"}
			bob< info server: alice invites you to the room den. Use: join den
			bob& {"event":"room_invitation","name":"alice","room":"den"}
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			alice> leave
			alice< info server: You have left den*
			bob< info server: alice left den
			bob> invite carl
			bob< info server: You have invited carl to den.
			carl< info server: bob invites you to the room den. Use: join den
			alice> join den
			alice< info server: You are in den*
			bob< info server: alice joined den
			carl< nothing`,
		"who does not hear a message is told of if they are in the room": `alice bob carl
			bob> block alice
			bob< info server: You have blocked alice*
			alice> create den
			alice< info server: You have made den*
			carl> join den
			carl< info server: You are in den*
			alice< info server: carl joined den
			alice> msg one
			alice< message alice: one
			carl< message alice: one
			alice< nothing
			bob> join den
			bob< info server: You are in den*
			carl< info server: bob joined den
			alice> msg two
			carl< message alice: two
			alice< message alice: two
			alice< info server: Your message was not delivered to some.
			alice< nothing
			bob< nothing`,
		"invitations and blocks": `alice! bob! carl-
			alice> create den
			alice< info server: You have made den*
			alice> invite alice
			alice< error server: That is you.
			alice> invite nobody
			alice< error server: There is nobody called nobody.
			alice& {"code":"unknown_user"}
			bob> block alice
			bob< info server: You have blocked alice*
			alice> invite bob
			alice< error server: You cannot invite bob: they have blocked you.
			alice& {"code":"blocked_by_user"}
			alice> block carl
			alice< info server: You have blocked carl*
			alice> invite carl
			alice< error server: You have blocked carl; unblock first.
			bob> unblock alice
			bob< info server: You hear alice again.
			bob> logout
			bob< info server: Logout*
			bob< closed
			alice< info server: bob logged out
			carl< info server: bob logged out
			alice> invite bob
			alice< info server: bob is not connected; your invitation to den will be told at the next login.
			bob> {"request":"login","content":"bob","password":"blue horses","extended":1}
			bob< info server: Login successful*
			bob< history
			bob< info server: alice invites you to the room den. Use: join den
			bob& {"event":"room_invitation","name":"alice","room":"den"}`,
	})
}

// A key lets in who knows it. Wrong ones lock nobody out, and each costs as much as a
// password.
func TestRoomsWithAKey(t *testing.T) {
	plays(t, company(), map[string]string{
		"a key": `alice! bob- carl
			alice> create den key "blue horses"
			alice< info server: You have made den, and are in it: what you say goes there. Who is to join it needs the key, or an invitation.
			alice& {"event":"created","rooms":[{"name":"den","members":1,"joined":true,"key":true}]}
			alice> msg hello
			alice< message alice: hello
			bob> join den
			bob< error server: den has a key, or needs an invitation. Use: join den KEY
			bob> join den red horses
			bob< error server: den has another key. Use: join den KEY
			bob> join den blue horses
			bob< info server: You are in den: what you say goes there. Here are: alice, bob. One earlier message follows.
			bob< message alice: (in den) hello
			alice< info server: bob joined den
			bob> join den
			bob< info server: You are in den*
			bob> join den red
			bob< info server: You are in den*
			carl> {"request":"join","content":{"room":"den","key":"\"blue horses\""},"ref":"k"}
			carl< error server: den has another key*
			carl& {"code":"wrong_key","ref":"k"}
			carl> {"request":"join","content":{"room":"den","key":"blue horses"},"ref":"k"}
			carl< info server: You are in den*
			carl& {"event":"joined","ref":"k"}
			carl< history alice: hello
			alice< info server: carl joined den
			bob< info server: carl joined den`,
		"who is in it, owns it or was invited needs no key": `alice! bob carl
			alice> create den key blue
			alice< info server: You have made den*
			alice> join den red
			alice< info server: You are in den*
			alice> leave
			alice< info server: You have left den*
			alice> join den
			alice< info server: You are in den*
			alice> invite bob
			alice< info server: You have invited bob to den.
			bob< info server: alice invites you to the room den. Use: join den
			bob> join den red
			bob< info server: You are in den*
			alice< info server: bob joined den
			alice> create loft
			alice< info server: You have made loft*
			carl> join loft blue
			carl< info server: You are in loft*`,
		"what comes meanwhile waits": `alice! bob
			alice> create den key blue
			alice< info server: You have made den*
			bob>> {"request":"join","content":"den blue"}{"request":"msg","content":"one"}{"request":"leave"}
			bob< info server: You are in den*
			bob< message bob: one
			bob& {"room":"den"}
			bob< info server: You have left den*
			alice< info server: bob joined den
			alice< message bob: one
			alice< info server: bob left den`,
	})
	cfg := company()
	cfg.Flood = server.DefaultFlood()
	c := newChat(t, cfg)
	alice, bob := c.login("alice", true), c.login("bob", true)
	c.responses(alice)
	alice.Send([]byte(`{"request":"create","content":"den key blue"}`))
	c.net.Advance(time.Minute)
	bob.Send([]byte(strings.Repeat(`{"request":"join","content":"den red"}`, 30)))
	c.net.Advance(time.Second)
	if got := c.codes(bob); strings.Count(got, "wrong_key") < 8 || strings.Count(got, "wrong_key") > 12 {
		t.Errorf("of 30 wrong keys in one go, within a second: %s", got)
	}
	c.net.Advance(10 * time.Second)
	if got := strings.Count(c.codes(bob), "wrong_key"); got < 14 || got > 18 {
		t.Errorf("10 s later are told to be wrong: %d", got)
	}
	c.net.Advance(time.Minute)
	c.codes(bob)
	c.Hasher.Busy = true
	bob.Send([]byte(`{"request":"join","content":"den blue"}{"request":"create","content":"loft key red"}{"request":"ping"}`))
	c.net.Advance(time.Second)
	if got := c.codes(bob); got != "busy busy pong" {
		t.Errorf("while the hasher is busy: %q", got)
	}
	c.Hasher.Busy = false
	bob.Send([]byte(`{"request":"create","content":"loft key ` + strings.Repeat("x", users.MaxPassword+1) + `"}{"request":"join","content":"den blue"}`))
	c.net.Advance(time.Second)
	if got := c.codes(bob); got != "too_large joined" {
		t.Errorf("then: %q", got)
	}
}
