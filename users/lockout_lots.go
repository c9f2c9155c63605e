package users

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"time"
)

// lotBits is for how many addresses that compete for one try it matters which one comes a moment
// earlier: up to two to the power of it, hardly at all.
const lotBits = 12

// lot returns how long after there is room for one try an address has to wait for it, less than
// every: whoever comes first then has it. It is drawn anew for each try, so that each address that
// competes has the same chance, and who asks a thousand times a second no better one. Nothing
// has to be remembered for it, and nobody can reserve a try that is not used.
//
// The lots are distributed as the timers of RFC 4654, 2.5.1, are by which one of an unknown number
// of receivers is to speak first: exponentially, so that the first one comes about
// every / lotBits before the second, however many compete, and who is a second late has
// nearly the same chance. In whole numbers, for all nodes of a cluster have to draw the same.
func lot(folded, addr string, try time.Time, every time.Duration) time.Duration {
	key := binary.BigEndian.AppendUint64(nil, uint64(try.Unix()))
	sum := sha256.Sum256(append(key, fromKey(folded, addr)...))
	drawn := binary.BigEndian.Uint64(sum[:])
	zeros := bits.LeadingZeros64(drawn)
	if zeros >= lotBits {
		return 0
	}
	// The logarithm of the number that was drawn, with straight lines between the powers of two.
	const fraction = 16
	power := uint64(lotBits-1-zeros)<<fraction | drawn<<(zeros+1)>>(64-fraction)
	return every / (lotBits << fraction) * time.Duration(power)
}
