package eventloop

import (
	"errors"
	"time"
)

// ErrRekeying is why a connection was closed whose client sends records of TLS without data all
// the time.
var ErrRekeying = errors.New("the client changes its TLS keys, or sends records without data, again and again")

const (
	// A client may send barrenBurst records without data at once, and one more every barrenEvery:
	// those of its handshake, and for new keys, which a client wants once in millions of records.
	// Each of those costs as much as dozens of short ones with data. crypto/tls bounds them, but
	// only between two with data.
	barrenBurst = 64
	barrenEvery = time.Second
)

// records are what comes from a client over TLS, of which only crypto/tls knows what is in it.
type records struct {
	head [5]byte       // of the one that is coming: type, version, version, length, length
	have uint8         // bytes of head that are there
	left uint16        // bytes that are to come behind it
	done int           // that are complete, less those that had data
	free time.Duration // when those without data that came will have been allowed, in the loop's time
}

// came counts what is complete with b, in whatever pieces it comes.
func (r *records) came(b []byte) {
	for len(b) > 0 {
		if r.have < uint8(len(r.head)) {
			n := copy(r.head[r.have:], b)
			b, r.have = b[n:], r.have+uint8(n)
			if r.have < uint8(len(r.head)) {
				return
			}
			r.left = uint16(r.head[3])<<8 | uint16(r.head[4])
		}
		n := min(len(b), int(r.left))
		b, r.left = b[n:], r.left-uint16(n)
		if r.left == 0 {
			r.done, r.have = r.done+1, 0
		}
	}
}

// excess reports whether more came without data than may, when all is read that came.
func (r *records) excess(now time.Duration) bool {
	if r.done > 0 {
		r.free = max(r.free, now) + time.Duration(r.done)*barrenEvery
		r.done = 0
	}
	return r.free > now+barrenBurst*barrenEvery
}
