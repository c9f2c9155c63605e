package state_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/protocol"
	"parley/users/command"
	"parley/users/state"
)

// people have two accounts and a guest come.
const people = `
	0 add anna hash=h -> anna | account anna h
	0 add bob hash=h -> bob | account bob h
	1 enter anna #1 token=a verified=h -> anna; anna logged in@1 | account anna h
	1 enter bob #2 token=b verified=h -> bob; bob logged in@1 | account bob h
	1 enter carl #3 token=c -> carl; carl logged in@1
	`

func TestRooms(t *testing.T) {
	for name, lines := range map[string]string{
		"made, joined, left": `
			2 message anna #1 -> | message anna
			2 create anna #1 Attic -> Attic | room Attic of anna, member anna in Attic since 1
			3 message anna #1 room=attic -> | message anna in Attic
			3 newest ATTIC -> 2 true
			3 message bob #2 room=attic -> who asks is not in that room
			4 join bob #2 attic -> Attic | member bob in Attic since 2
			4 join bob #2 ATTIC -> again; Attic
			5 member bob ATTIC -> 2 true
			5 in attic -> 2: anna bob
			5 message bob #2 room=ATTIC -> | message bob in Attic
			6 part bob #2 attic -> Attic | -member bob in Attic since 2
			6 part bob #2 attic -> who asks is not in that room
			6 member bob attic -> 0 false
			6 in attic -> 1: anna
			7 join bob #2 attic -> Attic | member bob in Attic since 3
			7 joined bob -> Attic since 3
			7 message carl #3 -> | message carl
			8 part bob #2 attic -> Attic | -member bob in Attic since 3
			8 newest attic -> 3 true`,
		"what there is not": `
			2 join anna #1 attic -> there is no room of that name
			2 part anna #1 attic -> there is no room of that name
			2 topic anna #1 attic sofas -> there is no room of that name
			2 inviteto anna #1 attic bob -> there is no room of that name
			2 message anna #1 room=attic -> there is no room of that name
			2 read anna #1 attic 1 -> there is no room of that name
			2 newest attic -> 0 false
			2 in attic -> 0:
			2 member anna attic -> 0 false
			2 rooms ->
			2 joined anna ->
			2 invited anna ->
			2 cursors anna ->`,
		"only of who is there": `
			2 create anna #9 attic -> the session is not there any more
			2 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0
			3 join bob #9 attic -> the session is not there any more
			3 part anna #9 attic -> the session is not there any more
			3 topic anna #9 attic sofas -> the session is not there any more
			3 inviteto anna #9 attic bob -> the session is not there any more
			3 read anna #9 attic 1 -> the session is not there any more`,
		"the lobby": `
			2 create anna #1 LOBBY -> that cannot be done in the lobby
			2 part anna #1 lobby -> that cannot be done in the lobby
			2 topic anna #1 Lobby sofas -> that cannot be done in the lobby
			2 inviteto anna #1 lobby bob -> that cannot be done in the lobby
			2 join anna #1 LObby -> again; lobby
			3 in Lobby -> 3: anna bob carl
			3 member whoever LOBBY -> 0 true
			3 newest lobby -> 0 true
			3 message anna #1 room=LobbY id=1 -> | message anna, request anna 1
			3 message anna #1 id=1 -> again; lobby
			3 rooms ->
			3 joined anna ->`,
		"a name is for one room, however it is spelled": `
			2 create anna #1 Attic -> Attic | room Attic of anna, member anna in Attic since 0
			2 create anna #1 Attic -> there is a room of that name
			2 create bob #2 aTTIC -> there is a room of that name`,
		"an account's stays when nobody is in it": `
			2 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0
			2 part anna #1 attic -> attic | -member anna in attic since 0
			3 rooms -> attic of anna
			3 in attic -> 0:
			4 join bob #2 attic -> attic | member bob in attic since 0
			4 part bob #2 attic -> attic | -member bob in attic since 0
			4 rooms -> attic of anna`,
		"a guest's ends when nobody is in it": `
			2 create carl #3 den -> den | room den of ~c, member ~c in den since 0
			3 join anna #1 den -> den | member anna in den since 0
			4 part carl #3 den -> den | -member ~c in den since 0
			5 message anna #1 room=den -> | message anna in den
			5 read anna #1 den 1 -> den 1 | anna read den 1
			5 inviteto anna #1 den bob -> bob; den | invitation bob to den
			6 part anna #1 den -> den; gone; den ended | -room den to 1, -member anna in den since 0, -invitation bob to den, -anna read den 1
			6 rooms ->
			6 invited bob ->
			6 cursors anna ->
			6 join anna #1 den -> there is no room of that name`,
		"of the same name again is another": `
			2 create carl #3 Den -> Den | room Den of ~c, member ~c in Den since 0
			2 message carl #3 room=den id=1 -> | message carl in Den, request ~c 1
			3 part carl #3 den -> Den; gone; Den ended | -room Den to 1, -member ~c in Den since 0
			3 message carl #3 room=den id=1 -> again; den
			3 message carl #3 room=den id=2 -> there is no room of that name
			4 create bob #2 den -> den | room den of bob, member bob in den since 1
			4 newest Den -> 0 true
			4 message bob #2 room=DEN -> | message bob in den
			4 newest Den -> 2 true`,
		"a key": `
			2 create anna #1 vault key=k1 -> vault | room vault of anna key k1, member anna in vault since 0
			3 join bob #2 vault -> the room has another key
			3 join bob #2 vault key=k2 -> the room has another key
			3 join bob #2 vault key=k1 -> vault | member bob in vault since 0
			4 part bob #2 vault -> vault | -member bob in vault since 0
			4 join bob #2 vault -> the room has another key
			5 inviteto anna #1 vault bob -> bob; vault | invitation bob to vault
			5 join bob #2 vault -> vault | member bob in vault since 0, -invitation bob to vault
			6 part anna #1 vault -> vault | -member anna in vault since 0
			6 join anna #1 vault -> vault | member anna in vault since 0`,
		"a key that none is needed": `
			2 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0
			3 join bob #2 attic key=k2 -> attic | member bob in attic since 0`,
		"private": `
			2 create anna #1 club private -> club | room club of anna private, member anna in club since 0
			3 join bob #2 club -> the room is private, and who asks was not invited
			3 join bob #2 club key=k -> the room is private, and who asks was not invited
			3 inviteto bob #2 club carl -> who asks is not in that room
			4 inviteto anna #1 club BOB -> bob; club | invitation bob to club
			4 invited bob -> club by anna
			5 join bob #2 club -> club | member bob in club since 0, -invitation bob to club
			5 invited bob ->
			6 inviteto bob #2 club carl -> carl; club | invitation ~c to club
			6 part bob #2 club -> club | -member bob in club since 0
			7 join bob #2 club -> the room is private, and who asks was not invited
			7 message anna #1 -> | message anna
			8 part anna #1 club -> club | -member anna in club since 0
			8 join anna #1 club -> club | member anna in club since 1
			9 join carl #3 club -> club | member ~c in club since 1, -invitation ~c to club`,
		"an id is for one request, in one room": `
			2 create anna #1 bob -> bob | room bob of anna, member anna in bob since 0
			2 create anna #1 den -> den | room den of anna, member anna in den since 0
			3 message anna #1 room=bob id=1 -> | message anna in bob, request anna 1
			3 message anna #1 room=BOB id=1 -> again; bob
			3 message anna #1 room=bob id=1 text=ho -> the id belongs to another request
			3 message anna #1 room=den id=1 -> the id belongs to another request
			3 message anna #1 id=1 -> the id belongs to another request
			3 direct anna #1 bob id=1 -> the id belongs to another request
			4 message anna #1 id=2 -> | message anna, request anna 2
			4 message anna #1 room=den id=2 -> the id belongs to another request
			5 part anna #1 bob -> bob | -member anna in bob since 0
			5 message anna #1 room=bob id=1 -> again; bob
			5 message anna #1 room=bob id=3 -> who asks is not in that room`,
		"topics": `
			2 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0
			2 topic bob #2 attic sofas -> who asks is not in that room
			3 join bob #2 attic -> attic | member bob in attic since 0
			4 topic bob #2 ATTIC sofas -> attic | room attic of anna "sofas" by bob
			4 rooms -> attic of anna "sofas" by bob
			5 topic anna #1 attic -> attic | room attic of anna`,
	} {
		t.Run(name, func(t *testing.T) { play(t, people+lines) })
	}
}

func TestNamesOfRooms(t *testing.T) {
	for name, want := range map[string]error{
		"a": nil, "Z-9": nil, "-": nil, strings.Repeat("x", 32): nil, strings.Repeat("x", 33): state.ErrRoomName,
		"": state.ErrRoomName, "a b": state.ErrRoomName, "a_b": state.ErrRoomName, "blåbær": state.ErrRoomName, "den\n": state.ErrRoomName,
		"~c": state.ErrRoomName, "#den": state.ErrRoomName, "\xff": state.ErrRoomName, "lobby": state.ErrLobby, "LOBBY": state.ErrLobby,
	} {
		s, by := anna(state.Kept{})
		if r := s.Apply(start, &command.CreateRoom{By: by, Room: name}, nil); r.Err != want {
			t.Errorf("%q: got %v, want %v", name, r.Err, want)
		}
		if said := protocol.CheckRoom(name) == nil; said != (want != state.ErrRoomName) {
			t.Errorf("%q: the protocol says %v", name, said)
		}
	}
}

func TestLimitsOfRooms(t *testing.T) {
	if state.MaxJoined != protocol.MaxJoined || state.MaxTopic != protocol.MaxTopic {
		t.Error("the protocol says other limits")
	}
	d := play(t, people)
	for i := range state.MaxMade {
		d.ask(d.state.Time(), "create", []string{"anna", "#1", fmt.Sprint("a", i)})
		d.ask(d.state.Time(), "create", []string{"bob", "#2", fmt.Sprint("b", i)})
	}
	d.play(`
		2 create anna #1 one-more -> who asks has made as many rooms as one can
		2 part anna #1 a0 -> a0 | -member anna in a0 since 0
		2 create anna #1 one-more -> who asks has made as many rooms as one can
		2 join anna #1 a0 -> a0 | member anna in a0 since 0
		3 create carl #3 den -> den | room den of ~c, member ~c in den since 0`)
	for i := range state.MaxJoined - state.MaxMade {
		d.ask(d.state.Time(), "join", []string{"anna", "#1", fmt.Sprint("b", i)})
	}
	d.play(`
		4 join anna #1 den -> who asks is in as many rooms as one can be
		4 inviteto carl #3 den anna -> anna; den | invitation anna to den
		4 join anna #1 den -> who asks is in as many rooms as one can be
		4 join anna #1 b0 -> again; b0
		5 part anna #1 b0 -> b0 | -member anna in b0 since 0
		5 join anna #1 den -> den | member anna in den since 0, -invitation anna to den
		6 part anna #1 den -> den | -member anna in den since 0
		6 join anna #1 b0 -> b0 | member anna in b0 since 0`)
	for i := range state.MaxJoined {
		d.ask(d.state.Time(), "join", []string{"carl", "#3", fmt.Sprintf("%c%d", "ab"[i%2], i/2)})
	}
	d.play(`
		7 create carl #3 cave -> who asks is in as many rooms as one can be`)
	long := strings.Repeat("x", state.MaxTopic)
	d.play("8 topic anna #1 a1 " + long + " -> a1 | room a1 of anna \"" + long + "\" by anna")
	d.play("8 topic anna #1 a1 x" + long + " -> that is too long")
}

// A person who has 50 rooms may make another when one has ended.
func TestARoomThatHasEndedMakesPlace(t *testing.T) {
	d := play(t, people)
	for i := range state.MaxMade {
		d.ask(d.state.Time(), "create", []string{"carl", "#3", fmt.Sprint("c", i)})
	}
	d.play(`
		2 create carl #3 den -> who asks has made as many rooms as one can
		2 part carl #3 c0 -> c0; gone; c0 ended | -room c0 to 0, -member ~c in c0 since 0
		2 create carl #3 den -> den | room den of ~c, member ~c in den since 0`)
}

func TestThereAreOnlySoManyRooms(t *testing.T) {
	var kept state.Kept
	for i := range state.MaxRooms - 1 {
		kept.Rooms = append(kept.Rooms, state.Room{Name: fmt.Sprint("room", i), Owner: "anna"})
	}
	s, by := anna(kept)
	for _, c := range []struct {
		room string
		want error
	}{{"last", nil}, {"one-more", state.ErrRoomsFull}} {
		if r := s.Apply(start, &command.CreateRoom{By: by, Room: c.room}, nil); r.Err != c.want {
			t.Errorf("%s: got %v, want %v", c.room, r.Err, c.want)
		}
	}
	s.Apply(start, &command.LeaveRoom{By: by, Room: "last"}, nil)
	if r := s.Apply(start, &command.CreateRoom{By: by, Room: "one-more"}, nil); r.Err != nil {
		t.Errorf("in place of one that has ended: %v", r.Err)
	}
}

// What a Result says of a room stays so.
func TestASnapshotOfARoomStays(t *testing.T) {
	d := play(t, people+`
		2 create anna #1 attic -> attic | room attic of anna, member anna in attic since 0`)
	by := command.By{Name: "anna", Session: session("#1")}
	was := d.state.Apply(start, &command.SetTopic{By: by, Room: "attic", Text: "sofas"}, nil).Room
	before := *was
	live := d.state.Joined("anna")[0].Room
	d.state.Apply(start, &command.SetTopic{By: by, Room: "attic", Text: "stars"}, nil)
	d.state.Apply(start, &command.Message{By: by, Room: "attic", Text: "hi"}, nil)
	if diff := cmp.Diff(before, *was); diff != "" {
		t.Error(diff)
	}
	if now, _ := d.state.Room("attic"); *live != now || now.Newest != 1 || now.Topic != "stars" {
		t.Errorf("a room that somebody is in is %+v, and it is %+v", *live, now)
	}
}

func TestWhatIsSaidOfARoom(t *testing.T) {
	d := play(t, people+`
		2 message bob #2 -> | message bob`)
	by := func(name, s string) command.By { return command.By{Name: name, Session: session(s)} }
	attic := state.Room{Name: "Attic", Number: 1, Owner: "anna", By: "anna", Key: "k"}
	for i, c := range []struct {
		c    command.Command
		want state.Result
	}{
		{&command.CreateRoom{By: by("anna", "#1"), Room: "Attic", Key: "k"}, state.Result{Room: &attic}},
		{&command.JoinRoom{By: by("bob", "#2"), Room: "ATTIC", Verified: "k"}, state.Result{Room: &attic}},
		{&command.JoinRoom{By: by("bob", "#2"), Room: "ATTIC"}, state.Result{Room: &attic, Again: true}},
		{&command.InviteToRoom{By: by("bob", "#2"), Room: "attic", Name: "CARL"}, state.Result{Room: &attic, Name: "carl", There: session("#3")}},
		{&command.Read{By: by("bob", "#2"), Room: "attic", Number: 99}, state.Result{Room: &attic, Number: 1}},
		{&command.Read{By: by("bob", "#2"), Room: "attic"}, state.Result{Room: &attic, Number: 1, Again: true}},
		{&command.Read{By: by("bob", "#2"), Room: "LOBBY", Number: 1}, state.Result{Room: &state.Room{Name: state.Lobby}, Number: 1}},
		{&command.Read{By: by("bob", "#2"), Name: "ANNA", Number: 1}, state.Result{Name: "anna", Number: 1}},
		{&command.LeaveRoom{By: by("bob", "#2"), Room: "attic"}, state.Result{Room: &attic}},
	} {
		if diff := cmp.Diff(c.want, d.state.Apply(start, c.c, nil)); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}
