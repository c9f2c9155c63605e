package load

import "hash/crc32"

// The text of every message begins with a mark:
//
//	~ run(3) sender(4) number(5) due(9) checksum(6) xxxx...
//
// in digits of 6 bits that pass unchanged through every form of the protocol.
// The due time is in nanoseconds since the run began, so 54 bits last 208 days.
// The checksum, CRC-32C, is of all before it; what is behind it is known beforehand.
// So a text that was altered anywhere is not taken for one that was sent.
const (
	markRun    = 1
	markSender = markRun + 3
	markSeq    = markSender + 4
	markDue    = markSeq + 5
	markSum    = markDue + 9

	// MinSize is the size in bytes of the smallest text: a mark and nothing else.
	MinSize = markSum + sumSize

	sumSize = 6

	filler = 'x' // fills a text to its size
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

// digitValues is the inverse of digits; 0xff is no digit.
var digitValues = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range len(digits) {
		t[digits[i]] = byte(i)
	}
	return t
}()

// A mark says which message a text is.
type mark struct {
	sender uint32
	seq    uint32 // counts the sender's messages from 1; 0 is a trial before the measurement
	due    int64  // when it was to be sent, ns since the run began
}

// appendDigits appends the lowest n digits of v.
func appendDigits(dst []byte, v uint64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, digits[v>>(6*i)&63])
	}
	return dst
}

// readDigits is false if there is something else among the digits.
func readDigits(b []byte) (v uint64, ok bool) {
	var all byte
	for _, c := range b {
		d := digitValues[c]
		all |= d
		v = v<<6 | uint64(d&63)
	}
	return v, all < 64
}

// runTag returns what the texts of a run begin with.
func runTag(run uint32) string { return string(appendDigits([]byte{'~'}, uint64(run), 3)) }

// castagnoli is the table of CRC-32C, which processors compute (RFC 3720, appendix B.4).
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendMark appends a mark.
func appendMark(dst []byte, tag string, m mark) []byte {
	start := len(dst)
	dst = append(dst, tag...)
	dst = appendDigits(dst, uint64(m.sender), 4)
	dst = appendDigits(dst, uint64(m.seq), 5)
	dst = appendDigits(dst, uint64(m.due), 9)
	return appendDigits(dst, uint64(crc32.Checksum(dst[start:], castagnoli)), sumSize)
}

// appendText appends the text of a message, which has size bytes.
func appendText(dst []byte, tag string, m mark, size int) []byte {
	start := len(dst)
	dst = appendMark(dst, tag, m)
	for len(dst)-start < size {
		dst = append(dst, filler)
	}
	return dst
}

// readMark reads a mark of the run of that tag from the beginning of b.
func readMark(b []byte, tag string) (m mark, ok bool) {
	if len(b) < MinSize || string(b[:markSender]) != tag {
		return m, false
	}
	sender, ok1 := readDigits(b[markSender:markSeq])
	seq, ok2 := readDigits(b[markSeq:markDue])
	due, ok3 := readDigits(b[markDue:markSum])
	sum, ok4 := readDigits(b[markSum:MinSize])
	ok = ok1 && ok2 && ok3 && ok4 && sum == uint64(crc32.Checksum(b[:markSum], castagnoli))
	return mark{uint32(sender), uint32(seq), int64(due)}, ok
}

// isOurs reports whether a text looks as if it were of this run, even if it was
// altered since.
func isOurs(text, tag string) bool { return len(text) >= markSender && text[:markSender] == tag }

// ref returns the tag of a request: its mark, so that an answer needs no memory of
// what it answers, and one that was altered is not taken for one to a request.
func ref(tag string, m mark) string {
	return string(appendMark(make([]byte, 0, MinSize), tag, m))
}

func readRef(b []byte, tag string) (m mark, ok bool) {
	if len(b) != MinSize {
		return m, false
	}
	return readMark(b, tag)
}
