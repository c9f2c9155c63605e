package server

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"parley/users"
)

// AddressLimits are how much may come from one address, of IPv6 from a /64. The zero
// value limits nothing. How many passwords of one address are hashed is the Hasher's to
// limit, and how often a wrong one may come Lockouts'. Unix sockets are nobody's address.
type AddressLimits struct {
	Connections   int   // at once; 0: no limit
	New           Quota // of connections
	Guests        int   // at once; 0: no limit
	Registrations Quota // of names
	RelayRate     int   // bytes per second that are relayed to peers of private sessions, of all sessions together; 0: no limit
	Loopback      bool  // loopback is an address like any other; else nothing of this holds for it
}

// DefaultAddressLimits returns what a server uses whose owner says nothing.
func DefaultAddressLimits() AddressLimits {
	return AddressLimits{
		// A household or a small office, with a few clients for each. A thousand
		// connections, which is what many systems let a process have, need 63 addresses.
		Connections: 16,

		// Twice what can be there at once: all may lose their connections and come back,
		// and one of them may try something out. Who comes back each second is let in.
		New: Quota{32, 10 * time.Second},

		// Half of the connections: people with accounts get in beside guests from the
		// same address. Filling a lobby of 500 takes 63 addresses.
		Guests: 8,

		// All in a household on its first evening. Names are for ever, and a script that
		// takes them needs a month for 7,200 from one address.
		Registrations: Quota{10, time.Hour},

		// Four times what one session may have relayed: a file each for a few people at once.
		RelayRate: 1 << 20,
	}
}

// counted returns what counts as the address, the zero Addr if it does not count.
func (l *AddressLimits) counted(addr netip.Addr) netip.Addr {
	if !l.Loopback && addr.Unmap().IsLoopback() {
		return netip.Addr{}
	}
	return users.ClientAddr(addr)
}

// A Quota is how often something may happen within a time. The zero value is no limit.
type Quota struct {
	Most int           // 0: no limit
	Per  time.Duration // more than 0, unless Most is 0
}

// words says how often that is, such as "32 in 10s".
func (q Quota) words() string { return fmt.Sprintf("%d in %s", q.Most, inWordsFor(q.Per)) }

// UnmarshalText reads "32/10s": 32 times within ten seconds. "0" is no limit.
func (q *Quota) UnmarshalText(text []byte) error {
	number, per, ok := strings.Cut(string(text), "/")
	most, err := strconv.Atoi(number)
	switch {
	case err != nil || most < 0:
	case most == 0 && !ok:
		*q = Quota{}
		return nil
	case ok:
		if d, err := time.ParseDuration(per); err == nil && d > 0 {
			*q = Quota{most, d}
			return nil
		}
	}
	return fmt.Errorf("%q is not how often within a time, such as 32/10s; 0 is no limit", text)
}
