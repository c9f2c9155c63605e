package client

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"parley/protocol"
)

const (
	// maxShown is the size in bytes of one text on the screen. What Parley's
	// own server sends is far below; the limit keeps a foreign one from
	// burying the chat under megabytes.
	maxShown = 64 << 10

	// maxShownLines is how many lines of one text are shown: about two screens.
	maxShownLines = 100

	// maxSender is the width in columns of a name on the screen: a valid name
	// always fits, a foreign server may send anything.
	maxSender = protocol.MaxName + 8

	// indent stands before the second and further lines of a text. No line of
	// its own begins with a space, so a text cannot imitate another message.
	indent = "        "
)

// A View turns what is to be shown into lines. It knows no terminal and no
// colours; what is remote in a line has been made safe.
type View struct {
	Location *time.Location // of the times that are shown
	Self     string         // one's own name, to be found in texts

	day time.Time // of the last line, at midnight
}

// begin sets the day for which no rule is needed.
func (v *View) begin(now time.Time) { v.day = v.midnight(now) }

func (v *View) midnight(t time.Time) time.Time {
	y, m, d := t.In(v.Location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, v.Location)
}

// message returns the lines of a message that came at now, with a rule before
// them if it is the first one of its day.
func (v *View) message(m protocol.Response, now time.Time, old bool) []Line {
	lines, clock := v.when(m, now, old)
	head := []Span{{clock, ToneTime}}
	if sender := showName(m.Sender); sender != "" {
		head = append(head, v.sender(sender), Span{": ", ToneText})
	}
	return append(lines, v.body(head, m.Content, ToneText, old)...)
}

// own returns the lines of a text that was just typed, to one person or, if to
// is "", to everybody.
func (v *View) own(to, text string, now time.Time, unsent bool) []Line {
	lines, clock := v.when(protocol.Response{}, now, false)
	head := []Span{{clock, ToneTime}, {showName(v.Self), ToneSelf}, {": ", ToneText}}
	if to != "" {
		head = v.directHead(clock, Span{you, ToneSelf}, v.sender(showName(to)))
	}
	return append(lines, marked(v.body(head, text, ToneText, false), unsent)...)
}

// marked puts a mark behind a text that was not sent yet.
func marked(body []Line, unsent bool) []Line {
	if unsent {
		last := &body[len(body)-1]
		last.Spans = append(last.Spans, Span{" (unsent)", ToneMark})
	}
	return body
}

// you stands for oneself where only two are concerned.
const you = "you"

// direct returns the lines of what somebody said to one alone.
func (v *View) direct(m protocol.Response, now time.Time) []Line {
	lines, clock := v.when(m, now, false)
	from, to := v.sender(showName(m.Sender)), Span{you, ToneSelf}
	if v.isSelf(m.Sender) {
		from, to = Span{you, ToneSelf}, v.sender(showName(m.Data.To))
	}
	return append(lines, v.body(v.directHead(clock, from, to), m.Content, ToneText, false)...)
}

func (v *View) directHead(clock string, from, to Span) []Span {
	return []Span{{clock, ToneTime}, from, {" -> ", ToneDirect}, to, {": ", ToneText}}
}

// info returns the lines of the server's own words: an info or an error.
func (v *View) info(r protocol.Response, now time.Time) []Line {
	content := strings.TrimSpace(r.Content)
	if content == "" {
		return nil
	}
	tone, mark := ToneInfo, "* "
	switch {
	case r.Kind == protocol.KindError:
		tone, mark = ToneError, "! "
	case r.Data != nil && r.Data.Event == protocol.EventPresence:
		tone = TonePresence
	}
	lines, clock := v.when(r, now, false)
	head := []Span{{clock, ToneTime}, {mark, tone}}
	if sender := showName(r.Sender); protocol.CheckName(sender) == nil && !isServerName(sender) && !strings.EqualFold(sender, v.Self) {
		head = append(head, v.sender(sender), Span{": ", tone})
	}
	return append(lines, v.body(head, content, tone, false)...)
}

func (v *View) sender(name string) Span {
	if v.isSelf(name) {
		return Span{name, ToneSelf}
	}
	return Span{name, ToneSender}
}

func (v *View) isSelf(name string) bool { return v.Self != "" && strings.EqualFold(name, v.Self) }

// body returns the lines of a text behind head.
func (v *View) body(head []Span, text string, tone Tone, old bool) []Line {
	parts := strings.Split(strings.Trim(clip(text), "\n"), "\n")
	left := 0
	if len(parts) > maxShownLines {
		left = len(parts) - maxShownLines
		parts = parts[:maxShownLines]
	}
	var lines []Line
	for i, p := range parts {
		spans := head
		if i > 0 {
			spans = []Span{{indent, ToneText}}
		}
		lines = append(lines, Line{append(spans, v.mentions(p, tone)...), old})
	}
	if left > 0 {
		lines = append(lines, Line{[]Span{{fmt.Sprintf("%s(%d more lines are not shown)", indent, left), ToneNotice}}, old})
	}
	return lines
}

// clip makes a text safe and not longer than maxShown.
func clip(text string) string {
	if len(text) <= maxShown {
		return sanitize(text)
	}
	cut := maxShown
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s\n(%d more bytes are not shown)", sanitize(text[:cut]), len(text)-cut)
}

// mentions cuts a line where one's own name stands in it.
func (v *View) mentions(s string, tone Tone) []Span {
	var spans []Span
	for tone == ToneText {
		at := findWord(s, v.Self)
		if at < 0 {
			break
		}
		if at > 0 {
			spans = append(spans, Span{s[:at], tone})
		}
		end := at + len(v.Self)
		spans = append(spans, Span{s[at:end], ToneMention})
		s = s[end:]
	}
	if s != "" {
		spans = append(spans, Span{s, tone})
	}
	return spans
}

// Mentions reports whether a text has one's own name in it, as a whole word in
// any case.
func (v *View) Mentions(text string) bool { return findWord(sanitize(text), v.Self) >= 0 }

// findWord returns where word, which is ASCII, stands in s by itself; -1 if it
// does not.
func findWord(s, word string) int {
	if word == "" {
		return -1
	}
	for i := 0; i+len(word) <= len(s); i++ {
		if !strings.EqualFold(s[i:i+len(word)], word) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(word):])
		if !inWord(before) && !inWord(after) {
			return i
		}
	}
	return -1
}

// inWord reports whether r continues a word. At the ends of a string r is
// utf8.RuneError, which does not.
func inWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// notice returns a line of the client's own words.
func notice(tone Tone, format string, args ...any) []Line {
	var lines []Line
	for i, s := range strings.Split(sanitize(fmt.Sprintf(format, args...)), "\n") {
		mark := "- "
		if i > 0 {
			mark = "  "
		}
		lines = append(lines, Line{Spans: []Span{{mark + s, tone}}})
	}
	return lines
}

func rule(text string) Line {
	return Line{Spans: []Span{{"--- " + text + " ---", ToneRule}}}
}

// clockText finds a time of day in a timestamp of any format.
var clockText = regexp.MustCompile(`(?:^|\D)([01]?\d|2[0-3]):([0-5]\d)(?:\D|$)`)

// when returns the time of day at which r was sent, ready to stand before it,
// and a rule if another day has begun. A foreign timestamp that does not tell
// its zone is shown as it is. Without any, it is the time of arrival; of the
// history that would be wrong, so there it stays empty.
func (v *View) when(r protocol.Response, now time.Time, old bool) ([]Line, string) {
	t := r.Time
	if t.IsZero() {
		if m := clockText.FindStringSubmatch(r.Stamp); m != nil {
			return nil, fmt.Sprintf("%02s:%s ", m[1], m[2])
		}
		if old {
			return nil, strings.Repeat(" ", len("15:04 "))
		}
		t = now
	}
	var lines []Line
	if day := v.midnight(t); !day.Equal(v.day) {
		v.day = day
		lines = append(lines, rule(day.Format("Monday 2 January 2006")))
	}
	return lines, t.In(v.Location).Format("15:04 ")
}

// showName returns a name as it can be shown: on one line and not too wide.
func showName(name string) string {
	if len(name) > maxShown {
		name = name[:maxShown]
	}
	width := runewidth.Condition{}
	return width.Truncate(sanitizeLine(name), maxSender, "~")
}

// isServerName reports whether a sender is one of the names that servers use
// for themselves.
func isServerName(sender string) bool {
	switch strings.ToLower(strings.Trim(sender, "[] ")) {
	case "", protocol.ServerName, "chatserver":
		return true
	}
	return false
}

// quote returns the beginning of a text for use in a sentence.
func quote(text string) string {
	const columns = 40
	width := runewidth.Condition{}
	return `"` + width.Truncate(sanitizeLine(text), columns, "...") + `"`
}
