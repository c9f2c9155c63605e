package p2p

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"parley/protocol"
)

const (
	// openTimeout is how long a session may take from the introduction, and the
	// server to introduce after an acceptance: 5 s of direct tries, then the relay,
	// while direct tries go on for 30 s more.
	openTimeout = 40 * time.Second

	// lapseGrace is how long after its time an invitation is given up without a
	// word of the server, which is the one that counts.
	lapseGrace = 10 * time.Second

	// lingerTime is how long the relay of an ended session stays, so that the last
	// words get out: a little more than a transport takes to close a link.
	lingerTime = 1500 * time.Millisecond

	// maxPeople is how many people are remembered for their texts and for what was
	// shown of them. Those from whom nothing waits are forgotten first.
	maxPeople = 1_000
)

// Config is what Sessions need of the world.
type Config struct {
	Server    Server
	Transport Transport
	Pins      Pins
	Tell      func(Notice) // shows something; it may call Peers and nothing else
	Tag       string       // names this run of the client, to anybody: random, at most protocol.MaxTag bytes
}

// Sessions are the private sessions of one user, with everything that comes
// before and what waits after them. One goroutine owns them. Nothing here
// blocks, and time is an argument.
type Sessions struct {
	cfg    Config
	name   string // one's own, as the server spells it; "" before the first login
	online bool   // the server can be asked

	people map[string]*person            // by folded name
	parked map[string]map[string]*person // of other names that one had in this run, by folded own name
	links  map[LinkID]*link
	plans  map[uint64]*person // by the number of a plan that is live or lingers

	offered  Offer // as the person was told last
	lastPlan uint64
	newest   uint64    // number of an invitation, in this run of the server
	floor    uint64    // no text of somebody who was forgotten has a higher number
	broken   []*link   // to be given up by sweep
	idle     []*person // to be looked at by sweep
}

// person is somebody else, and what there is with that one.
type person struct {
	name   string // as the server spells it
	ask    *ask
	live   *session
	linger *linger

	owed       []string // verbs that the server has not answered, in order
	theirs     uint64   // number of that one's latest invitation
	introduced uint64   // of the latest introduction
	offered    string   // a changed key that was refused and may be trusted
	instead    string   // the key in whose place it was offered
	trusting   bool     // the offered key is about to be kept
	verifying  string   // the key that is about to be kept as verified

	out    []text // oldest first
	wrote  string // the key for which they were written
	lastID uint64
	seen   []seen // the latest last
	used   time.Time
}

// session is one that both have agreed to.
type session struct {
	plan     Plan
	detached bool // the server that introduced it is gone: its number means nothing to the present one
	state    State
	since    time.Time
	deadline time.Time // while Connecting

	links   []*link // the oldest first
	inUse   *link   // both have said hello on it
	asked   *link   // the chooser has said hello on it and waits
	opened  bool    // it has been open
	failure error   // no more links will come

	claimed bool // the key is to be kept
	pinned  bool // it is: the link may be used
	known   Pin  // before; zero if nothing was
	shown   bool // the words were

	words  []string
	sent   int // of person.out, on the link in use
	heard  time.Time
	pinged time.Time
	pings  uint64
	trip   time.Duration

	typed, typing time.Time // last told, last heard
}

// linger is a session that is over, whose last words are still relayed.
type linger struct {
	plan  Plan
	until time.Time
}

// New returns Sessions of nobody: LoggedIn says whose they are.
func New(c Config) *Sessions {
	return &Sessions{
		cfg:    c,
		people: make(map[string]*person),
		parked: make(map[string]map[string]*person),
		links:  make(map[LinkID]*link),
		plans:  make(map[uint64]*person),
	}
}

func fold(name string) string { return strings.ToLower(name) }

// LoggedIn says that the server, which has told its identity, or none, knows one by
// that name. Direct sessions go on if it is the same name as before.
func (s *Sessions) LoggedIn(name, identity string, now time.Time) {
	if s.online {
		s.ServerLost(now)
	}
	if before := fold(s.name); before != fold(name) {
		s.endAll("You have logged in as "+name+".", now)
		if s.name != "" {
			s.parked[before] = s.people
		}
		if s.people = s.parked[fold(name)]; s.people == nil {
			s.people = make(map[string]*person)
		}
		delete(s.parked, fold(name))
	}
	s.name, s.online, s.newest = name, true, 0
	s.cfg.Pins.At(identity)
	s.sweep(now)
}

// LoggedOut says that one leaves: peers are told, and everything ends.
func (s *Sessions) LoggedOut(now time.Time) {
	s.endAll("You have logged out.", now)
	s.online = false
	s.forget()
	s.sweep(now)
}

func (s *Sessions) endAll(why string, now time.Time) {
	for _, p := range s.active() {
		s.dropAsk(p, Notice{Text: why})
		if p.live != nil {
			s.end(p, ending{kind: NoticeEnded, why: why, bye: true}, now)
		}
		s.dropLinger(p)
	}
}

// ServerLost says that the connection to the server is gone. What needs it ends.
func (s *Sessions) ServerLost(now time.Time) {
	s.online, s.newest = false, 0
	for _, p := range s.active() {
		s.dropAsk(p, Notice{Text: "The connection to the server is lost. Ask again when it is back."})
		s.dropLinger(p)
		if p.live != nil {
			p.live.detached = true
			s.relayEnded(p, ending{why: "The connection to the server is lost, and the session went through it."}, now)
		}
	}
	s.forget()
	s.sweep(now)
}

// forget gives up what the server of before still owed.
func (s *Sessions) forget() {
	for _, p := range s.people {
		p.owed, p.theirs, p.introduced = nil, 0, 0
		s.tidy(p)
	}
}

// Tick does what is due at a time. It returns when it must be called again; zero:
// there is nothing to wait for. Every other method may change that.
func (s *Sessions) Tick(now time.Time) (next time.Time) {
	s.sweep(now)
	for _, p := range s.active() {
		s.tickAsk(p, now)
		if p.linger != nil && !now.Before(p.linger.until) {
			s.settle(p)
		}
		if p.live != nil {
			s.tickSession(p, now)
		}
		s.idle = append(s.idle, p)
	}
	s.sweep(now)
	for _, p := range s.active() {
		for _, t := range p.alarms() {
			if !t.IsZero() && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	return next
}

// alarms returns when something is due; zero times mean nothing.
func (p *person) alarms() []time.Time {
	var all []time.Time
	if p.ask != nil {
		all = append(all, p.ask.until)
	}
	if p.linger != nil {
		all = append(all, p.linger.until)
	}
	l := p.live
	if l == nil {
		return all
	}
	if l.state == Open {
		all = append(all, l.heard.Add(deadAfter), l.pingAt())
	} else {
		all = append(all, l.deadline)
	}
	for _, k := range l.links {
		all = append(all, k.until)
	}
	return all
}

// Peers returns a row for everybody with whom there is a session, an invitation
// or a text that waits, by name.
func (s *Sessions) Peers() []Peer {
	var rows []Peer
	for _, p := range s.sorted(func(p *person) bool { return p.ask != nil || p.live != nil || len(p.out) > 0 }) {
		rows = append(rows, s.row(p))
	}
	return rows
}

// Lookup returns the row of somebody, whose name may be in any letter case.
func (s *Sessions) Lookup(name string) (Peer, bool) {
	p := s.people[fold(name)]
	if p == nil || p.ask == nil && p.live == nil && len(p.out) == 0 {
		return Peer{}, false
	}
	return s.row(p), true
}

func (s *Sessions) row(p *person) Peer {
	row := Peer{Name: p.name, State: Closed, Waiting: len(p.out)}
	row.Known, _ = s.cfg.Pins.Pin(p.name)
	switch l := p.live; {
	case l != nil:
		row.State, row.Since, row.RoundTrip, row.Fingerprint = l.state, l.since, l.trip, l.plan.Fingerprint
		if l.inUse != nil {
			row.Path = l.inUse.Path
		}
		if l.pinned {
			row.Known = l.known
		}
	case p.ask != nil && p.ask.mine:
		row.State, row.Since, row.Fingerprint = Asking, p.ask.since, p.ask.fingerprint
	case p.ask != nil:
		row.State, row.Since, row.Fingerprint = Asked, p.ask.since, p.ask.fingerprint
	}
	if p.ask != nil && p.live == nil {
		row.Until = p.ask.until.Add(-lapseGrace)
	}
	if row.Offered = p.offered; row.State == Asked && s.changed(p, row.Fingerprint) {
		row.Offered = row.Fingerprint
	}
	row.Verified = s.isVerified(p, row.Fingerprint)
	return row
}

// KeysRefused returns a row for everybody whose changed key was refused, and with whom nothing
// else goes on, by name.
func (s *Sessions) KeysRefused() []Peer {
	var rows []Peer
	for _, p := range s.sorted(func(p *person) bool { return p.offered != "" && p.ask == nil && p.live == nil && len(p.out) == 0 }) {
		rows = append(rows, s.row(p))
	}
	return rows
}

// active returns those with whom something goes on, by name.
func (s *Sessions) active() []*person {
	return s.sorted(func(p *person) bool { return p.ask != nil || p.live != nil || p.linger != nil })
}

func (s *Sessions) sorted(which func(*person) bool) []*person {
	var list []*person
	for _, p := range s.people {
		if which(p) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *person) int { return cmp.Compare(fold(a.name), fold(b.name)) })
	return list
}

// full returns an error if there are as many sessions, and invitations of one's own,
// as one may have. Those of others are not among them: one could not end them.
func (s *Sessions) full() error {
	own, _ := s.counts()
	if own < protocol.MaxPrivate {
		return nil
	}
	return protocol.Errorf(protocol.Busy, "You have %d private sessions and invitations of your own, which is the limit. End one with /stopprivate NAME.", protocol.MaxPrivate)
}

// counts returns how many sessions and invitations are one's own, and how many
// invitations wait for one's answer.
func (s *Sessions) counts() (own, ringing int) {
	for _, p := range s.people {
		switch {
		case p.live != nil || p.ask != nil && (p.ask.mine || p.ask.accepted):
			own++
		case p.ask != nil:
			ringing++
		}
	}
	return own, ringing
}

// person returns the one of that name, who is remembered from now on.
func (s *Sessions) person(name string, now time.Time) *person {
	p := s.people[fold(name)]
	if p == nil {
		if len(s.people) >= maxPeople {
			s.forgetOne()
		}
		p = &person{lastID: s.floor}
		s.people[fold(name)] = p
	}
	p.name, p.used = name, now
	return p
}

// forgetOne forgets the one who was not needed for the longest time.
func (s *Sessions) forgetOne() {
	idle := s.sorted(func(p *person) bool { return p.ask == nil && p.live == nil && p.linger == nil && len(p.out) == 0 })
	if len(idle) == 0 {
		return
	}
	p := slices.MinFunc(idle, func(a, b *person) int { return a.used.Compare(b.used) })
	s.floor = max(s.floor, p.lastID)
	delete(s.people, fold(p.name))
}

// tidy forgets somebody of whom there is nothing to remember.
func (s *Sessions) tidy(p *person) {
	if s.people[fold(p.name)] == p && p.ask == nil && p.live == nil && p.linger == nil && len(p.owed) == 0 &&
		p.offered == "" && len(p.out) == 0 && p.lastID <= s.floor && len(p.seen) == 0 {
		delete(s.people, fold(p.name))
	}
}

func (s *Sessions) tell(p *person, n Notice) {
	n.Name = p.name
	n.Verified = p.live != nil && s.isVerified(p, p.live.plan.Fingerprint)
	s.cfg.Tell(n)
}

// request asks the server something about somebody.
func (s *Sessions) request(verb string, p *person) bool {
	return s.online && s.cfg.Server.Ask(verb, map[string]string{"name": p.name})
}
