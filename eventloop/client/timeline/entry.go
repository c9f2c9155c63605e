package timeline

import (
	"strings"
	"time"
	"unicode/utf8"
)

// An ID names an entry of a timeline: 1 is the first. It says nothing to a server.
type ID uint64

// A Place says who can read what is said in a conversation.
type Place uint8

// The places.
const (
	Status  Place = iota // words of the client and of the server, for oneself
	Lobby                // everybody on the server
	Direct               // one person, by way of the server, which can read it
	Private              // one person, in a private session: sealed from end to end
	Room                 // who is in a room, which is not the lobby
	Again                // of what was said somewhere, and is told again
	Past                 // of what was said somewhere, and was fetched to be looked at there: Keep
)

// A Conversation is where an entry stands. Conversations can be compared.
type Conversation struct {
	Place Place
	Name  string // of the other one or of the room, in lower case; "" in the lobby and for the status
}

// With returns the conversation with one person, or in the room of that name. Letter case
// does not count, that of ASCII: in other alphabets it could make a name of what is none.
func With(place Place, name string) Conversation {
	return Conversation{place, strings.Map(lower, name)}
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}

// Alone reports whether a conversation is with one person.
func (c Conversation) Alone() bool { return c.Place == Direct || c.Place == Private }

// A Kind says what an entry is.
type Kind uint8

// The kinds. All but Message are in the conversation of the status, or in that of the
// room that they are about.
const (
	Message      Kind = iota // a person's words
	Info                     // the server's words
	Failure                  // the server's words of something that went wrong
	Presence                 // the server's words of who came and went
	Announcement             // what somebody who keeps order tells everybody
	Notice                   // the client's own words
	Warning                  // the client's own words that need a look
	Error                    // the client's own words of something that went wrong
	Gap                      // a mark, without words: what follows in its conversation, or in all, is new
)

// A State says what has become of an own text.
type State uint8

// The states, in the order in which they can follow each other.
const (
	Foreign   State = iota // it is not an own text
	Typed                  // it waits for a connection or a login
	Sent                   // it is on its way
	Accepted               // the server has it, for good
	Stored                 // the server keeps it until its receiver comes
	Delivered              // its receiver has it
	Doubtful               // it may not have arrived
	Failed                 // it was not sent, or not taken
)

// An Entry is one thing that was said or told. What others have sent is in it as it
// came: nothing of it is safe for a terminal.
type Entry struct {
	ID    ID
	In    Conversation
	Kind  Kind
	Times // when

	Sender   string
	To       string // of a direct text of one's own: its receiver
	Like     string // whose name that of Sender, or of an own text's To, can be taken for, and who they are not; "": nobody's
	Room     string // in a room: its name as it is written
	Own      bool   // it is one's own
	Text     string
	Hint     string // what a terminal shows after Text: where typed lines go, which key helps. Pages do not show it
	Left     int    // bytes of the text that are not kept
	Old      bool   // it was said before one came: the history
	Missed   bool   // it was said while one was not there, and is told now
	Answered bool   // it says why an ask was not done, which the answer to that has told
	Held     bool   // it is not shown before the person looks into its conversation
	Mention  bool   // one's own name is in it

	Number uint64 // in the server's log; 0: none, or not known
	About  uint64 // of words of the client's own: the number of the message of which they tell what has become; 0: none
	Re     Quote  // of the message that it answers
	Marks  Marks  // what has become of it since it was said
	State  State
	Why    string // it has failed

	From Conversation // of what is told again, or was fetched: where it was said
	Form Form         // of what is told again: as what
	Said time.Time    // of an edit: when the message was said; zero: not known

	Path     string // of a private text: the way it took, "" before it has one
	Verified bool   // of a private text: the key of the other one is verified
}

// A Form says as what a message is told again.
type Form uint8

// The forms.
const (
	AsSaid   Form = iota // as it is now
	AsEdited             // with its new text, when it was edited
	AsBefore             // with what it said before it was edited
)

// Times are when something was said.
type Times struct {
	At    time.Time // as the sender's or the server's clock says; zero: not known
	Stamp string    // the server's own writing of it, where At is zero
	Came  time.Time // by one's own clock
}

// WithHint is what a terminal shows of an entry: the Text and the Hint behind it.
func (e Entry) WithHint() string { return e.Text + e.Hint }

// ForPage reports whether a page shows it: not if it is only a hint, nor if the answer to an ask has told it.
func (e Entry) ForPage() bool { return !e.Answered && (e.Text != "" || e.Hint == "") }

// Cut shortens what is too long to be kept. What is cut off of the text is counted.
func (e *Entry) Cut() {
	n := len(e.Text)
	e.Text = beginning(e.Text, MaxText)
	e.Left += n - len(e.Text)
	e.Re.Text = beginning(e.Re.Text, maxField)
	e.Marks.cut()
	for _, field := range []*string{&e.Sender, &e.To, &e.Like, &e.Room, &e.Path, &e.Why, &e.Stamp, &e.In.Name, &e.From.Name, &e.Re.Sender, &e.Re.Like} {
		*field = beginning(*field, maxField)
	}
}

// beginning returns at most so many bytes of a text, in whole characters. It does not
// hold on to the rest.
func beginning(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for n := most; n > most-utf8.UTFMax; n-- {
		if utf8.RuneStart(text[n]) {
			return strings.Clone(text[:n])
		}
	}
	return strings.Clone(text[:most])
}

// Meant reports whether the person is meant: one's name is in it, or it was said to one
// alone.
func (e Entry) Meant() bool { return e.Mention || e.In.Alone() }

// Where returns where it was said, also of what is told again, or was fetched.
func (e Entry) Where() Conversation {
	if e.In.retold() {
		return e.From
	}
	return e.In
}

// With returns whom a text of one to one person alone was exchanged with, as the name
// was written; "" for all else.
func (e Entry) With() string {
	switch {
	case !e.Where().Alone():
		return ""
	case e.Own:
		return e.To
	}
	return e.Sender
}
