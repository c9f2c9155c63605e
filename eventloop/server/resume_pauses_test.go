package server_test

import (
	"fmt"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/state"
)

// The pauses are for plain sessions. Who resumes is told page after page, and is in no room
// meanwhile.
func TestWhoResumesIsToldWithoutPauses(t *testing.T) {
	const missed = 1000
	c := newChat(t, config())
	var rows state.Rows
	for i := range uint64(missed) {
		rows.Messages = append(rows.Messages, state.Message{Number: i + 1, Room: state.Lobby, Time: start, Sender: "bob", Text: fmt.Sprint("number ", i+1)})
	}
	rows.Last = missed
	keep(c.World, rows)
	c.net = c.Net
	login := protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true, HasAfter: true}
	come := func(after time.Duration) (*sim.Conn, []protocol.Response) {
		conn := c.net.Dial()
		c.send(conn, login)
		c.net.Advance(after)
		return conn, c.responses(conn)
	}
	conn, got := come(time.Second)
	conn.HangUp()
	c.net.Advance(time.Second)
	login.Token, login.Log = got[0].Data.Token, got[0].Data.Log
	if _, got = come(pace / 2); len(got) != 1+missed+1 || got[missed+1].Data.Event != protocol.EventResumed {
		t.Fatalf("in half a pause come %d responses, want %d: %+v", len(got), 1+missed+1, got[0].Data)
	}
	for i, r := range got[1 : missed+1] {
		if r.Data.ID != uint64(i)+1 {
			t.Fatalf("number %d comes in place of %d", r.Data.ID, i+1)
		}
	}
}
