package bot

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	rand2 "math/rand/v2"
	"slices"
	"strconv"
	"time"

	"parley/eventloop/client/conn"
	"parley/eventloop/client/keepalive"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/seen"
	"parley/eventloop/client/sending"
	"parley/protocol"
)

const (
	// The pause before connecting again is chosen at random below a limit that doubles
	// from firstBackoff to lastBackoff, so that many bots do not come back at one moment.
	firstBackoff = time.Second
	lastBackoff  = time.Minute

	// steady is how long a session must have lasted for the backoff to begin anew.
	steady = 30 * time.Second

	// loginPatience is how long a login may stay unanswered.
	loginPatience = 10 * time.Second

	// joinPatience is how long the answer to a login may come behind a message. Some
	// servers of the standard have none but the message that tells everybody.
	joinPatience = time.Second

	// leavePatience is how long the server may take to close a connection behind a logout.
	leavePatience = time.Second

	// seenPause is how long direct messages that were handled wait to be acknowledged, all
	// at once.
	seenPause = 100 * time.Millisecond
)

// A phase is how far a connection has come.
type phase uint8

const (
	offline phase = iota
	dialling
	loggingIn
	loggedIn
)

// A session is a bot's, over all its connections. The goroutine of Bot.run owns it.
type session struct {
	b     *Bot
	cfg   Config
	name  string // as the server spells it, when it has said so
	links *conn.Links
	queue *sending.Queue
	seen  *seen.Messages
	rooms *rooms.Rooms
	watch *keepalive.Watch

	gen     int // of the connection
	link    conn.Link
	phase   phase
	dialect sending.Dialect
	proved  bool      // the server of this connection speaks Parley's extension
	withPW  bool      // the last login on it had the password
	loginAt time.Time // when it went out
	spoke   bool      // a message has come behind it
	words   string    // what the server has said that is no response
	tries   int       // to connect since a session was steady
	alarms  [alarmCount]time.Time

	was       bool   // it was logged in before, in this process
	began     bool   // Dial has been told
	registers string // the ref of the request for an account that is not answered; "": none
	leaving   bool   // it logs out
	expels    *Error
	over      bool
	err       error

	token  string   // of the last session
	floor  uint64   // what has a number up to that was handled by another process
	wanted []string // rooms to be in
	old    history  // what comes of it

	entry   uint64                              // of the last text
	texts   map[uint64]chan<- said              // who waits for what becomes of a text
	asks    map[string]chan<- protocol.Response // who waits for an answer, by ref
	partial map[string][]string                 // names that came before the last response of an answer
	ack     uint64                              // the newest direct message that was handled; 0: all are acknowledged
	probes  int                                 // of whether a server of the standard has the texts that wait
	skips   bool                                // events are left out until those that wait were handled
	skipped bool                                // one was, for good
}

// newTag returns the beginning of the ids of a bot's texts.
func newTag() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x", b)
}

// flush sends what may be sent now.
func (s *session) flush() {
	if !s.over && s.link != nil && !s.queue.Flush() {
		s.lost(errors.New("the server does not read what it is sent"))
	}
}

func (s *session) connect() {
	s.clear(alarmRetry)
	s.gen++
	s.phase = dialling
	s.links.Dial(s.gen)
}

func (s *session) retry() {
	if s.phase == offline {
		s.connect()
	} else if s.phase == loggingIn {
		s.logIn()
	}
}

// retryLater sets the next try, after at least a pause.
func (s *session) retryLater(atLeast time.Duration) {
	limit := lastBackoff
	if s.tries < 6 { // 2^6 s is beyond the last
		limit = min(cmp.Or(s.cfg.backoff, firstBackoff)<<s.tries, lastBackoff)
	}
	s.tries++
	s.set(alarmRetry, atLeast+rand2.N(limit))
}

// happened handles an event of a connection.
func (s *session) happened(e conn.Event) {
	if e.Gen != s.gen || s.over {
		if e.Link != nil {
			e.Link.Close()
		}
		return
	}
	switch e.Kind {
	case conn.Dialled:
		s.dialled(e)
	case conn.Response:
		s.queue.Ends(e.Newline)
		s.received(e.Response)
	case conn.Words:
		s.words = cmp.Or(s.words, e.Words)
	case conn.Lost:
		s.lost(e.Err)
	}
}

func (s *session) dialled(e conn.Event) {
	var wrongKey *conn.WrongKeyError
	switch {
	case e.Err == nil:
	case s.leaving:
		s.end(nil)
		return
	case !s.was || errors.As(e.Err, &wrongKey):
		s.end(e.Err)
		return
	default:
		s.phase = offline
		s.retryLater(0)
		return
	}
	if e.First != nil {
		s.cfg.Log.Warn("the server was met for the first time, and nobody vouches for its key: compare it with what the server logs at its start", "key", e.First.Fingerprint)
	}
	if e.Unkept != nil {
		s.cfg.Log.Warn("the key of the server is right and could not be remembered", "error", e.Unkept)
	}
	s.link, s.proved, s.withPW, s.words, s.old = e.Link, false, false, "", history{}
	s.dialect = sending.Unknown
	if s.cfg.Plain {
		s.dialect = sending.Plain
	}
	s.queue.Connected(s.cfg.Plain)
	s.queue.UseName(s.name)
	s.logIn()
}

// joinRooms joins the rooms in which the bot is to be and is not.
func (s *session) joinRooms() {
	for _, room := range s.wanted {
		if _, in := s.rooms.In(room); in || s.rooms.Joining(room) || rooms.IsLobby(room) {
			continue
		}
		if s.dialect == sending.Plain {
			s.end(fmt.Errorf("the room %s cannot be joined: %w", room, ErrPlain))
			return
		}
		s.queue.Ask(sending.Request{Verb: "join", Fields: map[string]string{"room": room}, Extension: true})
		s.rooms.Ask(rooms.Request{Ref: s.queue.LastRef("join"), Room: room})
	}
}

func (s *session) wants(room string) bool {
	return slices.ContainsFunc(s.wanted, func(w string) bool { return rooms.Same(w, room) })
}

// want has the bot be in a room whenever it comes back.
func (s *session) want(room string) {
	if !s.wants(room) {
		s.wanted = append(slices.Clone(s.wanted), room)
	}
}

func (s *session) wantNot(room string) {
	s.wanted = slices.DeleteFunc(slices.Clone(s.wanted), func(w string) bool { return rooms.Same(w, room) })
}

// arrive tells Dial that the bot is where it was to be, or why not.
func (s *session) arrive(err error) {
	busy := s.registers != "" || slices.ContainsFunc(s.wanted, s.rooms.Joining) || !s.alarms[alarmJoin].IsZero()
	if !s.began && (err != nil || !busy) {
		s.began = true
		s.b.arrived <- err
	}
}

// lost handles the end of a connection.
func (s *session) lost(err error) {
	steadily := s.phase == loggedIn && time.Since(s.loginAt) >= steady
	s.drop()
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.New("the server has closed the connection")
	}
	switch {
	case s.leaving:
		s.end(nil)
	case s.expels != nil:
		s.end(s.expels)
	case !s.was:
		s.end(err)
	default:
		if steadily {
			s.tries = 0
		}
		s.cfg.Log.Info("the connection was lost", "error", err)
		s.event(Lost{err})
		s.retryLater(0)
	}
}

// drop gives up the connection. What waits to be said is kept.
func (s *session) drop() {
	if s.link != nil {
		s.link.Close()
		s.link = nil
	}
	s.gen++
	s.phase = offline
	for _, t := range s.queue.Lost() {
		s.settleText(t.Entry, said{err: ErrInDoubt})
	}
	s.rooms.Lost(s.queue.Waits)
	for ref, answer := range s.asks {
		if !s.queue.Waits(ref) {
			delete(s.asks, ref)
			close(answer)
		}
	}
	s.partial, s.registers = nil, ""
	s.clear(alarmLogin)
	s.clear(alarmQuiet)
	s.clear(alarmSeen)
	s.clear(alarmJoin)
}

// leave logs out.
func (s *session) leave() {
	if s.over || s.leaving {
		return
	}
	s.leaving = true
	if s.phase != loggedIn {
		s.end(nil)
		return
	}
	s.acknowledge()
	s.queue.Logout()
	s.set(alarmLeave, leavePatience)
}

// end ends the session for good.
func (s *session) end(err error) {
	if s.over {
		return
	}
	s.over, s.err = true, err
	if s.link != nil {
		s.link.Close()
	}
	s.arrive(cmp.Or(err, ErrClosed))
}

// failAll tells all who wait that nothing will come.
func (s *session) failAll() {
	for entry := range s.texts {
		s.settleText(entry, said{err: ErrClosed})
	}
	for ref, answer := range s.asks {
		delete(s.asks, ref)
		close(answer)
	}
}

// quiet pings a server that is silent or has been told nothing, and gives up one that is
// silent for too long.
func (s *session) quiet() {
	action, again := s.watch.Look(s.queue.LastSent(), time.Now())
	switch action {
	case keepalive.GiveUp:
		s.lost(keepalive.ErrSilent)
		return
	case keepalive.Ping:
		s.ping()
	}
	s.set(alarmQuiet, again)
}

// ping asks whether the server is there. It also says, when it is time, that the bot is: one
// that listens is not to be logged out for doing nothing.
func (s *session) ping() {
	state := ""
	if s.watch.ActiveDue(time.Now()) {
		state = protocol.StateActive
		s.watch.ActiveSent(time.Now())
	}
	s.queue.Add(sending.Request{Verb: "ping", Content: state, Ref: s.queue.Ref("ping")})
}

// sawDirect notes that a direct message was handled.
func (s *session) sawDirect(number uint64) {
	s.ack = max(s.ack, number)
	if s.alarms[alarmSeen].IsZero() {
		s.set(alarmSeen, seenPause)
	}
}

// acknowledge tells the server which direct messages were handled, so that it does not tell
// them again.
func (s *session) acknowledge() {
	if s.ack > 0 && s.phase == loggedIn && s.dialect == sending.Extended {
		s.queue.Add(sending.Request{Verb: "seen", Content: strconv.FormatUint(s.ack, 10)})
		s.ack = 0
	}
}
