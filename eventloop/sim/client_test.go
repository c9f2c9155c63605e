package sim_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
)

// A client is what somebody's program on one machine knows in a random day, over all its
// connections.
type client struct {
	name    string
	machine int // of those that the user has, from 1 on
	account bool
	person  string // as the server knows it, "" before the first login
	life    int    // grows when the server has forgotten the person
	token   string
	log     string
	after   uint64           // newest number that was shown
	shown   map[uint64]bool  // numbers
	view    map[uint64]*face // what it shows now
	last    *wish
	visit   *visit // nil: it is not connected
}

func (c *client) String() string { return fmt.Sprint(c.name, "/", c.machine) }

// identity names a person as long as the server remembers what they have asked for.
func (c *client) identity() string { return fmt.Sprint(c.person, c.life) }

// A visit is one connection of a client.
type visit struct {
	conn    *sim.Conn
	scanner *protocol.Scanner
	token   string            // that it came with, or was given
	began   int               // in the order of the logins
	greeted int               // round of reading in which the login was answered
	round   int               // of reading, in which it has begun
	over    map[*telling]bool // texts that it knows not to be any more
	sent    int               // after so many commits it was asked for
	plain   bool
	welcome bool // the login was answered
	settled bool // since then there was a time when nothing was under way
	stalled bool // it does not read
	leaves  bool // has asked to be logged out
	slow    bool // the session may be over without its knowing: it has not read for a while, or has logged out
	refs    []string
	asks    map[string]*ask // by ref; of a plain one the newest
	active  time.Time       // when it has done something

	ending bool     // the server ends
	owed   []string // what it had asked for before that, and must be answered
	bye    bool     // it was told of it

	disturbed bool // the disk has failed: answers may be out of order

	resumes  bool   // what was missed comes, behind
	from     uint64 // this number
	based    bool   // it hears what is behind
	base     uint64 // this number
	want     []wanted
	past     int // messages of the history that are still to come, of a plain one
	heard    map[uint64]bool
	newest   uint64          // of the messages that were heard
	direct   uint64          // of the direct ones
	calm     uint64          // of those that it had heard when all was quiet, so that the server knows that they have gone out
	copies   map[uint64]bool // direct messages that must come although they may have been acknowledged
	muted    map[string]bool
	replaced bool // another connection has its name
	rival    bool // another one may have
	doomed   bool // it ends if what somebody who keeps order has asked for is done
	ousts    bool // it has asked for others to end

	rooms    []string       // that a plain one has joined and not left, the last one last; of an extended one the current
	lost     bool           // the current one was left by another session
	lostAt   int            // after so many commits it was there for sure
	in       *room          // that a plain one hears
	history  []uint64       // what it is told of the past, until all has come
	joining  string         // in which room that is, if it has joined one
	told     map[string]int // events, by what they say
	may      map[string]int // how often it may be told them
	must     map[string]int // and how often for sure
	id       int            // of the session, 0: not known
	reported bool           // another one of the same user has ended it, or who keeps order
	end      uint64         // the number of the act that has ended it
}

// A wanted is a message that a session must hear, or may as a member of a room which was
// left in the same commit.
type wanted struct {
	number uint64
	as     *membership
	lost   bool // it is kept no more, and may still come
	may    bool
}

// current returns the room to which a session talks.
func (v *visit) current() string {
	if len(v.rooms) == 0 {
		return lobby
	}
	return v.rooms[len(v.rooms)-1]
}

// works reports whether what a session is told can be relied on to come, and at once.
func (v *visit) works() bool {
	return v != nil && v.based && !v.stalled && !v.slow && !v.replaced && !v.rival && !v.doomed && !v.ending
}

// paced reports whether what people ask for may wait. Then nobody has a plain session, whose
// answers have no numbers: what they are is known by what was asked for last.
func (d *day) paced() bool { return d.world.Config.Flood.PerSecond > 0 }

// connect logs in on a new connection, most times with all that the client knows.
func (d *day) connect(c *client) {
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: c.name}, Extended: true}
	c.account = c.account || d.accounts[c.name] && d.rand.IntN(4) > 0
	switch {
	case c.account:
		r.Password = password
		r.Takeover = d.rand.IntN(4) == 0
	case d.rand.IntN(3) == 0:
		r.Password, r.Register = password, true
	}
	if d.rand.IntN(6) > 0 && !d.isForgotten(c) {
		r.Token = c.token
	}
	if d.rand.IntN(6) > 0 && c.log != "" {
		r.Log, r.After, r.HasAfter = c.log, c.after, true
		switch d.rand.IntN(20) {
		case 0:
			r.Log = "another"
		case 1, 2, 3:
			r.After = d.rand.Uint64N(c.after + 1)
		}
	}
	alone := !slices.ContainsFunc(d.of(c.name), func(c *client) bool { return c.visit != nil })
	if alone && d.rand.IntN(6) == 0 && !d.world.Disk.Broken && !d.paced() {
		d.world.Net.Advance(2 * log.RetryAfter) // its answers have no numbers, so nothing else may be under way
		d.settle()
		r.Extended, r.HasAfter, r.Register = false, false, false
		if r.Token == "" { // it is not told one
			d.serial++
			r.Token = fmt.Sprintf("c%0*d", 2*protocol.TokenSize-1, d.serial)
		}
	}
	d.open(c, r)
	if d.rand.IntN(3) > 0 || c.visit.plain {
		d.settle()
	}
}

// open sends a login.
func (d *day) open(c *client, r protocol.Request) {
	v := &visit{conn: d.dial(c), scanner: protocol.NewScanner(protocol.MaxServedFrame), token: r.Token, sent: d.commits, round: d.round, over: map[*telling]bool{}, plain: !r.Extended, ousts: r.Takeover, active: d.world.Net.Now(),
		disturbed: d.world.Disk.Broken, from: r.After, in: d.rooms[0], asks: map[string]*ask{}, heard: map[uint64]bool{}, copies: map[uint64]bool{}, muted: map[string]bool{},
		told: map[string]int{}, may: map[string]int{}, must: map[string]int{}}
	if v.plain {
		d.met["plain login"]++
		v.based, v.base = true, d.last
		clear(c.view) // it shows no numbers, so nothing changes later
	}
	for _, g := range d.ghosts {
		if v.token != "" && g.token == v.token && !g.conn.Closed() {
			v.began = g.began // has its place
		}
	}
	for _, other := range d.of(c.name) {
		if other == c || other.visit == nil {
			continue
		}
		if r.Takeover || r.Token != "" && r.Token == other.visit.token {
			other.visit.rival = true
		}
		v.rival = v.rival || other.visit.ousts && !other.visit.welcome
	}
	d.note("    %s logs in, plain %v, after %d, with %.10s, takeover %v", c, v.plain, r.After, r.Token, r.Takeover)
	c.visit = nil
	d.loseBlocks(c, r.Token)
	switch c.visit = v; { // which may be told something before its answer is read
	case r.Password != "":
		c.person = users.Fold(c.name)
	case r.Token != "":
		c.person = command.GuestPrefix + command.TokenID(r.Token)
	}
	d.been[c.name+" "+c.person] = true
	v.conn.Send(protocol.AppendRequest(nil, r))
}

// part ends a connection, or has it be dead.
func (d *day) part(c *client, how string) {
	v := c.visit
	if v.plain {
		d.listen() // what has gone out counts as seen
	}
	if c.visit == nil {
		return
	}
	d.note("    %s %s", c, how)
	switch {
	case how == "hangs up":
		if v.plain && !v.stalled {
			d.acked(c, v.direct)
		}
		v.conn.HangUp()
	case how == "resets":
		v.conn.Reset()
	default:
		v.conn.Stall()
		d.ghosts = append(d.ghosts, ghost{c.name, v})
	}
	d.world.Net.Run()
	d.over(c, false)
}

// over notes that the connection of a client is.
func (d *day) over(c *client, inPeace bool) {
	if v := c.visit; v.welcome {
		d.leaveBlocks(c, v, inPeace || v.end > 0) // a guest who was put out does not come back
	}
	c.visit = nil
}

// An ask is a request that waits for its answer.
type ask struct {
	protocol.Request
	at       int    // after so many commits it was made
	room     string // that it is about, "": the current one, or none
	want     string // the event or the code that must answer it, "": it is not known
	target   string // the name of whom it is about, or ""
	deed     string // what is to be done to keep order
	answered bool
	acts     int             // of the answer to audit, so far
	phrase   string          // that is looked for
	found    map[uint64]bool // messages in the answer, so far
	number   uint64          // of the message that it is about; of a page the last that has come

	active time.Time // when the session had done something before it

	rooms  []protocol.Room   // of the answer, so far
	unread []protocol.Unread // likewise
}

// ask sends a request.
func (d *day) ask(c *client, r protocol.Request) *ask {
	v := c.visit
	if v.plain {
		d.read(c, v)
		if c.visit != v {
			return nil
		}
		d.acked(c, v.direct) // that it does something says so
	}
	if r.Ref == "" && r.Verb != "seen" {
		d.serial++
		r.Ref = fmt.Sprint(d.serial)
	}
	a := &ask{Request: r, at: d.commits, active: v.active}
	d.note("    %s > %s %.40s %v %s", c, r.Verb, r.Content.Text, r.Content.Fields, r.Ref)
	if r.Ref != "" && !v.plain {
		v.refs = append(v.refs, r.Ref)
	}
	if v.plain {
		clear(v.asks)
	}
	v.asks[r.Ref] = a
	if d.askedAt[r.Ref] = d.world.Net.Now(); v.plain && r.Verb != "ping" && r.Verb != "read" && !v.disturbed && !v.slow {
		v.active = d.world.Net.Now()
	}
	v.conn.Send(protocol.AppendRequest(nil, r))
	if d.rand.IntN(3) == 0 {
		d.world.Net.Run()
	}
	return a
}

// quiet reports whether nothing is under way now, so that what a client asks for has the
// answer that it must have.
func (d *day) quiet(c *client) bool {
	d.settle()
	return c.visit != nil && c.visit.welcome && !c.visit.stalled && !c.visit.slow && d.works() && d.err == nil
}

// register makes an account of a guest.
func (d *day) register(c *client) {
	if !d.quiet(c) || c.account {
		return
	}
	d.ask(c, protocol.Request{Verb: "register", Content: protocol.Content{Text: password}})
	d.settle()
	if c.visit != nil && c.visit.plain {
		c.account = d.accounts[c.name]
	}
}

// entered notes what the answer to a login says.
func (d *day) entered(c *client, v *visit, data *protocol.Data) {
	if c.log != data.Log {
		c.after = 0
	}
	c.log = data.Log
	d.is(c, v, data.State == protocol.StateAccount, data.Token)
	if data.Resume != "" {
		d.met[data.Resume]++
	}
	d.checkJoined(c, v, data.Rooms)
	for n := range c.view {
		if data.Resume != protocol.ResumeFollows || n > v.from {
			delete(c.view, n)
		}
	}
	if v.resumes = data.Resume == protocol.ResumeFollows; !v.resumes {
		d.hears(c, v, data.ID)
		d.oweHistories(c, v)
	}
}

// is notes who has logged in.
func (d *day) is(c *client, v *visit, account bool, token string) {
	if c.person = users.Fold(c.name); !account {
		c.person = command.GuestPrefix + command.TokenID(token)
	}
	d.been[c.name+" "+c.person] = true
	delete(d.parted, c.person)
	d.takeBlocks(c)
	d.logins++
	v.welcome, v.greeted, v.token, v.began, c.account, c.token = true, d.round, token, cmp.Or(v.began, d.logins), account, token
	for _, other := range names {
		v.muted[other] = d.deaf(c.name, other)
	}
	d.oweInvitations(c, v)
}

// hears notes that a session hears what is behind a number.
func (d *day) hears(c *client, v *visit, base uint64) {
	v.based, v.base, v.want = true, base, nil
	for _, r := range d.rooms {
		for _, n := range d.said(r, base, d.last, func(sender string) bool { return d.deaf(c.name, sender) }) {
			d.owe(c, v, r, n)
		}
	}
	slices.SortStableFunc(v.want, func(a, b wanted) int { return cmp.Compare(a.number, b.number) })
}

// owe notes that a session is to hear a message in a room, if it is.
func (d *day) owe(c *client, v *visit, r *room, n uint64) {
	if v.plain && v.in != r {
		return
	}
	for _, m := range slices.Backward(r.memberships(c.person, v.sent-1, d.commits)) {
		if may, must := m.holds(n); may {
			v.want = append(v.want, wanted{number: n, as: m, may: !must})
			return
		}
	}
}

// missing says what should have come to those who are there and read, and has not. It
// returns how much that is.
func (d *day) missing(say func(format string, args ...any)) (n int) {
	miss := func(format string, args ...any) { n++; say(format, args...) }
	for _, c := range d.clients {
		v := c.visit
		switch {
		case v == nil || v.stalled || d.world.Disk.Broken:
			continue
		case !v.welcome:
			miss("%s is not answered", c)
			continue
		case !v.based || v.past > 0 && !d.anyRemoved():
			miss("%s is not told what was missed", c)
		case slices.ContainsFunc(v.want, func(w wanted) bool {
			return !w.may && !d.lost[w.number] && !(v.plain && d.isRemoved(w.number))
		}):
			miss("%s does not hear %v", c, v.want)
		case len(v.refs) > 0:
			miss("%s gets no answer to %s", c, v.refs)
		}
		for _, number := range d.waiting(c, v) {
			miss("%s does not get the direct message %d", c, number)
		}
		for what, times := range v.must {
			if v.told[what] < times && v.works() {
				miss("%s is told %d times of %d: %s", c, v.told[what], times, what)
			}
		}
	}
	return n
}

// waiting returns the direct messages that should have come, ascending.
func (d *day) waiting(c *client, v *visit) (numbers []uint64) {
	acked := d.seen(c.person).asked
	for n, dm := range d.directs {
		waits := dm.Person == c.person && n > acked || v.copies[n] && v.works()
		if waits && !d.gone[n] && !(v.plain && d.isRemoved(n)) && !v.heard[n] && !v.muted[users.Fold(dm.Sender)] {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}
