package users

import (
	"net/netip"
	"strings"
	"time"
)

// LockoutLimits say when a Lockouts blocks logins and for how long.
type LockoutLimits struct {
	// Failures is how many wrong passwords in a row block a name. 0: none does.
	Failures int

	// Block is how long the first block of a name lasts. Each one after it lasts
	// twice as long as the one before, up to MaxBlock. 0: no name is blocked.
	Block, MaxBlock time.Duration

	// Quiet is how long after the last wrong password, or after the end of the
	// last block if that is later, all is forgotten of a name.
	Quiet time.Duration

	// AddrFailures wrong passwords from one address within AddrWindow, for any
	// names, block the address for AddrBlock. 0: none does.
	AddrFailures          int
	AddrWindow, AddrBlock time.Duration

	// Names and Addrs are how many names and addresses are remembered.
	Names, Addrs int
}

// withRoom returns the limits with room for one name and one address at least.
func (l LockoutLimits) withRoom() LockoutLimits {
	l.Names, l.Addrs = max(l.Names, 1), max(l.Addrs, 1)
	return l
}

// DefaultLockoutLimits returns what a server uses whose owner says nothing.
func DefaultLockoutLimits() LockoutLimits {
	return LockoutLimits{
		// Three tries are what people need who know their password. Those who
		// go on get 3 guesses in 15 minutes, 288 a day.
		Failures: 3,
		Block:    time.Minute,
		MaxBlock: 15 * time.Minute,

		// With an hour it never pays to wait for mercy: after 1, 2, 3, 4, 5, 6
		// blocks and then an hour of patience the average is 2.9, 5.7, 8.1, 9.6,
		// 10, 10.3 guesses an hour, and it stays under the 12 of going on.
		Quiet: time.Hour,

		// 20 is a classroom behind one address that has a bad day.
		AddrFailures: 20,
		AddrWindow:   10 * time.Minute,
		AddrBlock:    time.Hour,

		// Together some 13 MB when full. A hash of 50 ms for each wrong password
		// means that two cores take four minutes to fill one of them.
		Names: 10_000,
		Addrs: 10_000,
	}
}

// addrPrefix begins the key of an address. No name has a colon in it.
const addrPrefix = "addr:"

// ClientPrefix is how many bits of an IPv6 address count: a customer gets a /64 at
// least (RFC 6177) and may use all 2^64 addresses in it.
const ClientPrefix = 64

// RemoteAddr returns the address in a peer's address as a socket tells it
// ("192.0.2.1:4711"). It is the zero Addr for a Unix socket's peer.
func RemoteAddr(remote string) netip.Addr {
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		return ap.Addr()
	}
	addr, _ := netip.ParseAddr(remote)
	return addr
}

// ClientAddr returns what counts as one address: of IPv6 the first one of the /64. It is the
// zero Addr of none.
func ClientAddr(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		addr = netip.PrefixFrom(addr, ClientPrefix).Masked().Addr()
	}
	return addr
}

// AddrKey returns the key for what counts as one address, of IPv6 a /64, and "" for
// none.
func AddrKey(addr netip.Addr) string {
	addr = ClientAddr(addr)
	switch {
	case !addr.IsValid():
		return ""
	case addr.Is4():
		return addrPrefix + addr.String()
	}
	return addrPrefix + netip.PrefixFrom(addr, ClientPrefix).String()
}

// KeyIn reports whether the address of an AddrKey is one of some; "" is none.
func KeyIn(key string, prefix netip.Prefix) bool {
	addr := KeyAddr(key)
	return addr.IsValid() && prefix.Contains(addr)
}

// KeyAddr returns the first address that an AddrKey stands for, the zero Addr of "".
func KeyAddr(key string) netip.Addr {
	text, ok := strings.CutPrefix(key, addrPrefix)
	if !ok {
		return netip.Addr{}
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Addr()
	}
	addr, _ := netip.ParseAddr(text)
	return addr
}

// ValidAddrKey reports whether a key is one that AddrKey returns.
func ValidAddrKey(key string) bool {
	text, ok := strings.CutPrefix(key, addrPrefix)
	if !ok {
		return key == ""
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return AddrKey(p.Addr()) == key
	}
	addr, err := netip.ParseAddr(text)
	return err == nil && AddrKey(addr) == key
}

// blockFor returns how long the block of that level lasts, which is 1 for the
// first one.
func (l *LockoutLimits) blockFor(level int) time.Duration {
	if l.Block <= 0 {
		return 0
	}
	longest := max(l.Block, l.MaxBlock)
	d := l.Block
	for range level - 1 {
		if d > longest/2 {
			return longest
		}
		d *= 2
	}
	return d
}
