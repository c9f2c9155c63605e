package chats

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop/client/timeline"
	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// TestRandomClients has people chat, most with Parley's own client and some with clients of
// the standard, while the network cuts, delays, splits and joins what is sent, lets nobody in,
// or is dead without a word, clients do not read, the disk fails, somebody sets the server's
// clock, and the server is killed, or ends as on SIGTERM. People say lines to all, in rooms, to one alone by way of the
// server and in private sessions, and type nearly all commands that there are; see kinds. The
// server and the clients are the real ones, under one clock. When all works again, it holds
// them to this:
//
//   - a line that its person was told to be accepted is on the disk, where it was meant for, and
//     no line is there twice;
//   - no line is left of which the person was not told what has become of it;
//   - each client has shown all that was said to its person, once, and what others have said in
//     the order in which they did, but for what somebody has kept from them;
//   - nobody is shown what was said to others, in a private room without them, or by whom they
//     have blocked;
//   - what is shown is what it has become: the text, that it was edited or removed, the reactions;
//     and all agree on who is in the room;
//   - what is said in a private session stands in nothing that goes to the server, is shown to
//     the one for whom it was, once and in order, and is else known not to have arrived;
//   - a client of the standard hears the lobby in the same way, with a pause before each
//     response unless too many wait, and nothing but the standard;
//   - of one user no more messages are let through than they may say in that time;
//   - in the end what is said is heard by all within a second.
//
// A run that fails is made as short as it can be, and printed.
func TestRandomClients(t *testing.T) {
	met, runs := map[string]int{}, 0
	rapid.Check(t, func(r *rapid.T) {
		runs++
		newChats(t, r, met).live()
	})
	t.Log(met)
	for _, what := range []string{"broken", "frozen", "crash", "ended", "missed", "said in a room", "said in the lobby", "said to one alone", "accepted", "stored", "delivered", "failed",
		"replied", "blocked", "as it is", "said by a plain client", "heard by a plain client", "stalled", "relayed", "agreed on the members", "held to the flood limit"} {
		if met[what] == 0 && runs >= 1000 {
			t.Errorf("%s has never happened", what)
		}
	}
	for _, what := range []string{"without a pause", "said in private", "direct link", "link broken"} { // in few runs
		if met[what] == 0 && runs >= 5000 {
			t.Errorf("%s has never happened", what)
		}
	}
}

// chats are the clients, and the world that they live in.
type chats struct {
	*rapid.T
	world  *sim.World
	now    time.Time // by the clocks of the clients, which nobody sets
	all    []*chatter
	down   bool // nobody can connect
	serial int
	lines  map[string]timeline.Conversation // that were typed, and whom they are for; by their keys
	kept   map[string][]keptLine            // by key
	keys   map[uint64]string                // of what is kept, by number
	nook   map[string][]stay                // who was in the private room, by name
	do     workload
	plain  []*plainUser // have other clients
	newest uint64       // the number of the newest message

	later  []task // that is to happen
	rand   *rand.Rand
	direct bool // private sessions may have direct links
	relays bool // and may go through the server

	numbers      []uint64             // of all that is kept, in the order in which it came
	disturbances map[string]time.Time // when the connection of somebody began or ended
	hurried      map[string]bool      // whose connection, of a client of the standard, has ended
	crashed      time.Time            // the server was, last

	script []string
	met    map[string]int
}

func (c *chats) note(format string, args ...any) {
	c.script = append(c.script, c.now.Sub(start).String()+" "+fmt.Sprintf(format, args...))
}

const (
	secretOfAll = "blue horse"
	roomOfAll   = "den"
	roomOfTwo   = "nook" // is private: Carl makes it, and invites Dora
)

// start is when simulated time begins.
var start = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func newChats(t *testing.T, r *rapid.T, met map[string]int) *chats {
	cfg := server.Config{Loops: rapid.IntRange(1, 2).Draw(r, "loops"), Pace: 50 * time.Millisecond, Drain: 10 * time.Second, PlainHistory: protocol.HistoryReplay, History: 100,
		LoginTimeout: 30 * time.Second, GuestGrace: []time.Duration{time.Minute, time.Hour}[rapid.IntRange(0, 1).Draw(r, "grace")], Timeout: 30 * time.Minute, PlainPresence: true, PresenceLimit: 100, RelayRate: 256 << 10,
		Logins: users.DefaultLockoutLimits(), Clock: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))}
	do := drawWorkload(r)
	if do.flood {
		cfg.Flood = server.DefaultFlood()
	}
	delay := time.Duration(rapid.IntRange(0, 20).Draw(r, "ms of the disk")) * time.Millisecond
	c := &chats{T: r, world: sim.NewWorld(cfg, delay, start), now: start, lines: map[string]timeline.Conversation{}, kept: map[string][]keptLine{},
		keys: map[uint64]string{}, nook: map[string][]stay{}, do: do, disturbances: map[string]time.Time{}, hurried: map[string]bool{}, met: met,
		rand: rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))}
	if do.private {
		c.direct, c.relays = rapid.Bool().Draw(r, "direct links"), rapid.Bool().Draw(r, "relay")
	}
	rows := state.Rows{Count: 1, Time: start}
	for name, role := range map[string]users.Role{"carl": users.Owner, "dora": users.NoRole} {
		rows.Accounts = append(rows.Accounts, state.AccountRow{Account: users.Account{Name: name, Hash: "hash of " + secretOfAll, Registered: start, Role: role}})
	}
	c.world.Disk.Table.Put(&rows)
	c.world.Disk.Kept = c.keeps
	c.world.Crash()
	for _, name := range []string{"ann", "bob", "carl", "dora"} {
		c.all = append(c.all, newChatter(c, name))
		c.disturbed(name)
	}
	for i, name := range []string{"pia", "quin"}[:rapid.IntRange(0, 2).Draw(r, "other clients")] {
		c.plain = append(c.plain, newPlainUser(c, name, i == 0))
	}
	return c
}

// live has things happen, heals the world, and looks at what has come of it.
func (c *chats) live() {
	for _, p := range c.all {
		c.until(10*time.Minute, p.name+" is there", func() bool { return p.entered && p.reads })
	}
	for i, p := range c.all {
		verb := "/join "
		if i == 0 {
			verb = "/create "
		}
		p.types(verb + roomOfAll)
		c.until(10*time.Minute, p.name+" is in the room", func() bool { return p.joined && p.reads })
	}
	c.Repeat(c.actions())
	c.heal()
	c.check()
}

// actions are what may happen.
func (c *chats) actions() map[string]func(*rapid.T) {
	anybody := rapid.SampledFrom(c.all)
	connected := func(r *rapid.T) (*chatter, *cable) {
		p := anybody.Draw(r, "who")
		if p.wire == nil || p.wire.over() {
			r.Skip("has no connection")
		}
		return p, p.wire
	}
	actions := map[string]func(*rapid.T){
		"line": func(r *rapid.T) {
			anybody.Draw(r, "who").says(r, rapid.SampledFrom(c.do.ways).Draw(r, "to"))
		},
		"command": func(r *rapid.T) {
			if p := anybody.Draw(r, "who"); p.reads && p.status.Question == "" {
				p.types(p.filled(r, rapid.SampledFrom(p.do.commands).Draw(r, "line")))
			}
		},
		"pass":  func(r *rapid.T) { c.pass(time.Duration(rapid.IntRange(1, 100).Draw(r, "ms")) * time.Millisecond) },
		"flow":  func(r *rapid.T) { c.flow(time.Duration(rapid.IntRange(1, 30000).Draw(r, "ms")) * time.Millisecond) },
		"sends": func(r *rapid.T) { p, w := connected(r); p.sends(w, rapid.IntRange(1, 200).Draw(r, "bytes")) },
		"hears": func(r *rapid.T) { p, w := connected(r); p.hears(w, rapid.IntRange(1, 2000).Draw(r, "bytes")) },
		"breaks": func(r *rapid.T) {
			p, w := connected(r)
			noticed := rapid.Bool().Draw(r, "noticed")
			c.met["broken"]++
			c.note("the connection of %s breaks, noticed by the server: %t", p.name, noticed)
			p.breaks(w, noticed)
		},
		"stalls": func(r *rapid.T) {
			p, w := connected(r)
			if w.stalled = !w.stalled; w.stalled {
				c.met["stalled"]++
				w.conn.Stall()
			} else {
				w.conn.ReadOn()
			}
			c.note("the client of %s does not read: %t", p.name, w.stalled)
		},
		"freezes": func(r *rapid.T) {
			p, w := connected(r)
			c.met["frozen"]++
			c.note("nothing comes through between %s and the server", p.name)
			w.frozen = true
		},
		"network": func(r *rapid.T) {
			c.down = !c.down
			c.note("nobody can connect: %t", c.down)
		},
		"disk": func(r *rapid.T) {
			c.world.Disk.Broken = !c.world.Disk.Broken
			c.note("the disk is broken: %t", c.world.Disk.Broken)
		},
		"clock": func(r *rapid.T) {
			d := time.Duration(rapid.IntRange(-7200, 7200).Draw(r, "s")) * time.Second
			c.note("somebody sets the server's clock by %s", d)
			c.world.Net.SetClock(d)
		},
		"crash": func(r *rapid.T) {
			c.met["crash"]++
			c.note("the server is killed")
			c.startsAgain("the server is killed")
		},
		"ends": func(r *rapid.T) {
			arrives := rapid.Bool().Draw(r, "all arrives")
			c.met["ended"]++
			c.note("the server ends, and all arrives that is on its way: %t", arrives)
			c.ends(arrives)
		},
	}
	if c.do.flood { // which is measured by the clock
		delete(actions, "clock")
	}
	if c.do.private {
		c.privateActions(actions)
	}
	if len(c.plain) > 0 {
		c.plainActions(actions)
	}
	for action, often := range map[string]int{"line": 8, "command": 6, "flow": 5, "pass": 3, "sends": 3, "hears": 3, "breaks": 2, "private": 3, "plain lines": 2} {
		for i := 2; i <= often; i++ {
			if do := actions[action]; do != nil {
				actions[fmt.Sprint(action, " ", i)] = do
			}
		}
	}
	return actions
}

// says types a new line for somebody.
func (p *chatter) says(r *rapid.T, to string) {
	where := p.status.To
	switch words := strings.Fields(to); {
	case !p.reads || p.status.Question != "":
		r.Skip("the client is not ready for it")
	case len(words) == 0:
	case words[0] == "/msg" && where.Alone():
		r.Skip("it is not clear where that is said")
	case words[0] == "/msg":
	case words[0] == "/reply":
		e := p.someEntry(r, func(e timeline.Entry) bool { return true })
		if e.Where().Alone() && e.With() == "" {
			r.Skip("it is not known with whom that was")
		}
		to, where = fmt.Sprintf("/reply #%d ", e.Number), e.Where()
	case words[1] == "lobby":
		where = timeline.Conversation{Place: timeline.Lobby}
	case words[0] == "/private":
		where = timeline.With(timeline.Private, words[1])
	case words[0] == "/room":
		where = timeline.With(timeline.Room, words[1])
	default:
		where = timeline.With(timeline.Direct, words[1])
	}
	if where.Name == p.name {
		r.Skip("nobody writes to themselves")
	}
	text := fmt.Sprintf("line %d", p.serial)
	p.serial++
	p.lines[text] = where
	p.met["said "+places[where.Place]]++
	if strings.HasPrefix(to, "/reply") {
		p.met["replied"]++
	}
	told := len(p.entries)
	p.types(to + text)
	if len(p.entries) == told {
		p.fail("%s was told nothing of what they have typed", p.name)
	}
}

var places = map[timeline.Place]string{timeline.Lobby: "in the lobby", timeline.Room: "in a room", timeline.Direct: "to one alone", timeline.Private: "in a private session", timeline.Status: "to nobody"}

// pass lets time go by. Nothing arrives that is on its way.
func (c *chats) pass(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); {
		c.happens()
		step := end.Sub(c.now)
		if len(c.later) > 0 {
			step = min(step, c.later[0].at.Sub(c.now))
		}
		for _, p := range c.all {
			if due := p.app.Due(); due.After(c.now) {
				step = min(step, due.Sub(c.now))
			}
		}
		c.world.Net.Advance(step)
		c.now = c.now.Add(step)
		for _, p := range c.all {
			p.wake()
			p.connects()
			if p.status.Hidden && p.reads {
				p.types(secretOfAll)
			}
		}
		for _, u := range c.plain {
			u.hears()
			u.connects()
		}
	}
}

// flow lets time go by while all arrives that is on its way.
func (c *chats) flow(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); c.pass(min(20*time.Millisecond, end.Sub(c.now))) {
		for _, p := range c.all {
			p.connects()
			if w := p.wire; w != nil && !w.over() {
				p.sends(w, len(w.up))
				p.hears(w, 1<<20)
			}
		}
		for _, u := range c.plain {
			if u.conn != nil {
				u.sends(len(u.up))
			}
		}
	}
}

// until lets all flow until something is so, which takes so long at most.
func (c *chats) until(most time.Duration, what string, is func() bool) {
	for end := c.now.Add(most); !is(); c.flow(20 * time.Millisecond) {
		if c.now.After(end) {
			c.fail("within %s not so: %s", most, what)
		}
	}
}

func (c *chats) fail(format string, args ...any) {
	c.Helper()
	c.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(c.script, "\n"))
}
