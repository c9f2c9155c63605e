package protocol

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// TimeFormat is the shape of every timestamp: RFC 3339, seconds, in UTC. It is
// written as time.RFC3339, which says the same of a time in UTC at a third of the
// cost.
const TimeFormat = "2006-01-02T15:04:05Z"

// AppendExtended appends r for an extended session: one line of UTF-8 with ref
// and data beside the four keys.
func AppendExtended(dst []byte, r Response) []byte {
	dst = appendExtended(dst, r)
	return append(dst, '\n')
}

func appendExtended(dst []byte, r Response) []byte {
	dst = appendHead(dst, r, false)
	if r.Kind == KindHistory {
		dst = append(dst, '[')
		for i, m := range r.History {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendExtended(dst, m)
		}
		dst = append(dst, ']')
	} else {
		dst = appendUTF8(dst, r.Content)
	}
	if r.Ref != "" {
		dst = appendUTF8(append(dst, `,"ref":`...), r.Ref)
	}
	if r.Data != nil {
		dst = append(dst, `,"data":`...)
		dst = appendData(dst, r.Data)
	}
	return append(dst, '}')
}

// appendHead appends all up to the value of content.
func appendHead(dst []byte, r Response, plain bool) []byte {
	dst = append(dst, `{"timestamp":"`...)
	dst = r.Time.UTC().AppendFormat(dst, time.RFC3339)
	dst = append(dst, `","sender":`...)
	if plain {
		dst = appendPlainText(dst, r.Sender)
	} else {
		dst = appendUTF8(dst, r.Sender)
	}
	dst = append(dst, `,"response":"`...)
	dst = append(dst, r.Kind...)
	return append(dst, `","content":`...)
}

func appendData(dst []byte, d *Data) []byte {
	dst = append(dst, `{"event":`...)
	dst = appendUTF8(dst, d.Event)
	if d.Code != "" {
		dst = appendUTF8(append(dst, `,"code":`...), string(d.Code))
	}
	if d.ID != 0 {
		dst = strconv.AppendUint(append(dst, `,"id":`...), d.ID, 10)
	}
	if d.Name != "" {
		dst = appendUTF8(append(dst, `,"name":`...), d.Name)
	}
	if d.Names != nil {
		dst = appendList(append(dst, `,"names":`...), d.Names)
	}
	for _, f := range [...]struct{ key, value string }{{`,"log":`, d.Log}, {`,"to":`, d.To}, {`,"text":`, d.Text}, {`,"state":`, d.State}} {
		if f.value != "" {
			dst = appendUTF8(append(dst, f.key...), f.value)
		}
	}
	if d.Seconds != 0 {
		dst = strconv.AppendInt(append(dst, `,"seconds":`...), int64(d.Seconds), 10)
	}
	if !d.Registered.IsZero() {
		dst = append(dst, `,"registered":"`...)
		dst = append(d.Registered.UTC().AppendFormat(dst, time.RFC3339), '"')
	}
	if d.Private != nil {
		dst = appendPrivate(append(dst, `,"private":`...), d.Private)
	}
	return append(dst, '}')
}

// AppendPlain appends r for a plain session: the four keys in compact ASCII and
// a newline. Braces in strings are escaped, for a client that counts braces
// without knowing strings. r is not a history and fits into MaxPlainFrame:
// PlainFrames sees to that.
func AppendPlain(dst []byte, r Response) []byte {
	dst = appendHead(dst, r, true)
	dst = appendPlainText(dst, r.Content)
	return append(dst, "}\n"...)
}

// PlainFrames returns r for a plain session in frames of at most MaxPlainFrame
// bytes each. A content that is too long is cut between words where it can be.
func PlainFrames(r Response) [][]byte {
	whole := AppendPlain(make([]byte, 0, 128+len(r.Content)), r) // enough for most
	if len(whole) <= MaxPlainFrame {
		return [][]byte{whole}
	}
	var frames [][]byte
	room := MaxPlainFrame - len(AppendPlain(nil, Response{Time: r.Time, Sender: r.Sender, Kind: r.Kind}))
	rest := r.Content
	for {
		head := cutPlain(rest, room)
		r.Content, rest = rest[:head], rest[head:]
		frames = append(frames, AppendPlain(nil, r))
		if rest == "" {
			return frames
		}
	}
}

// cutPlain returns how much of s, at least one character, takes at most room
// bytes when it is written for a plain session. It cuts behind white space if
// there is any in the last quarter.
func cutPlain(s string, room int) int {
	size, end, space := 0, 0, 0
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		size += plainWidth(r)
		if size > room && end > 0 {
			if space > end*3/4 {
				return space
			}
			return end
		}
		end += n
		if r == ' ' || r == '\n' {
			space = end
		}
	}
	return end
}

const hexDigits = "0123456789abcdef"

// plainWidth returns how many bytes appendPlainText makes of r.
func plainWidth(r rune) int {
	switch {
	case r == '"' || r == '\\' || r == '\n' || r == '\r' || r == '\t':
		return 2
	case r > 0xffff:
		return 12
	case r < ' ' || r > '~' || r == '{' || r == '}':
		return 6
	}
	return 1
}

func appendPlainText(dst []byte, s string) []byte { return appendASCII(dst, s, true) }

// appendASCII appends s as a JSON string in ASCII, on request without braces.
// Bytes that are not UTF-8 become U+FFFD.
func appendASCII(dst []byte, s string, escapeBraces bool) []byte {
	dst = append(dst, '"')
	for {
		end := 0
		for end < len(s) && (plainWidth(rune(s[end])) == 1 || !escapeBraces && (s[end] == '{' || s[end] == '}')) {
			end++
		}
		dst = append(dst, s[:end]...)
		if end == len(s) {
			return append(dst, '"')
		}
		r, n := utf8.DecodeRuneInString(s[end:])
		if r > 0xffff {
			r -= 0x10000
			dst = appendEscape(appendEscape(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
		} else {
			dst = appendShort(dst, r)
		}
		s = s[end+n:]
	}
}

// appendUTF8 appends s as a JSON string in UTF-8. Bytes that are not UTF-8
// become U+FFFD.
func appendUTF8(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	dst = append(dst, '"')
	for {
		end := skipOrdinary(s, 0)
		dst = append(dst, s[:end]...)
		if end == len(s) {
			return append(dst, '"')
		}
		dst = appendShort(dst, rune(s[end]))
		s = s[end+1:]
	}
}

// appendShort appends an escape, the short one if JSON has one.
func appendShort(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendEscape(dst, r)
}

// appendEscape appends \uXXXX.
func appendEscape(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// A HistoryForm is how the history is told to plain sessions. The standard
// leaves it open; INTEROP counts say which clients read which.
type HistoryForm string

// The forms of a plain history.
const (
	HistoryStrings HistoryForm = "strings" // a list of strings, each one a whole response as JSON
	HistoryObjects HistoryForm = "objects" // a list of responses
	HistoryText    HistoryForm = "text"    // one string, a line per message
	HistoryReplay  HistoryForm = "replay"  // an empty history, then the messages as message responses
)

// PlainHistory returns the frames that tell a plain session the history r, in
// the given form. One response is under MaxPlainFrame bytes; what does not fit
// is left out from the oldest on.
func PlainHistory(r Response, form HistoryForm) [][]byte {
	if form == HistoryReplay {
		return replay(r)
	}
	open, closing, sep := "[", "]}\n", ","
	entry := appendEntryObject
	switch form {
	case HistoryStrings:
		entry = appendEntryString
	case HistoryText:
		open, closing, sep, entry = `"`, "\"}\n", `\n`, appendEntryLine
	}
	frame := append(appendHead(nil, r, true), open...)
	room := MaxPlainFrame - len(frame) - len(closing)
	for i, e := range newestThatFit(r.History, entry, len(sep), room) {
		if i > 0 {
			frame = append(frame, sep...)
		}
		frame = append(frame, e...)
	}
	return [][]byte{append(frame, closing...)}
}

// replay tells the newest messages one by one; together they take as much as
// one response may in the other forms.
func replay(r Response) [][]byte {
	frame := append(appendHead(nil, r, true), "[]}\n"...)
	frames := [][]byte{frame}
	entry := func(dst []byte, m Response) []byte { return AppendPlain(dst, m) }
	return append(frames, newestThatFit(r.History, entry, 0, MaxPlainFrame)...)
}

// newestThatFit encodes messages from the newest on while they fit into room
// bytes and returns them oldest first. A message that would not fit alone is
// passed over.
func newestThatFit(history []Response, entry func([]byte, Response) []byte, sep, room int) [][]byte {
	var list [][]byte
	left := room
	for i := len(history) - 1; i >= 0; i-- {
		e := entry(nil, history[i])
		if len(e) > room {
			continue
		}
		if left -= len(e) + sep; left+sep < 0 {
			break
		}
		list = append(list, e)
	}
	slices.Reverse(list)
	return list
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

// ExtendedHistory returns the frame that tells an extended session the history
// r: the newest messages that fit into MaxFrame.
func ExtendedHistory(r Response) []byte {
	history := r.History
	r.History = nil
	frame := AppendExtended(nil, r)
	at := len(appendHead(nil, r, false)) + 1 // behind the bracket that opens the list
	room := MaxFrame - len(frame)
	var entries []byte // the newest first
	var starts []int
	for _, m := range slices.Backward(history) {
		start := len(entries)
		entries = appendExtended(entries, m)
		if room -= len(entries) - start + 1; room < 0 {
			entries = entries[:start]
			break
		}
		starts = append(starts, start)
	}
	all := append(make([]byte, 0, len(frame)+len(entries)+len(starts)), frame[:at]...)
	for _, start := range slices.Backward(starts) {
		all = append(append(all, entries[start:]...), ',')
		entries = entries[:start]
	}
	all = all[:max(at, len(all)-1)] // without the last comma
	return append(all, frame[at:]...)
}
