package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
)

// A client is what somebody's program knows in a random day, over all its connections.
type client struct {
	name    string
	account bool
	person  string // as the server knows it, "" before the first login
	life    int    // grows when the server has forgotten the person
	token   string
	log     string
	after   uint64          // newest number that was shown
	shown   map[uint64]bool // numbers
	last    *wish

	acked     uint64 // direct messages up to this number were acknowledged
	ackedNow  uint64 // which the server knows when all is quiet, unless it is killed
	ackedSure uint64 // and this far the server knows it
	visit     *visit // nil: it is not connected
}

// identity names a person as long as the server remembers what they have asked for.
func (c *client) identity() string { return fmt.Sprint(c.person, c.life) }

// A visit is one connection of a client.
type visit struct {
	conn    *sim.Conn
	scanner *protocol.Scanner
	token   string // that it came with
	plain   bool
	welcome bool // the login was answered
	stalled bool // it does not read
	slow    bool // the session may be over without its knowing: it has not read for a while, or has logged out
	refs    []string
	active  time.Time // when it has done something

	disturbed bool // the disk has failed: answers may be out of order

	resumes  bool   // what was missed comes, behind
	from     uint64 // this number
	based    bool   // it hears what is behind
	base     uint64 // this number
	want     []uint64
	history  []uint64
	past     int // messages of the history that are still to come, of a plain one
	heard    map[uint64]bool
	newest   uint64 // of the messages that were heard
	direct   uint64 // of the direct ones
	calm     uint64 // of those that it had heard when all was quiet, so that the server knows that they have gone out
	muted    map[string]bool
	replaced bool // another connection has its name
}

// A wish is a request that is to create something.
type wish struct {
	protocol.Request
	from, to, text string
	person, life   string // who has asked
	number         uint64 // of what was created, 0: it is not known
	reused         bool   // its id was another's
}

// connect logs in on a new connection, most times with all that the client knows.
func (d *day) connect(c *client) {
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: c.name}, Extended: true}
	if c.account {
		r.Password = password
		r.Takeover = d.rand.IntN(2) == 0
	}
	if d.rand.IntN(6) > 0 {
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
	if d.rand.IntN(6) == 0 && !d.world.Disk.Broken {
		d.world.Net.Advance(2 * log.RetryAfter) // its answers have no numbers, so nothing else may be under way
		d.settle()
		r.Extended, r.HasAfter = false, false
		if r.Token == "" { // it is not told one
			d.serial++
			r.Token = fmt.Sprintf("c%0*d", 2*protocol.TokenSize-1, d.serial)
		}
	}
	c.visit = d.open(c, r)
	if d.rand.IntN(3) > 0 || c.visit.plain {
		d.settle()
	}
}

// open sends a login.
func (d *day) open(c *client, r protocol.Request) *visit {
	v := &visit{conn: d.world.Net.Dial(), scanner: protocol.NewScanner(protocol.MaxServedFrame), token: r.Token, plain: !r.Extended, active: d.world.Net.Now(),
		disturbed: d.world.Disk.Broken, from: r.After, heard: map[uint64]bool{}, muted: map[string]bool{}}
	if v.plain {
		d.met["plain login"]++
		v.based, v.base = true, d.last
	}
	d.note("    %s logs in, plain %v, after %d, with %.10s", c.name, v.plain, r.After, r.Token)
	v.conn.Send(protocol.AppendRequest(nil, r))
	return v
}

// takeOver comes back on a new connection while the old one lives.
func (d *day) takeOver(c *client) {
	d.settle()
	old := c.visit
	if old == nil || !old.welcome || old.stalled || !d.works() || c.token == "" || old.plain {
		return
	}
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: c.name}, Extended: true, Token: c.token, Log: c.log, After: c.after, HasAfter: true}
	if c.account {
		r.Password = password
	}
	old.replaced = true
	c.visit = d.open(c, r)
	d.settle()
	d.read(c, old)
	if c.visit != nil && c.visit.welcome && !old.conn.Closed() && d.err == nil {
		d.fail("%s has two sessions", c.name)
	}
	if c.visit != nil && !c.visit.welcome {
		d.fail("%s cannot take over", c.name)
	}
	d.met["replaced"]++
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
	d.note("    %s %s", c.name, how)
	switch {
	case how == "hangs up":
		if v.plain && !v.stalled {
			d.acked(c, v.direct)
		}
		v.conn.HangUp()
	case how == "resets" || d.hasBlocked(c) && !c.account:
		v.conn.Reset()
	default:
		v.conn.Stall()
		c.visit = nil
		return
	}
	d.world.Net.Run()
	c.visit = nil
	d.forgetBlocks(c)
}

// ask sends a request.
func (d *day) ask(c *client, r protocol.Request) {
	v := c.visit
	if v.plain {
		d.read(c, v)
		if c.visit != v {
			return
		}
		d.acked(c, v.direct) // that it does something says so
	}
	if r.Ref == "" && r.Verb != "seen" {
		d.serial++
		r.Ref = fmt.Sprint(d.serial)
	}
	d.note("    %s > %s %.40s %s", c.name, r.Verb, r.Content.Text, r.Ref)
	if r.Ref != "" && !v.plain {
		v.refs = append(v.refs, r.Ref)
	}
	if d.askedAt[r.Ref] = d.world.Net.Now(); v.plain && r.Verb != "ping" && !v.disturbed && !v.slow {
		v.active = d.world.Net.Now()
	}
	v.conn.Send(protocol.AppendRequest(nil, r))
	if d.rand.IntN(3) == 0 {
		d.world.Net.Run()
	}
}

// say says something to one person, or to all.
func (d *day) say(c *client, to string) {
	d.serial++
	w := &wish{from: c.name, to: to, text: fmt.Sprintf("%s says %d", c.name, d.serial)}
	if d.padding { // so that what is missed has several pages
		w.text += strings.Repeat(".", d.rand.IntN(3000))
	}
	w.Request = protocol.Request{Verb: "msg", Content: protocol.Content{Text: w.text}, Ref: fmt.Sprint(d.serial), ID: fmt.Sprint(d.serial)}
	if to != "" {
		w.Verb, w.Content.Text = "dm", to+" "+w.text
	}
	c.last = w
	d.send(c, w)
}

func (d *day) send(c *client, w *wish) {
	w.person, w.life = c.person, c.identity()
	d.wishes[w.Ref] = w
	if !w.reused {
		d.wanted[w.text] = append(d.wanted[w.text], w)
	}
	d.ask(c, w.Request)
}

// again sends a request once more, from this session or another one, or another request
// under its id.
func (d *day) again(c *client) {
	if c.last == nil || c.visit.plain || c.last.to != "" && c.last.life != c.identity() { // in plain sessions a text is all there is
		return
	}
	d.serial++
	w := *c.last
	if w.Ref = fmt.Sprint(d.serial); w.life != c.identity() {
		w.number = 0
	}
	if w.number > 0 && w.life == c.identity() && d.rand.IntN(3) == 0 {
		w.reused = true
		w.Content.Text += " or not"
	} else {
		c.last = &w
	}
	d.met["again"]++
	d.send(c, &w)
}

// acknowledge says that direct messages were seen, or pings.
func (d *day) acknowledge(c *client) {
	newest := uint64(0)
	for n := range c.shown {
		if dm := d.directs[n]; dm != nil && dm.Person == c.person {
			newest = max(newest, n)
		}
	}
	if c.visit.plain || newest == 0 || !c.visit.welcome || c.visit.resumes && !c.visit.based {
		d.ask(c, protocol.Request{Verb: "ping"})
		return
	}
	d.ask(c, protocol.Request{Verb: "seen", Content: protocol.Content{Text: fmt.Sprint(newest)}})
	d.acked(c, newest)
}

// acked notes that direct messages up to a number were acknowledged.
func (d *day) acked(c *client, n uint64) {
	c.acked = max(c.acked, n)
	if v := c.visit; v.plain {
		n = min(n, v.calm)
	}
	if !c.visit.disturbed && !c.visit.slow { // whose session may be over, which it has not read yet
		c.ackedNow = max(c.ackedNow, n)
	}
}

// burst asks for several things in one piece.
func (d *day) burst(c *client, other string) {
	v := c.visit
	if v.plain || v.stalled {
		return
	}
	var piece []byte
	for range 2 + d.rand.IntN(6) {
		d.serial++
		ref := fmt.Sprint(d.serial)
		r := protocol.Request{Verb: []string{"ping", "names", "msg", "dm", "blocked", "whois", "help"}[d.rand.IntN(7)], Ref: ref}
		switch r.Verb {
		case "msg", "dm":
			w := &wish{from: c.name, text: "burst " + ref, person: c.person, life: c.identity()}
			r.Content.Text = w.text
			if r.Verb == "dm" {
				r.Content.Text, w.to = other+" "+w.text, other
			}
			w.Request = r
			d.wishes[ref], d.wanted[w.text] = w, []*wish{w}
		case "whois":
			r.Content.Text = other
		}
		d.note("    %s > %s %s", c.name, r.Verb, r.Ref)
		v.refs, d.askedAt[ref] = append(v.refs, ref), d.world.Net.Now()
		piece = protocol.AppendRequest(piece, r)
	}
	v.conn.Send(piece)
}

// register makes an account of a guest.
func (d *day) register(c *client) {
	d.settle()
	if c.visit == nil || c.account || !d.works() || c.visit.stalled {
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
	if v.resumes = data.Resume == protocol.ResumeFollows; !v.resumes {
		d.hears(c, v, data.ID)
	}
}

// is notes who has logged in.
func (d *day) is(c *client, v *visit, account bool, token string) {
	person := users.Fold(c.name)
	if !account {
		person = command.GuestPrefix + command.TokenID(token)
	}
	if person != c.person {
		c.person, c.acked, c.ackedNow, c.ackedSure = person, 0, 0, 0
	}
	v.welcome, c.account, c.token = true, account, token
	for _, other := range names {
		v.muted[other] = d.deaf(c.name, other)
	}
}

// hears notes that a session hears what is behind a number.
func (d *day) hears(c *client, v *visit, base uint64) {
	v.based, v.base = true, base
	v.want = d.said(base, d.last, func(sender string) bool { return d.deaf(c.name, sender) })
}

// missing says what should have come to those who are there and read, and has not. It
// returns how much that is.
func (d *day) missing(say func(format string, args ...any)) (n int) {
	miss := func(format string, args ...any) { n++; say(format, args...) }
	for _, name := range names {
		c := d.clients[name]
		v := c.visit
		switch {
		case v == nil || v.stalled || d.world.Disk.Broken:
			continue
		case !v.welcome:
			miss("%s is not answered", name)
			continue
		case !v.based || v.past > 0:
			miss("%s is not told what was missed", name)
		case len(v.want) > 0:
			miss("%s does not hear %d", name, v.want)
		case len(v.refs) > 0:
			miss("%s gets no answer to %s", name, v.refs)
		}
		for _, number := range d.waiting(c, v) {
			miss("%s does not get the direct message %d", name, number)
		}
	}
	return n
}

// waiting returns the direct messages that should have come, ascending.
func (d *day) waiting(c *client, v *visit) (numbers []uint64) {
	for n, dm := range d.directs {
		if dm.Person == c.person && n > c.acked && !d.gone[n] && !v.heard[n] && !v.muted[users.Fold(dm.Sender)] {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}
