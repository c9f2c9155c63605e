package users

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"time"
)

// Draw is Check before a password is looked at: an address that is not known draws a lot for a
// try that all others compete for, too. The secret is the server's own: nobody else is to know
// which of many addresses will be the first. What is decided in the end does not depend on the lot.
func (g *Lockouts) Draw(secret, name, addr string, now time.Time) (wait time.Duration, blocked bool) {
	wait, _ = g.Check(name, addr, now)
	folded := Fold(name)
	w, every := g.names[folded], g.limits.nameEvery()
	if !g.limits.Lenient || w == nil || every <= 0 || g.known(folded, addr) {
		return wait, wait > 0
	}
	free := w.Until.Add(-g.reserve(g.pairs[fromKey(folded, addr)], now)) // since when, or when, there is room for the next try
	if now.Sub(free) < every {
		wait = max(wait, free.Add(lot(secret, folded, addr, free, every)).Sub(now))
	}
	return wait, wait > 0
}

// lotBits sets how finely lots are spread: up to two to the power of it may compete, and the first
// lot is clearly earlier than the second.
const lotBits = 16

// lotPrefix is how many bits of an IPv6 address have one lot: a tunnel or a provider gives whoever
// asks for it a /48 (RFC 6177), which has 65,536 times ClientPrefix.
const lotPrefix = 48

// lot returns how long after there is room for one try an address has to wait for it, less than
// every: whoever comes first then has it. It is drawn anew for each try, so that each address that
// competes has the same chance, of IPv6 each /48, and who asks a thousand times a second no better
// one. Nothing has to be remembered for it, and nobody can reserve a try that is not used. Each node
// of a cluster draws for itself.
//
// The lots are distributed as the timers of RFC 4654 are (TFMCC, feedback suppression), by which
// one of an unknown number of receivers is to speak first: exponentially, so that the first one
// comes about every / lotBits before the second, however many compete. With a try a minute that is
// four seconds, and who is one second late has nearly the same chance; with one a second it is not.
func lot(secret, folded, addr string, try time.Time, every time.Duration) time.Duration {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(try.UnixNano())))
	mac.Write([]byte(fromKey(folded, lotKey(addr))))
	drawn := binary.BigEndian.Uint64(mac.Sum(nil))
	zeros := bits.LeadingZeros64(drawn)
	if zeros >= lotBits {
		return 0
	}
	// The logarithm of the number that was drawn, with straight lines between the powers of two.
	const fraction = 16
	power := uint64(lotBits-1-zeros)<<fraction | drawn<<(zeros+1)>>(64-fraction)
	return every / (lotBits << fraction) * time.Duration(power)
}

// lotKey returns what has one lot of an AddrKey.
func lotKey(addr string) string {
	if ip := KeyAddr(addr); ip.Is6() {
		return netip.PrefixFrom(ip, lotPrefix).Masked().String()
	}
	return addr
}
