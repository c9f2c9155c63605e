package client

import (
	"slices"
	"time"

	"parley/eventloop/client/roster"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/p2p"
	"parley/protocol"
)

// A Model is what there is to be known of a chat beside its timeline, for a view that shows
// it in another way than a terminal's prompt does. It is a copy: nothing of it changes.
type Model struct {
	Name    string // one's own; "" if there is none yet
	Account bool   // it is registered
	Away    bool   // one is
	AwayWhy string

	Server  string // as it is shown
	TLS     bool
	Dialect sending.Dialect
	Private bool // there can be private sessions

	Phase   Phase
	Retry   time.Time // when it is connected or logged in again; zero: not by itself
	Why     string    // there is no connection; "": there is one, or the first is being made
	Refused string    // why the server is not used that has answered, in lines: it is not the one of before; "": it is, or none has
	Waiting int       // lines that were typed and not sent

	Question Question
	To       timeline.Conversation // whom plain lines of the terminal are for; ToNobody: for nobody
	ToNobody bool
	Writing  string // who is writing to one in a private session just now; "": nobody

	Conversations []Conversation
	People        map[string]roster.Person // who is logged in, by names in lower case
	PeopleChanges int                      // if it is the same number, so are the people
	Peers         []p2p.Peer               // with whom there is a private session, or may be, and whose changed key was refused

	Learns string // what they learn of one's addresses who ask, if they are accepted; "" if nobody asks

	Settings        map[string]string // that views have kept
	SettingsChanges int               // likewise
}

// A Phase is how far a chat has come.
type Phase string

// The phases.
const (
	Offline    Phase = "offline"
	Connecting Phase = "connecting"
	Connected  Phase = "connected" // not logged in
	LoggingIn  Phase = "logging_in"
	LoggedIn   Phase = "logged_in"
	Leaving    Phase = "leaving"
	Ended      Phase = "ended"
)

// A Conversation is one to which a person can turn, or could.
type Conversation struct {
	In       timeline.Conversation
	Name     string // of the other one or of the room, as it is written
	Topic    string
	Role     string // what one is in the room, as far as it was told
	Unread   int
	Mentions int // of these: in which one is meant
	Cursor   timeline.ID
	Last     timeline.ID
	Spoke    time.Time
	Closed   string // why nothing can be said there; "" if something can
	Draft    string
}

// A Question is what is to be answered before anything else is typed at a terminal.
type Question struct {
	ID     uint64 // names it; 0: nothing is asked
	Kind   QuestionKind
	Prompt string
	Busy   bool // the server is being asked with the answer
}

// A QuestionKind says what an answer is.
type QuestionKind string

// The kinds of questions.
const (
	AsksNothing  QuestionKind = "none"
	AsksName     QuestionKind = "name"     // to log in with
	AsksPassword QuestionKind = "password" // which nobody else may see
	AsksYes      QuestionKind = "confirm"  // y or n
)

// watch tells whoever follows the chat how it is.
func (a *App) watch() {
	if a.cfg.Watch != nil {
		a.cfg.Watch(a.model())
	}
}

// model is the chat as it is.
func (a *App) model() Model {
	self, _ := a.roster.Lookup(a.login.Name())
	m := Model{
		Name: a.login.Name(), Account: a.account, Away: self.Away, AwayWhy: self.Why,
		Server: a.cfg.Target.Label, TLS: a.cfg.Target.TLS, Dialect: a.dialect, Private: a.private.Exist() && a.dialect != plain,
		Phase: a.phaseNow(), Retry: a.alarms[alarmRetry], Why: a.whyLost, Refused: a.notUsed, Waiting: a.queue.Waiting(),
		Question: a.asksNow(), To: a.to.Conversation, ToNobody: a.to.isNobody(), Writing: a.private.Writing(),
		Conversations: a.conversationsNow(),
		People:        a.people, PeopleChanges: a.roster.Changes(),
		Peers:    append(a.private.Peers(), a.private.KeysRefused()...),
		Settings: a.kept.settings, SettingsChanges: a.kept.changes,
	}
	if a.peopleAt != m.PeopleChanges {
		a.people, a.peopleAt = a.roster.People(), m.PeopleChanges
		m.People = a.people
	}
	if m.Phase == LoggedIn {
		m.Why = ""
	}
	if slices.ContainsFunc(m.Peers, func(p p2p.Peer) bool { return p.State == p2p.Asked }) {
		m.Learns = a.private.Learns()
	}
	return m
}

func (a *App) phaseNow() Phase {
	switch {
	case a.ended:
		return Ended
	case a.leaving:
		return Leaving
	}
	return map[phase]Phase{offline: Offline, dialling: Connecting, connected: Connected, loggingIn: LoggingIn, loggedIn: LoggedIn}[a.phase]
}

// asksNow is what is asked.
func (a *App) asksNow() Question {
	q, of := Question{Kind: AsksNothing}, uint64(0)
	switch {
	case a.login.Asking() && !a.login.Over():
		q, of = Question{Kind: AsksPassword, Prompt: a.login.Prompt(), Busy: a.login.Busy()}, a.login.Serial()
	case a.question != nil:
		q, of = Question{Kind: AsksYes, Prompt: a.question.prompt}, a.questions
	case a.naming() && a.reached:
		q = Question{Kind: AsksName, Prompt: "name"}
	}
	if at := (asksAt{q.Kind, of}); at != a.asksAt {
		a.asksAt = at
		a.asksID++
	}
	if q.Kind != AsksNothing {
		q.ID = a.asksID
	}
	return q
}

// asksAt tells questions from each other.
type asksAt struct {
	kind QuestionKind
	of   uint64
}

// conversationsNow are the lobby, the rooms and the people that there are, with whom there
// is a private session, too.
func (a *App) conversationsNow() []Conversation {
	var all []Conversation
	there := make(map[timeline.Conversation]bool)
	for _, s := range a.timeline.Conversations() {
		if s.In.Place == timeline.Status || s.In.Place != timeline.Lobby && s.In.Name == "" {
			continue
		}
		there[s.In] = true
		all = append(all, a.conversationNow(s))
	}
	for _, p := range append(a.private.Peers(), a.private.KeysRefused()...) {
		if in := timeline.With(timeline.Private, p.Name); !there[in] {
			all = append(all, a.conversationNow(timeline.Summary{In: in, Name: p.Name}))
		}
	}
	return all
}

func (a *App) conversationNow(s timeline.Summary) Conversation {
	c := Conversation{In: s.In, Name: s.Name, Unread: s.Unread, Mentions: s.Mentions, Cursor: s.Cursor, Last: s.Last, Spoke: s.Spoke, Draft: a.kept.drafts[s.In]}
	if s.In.Alone() {
		c.Mentions = c.Unread
	}
	if s.In.Place == timeline.Room {
		room, _ := a.rooms.In(s.Name)
		c.Topic = room.Topic
	}
	c.Role = a.roles[s.In]
	_, c.Closed = a.reach(recipient{s.In, s.Name})
	return c
}

// reach returns to whom something goes that is said in a conversation, or why it goes to
// nobody.
func (a *App) reach(to recipient) (recipient, string) {
	switch to.Place {
	case timeline.Lobby:
		return toLobby, ""
	case timeline.Room:
		return a.reachRoom(to)
	case timeline.Direct:
		return to, a.whyNotDirect(to.name)
	case timeline.Private:
		return a.reachPeer(to)
	}
	return to, "Nothing can be said there."
}

func (a *App) reachRoom(to recipient) (recipient, string) {
	room, in := a.rooms.In(to.name)
	switch {
	case in:
		return toRoom(room.Name), ""
	case a.dialect == plain:
		return to, noRooms
	case a.mayUse(to.name):
		return to, ""
	}
	return to, notInRoom(to.name)
}

func (a *App) whyNotDirect(name string) string {
	switch err := protocol.CheckName(name); {
	case err != nil:
		return err.Text
	case a.isSelf(name):
		return "That is you."
	case a.dialect == plain:
		return a.failureWords(sending.Text{}, sending.Outcome{Why: sending.OnlyPublic})
	}
	return ""
}

func (a *App) reachPeer(to recipient) (recipient, string) {
	p, ok := a.private.Peer(to.name)
	switch {
	case a.noPrivate() != "":
		return to, a.noPrivate()
	case !ok || p.State == p2p.Closed:
		return to, "There is no private session with " + a.toldApart(to.name) + "."
	case p.State == p2p.Asked:
		return to, a.toldApart(p.Name) + " asks for a private session; nothing can be said before you agree."
	}
	return toOne(timeline.Private, p.Name), ""
}
