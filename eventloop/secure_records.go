package eventloop

import (
	"errors"
	"time"
)

// ErrRekeying is why a connection was closed whose client sends records of TLS without data, or with
// next to none, all the time.
var ErrRekeying = errors.New("the client changes its TLS keys, or sends TLS records with little or no data, again and again")

const (
	// MaxEmptyRecords is how many TLS records without data a client may send at once; one more may
	// come every emptyEvery: those of its handshake, and for new keys, which a client wants once in
	// millions of records. Each of them costs as much as dozens of short ones with data. crypto/tls
	// bounds them, but only between two with data.
	MaxEmptyRecords = 64
	emptyEvery      = time.Second

	// MaxShortRecords is how many with less data than shortRecord bytes, which is less than a
	// request has, may come at once, if none without data does; one more may come every shortEvery.
	// A client that puts each byte of its requests into one of its own, as some libraries do, may
	// say two or three lines a second. A stream of them would cost hundreds of times what as many
	// bytes cost otherwise.
	MaxShortRecords = 16_000
	shortRecord     = 16
	shortEvery      = MaxEmptyRecords * emptyEvery / MaxShortRecords // 4 ms
)

// records are what comes from a client over TLS, of which only crypto/tls knows what is in it.
type records struct {
	head  [5]byte       // of the one that is coming: type, version, version, length, length
	have  uint8         // bytes of head that are there
	left  uint16        // bytes that are to come behind it
	done  int32         // that are complete, less those that had data
	short int32         // that had little
	free  time.Duration // when all that have counted will have been allowed, in the loop's time
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

// held notes that one of those that are complete had so many bytes of data.
func (r *records) held(data int) {
	r.done--
	if data < shortRecord {
		r.short++
	}
}

// excess reports whether more came with little or no data than may, when all is read that came.
func (r *records) excess(now time.Duration) bool {
	if r.done > 0 || r.short > 0 {
		r.free = max(r.free, now) + time.Duration(max(r.done, 0))*emptyEvery + time.Duration(r.short)*shortEvery
		r.done, r.short = min(r.done, 0), 0
	}
	return r.free > now+MaxEmptyRecords*emptyEvery
}
