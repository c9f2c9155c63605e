package chats

import (
	"errors"
	"strings"
	"time"

	"parley/eventloop/client"
	"parley/eventloop/client/command"
	"parley/eventloop/client/conn"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/eventloop/sim"
)

// A chatter is a person with a client: also its keyboard, its view and its clock.
type chatter struct {
	*chats
	name    string
	app     *client.Driven
	wanted  []int  // connections that are to be made, by generation
	wire    *cable // the newest one; nil: there was none
	reads   bool   // the client waits for a line
	entered bool   // was logged in, once
	joined  bool   // was in the room, once
	parted  bool   // a guest was away for too long, and is another one for the server now
	status  view.Status
	said    []timeline.ID // all messages that were shown, and are no repetition
	entries map[timeline.ID]timeline.Entry
	keys    map[timeline.ID]string // of entries, as they were first shown
	blocked map[string]bool        // whom they do not hear, as they were told
	peers   *peers
	private map[string]int  // one more than the newest line that was shown of somebody in private
	secrets map[string]bool // keys of all these lines
	excused map[string]bool // "from NAME", "in ROOM": they have had some of that kept from them
}

func newChatter(c *chats, name string) *chatter {
	p := &chatter{chats: c, name: name, entries: map[timeline.ID]timeline.Entry{}, keys: map[timeline.ID]string{},
		blocked: map[string]bool{}, excused: map[string]bool{}, private: map[string]int{}, secrets: map[string]bool{}}
	target, err := client.ParseTarget("localhost")
	if err != nil {
		c.Fatal(err)
	}
	p.peers = newPeers(p)
	half := func() uint64 { return 1 << 63 } // of everything
	p.app = client.Drive(client.Config{Target: target, Name: name, Bell: client.BellOff, Keyboard: p, View: p, Ring: func() {},
		Completion: command.NewCompletion(), Clock: p, Rand: half,
		Private: &client.Private{Transport: p.peers, Pins: p.peers}}, func(gen int) { p.wanted = append(p.wanted, gen) })
	return p
}

// A cable is a connection between a client and the server.
type cable struct {
	of       *chats
	gen      int
	conn     *sim.Conn
	decoder  *conn.Decoder
	up, down []byte // is on its way
	lost     bool   // the client knows that it is over
	closed   bool   // the client has closed it
	stalled  bool   // the client does not read
	frozen   bool   // nothing comes through any more, and neither side knows
}

func (w *cable) Send(frame []byte) bool {
	w.of.checkSealed(frame)
	w.up = append(w.up, frame...)
	return true
}

// Close implements conn.Link. The server learns of it, if anything comes through.
func (w *cable) Close() {
	if !w.closed && !w.lost && !w.frozen {
		w.conn.Send(w.up)
		w.conn.HangUp()
	}
	w.closed = true
}

// over reports whether nothing can come through for the client any more.
func (w *cable) over() bool { return w.lost || w.closed }

// connects makes the connections that the client wants, or says that it cannot be.
func (p *chatter) connects() {
	for len(p.wanted) > 0 {
		gen := p.wanted[0]
		p.wanted = p.wanted[1:]
		if p.down {
			p.app.Report(conn.Event{Gen: gen, Kind: conn.Dialled, Err: errors.New("connection refused")})
			continue
		}
		if p.disturbed(p.name); !p.account() {
			clear(p.blocked) // whom a guest blocks goes with the guest
		}
		p.wire = &cable{of: p.chats, gen: gen, conn: p.world.Net.Dial(), decoder: conn.NewDecoder(gen)}
		p.app.Report(conn.Event{Gen: gen, Kind: conn.Dialled, Link: p.wire})
	}
}

// wake has the client do what it is time for.
func (p *chatter) wake() {
	if due := p.app.Due(); !due.IsZero() && !due.After(p.now) {
		p.app.Wake()
	}
}

// sends has some bytes of the client arrive at the server.
func (p *chatter) sends(w *cable, most int) {
	n := min(most, len(w.up))
	if n == 0 || w.frozen {
		return
	}
	b := w.up[:n]
	w.up = w.up[n:]
	w.conn.Send(b)
	p.world.Net.Run()
}

// hears has some bytes of the server arrive at the client, or the end of the connection.
func (p *chatter) hears(w *cable, most int) {
	if w.frozen {
		return
	}
	var end error
	for end == nil {
		b, err := w.conn.Read()
		if b == nil && err == nil {
			break
		}
		w.down, end = append(w.down, b...), err
	}
	n := min(most, len(w.down))
	b := w.down[:n]
	w.down = w.down[n:]
	w.decoder.Decode(b, func(e conn.Event) bool {
		p.app.Report(e)
		return !w.closed
	})
	if end != nil && len(w.down) == 0 && !w.over() {
		p.loses(w, end)
	}
}

// breaks has a connection break: the server learns of it now or, if it is not noticed, when it
// has waited long enough.
func (p *chatter) breaks(w *cable, noticed bool) {
	if noticed {
		w.conn.Reset()
	} else {
		w.conn.Stall()
	}
	p.loses(w, errors.New("connection reset by peer"))
}

// loses tells the client that a connection is over. What was on its way is gone.
func (p *chatter) loses(w *cable, err error) {
	w.lost, w.up, w.down = true, nil, nil
	p.disturbed(p.name)
	p.app.Report(conn.Event{Gen: w.gen, Kind: conn.Lost, Err: err})
}

// types has the person type a line, or the password if that is asked for.
func (p *chatter) types(line string) {
	p.note("%s types %s", p.name, line)
	p.excuses(line)
	p.reads = false
	p.app.Type(client.Input{Text: line, Secret: p.status.Hidden})
}

// The keyboard.

func (p *chatter) Input() <-chan client.Input { return nil }
func (p *chatter) Next()                      { p.reads = true }
func (p *chatter) Active() <-chan struct{}    { return nil }
func (p *chatter) Remember(string, bool)      {}
func (p *chatter) Edit(string)                {}
func (p *chatter) Close() error               { return nil }

// The clock.

func (p *chatter) Now() time.Time                       { return p.now }
func (p *chatter) After(time.Duration) <-chan time.Time { panic("it has no goroutines") }

// The view.

func (p *chatter) Changed(c timeline.Change) {
	e := c.Entry
	p.entries[e.ID] = e
	if !c.Updated {
		p.keys[e.ID] = unique.FindString(e.Text)
		p.hearsOfBlocks(e)
		p.hearsInPrivate(e)
	}
	if c.Said() {
		p.said = append(p.said, e.ID)
		if e.Missed {
			p.met["missed"]++
		}
	}
	p.joined = p.joined || strings.HasPrefix(e.Text, "You are in "+roomOfAll)
	p.parted = p.parted || strings.HasPrefix(e.Text, "You are not in "+roomOfAll)
	p.entered = p.entered || strings.HasPrefix(e.Text, "Login successful")
	p.note("%s is told %d: %s %s %q %s %s", p.name, e.ID, e.In.Name, e.Sender, e.Text, states[e.State], e.Why)
}

var states = [...]string{timeline.Foreign: "", timeline.Typed: "waits", timeline.Sent: "was sent", timeline.Accepted: "accepted", timeline.Stored: "stored",
	timeline.Delivered: "delivered", timeline.Doubtful: "in doubt", timeline.Failed: "failed"}

func (p *chatter) Status(s view.Status) {
	p.status = s
}

func (p *chatter) Received([]byte, view.Known) {}
func (p *chatter) Look(view.Look)              {}
func (p *chatter) Expand(timeline.Entry, int)  {}
func (p *chatter) Clear()                      {}

// GoString is how a run that fails names the person.
func (p *chatter) GoString() string { return p.name }
