package server

import (
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

// Effects is what a Core does to the world. The frame of Send and of SendLater is
// valid until they return; the others are not changed afterwards.
type Effects interface {
	// Send sends one frame to one connection.
	Send(to eventloop.ConnID, frame []byte)
	// SendLater sends one frame, with the next one that is sent or a few
	// milliseconds later, to a connection in an extended session.
	SendLater(to eventloop.ConnID, frame []byte)
	// SendMessage sends the frames of one message to a connection in a plain session.
	SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame)
	// Replay sends frames of the history to one connection in a plain session.
	Replay(to eventloop.ConnID, frames []protocol.SaidFrame)
	// Withdraw takes back what has not been sent to plain sessions of a message.
	Withdraw(number uint64)
	// Enter has a connection send as much as it likes: it has logged in.
	Enter(id eventloop.ConnID)
	// Extend has a connection sent what comes without pauses: it is in an extended
	// session, but hears no room yet.
	Extend(id eventloop.ConnID)
	// Join has a connection hear a room, in an extended or a plain session: it gets what
	// is delivered there from now on.
	Join(id eventloop.ConnID, room string, extended bool)
	// Leave has it hear the room no more. A connection that ends leaves all by itself.
	Leave(id eventloop.ConnID, room string)
	Deliver(d Delivery)
	// TellOut has Core.Out called with a mark when all that was sent to a connection
	// before has gone out. Of several the last one may be enough.
	TellOut(id eventloop.ConnID, mark uint64)
	// Close closes a connection when all that was sent to it before is out.
	Close(id eventloop.ConnID)
	// AskFlush has Flush called at the end of this turn.
	AskFlush()
	// WakeAt has Tick called at a time, or before.
	WakeAt(t time.Time)
}

// A Delivery is what is sent to all who hear a room but the excepted ones.
type Delivery struct {
	Room     string               // its name as it was created
	Extended []byte               // for extended sessions; nil if there is none, or if it is not for them
	Plain    []protocol.SaidFrame // frames for plain ones, likewise
	Number   uint64               // of the message that it is, or a change of which; 0: it is no message
	Except   []eventloop.ConnID   // ascending
	News     *users.Announcement  // who came or went, if it is about that; Plain is one frame then
	Later    bool                 // it may wait for what is sent next, for half a second at most: see eventloop.Group
}
