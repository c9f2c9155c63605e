package load

import mathbits "math/bits"

// bits are a set of small numbers.
type bits []uint64

func (b bits) has(n uint32) bool {
	return int(n/64) < len(b) && b[n/64]&(1<<(n%64)) != 0
}

// add adds a number and reports whether it is a new one.
func (b *bits) add(n uint32) bool {
	for int(n/64) >= len(*b) {
		*b = append(*b, 0)
	}
	fresh := !b.has(n)
	(*b)[n/64] |= 1 << (n % 64)
	return fresh
}

func (b bits) count() (n int64) {
	for _, word := range b {
		n += int64(mathbits.OnesCount64(word))
	}
	return n
}
