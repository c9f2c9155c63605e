package load

import (
	"bytes"
	"strconv"
)

// A message is a frame that tells a message of ours.
type message struct {
	mark
	room  int32  // in which it was said, if there are rooms
	id    uint64 // its number in the server's log; 0 of a direct message and of plain servers
	stamp []byte // when the server says that it was said; valid until the next read
}

// A shape is what the frames of a round's messages look like.
type shape struct {
	tag     string   // begins every text
	names   []string // of the senders
	padding string   // follows every mark
	plan    *plan    // nil: all is said in the lobby
}

// The pieces of a message as Parley sends it to an extended session, in order.
const (
	pieceStamp   = `{"timestamp":"`
	stampLen     = len("2006-01-02T15:04:05Z")
	pieceSender  = `","sender":"`
	pieceContent = `","response":"message","content":"`
	pieceMessage = `","data":{"event":"message","id":`
	pieceDirect  = `","data":{"event":"direct","to":"`

	senderAt = len(pieceStamp) + stampLen
	nameAt   = senderAt + len(pieceSender)
)

// fast reads a message and the newline behind it from the beginning of b if every
// byte that is known beforehand is in its place. It returns the number of bytes, 0 if it
// is anything else, which slower code is to look at. That is what makes a delivery
// cheap: 90 ns and no memory, against 8,500 ns and 4,000 bytes with DecodeResponse
// (BenchmarkFast, BenchmarkDecode; 2 cores of an AMD EPYC, Go 1.26).
func (f *shape) fast(b []byte, to string) (m message, n int) {
	m, n = f.object(b, to)
	if n == 0 || n == len(b) || b[n] != '\n' {
		return message{}, 0
	}
	return m, n + 1
}

// object reads a message as it also stands in a history, without a newline.
func (f *shape) object(b []byte, to string) (m message, n int) {
	if len(b) < nameAt+len(pieceContent)+MinSize || string(b[:len(pieceStamp)]) != pieceStamp || string(b[senderAt:nameAt]) != pieceSender {
		return m, 0
	}
	at := bytes.IndexByte(b[nameAt:], '"') + nameAt
	if at < nameAt {
		return m, 0
	}
	name := b[nameAt:at]
	at, ok := after(b, at, pieceContent)
	if !ok {
		return m, 0
	}
	m.stamp = b[len(pieceStamp):senderAt]
	m.mark, ok = readMark(b[at:], f.tag)
	if !ok || int(m.sender) >= len(f.names) || string(name) != f.names[m.sender] {
		return m, 0
	}
	if at, ok = after(b, at+MinSize, f.padding); !ok {
		return m, 0
	}
	if to != "" {
		at, ok = after(b, at, pieceDirect)
		if ok {
			at, ok = after(b, at, to)
		}
		if ok {
			at, ok = after(b, at, "\"}}")
		}
		if !ok {
			return m, 0
		}
		return m, at
	}
	if at, ok = after(b, at, pieceMessage); !ok {
		return m, 0
	}
	if m.id, at, ok = digitsAt(b, at); !ok {
		return m, 0
	}
	if f.plan != nil {
		if m.room, at, ok = f.plan.roomAt(b, at); !ok {
			return m, 0
		}
	}
	if at, ok = after(b, at, "}}"); !ok {
		return m, 0
	}
	return m, at
}

// pieceRoom precedes the name of a room.
const pieceRoom = `,"room":"`

// roomAt reads the name of a room at b[at] and returns the index behind it.
func (p *plan) roomAt(b []byte, at int) (room int32, end int, ok bool) {
	if at, ok = after(b, at, pieceRoom); !ok {
		return 0, 0, false
	}
	if at, ok = after(b, at, p.prefix); !ok {
		return 0, 0, false
	}
	n := uint64(0)
	if at < len(b) && b[at] == '0' {
		end = at + 1
	} else if n, end, ok = digitsAt(b, at); !ok || n >= uint64(p.rooms) {
		return 0, 0, false
	}
	end, ok = after(b, end, `"`)
	return int32(n), end, ok
}

// after returns the index behind piece, which is to stand at b[at].
func after(b []byte, at int, piece string) (int, bool) {
	end := at + len(piece)
	if at < 0 || end > len(b) || string(b[at:end]) != piece {
		return 0, false
	}
	return end, true
}

var (
	keyEvent = []byte(`"data":{"event":"`)
	keyRef   = []byte(`","ref":"`)
	keyID    = []byte(`"id":`)
)

// event returns the event of an extended frame without decoding it, "" if it has
// none in its usual place. Within a text quotes are escaped, so what is found is
// a key.
func event(frame []byte) string {
	at := bytes.LastIndex(frame, keyEvent)
	if at < 0 {
		return ""
	}
	return string(quoted(frame[at+len(keyEvent):]))
}

// The end of an answer to a message as Parley sends it to an extended session.
const (
	pieceRef       = `","ref":"`
	pieceAccepted  = `","data":{"event":"accepted","id":`
	pieceDelivered = `","data":{"event":"delivered","to":"`
	pieceEnd       = "}}\n"
)

// answer reads an answer to a message if every byte of its end that is known beforehand is
// in its place: the request's ref and the number that the message was given.
func (c *client) answer(frame []byte) (tag []byte, n uint64, ok bool) {
	at := bytes.LastIndex(frame, keyRef)
	if at < 0 || at+len(pieceRef)+MinSize > len(frame) {
		return nil, 0, false
	}
	at += len(pieceRef)
	tag = frame[at : at+MinSize]
	at += MinSize
	if c.partner != nil {
		at, ok = after(frame, at, pieceDelivered)
		if ok {
			at, ok = after(frame, at, c.partner.name)
		}
		if ok {
			at, ok = after(frame, at, `"`)
		}
	} else if at, ok = after(frame, at, pieceAccepted); ok {
		n, at, ok = digitsAt(frame, at)
	}
	if ok && c.r.plan != nil {
		var room int32
		room, at, ok = c.r.plan.roomAt(frame, at)
		m, known := readRef(tag, c.r.shape.tag)
		ok = ok && known && m.seq > 0 && int(m.sender) == c.index && c.r.plan.turn(m.sender, m.seq).room == room
	}
	if ok {
		at, ok = after(frame, at, pieceEnd)
	}
	return tag, n, ok && at == len(frame)
}

// digitsAt reads a decimal number as JSON writes it and returns the index behind it.
func digitsAt(b []byte, at int) (n uint64, end int, ok bool) {
	for end = at; end < len(b) && b[end] >= '0' && b[end] <= '9'; end++ {
		n = n*10 + uint64(b[end]-'0')
	}
	return n, end, end > at && b[at] != '0' && end-at < 20
}

// quoted returns what stands before the next quote.
func quoted(b []byte) []byte {
	if end := bytes.IndexByte(b, '"'); end >= 0 {
		return b[:end]
	}
	return nil
}

// lastID returns the number of the newest message in a history, 0 if it is empty.
func lastID(frame []byte) (id uint64) {
	at := bytes.LastIndex(frame, keyID)
	if at < 0 {
		return 0
	}
	rest := frame[at+len(keyID):]
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	id, _ = strconv.ParseUint(string(rest[:end]), 10, 64)
	return id
}
