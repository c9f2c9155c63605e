package users

import (
	"net/netip"
	"strings"
	"time"
)

// LockoutLimits say when a Lockouts blocks logins and for how long.
type LockoutLimits struct {
	// Lenient is the rule by which nobody is locked out by somebody else's guesses; see
	// Lockouts. Else the strict one holds.
	Lenient bool `cbor:"Lenient,omitempty"`

	// Failures is how many wrong passwords in a row block a name, or, lenient, a name for
	// one address. 0: none does.
	Failures int

	// Block is how long the first such block lasts. Each one after it lasts twice as long
	// as the one before, up to MaxBlock. 0: there is none.
	Block, MaxBlock time.Duration

	// Quiet is how long after the last wrong password, or after the end of the
	// last block if that is later, the next one is the first again, of a name, or a pair.
	Quiet time.Duration

	// NameFailures wrong passwords for one name within NameWindow, from all addresses
	// together that are not known, block it for them; one more is allowed after each
	// NameWindow / NameFailures. 0: none does. Of the lenient rule only.
	NameFailures int           `cbor:"NameFailures,omitempty"`
	NameWindow   time.Duration `cbor:"NameWindow,omitempty"`

	// NameReserve is how many more wrong passwords for one name are left to addresses that
	// have given none for it: less for who has given one, and none for who was blocked. So
	// some who guess use up what they have, and not what its owner needs who comes from an
	// address that is not known. 0: nothing is left. Of the lenient rule with Failures only.
	NameReserve int `cbor:"NameReserve,omitempty"`

	// NameMemory is for how long after its last wrong password for a name, or after the end of
	// its last block, an address counts as one that has given one, and has less of NameReserve; it
	// is Quiet at least.
	NameMemory time.Duration `cbor:"NameMemory,omitempty"`

	// KnownDays is for how many days an address is known from which somebody has logged in
	// to an account; see KnownAddrs. 0: only while they are there. Of the lenient rule only.
	KnownDays int `cbor:"KnownDays,omitempty"`

	// AddrFailures wrong passwords from one address within AddrWindow, for any
	// names, block the address for AddrBlock. 0: none does.
	AddrFailures          int
	AddrWindow, AddrBlock time.Duration

	// Names and Addrs are how many names, pairs and addresses are remembered.
	Names, Addrs int
}

// withRoom returns the limits with room for one name and one address at least.
func (l LockoutLimits) withRoom() LockoutLimits {
	l.Names, l.Addrs = max(l.Names, 1), max(l.Addrs, 1)
	return l
}

// nameEvery is how often a wrong password for a name is allowed in the long run; 0: always.
func (l *LockoutLimits) nameEvery() time.Duration {
	if l.NameFailures <= 0 {
		return 0
	}
	return max(l.NameWindow, 0) / time.Duration(l.NameFailures)
}

// KeepsKnown reports whether addresses are kept from which somebody has logged in.
func (l *LockoutLimits) KeepsKnown() bool { return l.Lenient && l.KnownDays > 0 }

// DefaultLockoutLimits returns what a server uses whose owner says nothing.
func DefaultLockoutLimits() LockoutLimits {
	return LockoutLimits{
		Lenient: true,

		// Three tries are what people need who know their password. Those who
		// go on get 3 guesses in 15 minutes, 288 a day.
		Failures: 3,
		Block:    time.Minute,
		MaxBlock: 15 * time.Minute,

		// With an hour it never pays to wait for mercy: after 1, 2, 3, 4, 5, 6
		// blocks and then an hour of patience the average is 2.9, 5.7, 8.1, 9.6,
		// 10, 10.3 guesses an hour, and it stays under the 12 of going on.
		Quiet: time.Hour,

		// 1,440 a day from any number of addresses, and 90 more on the first: a password that is
		// not among the first thousands that are guessed holds for years. NIST SP 800-63B-4,
		// 3.2.2 allows 100 in a row. Four addresses that go on do not use it up (12 an hour each).
		NameFailures: 60,
		NameWindow:   time.Hour,

		// Who has 30 addresses, of IPv6 30 networks, does not keep the owner out, and who has
		// thousands has 30 guesses more, once.
		NameReserve: 30,

		// Who has 1,440 of them has used up all within a day, and comes behind the owner then.
		NameMemory: 24 * time.Hour,

		// Who comes once a month, or is away on holiday, comes home to a known address.
		KnownDays: 30,

		// 20 is a classroom behind one address that has a bad day.
		AddrFailures: 20,
		AddrWindow:   10 * time.Minute,
		AddrBlock:    time.Hour,

		// Together some 20 MB when full. A hash of 50 ms for each wrong password
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

// AddrText returns what an AddrKey stands for as people write it; "socket" of "".
func AddrText(key string) string {
	if text, ok := strings.CutPrefix(key, addrPrefix); ok {
		return text
	}
	return "socket"
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
