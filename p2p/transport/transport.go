package transport

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"parley/p2p"
	"parley/p2p/identity"
	"parley/protocol"
)

// Limits of a Transport.
const (
	maxStrangers = 32                    // connections at a time that have not shown a proof
	maxConns     = 2 * protocol.MaxPaths // connections at a time of one session, links among them
	maxLAN       = 8                     // own addresses that are told, of those that interfaces have
	maxQueue     = 128                   // frames that wait for one link
)

// Config is what a Transport is made of. Only Identity must be given; durations
// that are zero have the values that stand behind them.
type Config struct {
	Identity  *identity.Identity
	Listen    string // "ADDRESS:PORT", ":PORT", "off", or "" for the port of the server connection; over a Unix socket, any one on loopback
	Advertise string // "ADDRESS:PORT" by which others reach the listener, or "ADDRESS" if the port is the same
	RelayOnly bool   // tell nobody an address, dial and accept nothing
	NoRelay   bool   // neither offer the relay nor use it
	Log       *slog.Logger

	Patience      time.Duration // direct tries before the relay begins: 5 s
	Linger        time.Duration // how long they go on beside the relay: 30 s
	Handshake     time.Duration // a handshake, a stranger's too: 5 s
	RelayPatience time.Duration // the handshake over the relay: 10 s
	OfferTime     time.Duration // the listener waits for a plan: 1 min
	WriteTimeout  time.Duration // a peer takes nothing: 20 s
	CloseTimeout  time.Duration // what was sent goes out before the end: 1 s
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.Patience, 5 * time.Second}, {&c.Linger, 30 * time.Second}, {&c.Handshake, 5 * time.Second},
		{&c.RelayPatience, 10 * time.Second}, {&c.OfferTime, time.Minute},
		{&c.WriteTimeout, 20 * time.Second}, {&c.CloseTimeout, time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return c
}

// Transport implements p2p.Transport with sockets.
//
// Its methods may be called from any goroutine. The mutex is here because they
// must return at once, while the goroutines of links and attempts come and go;
// nothing that blocks is done under it.
type Transport struct {
	cfg       Config
	events    chan p2p.Event
	ctx       context.Context // ends with Stop
	cancel    context.CancelFunc
	work      sync.WaitGroup
	strangers chan struct{} // one element for each

	mu       sync.Mutex
	stopped  bool
	local    netip.AddrPort // of the server connection; without a port if that is a Unix socket
	door     *door          // the listener; nil if there is none
	doorTime time.Time      // until when it waits for a plan
	attempts map[uint64]*attempt
	changed  chan struct{} // is closed and made anew when there is one more attempt
	relays   map[uint64]*relayConn
	links    map[p2p.LinkID]*link
	lastLink p2p.LinkID
}

var _ p2p.Transport = (*Transport)(nil)

// New returns a Transport that does nothing yet.
func New(c Config) *Transport {
	t := &Transport{
		cfg:       c.withDefaults(),
		events:    make(chan p2p.Event),
		strangers: make(chan struct{}, maxStrangers),
		attempts:  map[uint64]*attempt{},
		changed:   make(chan struct{}),
		relays:    map[uint64]*relayConn{},
		links:     map[p2p.LinkID]*link{},
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Events is where everything is reported. It must be read until Stop returns,
// also what Stop still sends through the relay. It is never closed.
func (t *Transport) Events() <-chan p2p.Event { return t.events }

// Report passes on an event of somebody else, such as of pins, when its turn has
// come. After Stop nothing is passed on.
func (t *Transport) Report(e p2p.Event) { t.emit(nil, e) }

// Dialer returns what the server is to be dialled with. The port is taken before
// the connection is made: one that the kernel chooses while connecting may be
// shared with connections that do not allow a listener on it.
func Dialer() *net.Dialer { return &net.Dialer{LocalAddr: &net.TCPAddr{}, Control: control} }

// ServerConnected tells the own address of the connection to the server, which
// was dialled with a Dialer. The next Offer uses it. A Unix socket stands for
// loopback: the server, and whoever else came by it, are on this host.
func (t *Transport) ServerConnected(local net.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch a := local.(type) {
	case *net.TCPAddr:
		t.local = unmap(a.AddrPort())
	case *net.UnixAddr:
		t.local = loopback
	}
}

// loopback has no port: the kernel chooses one.
var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// Stop ends all attempts at once and all links like Close, and waits for them.
func (t *Transport) Stop() {
	t.mu.Lock()
	t.stopped = true
	for _, l := range t.links {
		l.close()
	}
	t.closeDoor()
	t.mu.Unlock()
	t.cancel()
	t.work.Wait()
}

// Connect tries all paths of a plan until Cancel or until the time for it is
// over. A second plan for a session takes the place of the first.
func (t *Transport) Connect(p p2p.Plan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	if old := t.attempts[p.Session]; old != nil {
		old.cancel()
	}
	if t.door == nil { // else the port that the peer was told stays
		if err := t.openDoor(); err != nil {
			t.cfg.Log.Debug("no listener", "error", err)
		}
	}
	a := newAttempt(t, p)
	t.attempts[p.Session] = a
	close(t.changed)
	t.changed = make(chan struct{})
	t.work.Go(a.run)
}

// Cancel ends what is being tried for a session. Its links stay.
func (t *Transport) Cancel(session uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.attempts[session]; a != nil {
		a.cancel()
		delete(t.attempts, session)
		t.tidyDoor()
	}
}

// forget removes an attempt that is over.
func (t *Transport) forget(a *attempt) {
	a.cancel()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.attempts[a.plan.Session] == a {
		delete(t.attempts, a.plan.Session)
		t.tidyDoor()
	}
}

// Send queues a copy of a frame. False means that maxQueue frames wait or that
// the link is gone.
func (t *Transport) Send(id p2p.LinkID, frame []byte) bool {
	t.mu.Lock()
	l := t.links[id]
	t.mu.Unlock()
	if l == nil {
		return false
	}
	select {
	case l.queue <- slices.Clone(frame):
		return true
	default:
		return false
	}
}

// Close ends a link when what was sent is out, or after CloseTimeout. Nothing
// more of it is reported, not even that it is lost, but for what was under way.
func (t *Transport) Close(id p2p.LinkID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.links[id]; l != nil {
		l.close()
	}
}

// Relayed takes what the server has relayed for a session.
func (t *Transport) Relayed(session uint64, credit int, payload string) {
	t.mu.Lock()
	c := t.relays[session]
	t.mu.Unlock()
	if c != nil {
		c.relayed(credit, payload)
	}
}

// RelayEnded says that nothing more is relayed for a session.
func (t *Transport) RelayEnded(session uint64) {
	t.mu.Lock()
	c := t.relays[session]
	t.mu.Unlock()
	if c != nil {
		c.fail(errRelayEnded)
	}
}

// emit reports an event, or returns false if quit is closed or Stop called first.
func (t *Transport) emit(quit <-chan struct{}, e p2p.Event) bool {
	select {
	case t.events <- e:
		return true
	case <-quit:
		return false
	case <-t.ctx.Done():
		return false
	}
}
