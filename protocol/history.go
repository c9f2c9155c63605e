package protocol

import (
	"bytes"
	"slices"
	"strings"
)

// A HistoryForm is how the history is told to plain sessions. The standard
// leaves it open; doc.go says how many clients read which.
type HistoryForm string

// The forms of a plain history.
const (
	HistoryStrings HistoryForm = "strings"             // a list of strings, each one a whole response as JSON
	HistoryObjects HistoryForm = "objects"             // a list of responses
	HistoryText    HistoryForm = "text"                // one string, a line per message
	HistoryReplay  HistoryForm = "replay"              // the messages as message responses, and an empty history only if there are none
	HistoryBoth    HistoryForm = "replay-with-history" // an empty history, then the messages as message responses
)

// PlainHistory returns the frames that tell a plain session the history r, in
// the given form: the newest messages that take at most so many frames and fit into
// MaxPlainHistory, and how many messages that are.
func PlainHistory(r Response, form HistoryForm, most int) (frames []SaidFrame, told int) {
	if form == HistoryReplay || form == HistoryBoth {
		return replay(r, form == HistoryBoth, most)
	}
	list := plainList{head: string(appendHead(nil, r, true)), open: "[", closing: "]}\n", sep: ",", entry: appendEntryObject, before: `"content":"`, behind: `"}`}
	switch form {
	case HistoryStrings:
		list.entry, list.before, list.behind = appendEntryString, `\"content\":\"`, `\"\u007d"`
	case HistoryText:
		list.open, list.closing, list.sep, list.entry, list.before, list.behind = `"`, "\"}\n", `\n`, appendEntryLine, ": ", ""
	}
	return list.frames(r.History, most)
}

// replay tells the newest messages one by one. What stands for no messages is
// the empty string and not the empty list, of which more clients die; see doc.go.
func replay(r Response, both bool, most int) (frames []SaidFrame, told int) {
	head := appendHead(nil, r, true)
	switch {
	case both:
		head = append(head, "[]}\n"...)
	case len(r.History) == 0:
		head = append(head, "\"\"}\n"...)
	default:
		head = nil
	}
	if head != nil {
		most--
	}
	size := 0
	for _, m := range slices.Backward(r.History) { // the newest first, and of each the end first
		parts := SaidFrames(m)
		if size += SizeOf(parts); size > MaxPlainHistory || len(frames)+len(parts) > most {
			break
		}
		slices.Reverse(parts)
		frames = append(frames, parts...)
		told++
	}
	if head != nil {
		frames = append(frames, SaidFrame{Bytes: head})
	}
	slices.Reverse(frames)
	return frames, told
}

// A plainList makes history responses that hold several messages each.
type plainList struct {
	head           string // up to the content
	open, closing  string
	sep            string // between entries
	entry          func([]byte, Response) []byte
	before, behind string // the text in an entry
}

// frames fills frames from the newest message on. One that is too large for a
// frame among others has its own, and if that does not do, several.
func (l plainList) frames(history []Response, most int) (frames []SaidFrame, told int) {
	var group []SaidFrame // of entries, the newest first
	size, total := 0, 0   // of a frame with the group in it, and of all entries
	empty := len(l.head) + len(l.open) + len(l.closing)
	flush := func() {
		slices.Reverse(group)
		frames = append(frames, l.frame(group))
		group, size = nil, 0
	}
	for _, m := range slices.Backward(history) {
		parts := l.parts(m)
		if total += SizeOf(parts); total > MaxPlainHistory {
			break
		}
		if e := parts[0]; len(parts) == 1 && len(group) > 0 && size+len(l.sep)+len(e.Bytes) <= MaxPlainFrame {
			group, size = append(group, e), size+len(l.sep)+len(e.Bytes)
			told++
			continue
		}
		open := 0
		if len(group) > 0 {
			open = 1
		}
		if len(frames)+open+len(parts) > most {
			break
		}
		for _, e := range slices.Backward(parts) {
			if len(group) > 0 {
				flush()
			}
			group, size = append(group, e), empty+len(e.Bytes)
		}
		told++
	}
	flush()
	slices.Reverse(frames)
	return frames, told
}

func (l plainList) frame(entries []SaidFrame) (f SaidFrame) {
	f.Bytes = []byte(l.head + l.open)
	for i, e := range entries {
		if i > 0 {
			f.Bytes = append(f.Bytes, l.sep...)
		}
		f.add(e)
	}
	f.Bytes = append(f.Bytes, l.closing...)
	return f
}

// parts encodes one message, in several entries if it is too large for a frame.
func (l plainList) parts(m Response) (parts []SaidFrame) {
	most := MaxPlainText - len(l.head) - len(l.open) - len(l.closing)
	front, rest := noted(&m)
	quoted := m.quotes()
	m.Content = front + mark(&m, rest) + rest
	whole := l.entry(nil, m)
	if len(whole) <= most {
		return []SaidFrame{l.said(whole, m.About(), quoted)}
	}
	for rest != "" {
		before := front + mark(&m, rest)
		head := cutToFit(rest, func(end int) bool {
			m.Content = before + rest[:end]
			return len(l.entry(nil, m)) <= most
		})
		m.Content, rest, front = before+rest[:head], rest[head:], ""
		parts = append(parts, l.said(l.entry(nil, m), m.About(), quoted))
		quoted = 0 // it was in front
	}
	return parts
}

// said notes where an entry has the text of a message, and a quote of another one.
func (l plainList) said(entry []byte, message, quoted uint64) SaidFrame {
	f := SaidFrame{Bytes: entry}
	start, end := bytes.Index(entry, []byte(l.before))+len(l.before), len(entry)-len(l.behind)
	if message != 0 {
		f.spots = append(f.spots, spot{message, start, end, removedText})
	}
	if quoted != 0 {
		f.addQuote(start, end, quoted)
	}
	return f
}

func appendEntryObject(dst []byte, m Response) []byte {
	dst = AppendPlain(dst, m)
	return dst[:len(dst)-1] // without the newline
}

func appendEntryString(dst []byte, m Response) []byte {
	return appendPlainText(dst, string(appendEntryObject(nil, m)))
}

func appendEntryLine(dst []byte, m Response) []byte {
	line := appendPlainText(nil, m.Time.UTC().Format(TimeFormat)+" "+m.Sender+": "+strings.TrimRight(m.Content, "\r\n"))
	return append(dst, line[1:len(line)-1]...)
}

// ExtendedHistory returns the frames that tell an extended session the history r:
// the newest messages that fit into MaxHistory, the oldest frame first, and how many
// messages that are. Each frame but the last says that there is more.
func ExtendedHistory(r Response) (frames [][]byte, told int) {
	history := r.History
	r.History, r.Data = nil, withMore(r.Data, true)
	head := appendHead(nil, r, false)
	envelope := len(AppendExtended(nil, r))
	var entries []byte // of the frame being filled, the newest first
	var starts []int
	size, total := envelope, 0
	flush := func() {
		frame := append(make([]byte, 0, size), head...)
		frame = append(frame, '[')
		for i, start := range slices.Backward(starts) {
			if frame = append(frame, entries[start:]...); i > 0 {
				frame = append(frame, ',')
			}
			entries = entries[:start]
		}
		frame = append(frame, ']')
		r.Data = withMore(r.Data, len(frames) > 0)
		frames = append(frames, append(appendOurs(frame, r), "}\n"...))
		starts, size = nil, envelope
	}
	for _, m := range slices.Backward(history) {
		start := len(entries)
		entries = appendExtended(entries, m)
		n := len(entries) - start + 1 // with the comma
		if total += n; total > MaxHistory {
			entries = entries[:start]
			break
		}
		if size+n > MaxFrame {
			newest := slices.Clone(entries[start:])
			entries = entries[:start]
			flush()
			entries, start = newest, 0
		}
		starts, size = append(starts, start), size+n
		told++
	}
	flush()
	slices.Reverse(frames)
	return frames, told
}

// withMore returns d that says whether there is more.
func withMore(d *Data, more bool) *Data {
	if d == nil {
		return nil
	}
	changed := *d
	changed.More = more
	return &changed
}
