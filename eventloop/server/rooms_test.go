package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
)

// company is a configuration in which people are told who comes and goes.
func company() server.Config {
	cfg := config()
	cfg.PresenceLimit, cfg.PlainPresence, cfg.Sessions = 100, true, 3
	return cfg
}

// plays plays scripts, each on servers with one loop and with several. In front of each
// come the people of whom it says that they are there, in order: "alice" is a guest and
// "alice!" an account, in extended sessions, and "bob-" a guest in a plain one.
func plays(t *testing.T, cfg server.Config, scripts map[string]string) {
	for name, script := range scripts {
		for _, loops := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/%d loops", name, loops), func(t *testing.T) {
				t.Parallel()
				cfg := cfg
				cfg.Loops = loops
				world := sim.NewWorld(cfg, time.Millisecond, start)
				who, rest, _ := strings.Cut(strings.TrimSpace(script), "\n")
				d, err := sim.ParseDialogue(arrivals(strings.Fields(who)) + rest)
				if err == nil {
					err = d.Play(sim.NewStage(world))
				}
				if err != nil {
					t.Errorf("%v, without the %d lines that bring in %s", err, strings.Count(arrivals(strings.Fields(who)), "\n"), who)
				}
			})
		}
	}
}

func arrivals(people []string) string {
	var b strings.Builder
	for i, who := range people {
		name := strings.TrimRight(who, "!-")
		switch {
		case strings.HasSuffix(who, "!"):
			fmt.Fprintf(&b, `%s> {"request":"login","content":"%[1]s","password":"blue horses","register":true,"extended":1}`, name)
		case strings.HasSuffix(who, "-"):
			fmt.Fprintf(&b, "%s> login %[1]s", name)
		default:
			fmt.Fprintf(&b, `%s> {"request":"login","content":"%[1]s","extended":1}`, name)
		}
		fmt.Fprintf(&b, "\n%s< info server: Login successful*\n%[1]s< history*\n", name)
		for _, other := range people[:i] {
			fmt.Fprintf(&b, "%s< info server: %s logged in\n", strings.TrimRight(other, "!-"), name)
		}
	}
	return b.String()
}

// Who shows the token of somebody who is there under another name is somebody else: else one
// would go on hearing a room that the other has left.
func TestATokenIsOfOneNameAtATime(t *testing.T) {
	plays(t, company(), map[string]string{
		"in a room": `bob
			eve> {"request":"login","content":"eve","extended":1}
			eve< info server: Login successful*
			eve& {"token":"$eve"}
			eve< history
			bob< info server: eve logged in
			eve> create Den private
			eve< info server: You have made Den*
			mallory> {"request":"login","content":"mallory","extended":1,"token":"$eve"}
			mallory< info server: Login successful*
			mallory& {"rooms":null}
			mallory< history
			bob< info server: mallory logged in
			eve< info server: mallory logged in
			eve> msg for me alone
			eve< message eve: for me alone
			mallory< nothing
			mallory> {"request":"msg","content":{"room":"Den","text":"hi"}}
			mallory< error server: You are not in Den*`,
		"before there is a room": `bob
			eve> {"request":"login","content":"eve","extended":1}
			eve< info server: Login successful*
			eve& {"token":"$eve"}
			eve< history
			bob< info server: eve logged in
			mallory> {"request":"login","content":"mallory","extended":1,"token":"$eve"}
			mallory< info server: Login successful*
			mallory< history
			bob< info server: mallory logged in
			eve< info server: mallory logged in
			eve> create Den
			eve< info server: You have made Den*
			mallory> leave Den
			mallory< error server: You are not in Den*
			eve> leave Den
			eve< info server: You have left Den*
			bob> create Den private
			bob< info server: You have made Den*
			bob> msg for me alone
			bob< message bob: for me alone
			eve< nothing
			mallory< nothing`,
	})
}

func TestRooms(t *testing.T) {
	plays(t, company(), map[string]string{
		"who says something where they do not hear it is told that it was accepted": `alice bob-
			alice> create den
			alice< info server: You have made den*
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			bob> {"request":"msg","content":{"room":"DEN","text":"here"}}
			bob< message bob: (in den) here
			alice< message bob: here
			bob> join lobby
			bob< info server: You are in the lobby*
			bob> {"request":"msg","content":{"room":"den","text":"there"}}
			alice< message bob: there
			bob< info server: Your message was accepted.
			bob< nothing`,
		"a room is made, joined and left": `alice bob- carl
			alice> create Den
			alice< info server: You have made Den, and are in it: what you say goes there.
			alice& {"event":"created","room":"Den","names":["alice"],"rooms":[{"name":"Den","members":1,"joined":true}]}
			alice> {"request":"msg","content":"hello den","ref":"1"}
			alice< message alice: hello den
			alice& {"event":"message","room":"Den","id":1}
			alice< info server: Your message was accepted.
			alice& {"event":"accepted","room":"Den","id":1,"ref":"1"}
			bob< nothing
			bob> join dEN
			bob< info server: You are in Den: what you say goes there. Here are: alice, bob. One earlier message follows.
			bob< message alice: (in Den) hello den
			alice< info server: bob joined Den
			alice& {"event":"presence","name":"bob","state":"joined","room":"Den"}
			bob> msg hi
			bob< message bob: (in Den) hi
			alice< message bob: hi
			alice& {"event":"message","room":"Den","id":2}
			carl< nothing
			carl> msg for all
			carl< message carl: for all
			carl& {"event":"message","room":null,"id":3}
			alice< message carl: for all
			bob< nothing
			bob> leave
			bob< info server: You have left Den: what you say goes to the lobby now.
			alice< info server: bob left Den
			alice& {"event":"presence","name":"bob","state":"left","room":"Den"}
			bob> msg bye
			bob< message bob: bye
			alice< message bob: bye
			carl< message bob: bye
			bob< nothing`,
		"the same with objects": `alice bob
			alice> {"request":"create","content":{"room":"den"},"ref":"1"}
			alice< info server: You have made den*
			alice& {"event":"created","ref":"1"}
			bob> {"request":"join","content":{"room":"den"},"ref":"2"}
			bob< info server: You are in den: what you say goes there. Here are: alice, bob.
			bob& {"event":"joined","room":"den","names":["alice","bob"],"rooms":[{"name":"den","members":2,"joined":true}],"ref":"2"}
			alice< info server: bob joined den
			bob> {"request":"join","content":{"room":"lobby"},"ref":"3"}
			bob< info server: You are in the lobby: what you say goes there. Here are: alice, bob.
			bob& {"event":"joined","room":null,"ref":"3"}
			bob> {"request":"msg","content":{"room":"DEN","text":"one"}}
			bob< message bob: one
			bob& {"room":"den"}
			alice< message bob: one
			bob> {"request":"msg","content":{"text":"two"}}
			bob< message bob: two
			bob& {"room":null}
			alice< message bob: two
			bob> {"request":"leave","content":{"room":"den"},"ref":"4"}
			bob< info server: You have left den: what you say goes to the lobby now.
			bob& {"event":"left","room":"den","ref":"4"}
			alice< info server: bob left den
			bob> {"request":"msg","content":{"room":"den","text":"three"},"ref":"5"}
			bob< error server: You are not in den. Use: join den
			bob& {"code":"not_in_room","ref":"5"}
			alice< nothing`,
		"the current room is the one joined last that was not left": `alice bob-
			alice> create one
			alice< info server: You have made one*
			alice> create two
			alice< info server: You have made two*
			alice> create three
			alice< info server: You have made three*
			bob> join one
			bob< info server: You are in one*
			alice< info server: bob joined one
			bob> join two
			bob< info server: You are in two*
			alice< info server: bob joined two
			bob> join three
			bob< info server: You are in three*
			alice< info server: bob joined three
			alice> {"request":"msg","content":{"room":"one","text":"quiet"}}
			alice< message alice: quiet
			bob> join one
			bob< info server: You are in one: what you say goes there. Here are: alice, bob. One earlier message follows.
			bob< message alice: (in one) quiet
			bob> join one
			bob< info server: You are in one: what you say goes there. Here are: alice, bob.
			bob> leave two
			bob< info server: You have left two: what you say goes to one now.
			alice< info server: bob left two
			bob> leave
			bob< info server: You have left one: what you say goes to three now.
			alice< info server: bob left one
			bob> msg hi
			bob< message bob: (in three) hi
			alice< message bob: hi
			alice& {"room":"three"}
			bob> leave
			bob< info server: You have left three: what you say goes to the lobby now.
			alice< info server: bob left three
			bob> leave
			bob< error server: Everybody is in the lobby and stays there. Use: logout
			bob> leave
			bob< error server: Everybody*
			alice> leave lobby
			alice< error server: Everybody*
			alice& {"code":"not_allowed"}`,
		"an extended session hears all its rooms, and is shown nothing again": `alice bob
			alice> create one
			alice< info server: You have made one*
			alice> msg first
			alice< message alice: first
			alice> create two
			alice< info server: You have made two*
			bob> join one
			bob< info server: You are in one*
			bob& {"event":"joined"}
			bob< history alice: first
			bob& {"event":"history","room":"one"}
			alice< info server: bob joined one
			bob> join two
			bob< info server: You are in two*
			alice< info server: bob joined two
			alice> {"request":"msg","content":{"room":"one","text":"in one"}}
			alice< message alice: in one
			bob< message alice: in one
			bob& {"room":"one"}
			bob> join one
			bob< info server: You are in one: what you say goes there. Here are: alice, bob.
			bob> msg back
			bob< message bob: back
			bob& {"room":"one"}
			alice< message bob: back
			bob< nothing`,
		"errors say what to do": `alice bob-
			alice> join den
			alice< error server: There is no room den. Use: rooms, or create den
			alice& {"code":"unknown_room"}
			alice> leave den
			alice< error server: There is no room den. Use: rooms
			alice> leave my_den
			alice< error server: That name of a room is not allowed: only the letters*
			alice& {"code":"bad_name"}
			alice> {"request":"msg","content":{"room":"den","text":"hi"}}
			alice< error server: There is no room den. Use: rooms
			alice> join
			alice< error server: join is missing its room. Use: join ROOM [KEY]
			alice> create None
			alice< error server: No room may be called None*
			alice> create lobby
			alice< error server: There is a room lobby already. Use: join lobby
			alice& {"code":"room_taken"}
			alice> create den secret
			alice< error server: A room is for all, private, or has a key. Use: create ROOM, or create ROOM private, or create ROOM key KEY
			alice& {"code":"bad_request"}
			alice> create den key
			alice< error server: A room is for all*
			alice> create den private horse
			alice< error server: A room is for all*
			alice> {"request":"create","content":{"room":"den","mode":"key"}}
			alice< error server: A room is for all*
			alice> create den
			alice< info server: You have made den*
			alice> create DEN
			alice< error server: There is a room den already. Use: join den
			bob> create den key horse
			bob< error server: There is a room den already. Use: join den
			bob> topic hello
			bob< error server: The lobby has no topic; other rooms have. Use: rooms, or join ROOM
			bob> invite alice
			bob< error server: Everybody is in the lobby. To invite somebody to another room, use: invite NAME ROOM
			bob> leave den
			bob< error server: You are not in den. Use: join den
			bob> invite alice den
			bob< error server: You are not in den. Use: join den`,
		"the list": `alice! bob-
			alice> rooms
			alice< info server: There is no room but the lobby. Use: create ROOM
			alice& {"event":"rooms","rooms":[]}
			alice> create den
			alice< info server: You have made den*
			alice> topic All about dens
			alice< info server: den is about: All about dens.
			alice> {"request":"create","content":{"room":"Attic","key":"blue"}}
			alice< info server: You have made Attic, and are in it: what you say goes there. Who is to join it needs the key, or an invitation.
			alice> create cellar private
			alice< info server: You have made cellar, and are in it: what you say goes there. Nobody sees or joins it without an invitation. Use: invite NAME
			bob> rooms
			bob< info server: Rooms:\nAttic (1 connected, with a key).\nden (1 connected): All about dens.
			alice> invite bob
			alice< info server: You have invited bob to cellar.
			alice& {"event":"room_invited","name":"bob","room":"cellar"}
			bob< info server: alice invites you to the room cellar. Use: join cellar
			bob> rooms
			bob< info server: Rooms:\nAttic (1 connected, with a key).\ncellar (1 connected, private, you are invited).\nden (1 connected): All about dens.
			alice> leave den
			alice< info server: You have left den*
			alice> {"request":"rooms","ref":"r"}
			alice< info server: Rooms:\nAttic (1 connected, you are in it, with a key).\ncellar (1 connected, you are in it, private).\nden (0 connected): All about dens.
			alice& {"ref":"r","rooms":[{"name":"Attic","members":1,"joined":true,"key":true},{"name":"cellar","members":1,"joined":true,"private":true},{"name":"den","topic":"All about dens"}]}`,
		"names": `alice bob- carl
			alice> create den
			alice< info server: You have made den*
			bob> names
			bob< info server: alice, bob, carl
			bob> names lobby
			bob< info server: alice, bob, carl
			bob> names den
			bob< info server: alice
			bob> names of all who are here
			bob< info server: alice, bob, carl
			carl> {"request":"names","content":{"room":"Den"}}
			carl< info server: alice
			carl& {"event":"names","room":"den","names":["alice"]}
			alice> away at lunch
			alice< info server: You are away*
			carl> names den
			carl< info server: alice
			carl& {"away":{"alice":"at lunch"}}
			carl> names of all who are here
			carl< error server: That name of a room is not allowed*
			carl> names loft
			carl< error server: There is no room loft. Use: rooms
			alice> create cellar private
			alice< info server: You have made cellar*
			alice> names cellar
			alice< info server: alice
			bob> names cellar
			bob< info server: alice, bob, carl
			carl> names cellar
			carl< error server: You are not in cellar. Use: join cellar
			carl& {"code":"not_in_room"}`,
		"topics": `alice bob carl
			alice> create den
			alice< info server: You have made den*
			alice> topic
			alice< info server: den has no topic. Use: topic TEXT
			alice& {"event":"topic","room":"den","topic":null}
			bob> join den
			bob< info server: You are in den*
			alice< info server: bob joined den
			bob> {"request":"topic","content":"Dens. Use: logout","ref":"t"}
			bob< info server: den is about: Dens. Use: logout.
			bob& {"event":"topic","room":"den","topic":"Dens. Use: logout","name":"bob","ref":"t"}
			alice< info server: bob has set the topic of den: Dens. Use: logout.
			alice& {"event":"topic","room":"den","topic":"Dens. Use: logout","name":"bob","ref":null}
			carl< nothing
			carl> {"request":"topic","content":{"room":"den"}}
			carl< info server: den is about: Dens. Use: logout.
			carl> {"request":"topic","content":{"room":"den","text":"mine"}}
			carl< error server: You are not in den. Use: join den
			carl> join den
			carl< info server: You are in den: what you say goes there. It is about: Dens. Use: logout. Here are: alice, bob, carl.
			carl& {"topic":"Dens. Use: logout"}
			alice< info server: carl joined den
			bob< info server: carl joined den
			alice> {"request":"topic","content":"two\nlines"}
			alice< error server: A topic is one line without tabs.
			alice> block bob
			alice< info server: You have blocked bob*
			bob> topic -
			bob< info server: den has no topic. Use: topic TEXT
			bob& {"event":"topic","room":"den","topic":null}
			carl< info server: bob has removed the topic of den.
			alice< nothing
			bob< nothing`,
	})
}
