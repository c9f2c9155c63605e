package sim_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
)

var (
	seedCount = flag.Int("seeds", 1000, "how many random days the simulation lives through")
	seed      = flag.Uint64("seed", 0, "live through this random day only")
)

// TestRandomDays has people with accounts and guests come and go, talk, write
// directly, block each other, wait, try again and vanish with unread bytes, on a
// slow disk that fails now and then, under a clock that somebody sets, with a server
// that is killed now and then, under many seeds. It holds the server to this:
//
//   - nobody hears what somebody said whom they have blocked;
//   - what was acknowledged is there after a crash, once, and in order;
//   - a direct message that is said to be delivered reaches its receiver, and one
//     that is stored reaches them at the next login, once;
//   - what is said is heard by all who are there and have not blocked the sender;
//   - a name belongs to one session;
//   - who does nothing for too long is logged out, once.
//
// A seed that fails is printed; -seed runs it alone.
func TestRandomDays(t *testing.T) {
	first, n := seeds()
	for s := first; s < first+n; s++ {
		d := newDay(t, s)
		for range 60 {
			d.act()
			d.settle()
			if d.err != nil {
				t.Fatalf("seed %d: %v\n%s", s, d.err, strings.Join(d.script, "\n"))
			}
		}
	}
}

// seeds returns the first of the seeds that the flags ask for, and how many.
func seeds() (first, n uint64) {
	first, n = 1, uint64(*seedCount)
	if *seed != 0 {
		first, n = *seed, 1
	}
	if testing.Short() {
		n = min(n, 100)
	}
	return first, n
}

// record is what was done in a run, and the first thing that was wrong.
type record struct {
	script []string
	err    error
}

func (r *record) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// day is one run: the world, and what must be true of it.
type day struct {
	record
	world    *sim.World
	rand     *rand.Rand
	people   map[string]*person // who is logged in
	account  map[string]bool
	blocks   map[users.Block]bool
	acked    []string                     // messages
	before   int                          // how many of them when what is done now began
	asked    map[string]string            // text of each ref
	askedAt  map[string]time.Time         // by ref
	lastSaid map[string]*protocol.Request // by name
	got      map[string]map[string]bool   // direct messages that each has got
	directs  map[string]promise           // direct messages that were answered, by text
	said     map[string][]*person         // messages that were told to somebody, and who must hear them
	failed   bool                         // the disk has failed, so not all that is asked for happens
	serial   int
}

func newDay(t *testing.T, seed uint64) *day {
	cfg := config(t, 1+int(seed%3))
	cfg.Rate = server.Rate{}
	cfg.Timeout = 12 * time.Second // short enough to be met
	return &day{world: sim.NewWorld(cfg, time.Duration(seed%7)*time.Millisecond, start), rand: rand.New(rand.NewPCG(seed, 1)),
		people: map[string]*person{}, account: map[string]bool{}, blocks: map[users.Block]bool{}, asked: map[string]string{}, askedAt: map[string]time.Time{}, lastSaid: map[string]*protocol.Request{},
		got: map[string]map[string]bool{}, directs: map[string]promise{}, said: map[string][]*person{}}
}

var names = []string{"ann", "bob", "carl", "dora"}

const password = "blue horse"

// act does one thing at random.
func (d *day) act() {
	name, other := names[d.rand.IntN(len(names))], names[d.rand.IntN(len(names))]
	p := d.people[name]
	what := d.rand.IntN(100)
	d.before = len(d.acked)
	d.script = append(d.script, fmt.Sprintf("%d %s %s", what, name, other))
	switch {
	case what < 3:
		d.crash()
	case what < 5:
		d.world.Disk.Broken = !d.world.Disk.Broken
		d.failed = true
	case what < 7:
		d.world.Net.SetClock(time.Duration(d.rand.IntN(240)-120) * time.Minute)
	case what < 15:
		d.world.Net.Advance(time.Duration(d.rand.IntN(8000)) * time.Millisecond)
	case p == nil:
		d.login(name)
	case what < 18:
		d.impostor(name)
	case what < 21 && d.lastSaid[name] != nil: // a retry of what was said before
		d.ask(p, *d.lastSaid[name])
	case what < 25:
		p.conn.HangUp()
		d.world.Net.Run()
		delete(d.people, name)
		d.leave(name)
	case what < 30:
		d.ask(p, protocol.Request{Verb: "logout"})
		d.world.Net.Run()
		d.listen(name, p)
		delete(d.people, name)
		d.leave(name)
	case what < 35 && !d.account[name]:
		d.ask(p, protocol.Request{Verb: "register", Content: protocol.Content{Text: password}})
		d.world.Net.Advance(100 * time.Millisecond)
	case what < 45:
		d.setBlock(name, other, p)
	case what < 70:
		d.serial++
		text := fmt.Sprintf("%s says %d", name, d.serial)
		ref := fmt.Sprint(d.serial)
		d.asked[ref] = text
		r := protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}, Ref: ref, ID: ref}
		d.lastSaid[name] = &r
		for other, q := range d.people {
			if !d.blocks[users.Block{Blocker: other, Blocked: name}] {
				d.said[text] = append(d.said[text], q)
			}
		}
		d.ask(p, r)
	default:
		if other == name {
			return
		}
		d.serial++
		text := fmt.Sprintf("%s to %s %d", name, other, d.serial)
		ref := fmt.Sprint(d.serial)
		d.asked[ref] = text
		r := protocol.Request{Verb: "dm", Content: protocol.Content{Text: other + " " + text}, Ref: ref, ID: ref}
		d.lastSaid[name] = &r
		d.directs[text] = promise{from: name, to: other, receiver: d.people[other]}
		d.ask(p, r)
	}
}

// ask sends a request.
func (d *day) ask(p *person, r protocol.Request) {
	d.askedAt[r.Ref] = d.world.Net.Now()
	p.conn.Send(protocol.AppendRequest(nil, r))
	if d.rand.IntN(3) == 0 {
		d.world.Net.Run()
	}
}

func (d *day) login(name string) {
	p := &person{conn: d.world.Net.Dial(), scanner: protocol.NewScanner(protocol.MaxServedFrame), account: d.account[name], active: d.world.Net.Now()}
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true}
	if p.account {
		r.Password = password
	}
	d.people[name] = p
	d.ask(p, r)
	d.settleAll()
	if p := d.people[name]; p != nil && !p.welcome { // registered as its connection was lost
		p.conn.HangUp()
		delete(d.people, name)
	}
}

// impostor tries to log in with a name that somebody has.
func (d *day) impostor(name string) {
	d.settleAll()
	if d.people[name] == nil {
		return
	}
	conn := d.world.Net.Dial()
	conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: strings.ToUpper(name)}, Password: password, Extended: true}))
	d.world.Net.Advance(100 * time.Millisecond)
	d.settle()
	b, _ := conn.Read()
	taken := protocol.NameTaken
	if d.account[name] {
		taken = protocol.LoggedInElsewhere
	}
	if d.people[name] != nil && !strings.Contains(string(b), string(taken)) {
		d.fail("a second %s is told %s", name, b) // unless the first was logged out meanwhile
	}
	conn.HangUp()
	d.settleAll()
}

// leave forgets the blocks of a guest.
func (d *day) leave(name string) {
	if d.account[name] {
		return
	}
	for b := range d.blocks {
		if b.Blocker == name {
			delete(d.blocks, b)
		}
	}
}

// setBlock blocks or unblocks somebody, and waits until that is settled.
func (d *day) setBlock(name, other string, p *person) {
	b := users.Block{Blocker: name, Blocked: other}
	d.settleAll()
	if d.people[name] == nil || name == other || !d.account[other] && d.people[other] == nil {
		return
	}
	verb := "block"
	if d.blocks[b] {
		verb = "unblock"
	}
	d.ask(p, protocol.Request{Verb: verb, Content: protocol.Content{Text: other}})
	d.settleAll()
}

// settleAll lets everything that is under way come to its end. Then what was
// promised must have arrived.
func (d *day) settleAll() {
	d.world.Net.Advance(100 * time.Millisecond)
	d.settle()
	d.checkSaid()
	d.checkDirects()
}

// crash kills the server. What was acknowledged must be on the disk.
func (d *day) crash() {
	d.settle()
	var kept []string
	for _, m := range d.world.Messages {
		kept = append(kept, m.Text)
	}
	for _, text := range d.acked {
		if !slices.Contains(kept, text) {
			d.fail("%q was acknowledged and is not on the disk: %v", text, kept)
		}
	}
	newest := map[string]int{}
	for _, m := range d.world.Messages {
		var n int
		_, _ = fmt.Sscanf(m.Text, m.Sender+" says %d", &n)
		if n <= newest[m.Sender] {
			d.fail("%q is there twice or not in order: %v", m.Text, kept)
		}
		newest[m.Sender] = n
	}
	// Whether what was not answered yet has happened cannot be known.
	for name := range d.people {
		d.leave(name)
	}
	d.people = map[string]*person{}
	clear(d.said)
	// A direct message to somebody who is there is not kept, so its retry is another one.
	maps.DeleteFunc(d.lastSaid, func(_ string, r *protocol.Request) bool { return r.Verb == "dm" })
	d.world.Crash()
}

// settle reads what everybody was sent.
func (d *day) settle() {
	d.world.Net.Run()
	for _, name := range names {
		if p := d.people[name]; p != nil {
			d.listen(name, p)
		}
	}
}

func (d *day) listen(name string, p *person) {
	for {
		b, err := p.conn.Read()
		if b == nil || err != nil {
			return
		}
		for len(b) > 0 {
			frame, n, _ := p.scanner.Scan(b)
			b = b[n:]
			if frame == nil {
				continue
			}
			r, bad := protocol.DecodeResponse(frame)
			if bad != nil {
				d.fail("%s: %s", name, frame)
				return
			}
			d.hear(name, r)
		}
	}
}

// hear checks one response.
func (d *day) hear(name string, r protocol.Response) {
	d.script = append(d.script, fmt.Sprintf("    %s < %s", name, r.Content))
	if d.blocks[users.Block{Blocker: name, Blocked: r.Sender}] {
		d.fail("%s hears %q of %s, whom they have blocked", name, r.Content, r.Sender)
	}
	for _, m := range r.History {
		if d.blocks[users.Block{Blocker: name, Blocked: m.Sender}] {
			d.fail("the history of %s has %q of %s, whom they have blocked", name, m.Content, m.Sender)
		}
	}
	switch {
	case r.Data == nil:
		d.fail("%s: no data in %+v", name, r)
	case r.Kind == protocol.KindError && r.Data.Code == protocol.Internal && !d.failed:
		d.fail("%s: %s", name, r.Content)
	case r.Kind == protocol.KindError && r.Data.Code == protocol.Internal: // may have been told, and was not kept
		delete(d.said, d.asked[r.Ref])
	case r.Data.Event == protocol.EventLogout && r.Data.Code == protocol.Timeout:
		if p := d.people[name]; p == nil {
			d.fail("%s is logged out twice", name)
		} else if idle := d.world.Net.Now().Sub(p.active); idle < d.world.Config.Timeout {
			d.fail("%s is logged out after having done nothing for %s only", name, idle)
		}
		delete(d.people, name)
		d.leave(name)
	case r.Data.Event == protocol.EventLogin:
		d.people[name].welcome = true
	case r.Data.Event == protocol.EventBlocked:
		d.blocks[users.Block{Blocker: name, Blocked: r.Data.Name}] = true
	case r.Data.Event == protocol.EventUnblocked:
		delete(d.blocks, users.Block{Blocker: name, Blocked: r.Data.Name})
	case r.Data.Event == protocol.EventRegistered, r.Data.Code == protocol.PasswordRequired:
		d.account[name] = true
	case r.Data.Event == protocol.EventAccepted:
		d.acked = append(d.acked, d.asked[r.Ref])
		if p := d.people[name]; p != nil {
			p.active = d.askedAt[r.Ref]
		}
	case r.Data.Event == protocol.EventDelivered || r.Data.Event == protocol.EventStored:
		if r.Data.Event == protocol.EventStored && !d.account[r.Data.To] {
			d.fail("%q was stored for %s, a guest", d.asked[r.Ref], r.Data.To)
		}
		if m, ok := d.directs[d.asked[r.Ref]]; ok {
			m.delivered, m.stored = r.Data.Event == protocol.EventDelivered, r.Data.Event == protocol.EventStored
			d.directs[d.asked[r.Ref]] = m
		}
	case r.Data.Event == protocol.EventMessage:
		if p := d.people[name]; p != nil {
			if p.heard == nil {
				p.heard = map[string]bool{}
			}
			if p.heard[r.Content] && (!d.failed || slices.Contains(d.acked[:d.before], r.Content)) { // what was told and not kept is told again when it is tried again
				d.fail("%s hears %q twice", name, r.Content)
			}
			p.heard[r.Content] = true
		}
	case r.Data.Event == protocol.EventDirect:
		if d.got[name] == nil {
			d.got[name] = map[string]bool{}
		}
		if d.got[name][r.Content] && !d.failed { // a disk that fails does not forget, either, what was read
			d.fail("%s gets %q twice", name, r.Content)
		}
		d.got[name][r.Content] = true
	}
}
