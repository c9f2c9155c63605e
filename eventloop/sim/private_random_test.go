package sim_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/protocol"
)

// TestRandomPrivate has people come and go, ask each other for private sessions,
// agree, decline, stop, block each other, relay honestly and not, read late and
// wait, under many seeds. It holds the server to this:
//
//   - an introduction is told to both, unless one has left, and nothing else of an
//     invitation that has come to its end;
//   - an address is told only in an introduction, only to the one for whom it was
//     offered, once;
//   - relayed payloads come once, in order, to the one they are for, only if both
//     have offered that, and all of them come;
//   - what is under way is never more than the window, and who keeps to it is
//     never cut off;
//   - an invitation does not wait for more than a minute;
//   - there is nothing left when everybody has left.
//
// A seed that fails is printed; -seed runs it alone.
func TestRandomPrivate(t *testing.T) {
	first, n := seeds()
	seen := map[string]int{}
	for s := first; s < first+n; s++ {
		m := newMeeting(t, s)
		for range 80 {
			m.act()
			if m.rand.IntN(4) > 0 {
				m.listen()
			}
			if m.err != nil {
				break
			}
		}
		m.goHome()
		if m.err != nil {
			t.Fatalf("seed %d: %v\n%s", s, m.err, strings.Join(m.script, "\n"))
		}
		for event, times := range m.seen {
			seen[event] += times
		}
	}
	t.Log(seen)
	for _, event := range []string{"invited", "invitation", "introduced", "declined", "lapsed", "stopped", "relayed", "credit", "abuse"} {
		if n >= 100 && seen[event] == 0 {
			t.Errorf("%s has never happened", event)
		}
	}
}

// meeting is one run.
type meeting struct {
	record
	world  *sim.World
	rand   *rand.Rand
	guests map[string]*guest // who is there
	offers map[string]offer  // by address
	blocks map[[2]string]bool
	serial int
	seen   map[string]int    // events
	tokens map[string]uint64 // the session of each
	abused bool              // somebody has just sent too much
}

// guest is somebody in one login.
type guest struct {
	name    string
	conn    *sim.Conn
	scanner *protocol.Scanner
	gone    bool
	talks   map[uint64]*talk // by session
}

// offer is where somebody can be reached, for one who is to be told.
type offer struct {
	by, to string
	relay  bool
	told   bool
}

// talk is what one of two knows of a session.
type talk struct {
	other   string
	state   string // "pending", "introduced" or "over"
	since   time.Time
	token   string
	relay   bool
	relayed bool     // the other one's offer had relay
	flight  int      // units sent, and not given back
	unpaid  int      // units received, and not given credit for
	sent    []string // payloads that the other has not received yet
}

func newMeeting(t *testing.T, seed uint64) *meeting {
	cfg := config(t, 1+int(seed%3))
	cfg.Flood, cfg.PlainPresence = server.FloodLimits{}, false
	cfg.RelayRate = []int{256 << 10, 8 << 10}[seed%2]
	return &meeting{world: sim.NewWorld(cfg, time.Millisecond, start), rand: rand.New(rand.NewPCG(seed, 2)), guests: map[string]*guest{},
		offers: map[string]offer{}, blocks: map[[2]string]bool{}, seen: map[string]int{}, tokens: map[string]uint64{}}
}

// act does one thing at random.
func (m *meeting) act() {
	name, other := names[m.rand.IntN(len(names))], names[m.rand.IntN(len(names))]
	g := m.guests[name]
	what := m.rand.IntN(100)
	m.script = append(m.script, fmt.Sprintf("%d %s %s", what, name, other))
	switch {
	case what < 8:
		m.world.Net.Advance(time.Duration(m.rand.IntN(40_000)) * time.Millisecond)
		m.listen()
	case g == nil:
		m.enter(name)
	case what < 11:
		g.conn.HangUp()
		m.left(g)
	case what < 13:
		m.ask(g, "logout", nil)
		m.left(g)
	case what < 17 && name != other:
		m.setBlock(g, other)
	case what < 37:
		m.ask(g, "startprivate", m.offer(name, other))
	case what < 52:
		m.ask(g, "acceptprivate", m.offer(name, other))
	case what < 55:
		m.ask(g, "declineprivate", map[string]string{"name": other})
	case what < 58:
		m.ask(g, "stopprivate", map[string]string{"name": other})
	default:
		m.listen()
		for range 1 + m.rand.IntN(6) {
			m.relay(g)
		}
	}
}

func (m *meeting) ask(g *guest, verb string, fields map[string]string) {
	g.conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Fields: fields}}))
	if m.rand.IntN(3) > 0 {
		m.world.Net.Run()
	}
}

func (m *meeting) enter(name string) {
	m.serial++
	g := &guest{name: name, conn: m.world.Net.Dial(), scanner: protocol.NewScanner(protocol.MaxServedFrame), talks: map[uint64]*talk{}}
	m.guests[name] = g
	g.conn.Send(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true}))
	m.listen()
}

// left forgets somebody who has gone, with the blocks that they made.
func (m *meeting) left(g *guest) {
	m.world.Net.Run()
	m.hearAll(g)
	g.gone = true
	delete(m.guests, g.name)
	for b := range m.blocks {
		if b[0] == g.name {
			delete(m.blocks, b)
		}
	}
	m.listen()
}

func (m *meeting) setBlock(g *guest, other string) {
	m.listen()
	if m.guests[other] == nil {
		return
	}
	b := [2]string{g.name, other}
	verb := map[bool]string{true: "unblock", false: "block"}[m.blocks[b]]
	m.ask(g, verb, map[string]string{"name": other})
	m.world.Net.Run()
	m.blocks[b] = !m.blocks[b]
	m.listen()
	for session, k := range g.talks {
		if m.blocks[b] && k.other == other && k.state == "pending" {
			m.fail("%d waits although %s has blocked %s", session, g.name, other)
		}
	}
}

// offer makes an offer that nobody has made before.
func (m *meeting) offer(by, to string) map[string]string {
	m.serial++
	addr := fmt.Sprintf("10.0.%d.%d:4000", m.serial/250, 1+m.serial%250)
	o := offer{by: by, to: to, relay: m.rand.IntN(4) > 0}
	m.offers[addr] = o
	paths := addr
	if o.relay {
		paths += ",relay"
	}
	if m.rand.IntN(2) == 0 {
		paths += ",observed"
	}
	sum := fmt.Sprintf("%-32s", addr) // the key that goes with the address
	return map[string]string{"name": to, "fingerprint": "SHA256:" + base64.RawStdEncoding.EncodeToString([]byte(sum)), "paths": paths}
}

// relay sends something in a session, or gives credit, or too much of either.
func (m *meeting) relay(g *guest) {
	var open []uint64
	for session, k := range g.talks {
		if k.state == "introduced" && k.relay && k.relayed {
			open = append(open, session)
		}
	}
	if len(open) == 0 {
		return
	}
	slices.Sort(open)
	session := open[m.rand.IntN(len(open))]
	k := g.talks[session]
	fields := map[string]string{"name": strings.ToUpper(k.other), "session": fmt.Sprint(session), "credit": "0"}
	if k.unpaid > 0 && m.rand.IntN(2) == 0 {
		credit := k.unpaid
		if m.rand.IntN(4) == 0 {
			credit = 1 + m.rand.IntN(credit)
		}
		k.unpaid -= credit
		fields["credit"] = fmt.Sprint(credit)
	}
	m.serial++
	data := fmt.Sprintf("%d %s %d %s", session, g.name, m.serial, strings.Repeat("x", m.rand.IntN(protocol.MaxRelayed-100)))
	payload := base64.StdEncoding.EncodeToString([]byte(data))
	switch cost := protocol.RelayCost(payload); {
	case m.rand.IntN(40) == 0: // gives back what there never was
		m.abused = true
		fields["credit"] = fmt.Sprint(k.unpaid + 1 + protocol.RelayWindow)
		m.seen["abuse"]++
	case k.flight+cost <= protocol.RelayWindow && m.rand.IntN(4) > 0:
		fields["data"] = payload
		k.flight += cost
		k.sent = append(k.sent, payload)
	case k.flight+cost > protocol.RelayWindow && m.rand.IntN(10) == 0:
		m.abused = true
		fields["data"] = payload
		m.seen["abuse"]++
	case fields["credit"] == "0":
		return
	}
	m.ask(g, "relay", fields)
	if m.abused {
		m.listen()
		m.abused = false
		if k.state != "over" {
			m.fail("%s sent too much in %d, and it goes on", g.name, session)
		}
	}
}

// listen lets everything come to its end and has everybody read it.
func (m *meeting) listen() {
	m.world.Net.Run()
	m.world.Net.Advance(5 * time.Millisecond)
	for _, name := range names {
		if g := m.guests[name]; g != nil {
			m.hearAll(g)
		}
	}
	for _, name := range names {
		if g := m.guests[name]; g != nil {
			m.checkTalks(g)
		}
	}
}

// goHome ends the run: everybody waits, and leaves.
func (m *meeting) goHome() {
	m.listen()
	m.world.Net.Advance(protocol.InvitationTimeout + 30*time.Second)
	m.listen()
	srv := m.world.Net.Handler.(*server.Server)
	for _, g := range m.guests {
		for session, k := range g.talks {
			if o := m.guests[k.other]; o != nil && k.state == "introduced" && k.relay && k.flight-o.talks[session].unpaid >= protocol.RelayCredit {
				m.fail("%s has %d units under way in %d, and %s has %d to give back", g.name, k.flight, session, k.other, o.talks[session].unpaid)
			}
		}
	}
	if n := srv.PrivateCounts().Invitations; n > 0 && m.err == nil {
		m.fail("%d invitations wait after a minute", n)
	}
	for _, name := range names {
		if g := m.guests[name]; g != nil {
			g.conn.HangUp()
			m.left(g)
		}
	}
	if counts := srv.PrivateCounts(); m.err == nil && (counts.Invitations > 0 || counts.Relays.Open > 0) {
		m.fail("nobody is there, and there is %+v", counts)
	}
}
