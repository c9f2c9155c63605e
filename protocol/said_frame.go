package protocol

import (
	"bytes"
	"slices"
	"strconv"
)

// A SaidFrame is one response to a plain session that tells what people have said. It may
// wait, and a message that is in it be removed meanwhile: so it knows where that is.
type SaidFrame struct {
	Bytes []byte
	spots []spot // one behind the other, or one in the other
}

// A spot is where a frame has something of a message.
type spot struct {
	message    uint64 // its number
	start, end int    // in the bytes
	instead    string // what stands there when it is removed
}

// SizeOf returns how many bytes some frames have.
func SizeOf(frames []SaidFrame) (bytes int) {
	for _, f := range frames {
		bytes += len(f.Bytes)
	}
	return bytes
}

// removedText is what stands instead of a text among others.
const removedText = "(removed)"

// Without returns the frame without what it has of a message, and whether it has any of that.
// If no bytes are left there was nothing else in it. The frame itself is not changed: others
// may wait for it, too.
func (f SaidFrame) Without(message uint64) (_ SaidFrame, has bool) {
	of := func(s spot) bool { return s.message == message }
	for i := slices.IndexFunc(f.spots, of); i >= 0; i = slices.IndexFunc(f.spots, of) {
		f, has = f.withoutSpot(i), true
	}
	return f, has
}

// withoutSpot returns the frame with something else at one of its spots.
func (f SaidFrame) withoutSpot(i int) SaidFrame {
	gone := f.spots[i]
	longer := len(gone.instead) - (gone.end - gone.start)
	left := SaidFrame{Bytes: slices.Concat(f.Bytes[:gone.start], []byte(gone.instead), f.Bytes[gone.end:])}
	for j, s := range f.spots {
		switch {
		case j == i || s.start >= gone.start && s.end <= gone.end: // it was in there
			continue
		case s.start >= gone.end:
			s.start, s.end = s.start+longer, s.end+longer
		case s.end > gone.start: // it is around
			s.end += longer
		}
		left.spots = append(left.spots, s)
	}
	return left
}

// add adds what is in another frame.
func (f *SaidFrame) add(part SaidFrame) {
	at := len(f.Bytes)
	f.Bytes = append(f.Bytes, part.Bytes...)
	for _, s := range part.spots {
		f.spots = append(f.spots, spot{s.message, at + s.start, at + s.end, s.instead})
	}
}

// addQuote notes where a part of the frame has the quote of a message, which stands in the
// first parentheses that begin like that. There are none in a quote; see inBrackets.
func (f *SaidFrame) addQuote(start, end int, quoted uint64) {
	opens := bytes.Index(f.Bytes[start:end], []byte(answers))
	if opens < 0 {
		return
	}
	start += opens + len(answers)
	f.spots = append(f.spots, spot{quoted, start, start + bytes.IndexByte(f.Bytes[start:end], ')'), strconv.FormatUint(quoted, 10)})
}

// quotes returns the number of the message of which a quote stands in front of r's text; 0 if
// there is none.
func (r *Response) quotes() uint64 {
	if r.Notes == nil || r.Notes.Quote == nil || r.Data == nil || r.Data.Marks != nil && r.Data.Marks.Removed != nil {
		return 0
	}
	return r.Data.Re
}

// About returns the number of the message of which r has the text, or tells what became of it,
// so that r is not told any more when that is removed; 0 if there is none.
func (r *Response) About() uint64 {
	d := r.Data
	if d == nil || d.Marks != nil && d.Marks.Removed != nil {
		return 0
	}
	switch d.Event {
	case EventMessage, EventDirect, EventDelivered, EventEdited, EventReacted, EventUnreacted, EventChanged, EventReport:
		return d.ID
	}
	return 0
}

// SaidFrames is PlainFrames of what somebody has said, or has done with what was said.
func SaidFrames(r Response) []SaidFrame {
	said := FramesAbout(r.About(), r)
	if quoted := r.quotes(); quoted != 0 {
		said[0].addQuote(0, len(said[0].Bytes), quoted)
	}
	return said
}

// FramesAbout is PlainFrames of what is all about one message; 0: about none.
func FramesAbout(message uint64, r Response) []SaidFrame {
	frames := PlainFrames(r)
	said := make([]SaidFrame, len(frames))
	for i, frame := range frames {
		said[i].Bytes = frame
		if message != 0 {
			said[i].spots = []spot{{message: message, end: len(frame)}}
		}
	}
	return said
}

// A Line is one of several of a response.
type Line struct {
	Text    string
	Message uint64 // of which it tells; 0: of none
	Said    string // the end of the line, from the message
}

// LineFrames returns r for a plain session with those lines as its content. One that is too
// long for a frame among others has its own, or several.
func LineFrames(r Response, lines []Line) (frames []SaidFrame) {
	head := append(appendHead(nil, r, true), '"')
	var f SaidFrame
	flush := func() {
		if f.Bytes != nil {
			f.Bytes = append(f.Bytes, "\"}\n"...)
			frames, f = append(frames, f), SaidFrame{}
		}
	}
	for _, l := range lines {
		text, said := plainInside(l.Text), plainInside(l.Said)
		if size := len(text) + len(said) + len("\"}\n"); len(head)+size > MaxPlainFrame {
			flush()
			r.Content = l.Text + l.Said
			frames = append(frames, FramesAbout(l.Message, r)...)
			continue
		} else if len(f.Bytes)+len(`\n`)+size > MaxPlainFrame {
			flush()
		}
		if f.Bytes == nil {
			f.Bytes = slices.Clone(head)
		} else {
			f.Bytes = append(f.Bytes, `\n`...)
		}
		f.Bytes = append(f.Bytes, text...)
		if l.Message != 0 {
			f.spots = append(f.spots, spot{l.Message, len(f.Bytes), len(f.Bytes) + len(said), removedText})
		}
		f.Bytes = append(f.Bytes, said...)
	}
	flush()
	return frames
}

// plainInside returns s as it stands between the quotes of a JSON string.
func plainInside(s string) []byte {
	quoted := appendPlainText(nil, s)
	return quoted[1 : len(quoted)-1]
}
