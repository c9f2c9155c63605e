package sim_test

import (
	"math/rand/v2"
	"slices"
	"strings"
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
	seed    uint64
	world   *sim.World
	rand    *rand.Rand
	clients map[string]*client
	blocks  map[users.Block]bool // folded
	wishes  map[string]*wish     // by ref
	askedAt map[string]time.Time // by ref
	wanted  map[string][]*wish   // by text
	serial  int
	jumped  time.Duration  // the clock, since the server began
	mended  time.Time      // when the disk has begun to work
	padding bool           // texts are long
	met     map[string]int // what has happened in all runs
}

var names = []string{"ann", "bob", "carl", "dora"}

const password = "blue horse"

func newDay(t *testing.T, seed uint64, met map[string]int) *day {
	cfg := config(t, 1+int(seed%3))
	cfg.Rate = server.Rate{}
	cfg.Timeout = 12 * time.Second // short enough to be met
	cfg.Pace = 2 * time.Millisecond
	if seed%2 == 0 {
		cfg.GuestGrace = 20 * time.Second
	}
	d := &day{seed: seed, world: sim.NewWorld(cfg, time.Duration(seed%7)*time.Millisecond, start), rand: rand.New(rand.NewPCG(seed, 1)), clients: map[string]*client{},
		blocks: map[users.Block]bool{}, wishes: map[string]*wish{}, askedAt: map[string]time.Time{}, wanted: map[string][]*wish{}, met: met, padding: seed%5 == 0}
	d.ledger = newLedger(d.record.fail)
	d.world.Disk.Told = time.Duration(seed%3) * time.Millisecond
	d.world.Disk.Kept = d.kept
	if seed%4 == 0 { // what was missed is read from the disk
		d.world.Tail = 2 << 10
		d.world.Crash()
	}
	for _, name := range names {
		d.clients[name] = &client{name: name, shown: map[uint64]bool{}}
	}
	return d
}

func (d *day) fail(format string, args ...any) { d.record.fail(format, args...) }

// kept notes what has become safe, and who must hear it.
func (d *day) kept(rows *state.Rows) {
	for _, a := range rows.Accounts {
		if c := d.clients[a.Name]; c.visit != nil && c.visit.welcome { // has registered
			c.person = a.Name
		}
	}
	for _, r := range rows.Renamed {
		for _, c := range d.clients {
			if c.person == r.From {
				c.person = r.To
			}
		}
	}
	for _, f := range rows.Forgotten {
		for _, c := range d.clients {
			if c.person == f.Person {
				c.life++
			}
		}
	}
	for _, n := range d.put(rows) {
		m, ok := d.messages[n]
		for _, c := range d.clients {
			if v := c.visit; ok && v != nil && v.based && n > v.base && !d.deaf(c.name, m.Sender) {
				v.want = append(v.want, n)
			}
		}
		text := m.Text
		if !ok {
			text = d.directs[n].Text
		}
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
}

// deaf reports whether somebody has blocked another.
func (d *day) deaf(name, other string) bool {
	return d.blocks[users.Block{Blocker: users.Fold(name), Blocked: users.Fold(other)}]
}

// act does one thing at random.
func (d *day) act() {
	c, other := d.clients[names[d.rand.IntN(len(names))]], names[d.rand.IntN(len(names))]
	what := d.rand.IntN(100)
	d.note("%d %s %s", what, c.name, other)
	switch {
	case d.world.Disk.Broken && d.rand.IntN(10) == 0:
		d.breakDisk(false)
	case what < 3:
		d.crash()
	case what < 5:
		d.breakDisk(!d.world.Disk.Broken)
	case what < 7:
		by := time.Duration(d.rand.IntN(240)-120) * time.Minute
		d.jumped += by
		d.world.Net.SetClock(by)
	case what < 14:
		d.world.Net.Advance(time.Duration(d.rand.IntN(8000)) * time.Millisecond)
	case what < 18:
		d.world.Net.Advance(time.Duration(d.rand.IntN(8)) * time.Millisecond)
	case what < 19:
		d.world.Disk.Delay = time.Duration(d.rand.IntN(60)) * time.Millisecond
	case c.visit == nil:
		d.connect(c)
	case !c.visit.welcome:
		if d.rand.IntN(3) == 0 {
			d.part(c, "hangs up")
		}
	case c.visit.stalled:
		c.visit.stalled = false
		c.visit.conn.ReadOn()
	default:
		d.actLoggedIn(c, other, what)
	}
}

func (d *day) actLoggedIn(c *client, other string, what int) {
	switch {
	case what < 22:
		d.impostor(c)
	case what < 24:
		d.takeOver(c)
	case what < 29:
		d.part(c, []string{"hangs up", "resets", "vanishes"}[d.rand.IntN(3)])
	case what < 31:
		c.visit.stalled, c.visit.slow = true, true
		c.visit.conn.Stall()
	case what < 34:
		v := c.visit
		d.ask(c, protocol.Request{Verb: "logout"})
		v.slow = true
		d.world.Net.Run()
	case what < 37:
		d.register(c)
	case what < 44:
		d.setBlock(c, other)
	case what < 50:
		d.acknowledge(c)
	case what < 57:
		d.again(c)
	case what < 59:
		d.burst(c, other)
	case what < 80:
		d.say(c, "")
	default:
		if other != c.name {
			d.say(c, other)
		}
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
	for _, c := range d.clients {
		c.visit, c.ackedNow = nil, 0
		if d.jumped > 0 { // so a request may be older than the server remembers any
			c.life++
		}
	}
	d.jumped, d.mended = 0, time.Time{}
	d.world.Crash()
	d.ledger.check(d.world.Disk)
	clear(d.blocks)
	for _, b := range d.world.Disk.Table.Kept().Blocks {
		d.blocks[folded(b)] = true
	}
}

// listen has everybody read who does.
func (d *day) listen() {
	d.world.Net.Run()
	for _, name := range names {
		if c := d.clients[name]; c.visit != nil {
			d.read(c, c.visit)
		}
	}
}

// settle lets everything that is under way come to its end, and checks that what was
// promised has come.
func (d *day) settle() {
	for range 40 {
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
		c.ackedSure = max(c.ackedSure, c.ackedNow)
		if v := c.visit; v != nil && !v.stalled && v.welcome {
			v.disturbed = v.disturbed && len(v.refs) > 0
			v.calm = v.direct
		}
	}
}

// end has the disk work and everybody come back.
func (d *day) end() {
	d.breakDisk(false)
	d.note("the end")
	for _, name := range names {
		c := d.clients[name]
		if c.visit != nil && c.visit.stalled {
			c.visit.stalled = false
			c.visit.conn.ReadOn()
		}
	}
	d.settle()
	for range 3 {
		for _, name := range names {
			if c := d.clients[name]; c.visit == nil && d.err == nil {
				d.connect(c)
				d.settle()
			}
		}
	}
	d.ledger.check(d.world.Disk)
}

// setBlock blocks or unblocks somebody, and waits until that is settled.
func (d *day) setBlock(c *client, other string) {
	d.settle()
	if c.visit == nil || !d.works() || c.visit.stalled || c.name == other {
		return
	}
	verb := "block"
	if d.deaf(c.name, other) {
		verb = "unblock"
	}
	d.ask(c, protocol.Request{Verb: verb, Content: protocol.Content{Text: other}})
	d.settle()
}

// impostor tries to log in with a name that somebody has.
func (d *day) impostor(c *client) {
	d.settle()
	if c.visit == nil || !d.works() {
		return
	}
	want := protocol.NameTaken
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: strings.ToUpper(c.name)}, Extended: true}
	if d.rand.IntN(2) == 0 {
		r.Token = strings.Repeat("e", 2*protocol.TokenSize)
	}
	if d.accounts[c.name] && d.rand.IntN(2) == 0 {
		r.Password, want = password, protocol.LoggedInElsewhere
	} else if d.accounts[c.name] {
		want = protocol.PasswordRequired
	}
	conn := d.world.Net.Dial()
	conn.Send(protocol.AppendRequest(nil, r))
	d.world.Net.Advance(100 * time.Millisecond)
	d.listen()
	b, _ := conn.Read()
	if c.visit != nil && !strings.Contains(string(b), string(want)) {
		d.fail("a second %s is told %s", c.name, b) // unless the first was logged out meanwhile
	}
	d.met[string(want)]++
	conn.HangUp()
	d.settle()
}

// forgetBlocks ends the blocks of a guest who has left.
func (d *day) forgetBlocks(c *client) {
	if d.accounts[c.name] {
		return
	}
	for b := range d.blocks {
		if b.Blocker == c.name {
			delete(d.blocks, b)
		}
	}
}

// hasBlocked reports whether somebody has blocked anybody.
func (d *day) hasBlocked(c *client) bool {
	return slices.ContainsFunc(names, func(other string) bool { return d.deaf(c.name, other) })
}
