package sim_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/log"
	"parley/users/state"
)

// day is one run: the world, and what must be true of it.
type day struct {
	record
	*ledger
	seed     uint64
	world    *sim.World
	rand     *rand.Rand
	clients  []*client
	ghosts   []ghost
	blocks   map[users.Block]bool  // folded
	acks     map[string]*seen      // by person
	wishes   map[string]*wish      // by ref
	askedAt  map[string]time.Time  // by ref
	wanted   map[string][]*wish    // by text
	leftAt   map[string]int        // the serial of the newest request to leave a room, by name
	blocksOf map[string]leftBlocks // of guests, by name
	parted   map[string]bool       // guests who have logged out since it was quiet, by person
	been     map[string]bool       // as whom the server may know a name, "NAME PERSON"
	departed []string              // who was told to be gone, to be looked at when all have read
	serial   int
	logins   int
	jumped   time.Duration     // the clock, since the server began
	mended   time.Time         // when the disk has begun to work
	round    int               // how often all have read what there is
	padding  bool              // texts are long
	asked    map[string]*order // to keep order, by what is to be done
	exits    map[string][]*ask // by which somebody may be put out of a room, by name
	posts    int               // that a program was to say through its hook
	posted   map[string]bool   // their texts
	met      map[string]int    // what has happened in all runs
}

// A ghost is a connection that is dead, and the server may not know it.
type ghost struct {
	name string
	*visit
}

var names = []string{"ann", "bob", "carl", "dora"}

// machines is how many a user has.
const machines = 3

const password = "blue horse"

func newDay(t *testing.T, seed uint64, met map[string]int) *day {
	cfg := config(t, 1+int(seed%3))
	cfg.Flood = server.FloodLimits{}
	if seed%3 == 1 { // some of what is asked for waits
		cfg.Flood = server.FloodLimits{PerSecond: 1, Burst: 2, Wait: time.Hour}
	}
	cfg.Timeout = 12 * time.Second // short enough to be met
	cfg.Pace = []time.Duration{2, 2, 2, 30}[seed%4] * time.Millisecond
	cfg.Sessions = []int{1, 2, 3, 3}[seed/2%4]
	if seed%2 == 0 {
		cfg.GuestGrace = 20 * time.Second
	}
	switch seed % 7 {
	case 1:
		cfg.KeepMessages = 8
	case 2:
		cfg.KeepDays = 1
	}
	d := &day{seed: seed, world: sim.NewWorld(cfg, time.Duration(seed%7)*time.Millisecond, start), rand: rand.New(rand.NewPCG(seed, 1)),
		blocks: map[users.Block]bool{}, acks: map[string]*seen{}, wishes: map[string]*wish{}, askedAt: map[string]time.Time{}, wanted: map[string][]*wish{},
		leftAt: map[string]int{}, blocksOf: map[string]leftBlocks{}, parted: map[string]bool{}, been: map[string]bool{}, asked: map[string]*order{}, exits: map[string][]*ask{}, posted: map[string]bool{}, met: met, padding: seed%5 == 0}
	d.ledger = newLedger(d.record.fail)
	d.keepDays, d.keepMessages = cfg.KeepDays, cfg.KeepMessages
	d.world.Disk.Told = time.Duration(seed%3) * time.Millisecond
	d.world.Disk.Kept = d.kept
	if seed%4 == 0 { // what was missed is read from the disk
		d.world.Tail = 2 << 10
		d.world.Crash()
	}
	for _, name := range names {
		for i := range machines {
			d.clients = append(d.clients, &client{name: name, machine: 1 + i, shown: map[uint64]bool{}, view: map[uint64]*face{}})
		}
	}
	return d
}

// of returns the clients of a user.
func (d *day) of(name string) []*client {
	i := slices.IndexFunc(d.clients, func(c *client) bool { return c.name == name })
	return d.clients[i : i+machines]
}

func (d *day) fail(format string, args ...any) { d.record.fail(format, args...) }

// kept notes what has become safe, and who must hear it.
func (d *day) kept(rows *state.Rows) {
	for _, a := range rows.Accounts {
		if a.Name == bell {
			continue
		}
		d.been[users.Fold(a.Name)+" "+users.Fold(a.Name)] = true
		for _, c := range d.of(users.Fold(a.Name)) {
			if registers := func(a *ask) bool { return a.Verb == "register" }; !a.Gone && slices.ContainsFunc(c.asked(), registers) {
				c.person = users.Fold(a.Name)
			}
		}
	}
	for _, r := range rows.Renamed {
		for _, c := range d.clients {
			if c.person == r.From {
				c.person = r.To
			}
		}
		if was := d.acks[r.From]; was != nil {
			now := d.seen(r.To)
			*now = seen{max(now.asked, was.asked), max(now.now, was.now), max(now.sure, was.sure)}
			delete(d.acks, r.From)
		}
	}
	for _, f := range rows.Forgotten {
		for _, c := range d.clients {
			if c.person == f.Person {
				c.life++
			}
		}
	}
	numbers := d.put(rows)
	d.met["pruned"] += len(rows.Pruned)
	d.oweActs(rows.Acts)
	for _, c := range d.clients {
		for i := range wants(c.visit) {
			w := &c.visit.want[i]
			w.lost = d.lost[w.number]
		}
	}
	d.oweEvents(rows)
	for _, n := range numbers {
		m, ok := d.messages[n]
		text := m.Text
		switch {
		case d.posted[m.Text]:
			d.checkPosted(m)
			d.oweMessage(n)
			continue
		case ok:
			d.checkRoomOf(n)
			d.checkAnswers(n)
			d.oweMessage(n)
		default:
			text = d.directs[n].Text
			d.oweDirect(n)
		}
		d.checkOnce(text)
		d.checkHeard(n, text)
	}
}

// checkAnswers checks that a message answers the one that was meant.
func (d *day) checkAnswers(n uint64) {
	if m := d.messages[n]; m.Re != 0 {
		d.met["answers"]++
		if !slices.ContainsFunc(d.wanted[m.Text], func(w *wish) bool { return w.re == m.Re }) {
			d.fail("%d, %q, answers %d", n, m.Text, m.Re)
		}
	}
}

// wants returns what a connection is to hear, nothing of none.
func wants(v *visit) []wanted {
	if v == nil {
		return nil
	}
	return v.want
}

// oweMessage notes who is to hear a message.
func (d *day) oweMessage(n uint64) {
	m := d.messages[n]
	for _, c := range d.clients {
		if v := c.visit; v != nil && v.based && n > v.base && !d.deaf(c.name, m.Sender) {
			d.owe(c, v, d.roomOf(m.Room, n), n)
		}
	}
}

// oweDirect notes who is to get a direct message, or a copy of it, now.
func (d *day) oweDirect(n uint64) {
	m := d.directs[n]
	for _, c := range d.clients {
		v := c.visit
		if v == nil || !v.based || v.plain && m.Person != c.person {
			continue
		}
		said := slices.ContainsFunc(d.wanted[m.Text], func(w *wish) bool { return w.visit == v })
		if m.Person == c.person || m.From == c.person && !said {
			v.copies[n] = true
		}
	}
}

// checkOnce checks that a text was kept only as often as people have asked for that.
func (d *day) checkOnce(text string) {
	lives := map[string]bool{}
	for _, w := range d.wanted[text] {
		lives[w.life] = true
		for _, c := range d.clients { // may have been forgotten since
			if c.name == w.from && c.person == w.person {
				lives[c.identity()] = true
			}
		}
	}
	if d.times[text] > len(lives) {
		d.fail("%q was kept %d times, and asked for by %d people", text, d.times[text], len(lives))
	}
}

// someone returns a client: mostly one that is connected if its user is, and another one if
// that may come beside it.
func (d *day) someone() *client {
	all := d.of(names[d.rand.IntN(len(names))])
	c := all[d.rand.IntN(len(all))]
	there := slices.DeleteFunc(slices.Clone(all), func(c *client) bool { return c.visit == nil })
	switch {
	case c.visit != nil || d.rand.IntN(16) == 0:
		return c
	case len(there) == 0 && !d.accounts[c.name]:
		return all[0]
	case len(there) == 0 || d.accounts[c.name] && len(there) < d.world.Config.Sessions && !there[0].visit.plain && d.rand.IntN(3) == 0:
		return c
	}
	return there[d.rand.IntN(len(there))]
}

// act does one thing at random.
func (d *day) act() {
	c, other := d.someone(), names[d.rand.IntN(len(names))]
	what := d.rand.IntN(100)
	d.note("%d %s %s", what, c, other)
	switch {
	case d.world.Disk.Broken && d.rand.IntN(10) == 0:
		d.breakDisk(false)
	case what < 1:
		d.crash()
	case what < 2:
		d.drain()
	case what < 4:
		d.breakDisk(!d.world.Disk.Broken)
	case what < 5:
		by := time.Duration(d.rand.IntN(240)-120) * time.Minute
		if d.keepDays > 0 {
			by = 20 * by.Abs()
		}
		d.jumped += by
		d.world.Net.SetClock(by)
	case what < 10:
		d.world.Net.Advance(time.Duration(d.rand.IntN(8000)) * time.Millisecond)
	case what < 14:
		d.world.Net.Advance(time.Duration(d.rand.IntN(8)) * time.Millisecond)
	case what < 15 && d.rand.IntN(3) == 0:
		d.deleteAccount(c)
	case what < 18:
		d.operate()
	case what < 15:
		d.world.Disk.Delay = time.Duration(d.rand.IntN(60)) * time.Millisecond
	case c.visit == nil:
		d.connect(c)
	case !c.visit.welcome:
		if d.rand.IntN(3) == 0 { // one that hangs up may be logged in yet, when its password has been looked at
			d.part(c, "resets")
		}
	case c.visit.stalled:
		c.visit.stalled = false
		c.visit.conn.ReadOn()
	default:
		d.actLoggedIn(c, other)
	}
}

func (d *day) actLoggedIn(c *client, other string) {
	switch what := d.rand.IntN(169); {
	case d.invitedTo(c) != nil && what < 40:
		d.actInRooms(c, other)
	case what < 4:
		d.impostor(c)
	case what < 8:
		d.secondLogin(c)
	case what < 12:
		d.part(c, []string{"hangs up", "resets", "vanishes"}[d.rand.IntN(3)])
	case what < 14:
		c.visit.stalled, c.visit.slow = true, true
		c.visit.conn.Stall()
	case what < 17:
		v := c.visit
		d.ask(c, protocol.Request{Verb: "logout"})
		v.slow, v.leaves = true, true
		d.world.Net.Run()
	case what < 20:
		d.register(c)
	case what < 25:
		d.setBlock(c, other)
	case what < 30:
		d.acknowledge(c)
	case what < 35:
		d.again(c)
	case what < 39:
		d.burst(c, other)
	case what < 56:
		d.say(c, "", "")
	case what < 62:
		d.say(c, "", d.ownRoom(c))
	case what < 72:
		if other != c.name {
			d.say(c, other, "")
		}
	case what < 92:
		d.actInRooms(c, other)
	case what < 94:
		d.askFor(c, &ask{Request: protocol.Request{Verb: "rooms"}})
	case what < 96:
		room := d.someRoom()
		d.askFor(c, &ask{Request: protocol.Request{Verb: "names", Content: protocol.Content{Text: room}}, room: room})
	case what < 103:
		d.readOn(c, other)
	case what < 123:
		d.actOnMessages(c)
	case what < 148:
		d.keepOrder(c, other)
	case what < 152:
		d.askHistory(c, other)
	case what < 158:
		d.search(c)
	case what < 159:
		d.export(c)
	case what < 161:
		d.keepLess(c)
	case what < 162 && d.rand.IntN(4) == 0:
		d.forgetMe(c)
	case what < 165:
		d.askUnread(c)
	default:
		d.askSessions(c)
	}
}

// breakDisk has the disk fail or work. What is under way is answered out of order.
func (d *day) breakDisk(broken bool) {
	d.world.Disk.Broken = broken
	for _, c := range d.clients {
		if c.visit != nil {
			c.visit.disturbed = true
		}
	}
	if broken {
		d.met["disk fails"]++
	}
	d.mended = d.world.Net.Now()
}

// works reports whether the disk does, and the server knows it.
func (d *day) works() bool {
	return !d.world.Disk.Broken && d.world.Net.Now().Sub(d.mended) >= 2*log.RetryAfter
}

// crash kills the server. Everybody has read what they could.
func (d *day) crash() {
	d.listen()
	d.met["crash"]++
	for _, s := range d.acks {
		s.now = 0
	}
	d.ghosts = nil
	clear(d.blocksOf)
	clear(d.parted)
	for _, c := range d.clients {
		c.visit = nil
		if d.jumped > 0 { // so a request may be older than the server remembers any
			c.life++
		}
	}
	if d.jumped > 0 {
		d.posts++
	}
	d.jumped, d.mended = 0, time.Time{}
	d.world.Crash()
	d.tellAllTexts()
	d.ledger.check(d.world.Disk)
	clear(d.blocks)
	for _, b := range d.world.Disk.Table.Kept().Blocks {
		d.blocks[folded(b)] = true
	}
}

// drain has the server end as on SIGTERM, which takes a minute at most, and starts another one.
// Some go on talking until they are closed. What was asked for before is answered first.
func (d *day) drain() {
	d.listen()
	d.met["graceful end"]++
	for _, c := range d.clients {
		if v := c.visit; v != nil {
			v.ending, v.owed = true, slices.Clone(v.refs)
		}
	}
	d.world.End()
	for moment := time.Millisecond; moment < 5*time.Second && !d.world.Settled(); moment += moment / 8 {
		if c := d.clients[d.rand.IntN(len(d.clients))]; c.visit != nil && c.visit.welcome && !c.visit.stalled && !c.visit.plain {
			d.say(c, "", "")
		}
		d.world.Net.Advance(moment)
		d.listen()
	}
	d.crash() // and all was safe, if the disk works
}

// listen has everybody read who does.
func (d *day) listen() {
	d.world.Net.Run()
	d.round++
	for _, c := range d.clients {
		if c.visit != nil {
			d.read(c, c.visit)
		}
	}
	d.checkDeparted()
	d.hideBlocked()
}

// settle lets everything that is under way come to its end, and checks that what was
// promised has come.
func (d *day) settle() {
	rounds := 40
	if d.paced() {
		rounds = 80 // so that two bursts are answered, at one request a second
	}
	for range rounds {
		d.world.Net.Advance(200 * time.Millisecond) // longer than two commits take
		d.listen()
		if d.err != nil || d.missing(func(string, ...any) {}) == 0 {
			break
		}
	}
	d.missing(d.fail)
	if !d.works() {
		return
	}
	for _, c := range d.clients {
		if c.visit != nil {
			c.visit.doomed = false
		}
	}
	d.checkParted()
	d.checkViews()
	d.checkBanned()
	clear(d.exits)
	d.tellAllTexts()
	for _, s := range d.acks {
		s.sure = max(s.sure, s.now)
	}
	for _, c := range d.clients {
		if v := c.visit; v != nil && !v.stalled && v.welcome {
			v.disturbed = v.disturbed && len(v.refs) > 0
			v.calm, v.settled = v.direct, true
		}
	}
}

// end has the disk work and everybody come back.
func (d *day) end() {
	d.breakDisk(false)
	d.note("the end")
	for _, c := range d.clients {
		if c.visit != nil && c.visit.stalled {
			c.visit.stalled = false
			c.visit.conn.ReadOn()
		}
	}
	d.settle()
	for range 3 {
		for _, c := range d.clients {
			if c.visit == nil && d.err == nil && (c.machine == 1 || d.accounts[c.name]) {
				d.connect(c)
				d.settle()
			}
		}
	}
	d.ledger.check(d.world.Disk)
}
