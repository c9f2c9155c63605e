package dialect

import "time"

// Habits are how a server speaks. The zero value with DefaultHabits' words is a server
// that does all in the commonest way: an object and nothing behind it, one at a time.
type Habits struct {
	End     string // behind each response
	EndLate bool   // the end goes in a segment of its own
	Indent  bool   // JSON over several lines
	Split   Split
	Pairs   bool // two messages go in one segment
	UTF8    bool // else what is not ASCII is escaped
	Braces  bool // braces in texts are escaped
	Titles  bool // kinds of responses with a capital: Info, Message

	Stamp      Stamp
	Sender     any            // of what the server says itself
	Extra      map[string]any // further keys of each response
	Leave      []string       // keys that are left out
	Rename     [2]string      // a key, and how it is called instead
	MessageAs  string         // the kind of a message
	Colours    bool           // senders have ANSI codes around them
	History    History
	Order      Order
	Gap        time.Duration // between the two answers to a login
	GlueLogin  bool          // they go in one segment
	LoginText  string
	Greets     Greeting
	UnknownToo bool // behind the login comes a response of a kind that nobody knows

	Names   Names
	NoEcho  bool // nobody is sent their own messages
	Receipt bool // a message is answered with an info
	Long    bool // people say things of 3,000 letters
	Logout  Logout
}

// DefaultHabits are those that any client should bear.
func DefaultHabits() Habits {
	return Habits{Sender: "server", MessageAs: "message", LoginText: "Login successful", Gap: pause}
}

// pause is between two responses that are to come in segments of their own: all of the
// measured clients read two that are 50 ms apart.
const pause = 50 * time.Millisecond

// Split is in how many segments a response goes.
type Split int

// How a response goes.
const (
	Whole  Split = iota
	Halves       // in two segments
	Bytes        // in segments of one byte
)

// Stamp is the form of a timestamp.
type Stamp int

// Forms of a timestamp.
const (
	StampText    Stamp = iota // 24-11-2026 20:15:00
	StampISO                  // RFC 3339
	StampSeconds              // since 1970, a whole number
	StampFloat                // the same with a fraction
	StampDigits               // the whole number as a string
	StampNull
)

// History is the form in which a login is told what was said before.
type History int

// Forms of a history.
const (
	HistoryStrings     History = iota // a list of strings, each one a response object
	HistoryObjects                    // a list of response objects
	HistoryUsernames                  // a list of {username, message, timestamp}
	HistoryTriples                    // a list of [time, name, text]
	HistoryLines                      // a list of "name: text"
	HistoryText                       // one string, a line for each
	HistoryInString                   // one string that holds a list of objects as JSON
	HistoryOneByOne                   // a history response for each
	HistoryReplay                     // a message response for each
	HistoryArray                      // a bare array
	HistoryEmpty                      // an empty list, whatever was said
	HistoryBlank                      // an empty string, whatever was said
	HistoryEmptyReplay                // an empty list, then a message response for each
	HistoryBlankReplay                // an empty string, then the same
	HistoryNone
)

// Tells reports whether a history of this form has in it what was said before.
func (h History) Tells() bool { return h != HistoryEmpty && h != HistoryBlank && h != HistoryNone }

// Order is what a login is answered with.
type Order int

// Orders of the answers to a login.
const (
	InfoHistory Order = iota
	HistoryInfo
	HistoryOnly
)

// Greeting is what is said to a connection before it has asked for anything.
type Greeting int

// Greetings.
const (
	GreetNot     Greeting = iota
	GreetInfo             // an info
	GreetMessage          // a message of somebody
	GreetWords            // words that are no JSON
)

// Names is the form of the answer to names.
type Names int

// Forms of the answer to names.
const (
	NamesComma   Names = iota // one string: a, b
	NamesLines                // one string, a line for each
	NamesList                 // a list of strings
	NamesObjects              // a list of {name}
	NamesKind                 // one string, in a response of the kind names
)

// Logout is what a logout is answered with.
type Logout int

// Answers to a logout.
const (
	LogoutInfo      Logout = iota
	LogoutInfoClose        // and the connection is closed
	LogoutClose            // without a word
	LogoutNothing
)
