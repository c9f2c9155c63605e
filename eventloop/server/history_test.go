package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// said is a script in which bob says numbers in the lobby, which those listed hear.
func said(from, to int, hear ...string) (script string) {
	for n := from; n <= to; n++ {
		script += fmt.Sprintf("bob> msg m%d\nbob< message bob: m%[1]d\n", n)
		for _, who := range hear {
			script += fmt.Sprintf("%s< message bob: m%d\n", who, n)
		}
	}
	return script
}

func TestHistory(t *testing.T) {
	plays(t, company(), map[string]string{
		"pages of the lobby": `alice bob
			` + said(1, 9, "alice") + `alice> {"request":"history","content":{"count":3},"ref":"h"}
			alice< history bob: m7 | bob: m8 | bob: m9
			alice& {"event":"history","ref":"h","room":null,"name":null,"before":7,"after":null,"more":null,"state":null}
			alice> {"request":"history","content":{"before":7,"count":"3"},"ref":"h"}
			alice< history bob: m4 | bob: m5 | bob: m6
			alice& {"before":4,"after":null}
			alice> history before 4
			alice< history bob: m1 | bob: m2 | bob: m3
			alice& {"before":null,"after":null}
			alice> history before 1
			alice< history
			alice& {"event":"history","before":null,"after":null}
			alice> history LOBBY after 2 3
			alice< history bob: m3 | bob: m4 | bob: m5
			alice& {"before":null,"after":5}
			alice> history after 6 3
			alice< history bob: m7 | bob: m8 | bob: m9
			alice& {"before":null,"after":null}
			alice> history around 5 4
			alice< history bob: m3 | bob: m4 | bob: m5 | bob: m6
			alice& {"before":3,"after":6}
			alice> history around 9 1
			alice< history bob: m9
			alice& {"before":9,"after":null}
			alice> history around 1000 4
			alice< history bob: m8 | bob: m9
			alice& {"before":8,"after":null}
			bob< nothing`,
		"as one types it, in a plain session": `bob alice-
			` + said(1, 5, "alice") + `alice> history 2
			alice< info server: 2 earlier messages of the lobby follow. For more use: history lobby before 4
			alice< message bob: (4) m4
			alice< message bob: (5) m5
			alice> history lobby before 4 1
			alice< info server: One earlier message of the lobby follows. For more use: history lobby before 3
			alice< message bob: (3) m3
			alice> history around 3 2
			alice< info server: 2 earlier messages of the lobby follow. For more use: history lobby before 2, or history lobby after 3
			alice< message bob: (2) m2
			alice< message bob: (3) m3
			alice> history after 5
			alice< info server: There are no such messages of the lobby.
			alice> create den
			alice< info server: You have made den*
			bob> create loft
			bob< info server: You have made loft*
			alice> msg home
			alice< message alice: (in den) home
			alice> history
			alice< info server: One earlier message of den follows.
			alice< message alice: (6) (in den) home
			alice> history lobby 1
			alice< info server: One earlier message of the lobby follows. For more use: history lobby before 5
			alice< message bob: (5) m5
			alice< nothing`,
		"direct messages, both ways and of nobody else": `alice! bob! carl dora-
			bob> dm alice one
			bob< info server: Your message was delivered*
			alice< message bob: one
			alice> dm bob two
			alice< info server: Your message was delivered*
			bob< message alice: two
			carl> dm alice not of bob
			carl< info server: Your message was delivered*
			alice< message carl: not of bob
			carl> dm bob nor of alice
			carl< info server: Your message was delivered*
			bob< message carl: nor of alice
			bob> msg nor in the lobby
			alice< message bob: nor in the lobby
			bob< message bob: nor in the lobby
			carl< message bob: nor in the lobby
			dora< message bob: nor in the lobby
			alice> {"request":"history","content":{"with":"BOB"},"ref":"h"}
			alice< history bob: one | alice: two
			alice& {"event":"history","name":"bob","room":null,"ref":"h","before":null,"after":null}
			bob> history with:alice 1
			bob< history alice: two
			bob& {"name":"alice","before":2}
			bob> history with:alice before 2
			bob< history bob: one
			bob& {"name":"alice","before":null}
			alice> history with:dora
			alice< history
			alice& {"name":"dora"}
			dora> dm alice psst
			dora< info server: Your message was delivered*
			alice< message dora: psst
			alice> dm dora hush
			alice< info server: Your message was delivered*
			dora< message alice: (to you alone) hush
			dora> history with:alice
			dora< info server: 2 earlier messages between you and alice follow.
			dora< message dora: (6) (to alice alone) psst
			dora< message alice: (7) (to you alone) hush`,
		"of a guest who has registered, and of another one of that name": `alice bob
			alice> dm bob one
			alice< info server: Your message was delivered*
			bob< message alice: one
			alice> register blue horses
			alice< info server: *
			alice> history with:bob
			alice< history alice: one
			bob> history with:alice
			bob< history alice: one
			bob> logout
			bob< info server: Logout*
			bob< closed
			alice< info server: bob logged out
			alice> history with:bob
			alice< error server: There is nobody called bob.
			bob2> {"request":"login","content":"bob","extended":1}
			bob2< info server: Login successful*
			bob2< history
			alice< info server: bob logged in
			bob2> history with:alice
			bob2< history
			alice> history with:bob
			alice< history`,
		"nothing of whom one has blocked": `alice! bob carl
			bob> msg one
			alice< message bob: one
			bob< message bob: one
			carl< message bob: one
			carl> msg two
			alice< message carl: two
			bob< message carl: two
			carl< message carl: two
			bob> dm alice three
			bob< info server: Your message was delivered*
			alice< message bob: three
			alice> dm bob four
			alice< info server: Your message was delivered*
			bob< message alice: four
			bob> msg five
			alice< message bob: five
			bob< message bob: five
			carl< message bob: five
			alice> block bob
			alice< info server: You have blocked bob*
			alice> history 1
			alice< history carl: two
			alice& {"before":null}
			alice> history around 1 1
			alice< history carl: two
			alice> history with:bob
			alice< history alice: four
			bob> history 1
			bob< history bob: five
			alice> unblock bob
			alice< info server: You hear bob again.
			alice> history with:bob
			alice< history bob: three | alice: four`,
		"of a private room what is behind the joining": `alice bob
			alice> create den private
			alice< info server: You have made den*
			alice> msg secret
			alice< message alice: secret
			bob> history den
			bob< error server: You are not in den. Use: join den
			bob& {"code":"not_in_room"}
			alice> invite bob
			alice< info server: You have invited bob to den.
			bob< info server: alice invites you to the room den*
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			bob> msg hi
			bob< message bob: hi
			alice< message bob: hi
			bob> history den
			bob< history bob: hi
			bob& {"room":"den","before":null,"state":null}
			bob> history after 1
			bob< history bob: hi
			bob> history den around 1
			bob< history bob: hi
			alice> history den
			alice< history alice: secret | bob: hi
			bob> leave den
			bob< info server: You have left den*
			alice< info server: bob left den
			bob> history den
			bob< error server: You are not in den*`,
		"a room that has ended is another one than that of its name": `alice bob
			bob> create den
			bob< info server: You have made den*
			bob> msg of the first
			bob< message bob: of the first
			bob> leave
			bob< info server: You have left den*
			alice> history den
			alice< error server: There is no room den*
			alice& {"code":"unknown_room"}
			alice> create den
			alice< info server: You have made den*
			alice> history den
			alice< history
			alice& {"room":"den","before":null}
			alice> history den after 1
			alice< history
			alice> msg of the second
			alice< message alice: of the second
			alice> history den around 1
			alice< history alice: of the second`,
		"a public room is shown from its beginning to who is in it": `alice bob
			bob> create den
			bob< info server: You have made den*
			bob> msg one
			bob< message bob: one
			alice> {"request":"history","content":{"room":"den"}}
			alice< error server: You are not in den. Use: join den
			alice& {"code":"not_in_room"}
			alice> join den
			alice< info server: You are in den*
			alice< history bob: one
			bob< info server: alice joined den
			alice> history
			alice< history bob: one
			alice& {"room":"den"}
			alice> history lobby
			alice< history
			alice& {"room":null}`,
		"errors say what to do": `alice bob-
			alice> history 0
			alice< error server: COUNT is a whole number from 1 to 500, and not "0". Use: history ROOM COUNT, or history ROOM before ID, or history with:NAME after ID COUNT
			alice& {"code":"bad_request"}
			bob> history lobby 501
			bob< error server: COUNT is*
			alice> {"request":"history","content":{"room":"lobby","with":"bob"},"ref":"r"}
			alice< error server: Ask either for a room or*
			alice& {"code":"bad_request","ref":"r"}
			bob> history before soon
			bob< error server: ID is the number of a message*
			alice> history nowhere
			alice< error server: There is no room nowhere*
			alice& {"code":"unknown_room"}
			alice> history with:nobody
			alice< error server: There is nobody called nobody.
			alice& {"code":"unknown_user"}
			alice> history with:Alice
			alice< error server: That is you.
			alice> history a_room
			alice< error server: That name of a room is not allowed*
			bob> history 1
			bob< info server: There are no such messages of the lobby.`,
	})
}

// A plain session is told as much as there is time for, from where it has asked.
func TestPlainHistoryHasAsMuchAsThereIsTimeFor(t *testing.T) {
	cfg := company()
	cfg.Pace = 500 * time.Millisecond // so 4 responses
	plays(t, cfg, map[string]string{
		"the newest": `bob alice-
			` + said(1, 5, "alice") + `alice> history
			alice< info server: 3 earlier messages of the lobby follow. For more use: history lobby before 3
			alice< message bob: (3) m3
			alice< message bob: (4) m4
			alice< message bob: (5) m5`,
		"behind a number": `bob alice-
			` + said(1, 5, "alice") + `alice> history after 1
			alice< info server: 3 earlier messages of the lobby follow. For more use: history lobby after 4
			alice< message bob: (2) m2
			alice< message bob: (3) m3
			alice< message bob: (4) m4`,
		"around a number": `bob alice-
			` + said(1, 5, "alice") + `alice> history around 3
			alice< info server: 3 earlier messages of the lobby follow. For more use: history lobby before 2, or history lobby after 4
			alice< message bob: (2) m2
			alice< message bob: (3) m3
			alice< message bob: (4) m4`,
	})
}

// A page of long messages has fewer of them, and says that there are more.
func TestHistoryOfLongMessages(t *testing.T) {
	text := strings.Repeat(`"`, 4000)
	script := "alice bob\n"
	for range 20 {
		script += "bob> msg " + text + "\nbob< message*\nalice< message*\n"
	}
	plays(t, company(), map[string]string{"quotes": script + `alice> history after 1
		alice< history*
		alice& {"more":true,"after":17}
		alice< history*
		alice& {"more":null,"after":17}
		alice> ping
		alice< info server: pong`})
}
