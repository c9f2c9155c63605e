package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/state"
)

// Of what one may have of rooms there is so much, and who has it all is told what to do.
func TestLimitsOfRooms(t *testing.T) {
	cfg := company()
	cfg.Flood = server.FloodLimits{}
	c := newChat(t, cfg)
	alice, bob, carl := c.login("alice", true), c.login("bob", true), c.login("carl", true)
	ask := func(conn *sim.Conn, format string, args ...any) string {
		c.responses(conn)
		conn.Send(fmt.Appendf(nil, `{"request":`+format+`}`, args...))
		c.net.Advance(time.Second)
		got := c.responses(conn)
		if len(got) == 0 {
			return ""
		}
		return got[0].Content
	}
	for i := range state.MaxMade {
		ask(alice, `"create","content":"a%d"`, i)
		ask(bob, `"create","content":"b%d"`, i)
	}
	if got := ask(alice, `"create","content":"more"`); got != "You have made 50 rooms, which is as many as one can: talk in one of them." {
		t.Errorf("one more is made: %q", got)
	}
	for i := range state.MaxMade {
		for _, of := range "ab" {
			if got := ask(carl, `"join","content":"%c%d"`, of, i); !strings.HasPrefix(got, "You are in ") {
				t.Fatalf("carl joins %c%d: %q", of, i, got)
			}
		}
	}
	dora := c.login("dora", true)
	ask(dora, `"create","content":"more"`)
	for _, request := range []string{`"create","content":"mine"`, `"join","content":"more"`} {
		if got := ask(carl, request); got != "You are in 100 rooms, which is as many as one can be in. Use: leave ROOM" {
			t.Errorf("carl asks for %s: %q", request, got)
		}
	}
	ask(carl, `"leave","content":"a0"`)
	if got := ask(carl, `"join","content":"more"`); !strings.HasPrefix(got, "You are in more") {
		t.Errorf("with a place again: %q", got)
	}
}

// Who joins a crowd is told how many are there, and nobody that they have come.
func TestRoomsThatAreFull(t *testing.T) {
	cfg := company()
	cfg.Flood, cfg.PresenceLimit = server.FloodLimits{}, 10
	c := newChat(t, cfg)
	first := c.login("first", true)
	first.Send([]byte(`{"request":"create","content":"den"}`))
	var last protocol.Response
	for i := range 120 {
		conn := c.login(fmt.Sprint("user", i), true)
		conn.Send([]byte(`{"request":"join","content":"den"}`))
		c.net.Advance(time.Second)
		for _, r := range c.responses(conn) {
			if r.Data.Event == protocol.EventJoined {
				last = r
			}
		}
		if few := i < 99; few != (last.Data.Names != nil) || last.Data.Rooms[0].Members != i+2 || i > 20 && !strings.HasSuffix(last.Content, fmt.Sprintf("%d people are here.", i+2)) {
			t.Fatalf("user%d is told %q, %d names, %+v", i, last.Content, len(last.Data.Names), last.Data.Rooms)
		}
	}
	if joined := strings.Count(strings.Join(c.read(first), ""), `"state":"joined"`); joined != 9 {
		t.Errorf("the first one is told of %d who have joined", joined)
	}
}
