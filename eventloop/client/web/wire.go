package web

import "encoding/json"

// A Frame is one thing that a page is sent: a text message of its WebSocket, a JSON
// object. Which of the other fields are there depends on the Type.
type Frame struct {
	Type string `json:"type"`

	// N is the cursor: events are numbered, without gaps, from 1 on in each run. A
	// snapshot has that of the newest event which it contains. An answer has none.
	N uint64 `json:"n,omitempty"`

	Run string `json:"run,omitempty"` // of a snapshot: names the run whose cursors these are: that of a process under one name

	// Parts are what is shown, by the ids of the elements: [attributes, ...what is in it], or the
	// attributes alone. Facts are what the page has to know. Both are sent again whole when they have changed.
	Parts map[string]json.RawMessage `json:"parts,omitempty"` // of a show
	Facts map[string]json.RawMessage `json:"facts,omitempty"` // of a show, and of a snapshot
	Tell  map[string][]string        `json:"tell,omitempty"`  // of a show, and of an entry: sentences for a screen reader, by their regions: status, alert
	Go    string                     `json:"go,omitempty"`    // of a show: what the tab looks at from now on

	Fill string `json:"fill,omitempty"` // of a show: the conversation whose draft is to stand in the field, if it is the one that is open

	Entry *Line `json:"entry,omitempty"` // of an entry
	Added bool  `json:"added,omitempty"` // it is a new one; else one that has changed

	ID     uint64  `json:"id,omitempty"`     // of an answer: that of the ask
	Answer *Answer `json:"answer,omitempty"` // of an answer
}

// The types of frames.
const (
	TypeSnapshot = "snapshot" // run, n, facts: what the page had is void
	TypeShow     = "show"     // parts, facts, tell, go, fill: what has become of what this tab looks at
	TypeEntry    = "entry"    // n, entry, added, tell: an entry was added, or has changed
	TypeAnswer   = "answer"   // id, answer: what has come of something that this page asked
)

// A State is what there is to be known beside the entries: what pages are shown is made of it.
// Nothing of it changes. All fields are there.
type State struct {
	Self       *Self       `json:"self,omitempty"`
	Server     *Server     `json:"server,omitempty"`
	Connection *Connection `json:"connection,omitempty"`
	Question   *Question   `json:"question,omitempty"`

	// To is the conversation that lines of the terminal are for, and that was opened last
	// in a page; "" is nobody. To is nil if it has not changed.
	To      *string `json:"to,omitempty"`
	Writing *string `json:"writing,omitempty"` // the name of who is writing to one in a private session; "" is nobody

	Conversations map[string]*Conversation `json:"conversations,omitzero"` // by their ids
	People        map[string]*Person       `json:"people,omitzero"`        // who is logged in, by names in lower case
	Peers         map[string]*Peer         `json:"peers,omitzero"`         // private sessions, by names in lower case
	Learns        string                   `json:"learns"`                 // what who asks for one learns of one's addresses if that is accepted: the end of a sentence

	Settings map[string]string `json:"settings,omitzero"` // that pages have kept, whole

	Answers int    `json:"answers"` // how many answers pages have given to questions
	Wrong   string `json:"wrong"`   // the last words that something went wrong, since the last answer to a question
}

// Self is who one is.
type Self struct {
	Name    string `json:"name"`    // "" if there is none yet
	Account bool   `json:"account"` // the name is registered
	Away    bool   `json:"away"`
	Why     string `json:"why"` // one is away
}

// Server is where one is.
type Server struct {
	Label   string `json:"label"`   // as it is shown: HOST or HOST:PORT
	TLS     bool   `json:"tls"`     //
	Dialect string `json:"dialect"` // unknown before the first login; plain: one room, and nothing that is Parley's own; extended
	Private bool   `json:"private"` // there can be private sessions
}

// Connection is how far the connection to the server has come.
type Connection struct {
	Phase string `json:"phase"` // offline, connecting, connected (not logged in), logging_in, logged_in, leaving, ended

	// Retry is when it is tried again, in milliseconds since 1970 by the clock of this
	// machine; 0: not by itself.
	Retry int64  `json:"retry"`
	Why   string `json:"why"`  // it was lost, or does not come to be; "" if it is there
	Kept  int    `json:"kept"` // texts that wait for it

	// Refused is why the server is not used that has answered, in lines, with what to type if it is right all the same; "":
	// none was refused.
	Refused string `json:"refused"`
}

// A Question is what the process asks in place of a line.
type Question struct {
	// ID names it: an answer to another one is not used. 0: nothing is asked.
	ID   uint64 `json:"id"`
	Kind string `json:"kind"` // none, name, password, confirm

	// Prompt is a few words, such as "password of alice", "new password", "the same again",
	// "edit #12 (y or n)".
	Prompt string `json:"prompt"`
	Busy   bool   `json:"busy"` // the server is being asked with what was answered
}

// A Conversation is the lobby, a room or one person.
//
// Its id is "lobby", "room:NAME", "direct:NAME" or "private:NAME", with the name in lower
// case. Entries stand in a fifth, too, which is in no list: "status" has the words of the
// client and of the server for oneself.
type Conversation struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // lobby, room, direct, private
	Name string `json:"name"` // of the room or of the other one as it is written; "" in the lobby

	Topic string `json:"topic"` // of a room
	Role  string `json:"role"`  // what one is in the room, as far as it was told: owner, moderator, ...; "" if it was not

	Unread   int    `json:"unread"`   // what others have said behind the cursor
	Mentions int    `json:"mentions"` // of these: that mean one; of what is for one alone all do
	Cursor   uint64 `json:"cursor"`   // the entry up to which it was read
	Last     uint64 `json:"last"`     // the newest entry; 0: there is none
	Spoke    int64  `json:"spoke"`    // when somebody has last said something, in milliseconds since 1970; 0: nobody has

	// Closed is why nothing can be said there, a sentence; "" if something can.
	Closed string `json:"closed"`
	Draft  string `json:"draft"` // what was typed and not sent
}

// A Person is somebody who is logged in.
type Person struct {
	Name  string   `json:"name"`
	Away  bool     `json:"away"`
	Like  string   `json:"like,omitempty"` // whose name theirs can be taken for, and who they are not; "": nobody's
	Why   string   `json:"why"`            // they are away; "" if they have not said it
	Rooms []string `json:"rooms"`          // ids of the rooms of one's own in which they are, too; everybody is in the lobby
}

// A Peer is a private session, or what may become one.
type Peer struct {
	Name  string `json:"name"`
	State string `json:"state"` // asking: they were asked; asked: they ask; connecting; open; closed
	Until int64  `json:"until"` // asking and asked: when that lapses, in milliseconds since 1970; 0: not known
	Since int64  `json:"since"` // the state is so

	Path  string `json:"path"`  // "direct ADDRESS" or "relay"; "" if there is none yet
	Relay bool   `json:"relay"` // it is the relay

	Fingerprint string `json:"fingerprint"` // of their key; "" if it is not known yet
	Verified    bool   `json:"verified"`    // the words of that key were compared

	Known   *Key `json:"known"`   // what was known of their key before; null: it is new here
	Changed bool `json:"changed"` // it is another one than Known: no session is opened before it is trusted

	RoundTrip float64 `json:"round_trip"` // milliseconds; 0: not known
	Waiting   int     `json:"waiting"`    // texts that wait for the next session
}

// A Key is what is known of the key of somebody.
type Key struct {
	Fingerprint string `json:"fingerprint"`
	Since       int64  `json:"since"` // milliseconds since 1970; 0: not known
	Verified    bool   `json:"verified"`
}

// An Entry is one thing that was said or told. All its strings are safe to be shown as
// text: control characters and what turns the direction of writing are gone from them.
type Entry struct {
	ID   uint64 `json:"id"`   // it grows with what comes; never 0
	In   string `json:"in"`   // the id of its conversation
	Kind string `json:"kind"` // message, info, failure, presence, announcement, notice, warning, error, gap

	At   int64  `json:"at"`   // when it was said, or else came, in milliseconds since 1970
	Text string `json:"text"` // with \n between lines
	Left int    `json:"left"` // bytes of the text that are not kept

	Sender string `json:"sender,omitempty"` // "" if it is nobody's
	To     string `json:"to,omitempty"`     // of an own direct text
	Like   string `json:"like,omitempty"`   // whose name that of sender, or of an own text's to, can be taken for, and who they are not; "": nobody's
	Own    bool   `json:"own,omitempty"`    // it is one's own

	Old     bool `json:"old,omitempty"`     // it was said before one came
	Missed  bool `json:"missed,omitempty"`  // it was said while the connection was lost
	Mention bool `json:"mention,omitempty"` // one's own name, or a word of --highlight, is in it

	Number uint64 `json:"number,omitempty"` // in the server's log: what edit, remove and react take; 0: not known

	// State is what has become of an own text: typed (it waits for a connection), sent,
	// accepted, stored (until its receiver comes), delivered, doubtful (it may not have
	// arrived), failed. "" if it is not one's own, or was said in another session.
	State string `json:"state,omitempty"`
	Why   string `json:"why,omitempty"` // it has failed

	Re        *Quote     `json:"re,omitempty"` // what it answers
	Edited    bool       `json:"edited,omitempty"`
	Removed   *Removed   `json:"removed,omitempty"` // the text is gone
	Reactions []Reaction `json:"reactions,omitempty"`

	Path     string `json:"path,omitempty"`     // of a private text: the way that it took
	Verified bool   `json:"verified,omitempty"` // of a private text: the key was verified

	// Where is set of what is told again, such as what a search has found, an edit or the
	// answer to /history. In is "again" then, and Where is the conversation in which it was
	// said. Form is said, edited (its new text) or before (what it said before an edit).
	Where string `json:"where,omitempty"`
	Form  string `json:"form,omitempty"`
}

// A Quote is the beginning of the message that another one answers.
type Quote struct {
	Number uint64 `json:"number"`
	Sender string `json:"sender"` // "" if the message is not known, or is gone
	Text   string `json:"text"`
}

// Removed says who has removed a message, and why.
type Removed struct {
	By  string `json:"by"`
	Why string `json:"why"`
}

// A Reaction is one word that people have put to a message.
type Reaction struct {
	Word  string   `json:"word"`
	Names []string `json:"names"`
	More  int      `json:"more"` // how many beside these
	Mine  bool     `json:"mine"`
}

// An Ask is what a page asks of the process: a text message of its WebSocket. Each one is
// answered by one answer, in the order of what the process has done.
type Ask struct {
	ID  uint64 `json:"id"` // chosen by the page, not 0
	Ask string `json:"ask"`

	In     string `json:"in"`     // the id of a conversation
	Text   string `json:"text"`   //
	Name   string `json:"name"`   // of a person, or of a setting
	Number uint64 `json:"number"` // of a message, in the server's log
	Entry  uint64 `json:"entry"`  // the id of one
	Count  int    `json:"count"`  // of entries, at most MaxPage
	On     bool   `json:"on"`

	View *View             `json:"view"` // of a look
	Of   *Of               `json:"of"`   // of what is offered
	Put  map[string]string `json:"put"`  // into the form of what is offered
	Run  string            `json:"run"`  // of the chat that is meant: another one refuses it; "" is any
}

// The asks, with the fields that each takes.
const (
	AskLook = "look" // view: is what the tab looks at from now on. It is answered behind what is shown then

	AskOffer = "offer" // in, name, of, put: does what is offered (see State.Offered). If something is to be asked or chosen before, it is answered with answer.tree, and nothing is done

	AskOpen = "open" // in: it is looked at. Lines of the terminal go there, too. One with a person is begun by it
	AskRead = "read" // in, entry: it was read up to there

	AskSay    = "say"    // in, text, number: text is said there, and nowhere else; with a number it answers that message
	AskLine   = "line"   // in, text: as if text was typed at a terminal whose lines go there: commands begin with a slash
	AskEdit   = "edit"   // number, text
	AskRemove = "remove" // number, text: why
	AskReact  = "react"  // number, text: the word, on: put it there or take it back

	AskPage     = "page"     // in, entry, count: answer.lines are those before that entry, or the newest if it is 0
	AskSearch   = "search"   // text, number: what was found is shown; number is answer.next of the page before
	AskRooms    = "rooms"    // those of the server are shown
	AskComplete = "complete" // in, text before the cursor: answer.candidates, for the last answer.length characters

	AskAnswer = "answer" // number: the question's id, text: a name, a password, or y or n
	AskCancel = "cancel" // number: the question's id

	AskPrivateStart   = "private.start"   // name: asks for a private session
	AskPrivateAccept  = "private.accept"  // name: agrees
	AskPrivateDecline = "private.decline" // name: says no
	AskPrivateEnd     = "private.end"     // name: ends it, or withdraws
	AskPrivateWords   = "private.words"   // name: those that are to be compared are shown
	AskPrivateVerify  = "private.verify"  // name: they are the same
	AskPrivateTrust   = "private.trust"   // name: the changed key is the right one now

	AskActive  = "active"  // the person does something
	AskDraft   = "draft"   // in, text: what was typed there and is not sent; "" is nothing. What is typed where one looks is in the view
	AskSetting = "setting" // name, text: is kept, and told to all pages; "" takes it away
	AskRetry   = "retry"   // the connection is tried now
)

// Limits of what a page asks.
const (
	// MaxAsk is the size in bytes of one ask. A text may be that long which somebody has put into the
	// field, such as a file: it is refused in words, and stays there. What is longer ends the WebSocket.
	MaxAsk = 1 << 20

	// MaxPage is how many entries one page has.
	MaxPage = 200

	// MaxSettings is how many settings are kept, each of at most MaxSetting bytes.
	MaxSettings = 50
	MaxSetting  = 200
)

// An Answer is what has come of an ask.
type Answer struct {
	// OK says that it was done, or is under way. If not, nothing was: what was typed is
	// to stay where it is.
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"` // why not, in sentences

	Tree node   `json:"tree,omitempty"` // a dialog or a menu, which is shown
	Go   string `json:"go,omitempty"`   // what the tab looks at from now on
	Said string `json:"said,omitempty"` // is to be told to a screen reader

	Lines      []Line   `json:"lines,omitempty"` // oldest first
	More       bool     `json:"more,omitempty"`  // of a page: there are others before them
	Next       uint64   `json:"next,omitempty"`  // of a search: the number of the next ask; 0: there is no more
	Candidates []string `json:"candidates,omitempty"`
	Length     int      `json:"length,omitempty"` // in characters
	Entry      uint64   `json:"entry,omitempty"`  // of say: the id of what was said

	shown bool // why it was not done is a part of what is shown

	// What the tab is shown of it and not sent, see Look.Answered.
	Found []Entry  `json:"-"`
	Rooms []Room   `json:"-"`
	Words []string `json:"-"`
}

// A Room is one of those that a server has.
type Room struct {
	Name    string `json:"name"`
	Topic   string `json:"topic"`
	Members int    `json:"members"`
	Joined  bool   `json:"joined"`  // one is in it
	Private bool   `json:"private"` // only who was invited may join
	Key     bool   `json:"key"`     // it needs a key
	Invited bool   `json:"invited"` // one was invited
}
