package protocol

import "fmt"

// A Code names a kind of error for programs. It is sent as data.code to
// extended sessions; the sentence in content may change, the code does not.
type Code string

// The codes, each with its meaning.
const (
	BadJSON           Code = "bad_json"            // the bytes are not one JSON value
	TooLarge          Code = "too_large"           // a frame, its nesting or a text is over its limit
	BadRequest        Code = "bad_request"         // JSON, but not a request, or an argument is missing or of a wrong type
	UnknownRequest    Code = "unknown_request"     // no verb of that name
	NotLoggedIn       Code = "not_logged_in"       // the verb needs a login first
	AlreadyLoggedIn   Code = "already_logged_in"   // a second login on one connection
	BadName           Code = "bad_name"            // the name is not [A-Za-z0-9]{1,32}, or it is reserved
	NameTaken         Code = "name_taken"          // somebody with that name is logged in
	LoggedInElsewhere Code = "logged_in_elsewhere" // the account has a session, and the password was right
	PasswordRequired  Code = "password_required"   // the name is an account's, or the server wants accounts only
	WrongCredentials  Code = "wrong_credentials"   // the password is not that of the name
	BlockedLogin      Code = "blocked_login"       // too many wrong passwords, for the name or from the address
	TLSRequired       Code = "tls_required"        // a password from another host, over a connection without TLS, or with a proxy that does not say whether there is TLS
	NotAllowed        Code = "not_allowed"         // the server's owner or the state of things does not allow it
	UnknownUser       Code = "unknown_user"        // nobody of that name
	UserOffline       Code = "user_offline"        // the person is not connected, and cannot be reached otherwise
	BlockedByUser     Code = "blocked_by_user"     // the person has blocked one
	UnknownRoom       Code = "unknown_room"        // no room of that name
	RoomTaken         Code = "room_taken"          // there is a room of that name already
	NotInRoom         Code = "not_in_room"         // one has to join the room first
	WrongKey          Code = "wrong_key"           // the room has a key, and it is another one, or is missing
	InviteOnly        Code = "invite_only"         // the room is private, and one was not invited
	Forbidden         Code = "forbidden"           // one's role does not allow it, there or of that person
	Banned            Code = "banned"              // one may not be there
	Muted             Code = "muted"               // one may say nothing there
	LockedDown        Code = "locked_down"         // no new guests and no registrations now
	UnknownMessage    Code = "unknown_message"     // no message of that number that one may see
	TooLate           Code = "too_late"            // the message is too old to be edited
	RateLimited       Code = "rate_limited"        // more requests than the session is allowed, or names than the address may register, or a room is slow
	Busy              Code = "busy"                // the server is full, or has enough of the address; trying later helps
	Timeout           Code = "timeout"             // the connection was idle for too long
	Internal          Code = "internal"            // the server's own fault; its log says more
	ShuttingDown      Code = "shutting_down"       // the server is about to end
)

// An Error is an answer to bad input: a code for programs and a sentence, made
// for the person who reads it, that says what to do.
type Error struct {
	Code    Code
	Text    string
	Seconds int    // until it may be tried again, if that is known; data.seconds
	State   string // StateUnchecked or nothing; data.state
	Order   *Order // by whom one is kept from that, why and until when; data.order; nil: it is nothing of that
}

// Errorf makes an Error with a formatted sentence.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Text: fmt.Sprintf(format, args...)}
}

// WithCommands ends the sentence, which ends in a colon, in what is to be asked for.
func (e *Error) WithCommands(commands ...string) *Error {
	e.Text = WithCommands(e.Text, commands...)
	return e
}

func (e *Error) Error() string { return e.Text }

// Is reports whether target is an Error with the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}
