package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"

	"parley/p2p"
	"parley/protocol"
)

const listenOff = "off"

// A door is where peers come in. It closes when it is given up.
type door struct {
	wanted    string         // what it was opened for: Config.Listen or the port of the server connection
	at        netip.AddrPort // where it is; the address is unspecified if it is all of them
	listeners []net.Listener // for IPv4 and for IPv6
	timer     *time.Timer    // looks whether it is still needed
}

// Offer returns the fingerprint of the own key and the paths by which one may be
// reached, and is ready for a plan for Config.OfferTime.
func (t *Transport) Offer() (p2p.Offer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || !t.local.IsValid() {
		return p2p.Offer{}, errors.New("there is no connection to a server to be introduced by")
	}
	t.doorTime = time.Now().Add(t.cfg.OfferTime)
	if err := t.openDoor(); err != nil {
		return p2p.Offer{}, err
	}
	var paths []string
	if t.door != nil {
		t.door.timer.Reset(t.cfg.OfferTime)
		var err error
		if paths, err = t.addresses(t.door.at); err != nil {
			return p2p.Offer{}, err
		}
	}
	if !t.cfg.NoRelay {
		paths = append(paths, protocol.PathRelay)
	}
	if len(paths) == 0 {
		return p2p.Offer{}, errors.New("there is no path on which a peer could come: listening and the relay are both off")
	}
	return p2p.Offer{Fingerprint: t.cfg.Identity.Fingerprint(), Paths: paths, Dials: !t.cfg.RelayOnly}, nil
}

// Tells returns what Offer would tell of addresses, now. It opens nothing, so their ports mean nothing, and there is no
// relay among the paths.
func (t *Transport) Tells() p2p.Offer {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := p2p.Offer{Fingerprint: t.cfg.Identity.Fingerprint(), Dials: !t.cfg.RelayOnly}
	if t.stopped || !t.local.IsValid() || t.cfg.RelayOnly || t.cfg.Listen == listenOff {
		return o
	}
	at := netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
	if named, ok := t.named(); ok {
		at = netip.AddrPortFrom(named, 0)
	} else if t.cfg.Listen == "" && t.local == loopback {
		at = loopback
	}
	o.Paths, _ = t.addresses(at) // with an address to advertise that is none, Offer fails and says so
	return o
}

// addresses returns the paths of one who listens at an address.
func (t *Transport) addresses(at netip.AddrPort) ([]string, error) {
	var paths []string
	add := func(p string) {
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	if t.cfg.Advertise != "" {
		a, err := netip.ParseAddrPort(t.cfg.Advertise)
		if err != nil {
			ip, err := netip.ParseAddr(t.cfg.Advertise)
			if err != nil {
				return nil, fmt.Errorf("the address to advertise, %q, must be ADDRESS:PORT with a number for an address, such as 203.0.113.7:4000", t.cfg.Advertise)
			}
			a = netip.AddrPortFrom(ip, at.Port())
		}
		add(a.String())
	}
	own := []netip.Addr{at.Addr()}
	if own[0].IsUnspecified() {
		own = ownAddresses(t.local.Addr())
	}
	for _, ip := range own {
		add(netip.AddrPortFrom(ip, at.Port()).String())
	}
	if _, ok := t.named(); !ok && t.local != loopback { // of a Unix socket the server sees none
		add(protocol.PathObserved)
	}
	return paths, nil
}

// ownAddresses returns addresses of this host that others may reach, that of the
// server connection first.
func ownAddresses(server netip.Addr) []netip.Addr {
	addresses := []netip.Addr{server}
	interfaces, err := net.Interfaces()
	if err != nil {
		return addresses
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		list, _ := i.Addrs() // of an interface that went away just now
		for _, a := range list {
			ip, ok := a.(*net.IPNet)
			if !ok || len(addresses) == maxLAN {
				continue
			}
			addr, _ := netip.AddrFromSlice(ip.IP)
			if addr = addr.Unmap(); addr.IsGlobalUnicast() && addr != server { // private ones too, link-local ones not
				addresses = append(addresses, addr)
			}
		}
	}
	return addresses
}

// openDoor listens if it is wanted and not done. The caller holds the mutex.
func (t *Transport) openDoor() error {
	wanted := t.cfg.Listen
	if wanted == listenOff || t.cfg.RelayOnly {
		return nil
	}
	if wanted == "" {
		if !t.local.IsValid() {
			return nil
		}
		wanted = ":" + strconv.Itoa(int(t.local.Port()))
		if t.local == loopback {
			wanted = loopback.String()
		}
	}
	if t.door != nil && t.door.wanted == wanted {
		return nil
	}
	t.closeDoor()               // of a connection to the server that is gone
	share := t.cfg.Listen == "" // with the server connection; two chats cannot share what they are told to listen on
	listeners, err := listen(t.ctx, wanted, share)
	if err != nil && share && t.local != loopback {
		t.cfg.Log.Debug("the port of the server connection cannot be listened on", "error", err)
		listeners, err = listen(t.ctx, ":0", share)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("somebody listens on %s already, perhaps another chat of yours; give each chat a port of its own with --p2p-listen", wanted)
	}
	if err != nil {
		return fmt.Errorf("listening for peers: %w", err)
	}
	at := unmap(listeners[0].Addr().(*net.TCPAddr).AddrPort())
	t.door = &door{wanted: wanted, at: at, listeners: listeners}
	t.door.timer = time.AfterFunc(t.cfg.OfferTime, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.tidyDoor()
	})
	for _, l := range listeners {
		t.work.Go(func() { t.accept(l) })
	}
	return nil
}

// listen listens on an address, or on IPv4 and IPv6 if only a port is given.
// Connections may be made from a shared port, and others may listen on it.
func listen(ctx context.Context, address string, share bool) ([]net.Listener, error) {
	var config net.ListenConfig
	if share {
		config.Control = control
	}
	config.SetMultipathTCP(false) // a simultaneous open needs plain TCP
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host != "" {
		l, err := config.Listen(ctx, "tcp", address)
		return []net.Listener{l}, err
	}
	first, err := config.Listen(ctx, "tcp4", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, err
	}
	if err != nil { // a host without IPv4
		l, err := config.Listen(ctx, "tcp6", address)
		return []net.Listener{l}, err
	}
	_, port, _ := net.SplitHostPort(first.Addr().String())
	second, err := config.Listen(ctx, "tcp6", ":"+port)
	if errors.Is(err, syscall.EADDRINUSE) {
		first.Close()
		return nil, err
	}
	if err != nil {
		return []net.Listener{first}, nil // a host without IPv6
	}
	return []net.Listener{first, second}, nil
}

// tidyDoor closes the listener if nobody waits for a peer. The caller holds the
// mutex.
func (t *Transport) tidyDoor() {
	if len(t.attempts) == 0 && !time.Now().Before(t.doorTime) {
		t.closeDoor()
	}
}

// closeDoor stops listening. The caller holds the mutex.
func (t *Transport) closeDoor() {
	if t.door == nil {
		return
	}
	t.door.timer.Stop()
	for _, l := range t.door.listeners {
		l.Close()
	}
	t.door = nil
}

// accept lets strangers in, as many at a time as there may be.
func (t *Transport) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			t.cfg.Log.Debug("a peer could not be accepted", "error", err)
			if !pause(t.ctx, 50*time.Millisecond) { // too many open files, perhaps
				return
			}
			continue
		}
		select {
		case t.strangers <- struct{}{}:
			t.work.Go(func() { t.meet(conn) })
		default:
			t.cfg.Log.Debug("too many strangers", "address", conn.RemoteAddr())
			conn.Close()
		}
	}
}

// meet finds out which session a stranger comes for.
func (t *Transport) meet(conn net.Conn) {
	until := time.Now().Add(t.cfg.Handshake)
	a, err := t.recognize(conn, until)
	<-t.strangers
	if err != nil {
		t.cfg.Log.Debug("a stranger", "address", conn.RemoteAddr(), "error", err)
		conn.Close()
		return
	}
	defer a.leave()
	from := unmap(conn.RemoteAddr().(*net.TCPAddr).AddrPort())
	if err := a.greet(conn, from, until); err != nil {
		a.note(from.String(), err)
	}
}

// recognize reads a proof and waits for the attempt that it belongs to: the peer
// may have got its plan earlier. The attempt is entered.
func (t *Transport) recognize(conn net.Conn, until time.Time) (*attempt, error) {
	defer context.AfterFunc(t.ctx, func() { conn.Close() })()
	conn.SetDeadline(until)
	var shown proof
	if _, err := io.ReadFull(conn, shown[:]); err != nil {
		return nil, err
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		t.mu.Lock()
		changed := t.changed
		var found *attempt
		for _, a := range t.attempts {
			if a.theirs == shown {
				found = a
			}
		}
		t.mu.Unlock()
		if found != nil {
			return found, found.enter()
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, errors.New("it came for no session that is known")
		case <-t.ctx.Done():
			return nil, t.ctx.Err()
		}
	}
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
