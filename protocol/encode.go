package protocol

import (
	"maps"
	"slices"
	"sort"
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
	return append(appendOurs(dst, r), '}')
}

// appendOurs appends ref and data.
func appendOurs(dst []byte, r Response) []byte {
	if r.Ref != "" {
		dst = appendUTF8(append(dst, `,"ref":`...), r.Ref)
	}
	if r.Data != nil {
		dst = append(dst, `,"data":`...)
		dst = appendData(dst, r.Data)
	}
	return dst
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
	if len(d.Away) > 0 {
		dst = appendAway(dst, d)
	}
	if len(d.Likes) > 0 {
		dst = appendLikes(dst, d.Likes)
	}
	for _, f := range [...]struct{ key, value string }{
		{`,"room":`, d.Room}, {`,"topic":`, d.Topic}, {`,"log":`, d.Log}, {`,"token":`, d.Token}, {`,"resume":`, d.Resume}, {`,"to":`, d.To}, {`,"text":`, d.Text}, {`,"state":`, d.State},
	} {
		if f.value != "" {
			dst = appendUTF8(append(dst, f.key...), f.value)
		}
	}
	if d.More {
		dst = append(dst, `,"more":true`...)
	}
	if d.Seconds != 0 {
		dst = strconv.AppendInt(append(dst, `,"seconds":`...), int64(d.Seconds), 10)
	}
	if d.Registered != nil {
		dst = append(dst, `,"registered":"`...)
		dst = append(d.Registered.UTC().AppendFormat(dst, time.RFC3339), '"')
	}
	if d.Private != nil {
		dst = appendObject(append(dst, `,"private":`...), d.Private, privateFields)
	}
	for _, f := range [...]struct {
		key   string
		value uint64
	}{{`,"read":`, d.Read}, {`,"before":`, d.Before}, {`,"after":`, d.After}, {`,"re":`, d.Re}} {
		if f.value != 0 {
			dst = strconv.AppendUint(append(dst, f.key...), f.value, 10)
		}
	}
	if d.Marks != nil {
		dst = appendObject(append(dst, `,"marks":`...), d.Marks, marksFields)
	}
	if d.Order != nil {
		dst = appendObject(append(dst, `,"order":`...), d.Order, orderFields)
	}
	dst = appendObjects(dst, "rooms", d.Rooms, roomFields)
	dst = appendObjects(dst, "unread", d.Unread, unreadFields)
	dst = appendObjects(dst, "sessions", d.Sessions, sessionFields)
	return append(dst, '}')
}

// appendLikes appends data.likes in the order of the names.
func appendLikes(dst []byte, likes Likes) []byte {
	before := `,"likes":{`
	for _, name := range slices.Sorted(maps.Keys(likes)) {
		dst = append(appendUTF8(append(dst, before...), name), ':')
		dst = appendUTF8(dst, likes[name])
		before = ","
	}
	return append(dst, '}')
}

// appendAway appends data.away in the order of the names, if any of those is away.
func appendAway(dst []byte, d *Data) []byte {
	before := `,"away":{`
	for _, name := range d.Names {
		if why, away := d.Away[name]; away {
			dst = appendAbsence(append(dst, before...), name, why)
			before = ","
		}
	}
	if before == "," {
		dst = append(dst, '}')
	}
	return dst
}

func appendAbsence(dst []byte, name, why string) []byte {
	return appendUTF8(append(appendUTF8(dst, name), ':'), why)
}

// AppendPlain appends r for a plain session: the four keys in compact ASCII and
// a newline. Braces in strings are escaped, for a client that counts braces
// without knowing strings. r is not a history; PlainFrames sees to its size.
func AppendPlain(dst []byte, r Response) []byte {
	dst = appendHead(dst, r, true)
	dst = appendPlainText(dst, r.Content)
	return append(dst, "}\n"...)
}

// PlainFrames returns r for a plain session in frames of at most MaxPlainFrame
// bytes each, or MaxPlainText if r is what somebody said: that is cut only where
// it must be. A content that is too long is cut between lines or words where it can
// be. Each part of what was not said to all in the lobby says so.
func PlainFrames(r Response) [][]byte {
	most := MaxPlainFrame
	if r.Kind == KindMessage {
		most = MaxPlainText
	}
	front, text := noted(&r)
	before := front + mark(&r, text)
	r.Content = before + text
	whole := AppendPlain(make([]byte, 0, 128+len(r.Content)), r) // enough for most
	if len(whole) <= most {
		return [][]byte{whole}
	}
	var frames [][]byte
	for text != "" {
		before := front + mark(&r, text)
		head := cutToFit(text, func(end int) bool {
			r.Content = before + text[:end]
			return len(AppendPlain(whole[:0], r)) <= most
		})
		r.Content, text, front = before+text[:head], text[head:], ""
		frames = append(frames, AppendPlain(nil, r))
	}
	return frames
}

// cutToFit returns how much of s is the longest beginning of at least one character
// that fits. What is not all of s ends behind a line, or else behind white space, if there
// is such a place in the last quarter. fits is told an end, and not the text up to it: so
// r, whose text it is, needs no memory of its own in the many calls in which nothing is cut.
func cutToFit(s string, fits func(end int) bool) int {
	_, first := utf8.DecodeRuneInString(s)
	end := first + sort.Search(len(s)-first, func(i int) bool {
		at := first + i + 1
		for at < len(s) && !utf8.RuneStart(s[at]) { // never between the bytes of a character
			at++
		}
		return !fits(at)
	})
	if end == len(s) {
		return end
	}
	for _, at := range [...]int{strings.LastIndexByte(s[:end], '\n') + 1, strings.LastIndexByte(s[:end], ' ') + 1} {
		if at > end*3/4 {
			return at
		}
	}
	return end
}

const hexDigits = "0123456789abcdef"

// isPlain reports whether appendPlainText writes c as it is.
func isPlain(c byte) bool {
	return ' ' <= c && c <= '~' && c != '"' && c != '\\' && c != '{' && c != '}'
}

// appendPlainText appends s as a JSON string in ASCII and without braces. Bytes that
// are not UTF-8 become U+FFFD.
func appendPlainText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		end := 0
		for end < len(s) && isPlain(s[end]) {
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
