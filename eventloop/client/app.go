package client

import (
	"context"
	"fmt"
	"net"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/conn"
	"parley/eventloop/client/keepalive"
	"parley/eventloop/client/login"
	"parley/eventloop/client/private"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/roster"
	"parley/eventloop/client/seen"
	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/protocol"
)

// A Mode is how a chat talks to whoever started it.
type Mode uint8

// The modes.
const (
	Interactive Mode = iota // with a person at a terminal
	Lines                   // lines of text in and out
	JSON                    // lines of text in, the server's responses out
)

// A Clock tells the time.
type Clock interface {
	Now() time.Time
	// After gives the time once d has passed.
	After(d time.Duration) <-chan time.Time
}

// Config is what an App is made of. Everything but Name, Plain, Mode, History,
// Highlight, Presence, KeepAlone, Private, Saver, Unshown, Watch, Asks, Restored, Claim, Subscribers, Reports, Password, Room and To
// must be set.
type Config struct {
	Target     Target
	Name       string // to log in with; "" asks, and is not allowed unless Interactive
	Plain      bool   // treat the server as one that does not speak Parley's extension
	Mode       Mode
	Bell       BellMode
	History    string              // the file that keeps what is typed, as /help tells; "" if none does
	Highlight  []string            // words that ring and are marked as one's own name is
	Presence   PresenceMode        // whose coming and going is shown
	KeepAlone  bool                // lines for one person alone are kept on disk, too
	Keyboard   Keyboard            // closed by Run
	View       View                // shows what the App tells
	Ring       func()              // rings the bell
	Completion *command.Completion // learns names
	Dial       func(ctx context.Context) (net.Conn, error)
	Clock      Clock
	Rand       func() uint64 // for pauses and for the ids of messages

	// Room is where plain lines go: a room that is joined first, after each login if one
	// is not in it. What is typed waits for that. If the room cannot be joined, lines go
	// to nobody, and a chat that is not Interactive ends with the reason Refused. "" is
	// the lobby.
	Room string

	// To is the one person whom plain lines are for, by way of the server, as after
	// /query. "" is nobody: lines are for the Room. Of both only one may be set.
	To string

	// Private is what private sessions need, which a chat that is Interactive and
	// not Plain can have; nil means that there are none.
	Private *Private

	// Saver writes files that the person asks for; nil: there are none.
	Saver Saver

	// Unshown says that the View shows nothing: what was said is read when an Ask says so.
	Unshown bool

	// Watch is called with how the chat is behind each event, and once when it is over. It
	// must not wait. Asks are what is wanted by whoever watches. Both may be nil.
	Watch func(Model)
	Asks  <-chan Ask

	// Restored is what another run of the program has kept, which this one goes on with; nil:
	// nothing.
	Restored *Kept

	// Claim is called before a login as somebody else than the chat is for. If why is not "",
	// it says why that cannot be, in a sentence, and the chat stays as it is. Else the chat ends
	// with an *OtherName if anew is true, and is for the other one if not. used says that the one
	// whom it is for has something in it. It must not wait. nil: the chat is for anybody.
	Claim func(name string, used bool) (anew bool, why string)

	// Subscribers are told each change of the timeline, as the View is. They must not
	// wait. What they have to say to the person comes from Reports, which may be nil.
	Subscribers []func(timeline.Change)
	Reports     <-chan string

	// Password gives the password of the first name that needs one. It may take
	// its time; nil means that there is none but what a person types.
	Password func(ctx context.Context) (string, error)
}

// An App is one chat. The goroutine that calls Run owns all of it; the methods
// that handle events neither block nor start anything themselves, so a test may
// call them one by one.
type App struct {
	cfg       Config
	keyboard  Keyboard
	dial      func(gen int) // answers with an event
	fetch     func()        // the password; answers with an event
	commands  *command.Table
	handlers  map[string]handler // of the commands
	timeline  timeline.Timeline
	view      View
	seen      seen.Messages // that were shown
	queue     *sending.Queue
	bell      BellMode
	presence  presenceFilter
	older     older               // of a history of which more follows
	unclear   []protocol.Response // own messages that may be texts which were sent, see isUnclear
	lookups   map[string]*lookup  // by the refs of their requests
	reactions []reacted           // that are gathered
	wrote     string              // what is asked now, in a view that is no terminal; see wrote.go
	written   []written           // the same of what the server was asked, the oldest first

	resumption resumption // of a session that was lost; see resume.go
	restart    restart    // that the server has announced; see restart.go
	rooms      rooms.Rooms
	gone       []string // rooms in which one was before this login, and is not now
	reading    reading  // what the server knows of how far one has read

	// The connection. See session.go.
	phase     phase
	gen       int       // of the connection; events of others are late
	link      conn.Link // nil without a connection
	dialect   dialect
	reached   bool      // the server was, once
	attempts  int       // to connect or log in since the last steady session
	joined    bool      // a message came in place of the answer to the login
	welcome   string    // what the login was answered with
	loginOut  bool      // the login was sent and is not answered
	loginAt   time.Time // it was sent, later: was answered
	returning bool      // from a lost session
	wasIn     bool      // one was logged in, once
	sensible  bool      // the server has sent a response, once
	strange   int       // texts that were no responses before the first one
	keepalive keepalive.Watch

	notUsed     string // why the server is not used that was reached last; see secure.go
	refusalTold string // the last one that was told

	login   *login.Machine
	owner   string // whom the chat is for; "" is not known
	private *private.Machine

	// The person. See typed.go and recipient.go.
	to          recipient         // whom plain lines are for
	alone       alone             // what was said to one alone
	wantInput   bool              // the last input was handled
	interrupted time.Time         // Ctrl-C asked; zero: or something else since
	lastKey     time.Time         // a key was pressed
	home        recipient         // the room that plain lines were for last
	hold        bool              // lines of other rooms are not shown
	lineBegan   time.Time         // the first key of the line that is typed was; zero: none
	toBegan     recipient         // whom plain lines were for then
	gapShown    bool              // that one was away
	marked      bool              // since this login: what came while one was not logged in is new
	question    *question         // is asked; nil: none is
	export      *exporting        // is under way; nil: none is
	ids         bool              // messages are shown with their numbers
	awayShown   map[string]string // what was said last of somebody's being away; see away.go

	// Whoever watches, and asks. See model.go and asks.go.
	askers    map[AskKind]asker
	asking    *asking // is handled now; nil: none is
	asksAt    asksAt  // what is asked of the person
	asksID    uint64
	questions uint64 // that were asked and are answered with y or n
	kept      ofViews
	whyLost   string // why there is no connection
	account   bool   // one's name is registered
	roster    roster.Roster
	people    map[string]roster.Person // a copy of those of the roster
	peopleAt  int                      // its changes then
	namesAt   map[string]time.Time     // when it was asked who is in a room
	namesRefs map[string]bool          // of these requests
	roles     map[timeline.Conversation]string

	// The end. See leave.go.
	leaving      bool
	logoutQueued bool // the logout is in the outbox or was sent
	unsent       int  // lines that were refused, given up or are in doubt
	ended        bool
	err          error

	alarms [alarmCount]time.Time // zero: not set
}

// New returns a chat that has not begun.
func New(cfg Config) *App {
	a := &App{
		cfg: cfg, keyboard: cfg.Keyboard, commands: command.NewTable(), handlers: newHandlers(), bell: cfg.Bell,
		owner: cfg.Name, view: cfg.View, to: toRoom(cfg.Room), home: toRoom(cfg.Room), awayShown: make(map[string]string), lookups: make(map[string]*lookup),
		askers: newAskers(), namesAt: make(map[string]time.Time), namesRefs: make(map[string]bool), roles: make(map[timeline.Conversation]string),
	}
	if cfg.To != "" {
		a.to, a.home = toOne(timeline.Direct, cfg.To), toLobby
	}
	a.reading.loggedIn(false, "", "")
	a.timeline.Open(lobby, "")
	a.restore(cfg.Restored)
	a.queue = sending.New(sending.Config{Person: cfg.Mode == Interactive, Plain: cfg.Plain, Tag: fmt.Sprintf("%016x", cfg.Rand())}, sendDoor{a}, &a.seen)
	a.timeline.Subscribe(a.view.Changed)
	a.timeline.Subscribe(a.alert)
	a.presence.mode = cfg.Presence
	a.timeline.Subscribe(a.presence.Changed)
	a.timeline.Subscribe(a.learnMessage)
	for _, changed := range cfg.Subscribers {
		a.timeline.Subscribe(changed)
	}
	a.login = a.newLogin()
	a.queue.UseName(a.login.Name())
	a.private = a.newPrivate()
	return a
}

// Run chats until the person leaves, ctx ends or the server ends it. It logs
// out, closes the terminal and returns nil or an *Error.
func (a *App) Run(ctx context.Context) error {
	links := conn.New(a.cfg.Dial)
	defer links.Stop()
	fetches, stopFetching := a.prepareFetch()
	defer stopFetching()
	defer a.keyboard.Close()
	defer a.private.Stop()
	a.dial = links.Dial
	done, input := ctx.Done(), a.keyboard.Input()
	var saved <-chan Saved
	if a.cfg.Saver != nil {
		saved = a.cfg.Saver.Saved()
	}
	a.begin()
	for !a.ended {
		select {
		case in, ok := <-input:
			if !ok {
				in, input = Input{Kind: InputEnd}, nil
			}
			a.typed(in)
			a.dropKeys()
		case <-a.keyboard.Active():
			a.pressed()
		case e := <-links.Events():
			a.happened(e)
		case f := <-fetches:
			a.login.Fetched(f.password, f.err)
		case e := <-a.private.Events():
			a.peered(e)
		case q := <-a.cfg.Asks:
			a.asked(q)
		case s := <-saved:
			a.saved(s)
		case words := <-a.cfg.Reports:
			a.tell(timeline.Warning, "%s", words)
		case <-a.nextAlarm():
		case <-done:
			done = nil
			a.stopNow()
		}
		a.settle()
	}
	return a.err
}

// dropKeys forgets the keys of the line that was handled: they begin no other.
func (a *App) dropKeys() {
	select {
	case <-a.keyboard.Active():
	default:
	}
}

// begin connects.
func (a *App) begin() {
	a.lastKey = a.now()
	a.connect()
	a.wantInput = true
	a.settle()
}

// settle does what may follow from any event.
func (a *App) settle() {
	a.ring()
	a.settlePrivate()
	a.alarms[alarmPassword] = a.login.Tick()
	a.tellDoubt()
	a.flush()
	a.advanceLeaving()
	if a.ended {
		if !a.goesOnAnew() {
			a.watch()
		}
		return
	}
	a.refreshStatus()
	a.watch()
	if a.wantInput && a.hasRoom() {
		a.wantInput = false
		a.keyboard.Next()
	}
}

// happened handles an event of a connection.
func (a *App) happened(e conn.Event) {
	if e.Gen != a.gen || a.ended {
		if e.Link != nil {
			e.Link.Close()
		}
		return
	}
	switch e.Kind {
	case conn.Dialled:
		a.dialled(e)
	case conn.Response:
		a.sensible = true
		a.queue.Ends(e.Newline)
		a.received(e.Response, e.Raw)
	case conn.Words:
		a.spoke(e.Words)
	case conn.Lost:
		a.lost(e.Err)
	}
}

func (a *App) now() time.Time { return a.cfg.Clock.Now() }
