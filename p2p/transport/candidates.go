package transport

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"

	"parley/protocol"
)

// Limits of what the words of a peer, or of a server, make this host dial: they
// may name what is not theirs.
const (
	maxCandidates = 10 // addresses of one plan, as many as Offer tells
	maxPorts      = 3  // different ports among them: the listener's, as it is advertised, and as the server sees it
	maxTries      = 40 // of one address
	quickTries    = 30 // of them those that are made at once
	maxWrong      = 3  // of them those that something else has answered
)

// MinPort is the lowest port at which peers are dialled: lower ones belong to the
// services of a host.
const MinPort = 1024

// candidates returns the addresses of a plan that are worth a try. Those of
// loopback are only if the server is on this host, too, or if peers come in there;
// the own listener never is. The caller holds the mutex.
func (t *Transport) candidates(paths []string) []netip.AddrPort {
	var list []netip.AddrPort
	var ports []uint16
	named, _ := t.named()
	own := ownAddresses(t.local.Addr())
	for _, p := range paths[:min(len(paths), protocol.MaxPaths)] {
		a, err := netip.ParseAddrPort(p)
		if err != nil {
			continue // the word for the relay, or from a later version
		}
		a = unmap(a)
		ip, port := a.Addr(), a.Port()
		switch {
		case port < MinPort, !ip.IsGlobalUnicast() && !ip.IsLoopback():
		case ip.IsLoopback() && !t.local.Addr().IsLoopback() && !named.IsLoopback():
		case t.isOwnPort(port) && (ip.IsLoopback() || slices.Contains(own, ip)):
		case named.IsValid() && !showsOnly(named, a):
		case slices.Contains(list, a), len(list) == maxCandidates:
		case !slices.Contains(ports, port) && len(ports) == maxPorts:
		default:
			list = append(list, a)
			if !slices.Contains(ports, port) {
				ports = append(ports, port)
			}
		}
	}
	return list
}

// isOwnPort reports whether a port is that of the server connection or of the
// listener.
func (t *Transport) isOwnPort(port uint16) bool {
	return port == t.local.Port() || t.door != nil && port == t.door.at.Port()
}

// named returns the one address that the setting names to listen on, if it does.
func (t *Transport) named() (netip.Addr, bool) {
	a, err := netip.ParseAddrPort(t.cfg.Listen)
	if err != nil || a.Addr().IsUnspecified() {
		return netip.Addr{}, false
	}
	return a.Addr().Unmap(), true
}

// source returns from where peers are dialled: from the one address that is named,
// or from the port on which they are expected.
func (t *Transport) source() netip.AddrPort {
	if named, ok := t.named(); ok {
		return netip.AddrPortFrom(named, 0)
	}
	if t.door != nil && t.cfg.Listen == "" {
		return netip.AddrPortFrom(netip.Addr{}, t.door.at.Port())
	}
	return netip.AddrPortFrom(netip.Addr{}, t.local.Port())
}

// showsOnly reports whether a peer that is dialled from an own address sees that
// one and no other: the way there begins at its interface, and no router is likely
// to put a public address in its place.
func showsOnly(own netip.Addr, peer netip.AddrPort) bool {
	if own.Is4() != peer.Addr().Is4() || scopeOf(own) != scopeOf(peer.Addr()) {
		return false
	}
	if scopeOf(own) == public {
		return true
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(peer)) // sends nothing: the kernel looks for the way
	if err != nil {
		return false
	}
	defer conn.Close()
	from := unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort()).Addr()
	return from == own || scopeOf(own) == thisHost || sameInterface(from, own)
}

// sameInterface reports whether two own addresses are those of one interface.
func sameInterface(a, b netip.Addr) bool {
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		list, _ := i.Addrs()
		has := func(ip netip.Addr) bool {
			return slices.ContainsFunc(list, func(a net.Addr) bool {
				n, ok := a.(*net.IPNet)
				return ok && n.IP.Equal(ip.AsSlice())
			})
		}
		if has(a) && has(b) {
			return true
		}
	}
	return false
}

// A scope is from where an address can be reached.
type scope int

const (
	thisHost scope = iota
	private        // a LAN, a VPN
	public
)

// shared is what providers give to customers who share an address (RFC 6598), and
// some VPNs to their hosts.
var shared = netip.MustParsePrefix("100.64.0.0/10")

func scopeOf(a netip.Addr) scope {
	switch {
	case a.IsLoopback():
		return thisHost
	case a.IsPrivate(), shared.Contains(a):
		return private
	}
	return public
}

// pauseBefore returns how long to wait before the next try of an address of which
// so many were made and so many were answered by something else, and whether there
// is to be one. Pauses are uneven, so that two who reject each other's first packet
// meet in the end.
func pauseBefore(tries, wrong int) (wait time.Duration, more bool) {
	switch {
	case tries >= maxTries || wrong >= maxWrong:
		return 0, false
	case wrong > 0: // a peer that has too many strangers looks like that, for a while
		return time.Duration(wrong)*time.Second + rand.N(time.Second), true
	case tries < quickTries:
		return 50*time.Millisecond + rand.N(100*time.Millisecond), true
	}
	return time.Duration(tries-quickTries+1)*500*time.Millisecond + rand.N(time.Second), true
}
