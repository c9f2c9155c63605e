package protocol

import "time"

// A Kind is what a response says it is: the standard's four.
type Kind string

// The kinds of responses.
const (
	KindError   Kind = "error"
	KindInfo    Kind = "info"
	KindHistory Kind = "history"
	KindMessage Kind = "message"
)

// ServerName is the sender of the server's own words.
const ServerName = "server"

// A Response is one thing that a server says: {"timestamp", "sender",
// "response", "content"} and, to extended sessions, ref and data.
type Response struct {
	Time    time.Time  // zero if a foreign server's timestamp was not understood
	Stamp   string     // the timestamp as it was received; not sent
	Sender  string     // a user, or ServerName
	Kind    Kind       //
	Content string     // the sentence or the text; not used for a history
	History []Response // of a history: its messages, oldest first
	Ref     string     // the tag of the request that this answers
	Data    *Data      // the machine's half; nil from plain servers
}

// Data is the part of a response that is made for programs. Fields that are
// zero are not sent.
type Data struct {
	Event string   // what happened
	Code  Code     // of an error
	ID    uint64   // sequence number of a message in its log
	Name  string   // the user whom the event is about
	Names []string // users who are logged in
	Log   string   // names the log whose sequence numbers are used; a new log starts again at 1
}

// The events that data.event names.
const (
	EventMessage      = "message"       // somebody said something: id
	EventAccepted     = "accepted"      // one's own message is in the log: id
	EventLogin        = "login"         // one is logged in: name, log
	EventLogout       = "logout"        // one is logged out
	EventNames        = "names"         // the answer to names: names
	EventHelp         = "help"          // the answer to help
	EventHistory      = "history"       // the answer to a login: the newest messages
	EventError        = "error"         // a request failed: code
	EventShuttingDown = "shutting_down" // the server is about to end
)
