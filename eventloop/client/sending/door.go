package sending

import (
	"time"

	"parley/protocol"
)

// A Door is how a Queue reaches the rest of the client. It must not call the Queue.
type Door interface {
	Now() time.Time
	// Write queues bytes for the connection, which are not changed any more;
	// false means that the server does not take them.
	Write(frame []byte) bool
	// Proven reports whether the server has shown that it speaks the extension:
	// only such a one is sent a password.
	Proven() bool
	// Sent tells that a request has gone out.
	Sent(verb string)
	// Room tells whether a text for a room, which is not the lobby, can be sent now.
	Room(name string) Room
	// Became tells what has become of a text.
	Became(t Text, o Outcome)
	// Unknown tells that a command was not sent, because the server cannot know it.
	Unknown(verb string)
	// Parked tells that lines which were typed under a name are not sent under
	// the present one.
	Parked(name string, lines int)
	// Unanswered tells which commands the server has not answered.
	Unanswered(list []Request)
}

// Config is what a Queue is to know of the chat.
type Config struct {
	Person bool   // a person at a terminal types; else it is a pipe
	Plain  bool   // servers are not asked for the extension
	Tag    string // of this run of the client: the beginning of the ids of its texts
}

// A Dialect is which protocol a server speaks, and so how it is to be treated.
type Dialect uint8

// The dialects.
const (
	Unknown  Dialect = iota // as if it were plain, until it has answered a login
	Plain                   // it speaks the standard: one request at a time
	Extended                // it speaks Parley's extension
)

// A Room says of a room what a text for it has to do.
type Room uint8

// What a text for a room has to do.
const (
	RoomClosed  Room = iota // one is not in it: the text is not sent
	RoomAwaited             // it is not known yet, or about to change: the text is kept
	RoomOpen                // it can be sent
)

// A Where is for whom a text is.
type Where struct {
	To   string // the one person; "": who is in the room
	Room string // "" is the lobby
	Re   uint64 // the number of the message that it answers; 0: none
}

// A Text is something typed to be said. It goes nowhere else, whatever happens.
type Text struct {
	Entry uint64 // names it to whoever shows it; 0: it is not shown
	Name  string // under which it was typed
	Where
	Body  string
	Late  bool // it could not be sent when it was typed
	Tried bool // it was sent, and not answered: it may have arrived
}

// A Request is something that is sent and no text.
type Request struct {
	Verb, Content string
	Fields        map[string]string // are sent in place of Content if there are any
	Ref           string            // names it in the answer of an extended server; see Queue.Ref
	Extension     bool              // a server of the standard does not know it
	Password      string            // of a login
	Register      bool              // of a login: the name is to become an account
	Takeover      bool              // of a login: it ends the session that has the name
	Resume        Resume            // of a login
}

// A Resume is what a login says to go on with a session that was lost. The zero value
// says nothing.
type Resume struct {
	Token, Log string // of that session
	After      uint64 // what came behind that number of the log is to be told
	HasAfter   bool   // that is so
}

// An Outcome is what has become of a text.
type Outcome struct {
	State State
	Why   Failure       // of Failed
	Words string        // of Refused: the server's
	Code  protocol.Code // of Refused, from an extended server
	ID    uint64        // its number in the server's log, once the server has told it
}

// A State is how far a text has come.
type State uint8

// The states. What is Waiting, Sent, InDoubt or Parked may still become something else.
const (
	Waiting   State = iota // for a login, or for its room
	Sent                   // it has gone out
	Accepted               // the server has it, and says so or has read on behind it
	CameBack               // the server has said it to everybody
	Delivered              // the person that it is for has it
	Stored                 // the server has it until that person comes
	InDoubt                // the connection was lost; it is not sent again by itself
	Failed                 // it is not sent
	Parked                 // it waits for its name to be used again, and for being asked for
	Dropped                // it is not sent under its name, or not at all, since a person has said so
)

// A Failure is why a text is not sent.
type Failure uint8

// The failures.
const (
	TooLong      Failure = iota + 1 // it has more than protocol.MaxText bytes
	TooLongPlain                    // written as JSON it is more than a plain server reads
	TooMany                         // MaxTexts are waiting
	OnlyPublic                      // a plain server carries no words to one person alone
	NoAnswers                       // a plain server knows no answers to a message
	NotInRoom                       // one is not in the room that it is for
	NotMade                         // the room that it is for was not made
	Refused                         // the server said so
)
