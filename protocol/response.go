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
	Notes   *Notes     // of a message: what a plain session is told of it beside; nil: nothing. Not sent as such
}

// Notes are what a plain session is told of a message beside its text, since it has no data.
type Notes struct {
	Number bool   // its number
	Quote  *Quote // the beginning of what it answers; nil: the number of that one
}

// A Quote is what somebody has said to which a message is the answer.
type Quote struct {
	Name string
	Text string // all of it
}

// Data is the part of a response that is made for programs. Fields that are
// zero are not sent.
type Data struct {
	Event string   // what happened
	Code  Code     // of an error
	ID    uint64   // sequence number of a message or direct message in its log; of a login and of "resumed" the newest
	Name  string   // the user whom the event is about
	Names []string // users who are logged in
	Away  Absences // those of Names who are away; nil: nobody is
	Likes Likes    // of whom it names: whose names can be taken for another one's; nil: nobody's
	More  bool     // this list of names, or this history, goes on in the next response
	Log   string   // names the log whose sequence numbers are used; a new log starts again at 1

	Token  string // in the answer to a login: names this session, for a login that goes on with it
	Resume string // in the answer to a login with "after": what becomes of what was missed, one of those below

	Room  string // in which it was said, or which the event is about; "" is the lobby, or none
	Topic string // of Room
	Read  uint64 // up to this number one has read the conversation

	Before uint64 // of the answer to history: there is more before that number
	After  uint64 // likewise: there is more behind it

	To         string     // of a direct message: for whom it is
	Text       string     // why somebody is away; "" if they have not said it; of a message that was found the words, in brackets, and what stands around them
	State      string     // of a person: one of the States below; of the answers to history, versions and search StateNotKept or StateIndexing, if it is so
	Seconds    int        // how long: idle, until the end of a block, until a timeout
	Registered *time.Time // since when a person has an account; nil: they have none

	Private  *Private  // of a private session
	Rooms    []Room    // in the answer to rooms, and to a login: those that one is in, beside the lobby
	Unread   []Unread  // in the answer to unread
	Sessions []Session // in the answer to sessions

	Re    uint64 // of a message: the number of the one that it answers; 0: none
	Marks *Marks // of a message: what has become of it; nil: nothing
	Order *Order // of what is about keeping order
}

// Absences are why people are away, by their names: "" of those who have not said it.
type Absences map[string]string

// What data.state says of a person.
const (
	StateGuest     = "guest"   // in the answer to a login: the name is anybody's
	StateAccount   = "account" // in the answer to a login: the name is registered
	StateOnline    = "online"
	StateActive    = "active" // of a ping: the person does something that the server does not see
	StateAway      = "away"
	StateOffline   = "offline"
	StateLost      = "lost_connection" // of presence only: has gone without a word
	StateTimedOut  = "timed_out"       // of presence only: was inactive for too long
	StateJoined    = "joined"          // of presence in a room only: has joined it
	StateLeft      = "left"            // likewise: has left it
	StateIndexing  = "indexing"        // of the answer to search only: not all that was said can be found yet
	StateUnchecked = "unchecked"       // of the error blocked_login only: the password was not looked at
	StateNotKept   = "not_kept"        // of the answers to history, versions and search only: the server keeps nothing, and what was said before that is gone
)

// What data.resume says: whether what was missed can be told. If not, the newest
// history comes, as for a client that was never there.
const (
	ResumeFollows  = "follows"   // all of it comes now, and behind it the event "resumed"
	ResumeOtherLog = "other_log" // the log is another one, or is again what it was before
	ResumeAhead    = "ahead"     // the log has no such number yet
	ResumeTooFar   = "too_far"   // that is too much, or too long ago
)

// The events that data.event names.
const (
	EventMessage      = "message"       // somebody said something: id, room
	EventAccepted     = "accepted"      // one's own message is in the log: id, seconds that it has waited because one had sent too many
	EventLogin        = "login"         // one is logged in: name, state, log, id, token, resume, rooms, read (of the lobby)
	EventResumed      = "resumed"       // all that was missed has been told, up to id
	EventResumeWaits  = "resume_waits"  // what was missed comes later: too many catch up at once
	EventLogout       = "logout"        // one is logged out
	EventNames        = "names"         // the answer to names: names, away; of a room: room
	EventHelp         = "help"          // the answer to help
	EventHistory      = "history"       // behind the answer to a login or to join: the newest messages of room; the answer to history: of room, or with name, and before, after, state
	EventError        = "error"         // a request failed: code
	EventPresence     = "presence"      // somebody came or went: name, state; with room: joined or left it
	EventDirect       = "direct"        // somebody said something to one alone: to, id
	EventDelivered    = "delivered"     // one's direct message has reached its receiver: to, state and text if they are away
	EventStored       = "stored"        // one's direct message waits for its receiver: to, state and text if they have come and are away
	EventUndelivered  = "undelivered"   // one's message did not reach all: somebody has blocked one
	EventWhois        = "whois"         // the answer to whois: name, state, text, seconds idle, registered
	EventAway         = "away"          // one is away now: text
	EventBack         = "back"          // one is back
	EventBlocked      = "blocked"       // one has blocked name, or the answer to blocked: names
	EventUnblocked    = "unblocked"     // one hears name again
	EventRegistered   = "registered"    // one's name is an account now
	EventPassword     = "password"      // one's password was changed
	EventIdle         = "idle"          // one will be logged out for inactivity: seconds
	EventPong         = "pong"          // the answer to ping
	EventShuttingDown = "shutting_down" // the server is about to end: seconds after which to come back
	EventStanding     = "standing"      // the server cannot decide anything now, but for what needs no deciding: it is one of several that do not reach each other
	EventStandingOver = "standing_over" // it can again

	// Rooms, cursors and several sessions.
	EventCreated        = "created"         // one has made a room, and is in it: as joined
	EventJoined         = "joined"          // one is in a room now, or was already: room, topic, read, rooms (it alone), names unless they are many
	EventLeft           = "left"            // one is in a room no more: room
	EventRooms          = "rooms"           // the answer to rooms: rooms
	EventTopic          = "topic"           // the answer to topic, or somebody has changed it: room, topic, name who has
	EventRoomInvited    = "room_invited"    // one has invited name: room
	EventRoomInvitation = "room_invitation" // name invites one: room
	EventForwarded      = "forwarded"       // what is said in a room, or none for the lobby, goes to other programs, too: room, names of the hooks by which; none: it does not any more
	EventRead           = "read"            // one has read, here or in another session: room or name, id
	EventUnread         = "unread"          // the answer to unread: unread
	EventSessions       = "sessions"        // the answer to sessions: sessions
	EventSessionEnded   = "session_ended"   // one has ended another session of one's own: id

	// What becomes of messages. Of a direct message, which has no room, name is who has done
	// it or whose it is, and to the other one of both.
	EventEdited    = "edited"    // a message has another text: id, room, name whose it is, to, text, marks with edited alone
	EventRemoved   = "removed"   // a message was removed: id, room, name whose it was, to, marks with removed alone
	EventReacted   = "reacted"   // there is a reaction to a message: id, room, name who has put it there, to, text the word
	EventUnreacted = "unreacted" // there is it no more: likewise
	EventChanged   = "changed"   // behind a login with "after": an older message as it is now: id, room, name, to, text, re, marks
	EventVersions  = "versions"  // the answer to versions: id, and a history of what the message said before, each from when on it did
	EventSearch    = "search"    // the answer to search: a history, with before if there may be more

	// Keeping order. order has who did it and why, and until when it holds.
	EventKicked       = "kicked"       // name was kicked, also oneself: room or none, order
	EventMuted        = "muted"        // likewise
	EventUnmuted      = "unmuted"      // likewise
	EventBanned       = "banned"       // likewise
	EventUnbanned     = "unbanned"     // likewise
	EventBans         = "bans"         // the answer to bans: order.acts
	EventRole         = "role"         // name has another role: room or none, order.role
	EventAnnouncement = "announcement" // somebody tells all: text, order.by
	EventLockdown     = "lockdown"     // the lockdown begins or ends: order.on
	EventReport       = "report"       // somebody reports: id of the message or name, order
	EventReports      = "reports"      // the answer to reports: order.acts
	EventSlow         = "slow"         // a room is slow, or is not any more: room, seconds
	EventAudit        = "audit"        // the answer to audit: order.acts, before if there may be more
	EventKeep         = "keep"         // how much is kept of a room: room
	EventExport       = "export"       // the answer to export: text is JSON lines, after if there is more
	EventForget       = "forget"       // what it means to be forgotten, which is asked for again with one's name
	EventForgotten    = "forgotten"    // one's account is deleted

	// Private sessions, by the server.
	EventInvited    = "invited"    // name was asked for a private session: session, seconds until it lapses, state and text if they are away
	EventInvitation = "invitation" // name asks for a private session: session, fingerprint, seconds until it lapses
	EventIntroduced = "introduced" // both have agreed: name, session, fingerprint, paths
	EventDeclined   = "declined"   // the invitation of, or to, name was declined: session
	EventLapsed     = "lapsed"     // the invitation of, or to, name was not answered in time: session
	EventStopped    = "stopped"    // the invitation was withdrawn, or the relay to name has ended: session
	EventRelayed    = "relayed"    // from name: session, credit, payload

	// Private sessions, by a peer on its own connection.
	EventHello  = "hello"  // this connection is to be used: session
	EventTyping = "typing" // somebody is writing
	EventBye    = "bye"    // the session ends
)
