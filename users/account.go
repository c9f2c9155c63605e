package users

import (
	"strings"
	"time"
)

// An Account is a registered user.
type Account struct {
	Name       string    // as it was registered; unique without regard to case
	Hash       string    // the password's, a PHC string
	Registered time.Time // when it was made
	LastSeen   time.Time // the end of the last time online; zero: never was
	Number     uint64    // the last one when it was made: what was said by somebody of that name up to it was somebody else
	Guest      string    // the person who was the guest that has registered it; "": it was none
	Role       Role      // of the whole server
	Known      KnownAddrs
}

// A Block says that one user does not want to hear another. Names are spelled as
// they were registered, and are compared without regard to case.
type Block struct {
	Blocker, Blocked string
}

// A Lockout is what Lockouts remember of the wrong passwords for one name, from one
// address, or both. It is kept on disk so that a restart forgives nobody.
type Lockout struct {
	Key      string    // a folded name, or addrPrefix and an address or an IPv6 /64, or both with a slash between
	Failures int       // wrong passwords that count towards the next block
	Level    int       // how many blocks there were, one after the other; 0: none
	Until    time.Time // blocked before this time; zero: never was blocked
	First    time.Time // of the failures that count, the first
	Last     time.Time // the last wrong password
}

// Pair returns of which name and which address it is; "" of neither or either if it is of all.
func (b Lockout) Pair() (name, addr string) {
	if strings.HasPrefix(b.Key, addrPrefix) {
		return "", b.Key
	}
	name, addr, _ = strings.Cut(b.Key, "/")
	return name, addr
}

// Forgotten reports whether there is nothing to remember of the key any more:
// who keeps lockouts removes this one.
func (b Lockout) Forgotten() bool {
	return b.Failures == 0 && b.Level == 0 && b.Until.IsZero()
}

// A Direct is a direct message that waits for a receiver who is not online.
type Direct struct {
	ID       uint64 // in the order in which they were sent, over all receivers
	Time     time.Time
	From, To string // names as they were spelled when it was sent
	Text     string
}
