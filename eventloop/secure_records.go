package eventloop

import (
	"errors"
	"time"
)

// ErrRekeying is why a connection was closed whose client sends records of TLS without data all
// the time.
var ErrRekeying = errors.New("the client changes its TLS keys, or sends records without data, again and again")

const (
	// MaxEmptyRecords is how many TLS records without data a client may send at once behind its
	// handshake; one more may come every emptyEvery. For new keys, which a client wants once in
	// millions of records, it needs one. A key update that asks for an answer is answered by a write of
	// its own, and as long as a loop reads the records of one client it does nothing else. crypto/tls
	// bounds them, but only between two with data.
	MaxEmptyRecords = 8
	emptyEvery      = time.Second
)

// records are what comes from a client over TLS. crypto/tls is given them one by one, so that it
// is known of each whether it had data.
type records struct {
	head [5]byte       // of the one that is given: type, version, version, length, length
	have uint8         // bytes of head that were given
	open bool          // one was given as a whole, of which no data has come
	left uint16        // bytes that are to be given behind head
	free time.Duration // when those that had none will have been allowed, in the loop's time
}

// give copies what is next of src, but no more than belongs to one record.
func (r *records) give(dst, src []byte) (n int) {
	if missing := len(r.head) - int(r.have); missing > 0 {
		n = copy(dst, src[:min(len(src), missing)])
		r.have += uint8(copy(r.head[r.have:], src[:n]))
		if int(r.have) < len(r.head) {
			return n
		}
		r.left = uint16(r.head[3])<<8 | uint16(r.head[4])
	}
	m := copy(dst[n:], src[n:min(len(src), n+int(r.left))])
	if r.left -= uint16(m); r.left == 0 {
		r.have, r.open = 0, true
	}
	return n + m
}

// shaken forgets those of the handshake, of which none has data.
func (r *records) shaken() { r.open = false }

// hadData says that the one that was given had some.
func (r *records) hadData() { r.open = false }

// excess reports whether more without data have come than may. More is asked for: of one that is
// open no data will come.
func (r *records) excess(now time.Duration) bool {
	if r.open {
		r.free, r.open = max(r.free, now)+emptyEvery, false
	}
	return r.free > now+MaxEmptyRecords*emptyEvery
}
