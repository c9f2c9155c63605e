package protocol

import "math/bits"

// A Scanner cuts a byte stream into frames. The course protocol has no framing:
// requests come with a newline, with white space or with nothing between them,
// split at any byte or glued together. So the scanner follows the grammar of
// JSON and finds where each top-level object or array ends. It looks at every
// byte once, keeps only the frame that is unfinished and allocates nothing for
// one that lies whole in the input.
//
// After bad input it goes on at the next newline (a JSON string cannot hold a
// raw one, so a newline is always outside what was meant as text), or where the
// brackets of the bad object are balanced again, or at the next '{' behind
// words that are no JSON at all: clients that send no newlines need these two.
// A '{' at the beginning of a line is taken for a new frame where the grammar
// or a limit has no place for it, so that a frame that was cut off costs itself
// only.
//
// What it returns does not depend on how the stream is split.
type Scanner struct {
	buf    []byte // the beginning of an unfinished frame
	max    int32  // bytes of a frame
	arrays uint32 // bit d is set while the bracket at depth d+1 is an array: as many as MaxDepth
	depth  int32  // open objects and arrays; while skipping: open brackets of the bad frame
	state  scanState
	isKey  bool // the string being read is a key
	quoted bool // skipping, inside a string
	last   byte // the byte before this one
}

type scanState uint8

const (
	betweenFrames scanState = iota
	firstKey                // behind '{': a key or '}'
	nextKey                 // behind ',' in an object: a key
	colon                   // behind a key
	firstItem               // behind '[': a value or ']'
	nextValue               // behind ':' or behind ',' in an array: a value
	afterValue              // ',' or the closing bracket
	inString
	inEscape // behind a backslash in a string
	inScalar // in a number or in true, false, null
	skipping // bad input, up to the point to resume from
	skipEscape
)

// outcome is what one byte means for the frame that it belongs to.
type outcome uint8

const (
	goesOn outcome = iota
	begins
	ends
	isBad
	tooDeep
	tooLong
)

// NewScanner returns a Scanner for frames of at most max bytes.
func NewScanner(max int) *Scanner { return &Scanner{max: int32(max)} }

// Limit has frames have at most max bytes from now on, also the one that is unfinished.
func (s *Scanner) Limit(max int) { s.max = int32(max) }

// Pending returns how many bytes of an unfinished frame are held.
func (s *Scanner) Pending() int { return len(s.buf) }

// Idle reports whether the scanner stands between two frames.
func (s *Scanner) Idle() bool { return s.state == betweenFrames }

// Skipping reports whether the scanner passes over bad input.
func (s *Scanner) Skipping() bool { return s.state >= skipping }

// Scan reads from b up to the end of one frame, to an error or to the end of b,
// and returns the frame (nil if there is none yet) and the number of bytes that
// it used. The frame is part of b or of memory that the scanner gives up; in
// the first case it is valid as long as b is.
func (s *Scanner) Scan(b []byte) (frame []byte, n int, err *Error) {
	start := 0 // of the part of the frame that lies in b
	for i := 0; i < len(b); i++ {
		if s.state == inString {
			i = skipOrdinary(b, i)
			if i == len(b) {
				break
			}
		}
		if s.state == skipping {
			i = s.passOver(b, i)
			if i == len(b) {
				break
			}
		}
		c := b[i]
		if s.state >= skipping {
			if s.skip(c) {
				i-- // c begins a frame
				continue
			}
			s.last = c
			continue
		}
		if s.state != betweenFrames && len(s.buf)+i-start >= int(s.max) {
			used, _ := s.fail(c, i, tooLong)
			return nil, used, s.tooLarge()
		}
		switch what := s.step(c); what {
		case begins:
			start = i
		case ends:
			frame = b[start : i+1]
			if len(s.buf) > 0 {
				frame = append(s.buf, frame...)
			}
			s.reset(c)
			return frame, i + 1, nil
		case isBad, tooDeep:
			used, err := s.fail(c, i, what)
			return nil, used, err
		}
		s.last = c
	}
	if s.state != betweenFrames && s.state < skipping {
		if len(s.buf)+len(b)-start > int(s.max) {
			s.startSkipping()
			return nil, len(b), s.tooLarge()
		}
		s.buf = append(s.buf, b[start:]...)
	}
	return nil, len(b), nil
}

// skipOrdinary returns the index of the first byte at or behind i that means
// something in a string: a quote, a backslash or a control character. It looks at
// eight bytes at once ("Bit Twiddling Hacks", determine if a word has a byte less
// than n).
func skipOrdinary[T string | []byte](b T, i int) int {
	const ones = 0x0101010101010101
	for ; i+8 <= len(b); i += 8 {
		c := b[i : i+8]
		x := uint64(c[0]) | uint64(c[1])<<8 | uint64(c[2])<<16 | uint64(c[3])<<24 |
			uint64(c[4])<<32 | uint64(c[5])<<40 | uint64(c[6])<<48 | uint64(c[7])<<56
		quote, backslash := x^'"'*ones, x^'\\'*ones
		found := (x-' '*ones) & ^x | (quote-ones) & ^quote | (backslash-ones) & ^backslash
		if found &= 0x80 * ones; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return i
}

func (s *Scanner) reset(last byte) {
	s.buf, s.state, s.depth, s.arrays, s.last = nil, betweenFrames, 0, 0, last
}

// step moves the grammar on by one byte.
func (s *Scanner) step(c byte) outcome {
	switch s.state {
	case inString:
		return s.stepString(c)
	case inEscape:
		s.state = inString
		return badIf(c < ' ')
	case inScalar:
		if isScalar(c) {
			return goesOn
		}
		s.state = afterValue
	}
	if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
		return goesOn
	}
	switch s.state {
	case betweenFrames:
		if c != '{' && c != '[' {
			return isBad
		}
		s.open(c)
		return begins
	case firstKey, nextKey:
		if c == '}' && s.state == firstKey {
			return s.close()
		}
		if c != '"' {
			return isBad
		}
		s.state, s.isKey = inString, true
		return goesOn
	case colon:
		s.state = nextValue
		return badIf(c != ':')
	case firstItem, nextValue:
		if c == ']' && s.state == firstItem {
			return s.close()
		}
		return s.value(c)
	}
	return s.after(c) // afterValue
}

// stepString handles a byte that skipOrdinary stopped at.
func (s *Scanner) stepString(c byte) outcome {
	switch {
	case c == '\\':
		s.state = inEscape
	case c == '"' && s.isKey:
		s.state = colon
	case c == '"':
		s.state = afterValue
	default: // a control character
		return isBad
	}
	return goesOn
}

// value begins a value.
func (s *Scanner) value(c byte) outcome {
	switch {
	case c == '{' || c == '[':
		if s.depth == MaxDepth {
			return tooDeep
		}
		s.open(c)
	case c == '"':
		s.state, s.isKey = inString, false
	case isScalar(c):
		s.state = inScalar
	default:
		return isBad
	}
	return goesOn
}

// after handles the byte behind a complete value inside an object or array.
func (s *Scanner) after(c byte) outcome {
	array := s.arrays&(1<<(s.depth-1)) != 0
	switch {
	case c == ',' && array:
		s.state = nextValue
	case c == ',':
		s.state = nextKey
	case c == ']' && array, c == '}' && !array:
		return s.close()
	default:
		return isBad
	}
	return goesOn
}

func (s *Scanner) open(c byte) {
	if c == '[' {
		s.arrays |= 1 << s.depth
		s.state = firstItem
	} else {
		s.arrays &^= 1 << s.depth
		s.state = firstKey
	}
	s.depth++
}

func (s *Scanner) close() outcome {
	s.depth--
	if s.depth == 0 {
		return ends
	}
	s.state = afterValue
	return goesOn
}

// fail gives up the present frame because of c, the byte at i, and returns how
// many bytes of the input are used up.
func (s *Scanner) fail(c byte, i int, what outcome) (used int, err *Error) {
	err = Errorf(BadJSON, `That is not JSON that this server can read. Send one object per request, such as {"request":"help","content":null}.`)
	if what == tooDeep {
		err = Errorf(TooLarge, "That request is nested too deeply: at most %d levels.", MaxDepth)
	}
	if c == '{' && s.last == '\n' {
		s.reset(s.last)
		return i, err
	}
	s.startSkipping()
	if s.skip(c) {
		return i, err
	}
	s.last = c
	return i + 1, err
}

func (s *Scanner) tooLarge() *Error {
	return Errorf(TooLarge, "That is too large: at most %d bytes in one piece.", s.max)
}

func (s *Scanner) startSkipping() {
	s.quoted = s.state == inString || s.state == inEscape
	if s.state == inEscape {
		s.state = skipEscape
	} else {
		s.state = skipping
	}
	s.buf, s.arrays = nil, 0
}

// passOver returns the index of the first byte at or behind i that may end bad input, or a string
// in it: an attacker has much of it looked at.
func (s *Scanner) passOver(b []byte, i int) int {
	from := i
	switch {
	case s.quoted:
		i = skipOrdinary(b, i)
	case s.depth == 0: // words between frames
		for i < len(b) && nesting[b[i]] <= 0 {
			i++
		}
	default:
		for depth := s.depth; i < len(b); i++ {
			step := nesting[b[i]]
			if step == mayEnd || depth+step == 0 {
				break
			}
			depth += step
			s.depth = depth
		}
	}
	if i > from {
		s.last = b[i-1]
	}
	return i
}

// nesting is by how much a byte outside of a string changes how many brackets are open.
var nesting = [256]int32{'{': 1, '[': 1, '}': -1, ']': -1, '"': mayEnd, '\n': mayEnd}

const mayEnd = 2

// skip passes over one byte of bad input. It reports true if the byte begins
// the next frame and is to be looked at again.
func (s *Scanner) skip(c byte) (again bool) {
	if c == '\n' {
		s.reset(c)
		return false
	}
	if s.depth == 0 { // words between frames
		if c == '{' {
			s.reset(c)
			return true
		}
		if c == '[' {
			s.depth = 1
		}
		return false
	}
	switch {
	case s.state == skipEscape:
		s.state = skipping
	case s.quoted:
		if c == '\\' {
			s.state = skipEscape
		}
		s.quoted = c != '"'
	case c == '"':
		s.quoted = true
	case c == '{' || c == '[':
		s.depth++
	case c == '}' || c == ']':
		if s.depth--; s.depth == 0 {
			s.reset(c)
		}
	}
	return false
}

func badIf(bad bool) outcome {
	if bad {
		return isBad
	}
	return goesOn
}

// isScalar reports whether c can be part of a number or of a literal. That the
// whole is a proper one is for the decoder to see.
func isScalar(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '+' || c == '.'
}
