package server

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/eventloop/doctor"
)

// What is known of what a server says before it is asked.
type greeting int

const (
	unknown greeting = iota
	silent
	greets
)

// Habits of a server by the words of the table of needs, and others that it does not have.
const (
	glued       doctor.Habit = "responses glued"
	split       doctor.Habit = "response split"
	newline     doctor.Habit = "newline behind responses"
	loneNewline doctor.Habit = "newline by itself"
	indented    doctor.Habit = "indented JSON"
	timeString  doctor.Habit = "timestamp: string"
	timeNumber  doctor.Habit = "timestamp: number"
	timeNull    doctor.Habit = "timestamp: null"
	senderNull  doctor.Habit = "sender: null"
	namesList   doctor.Habit = "names: a list"
	namesKind   doctor.Habit = "names: a kind of its own"
	extraObject doctor.Habit = "extra key: an object"
	above1024   doctor.Habit = "more than 1,024 bytes"
	above4096   doctor.Habit = "more than 4,096 bytes"
	noHistory   doctor.Habit = "login without a history"
	noWords     doctor.Habit = "login without its words"

	historyStrings  doctor.Habit = "history: a list of strings"
	historyObjects  doctor.Habit = "history: a list of objects"
	historyText     doctor.Habit = "history: one string"
	historyEmpty    doctor.Habit = "history: an empty list, then messages"
	historyBlank    doctor.Habit = "history: an empty string, then messages"
	historyMessages doctor.Habit = "history: messages"

	noObject    doctor.Habit = "no object"
	capitals    doctor.Habit = "keys in capitals"
	lacks       doctor.Habit = "key missing"
	unknownKind doctor.Habit = "unknown kind"
	controls    doctor.Habit = "sender with control characters"
)

// observed is all that was seen beside what the dialogues asked for.
type observed struct {
	greeting  greeting
	responses int
	segments  int // that ended a response
	seen      map[doctor.Habit]*sighting
}

// A sighting is a habit that was seen.
type sighting struct {
	times   int
	example []byte
}

func (o *observed) see(h doctor.Habit, example []byte) {
	if o.seen == nil {
		o.seen = make(map[doctor.Habit]*sighting)
	}
	if o.seen[h] == nil {
		o.seen[h] = &sighting{example: bytes.Clone(example[:min(len(example), 4*shortSize)])}
	}
	o.seen[h].times++
}

func (o *observed) times(h doctor.Habit) int {
	if s := o.seen[h]; s != nil {
		return s.times
	}
	return 0
}

// segment looks at what one read has brought.
func (o *observed) segment(p *session, data []byte, values []doctor.Value, within bool) {
	switch {
	case len(values) > 1 || len(values) == 1 && p.cutter.Within() && !within:
		o.see(glued, data)
	case len(values) == 1 && within && len(values[0].Raw) <= oneSegment:
		o.see(split, values[0].Raw)
	case len(values) == 0 && !within && len(bytes.TrimSpace(data)) == 0:
		o.see(loneNewline, data)
	}
	if len(values) > 0 {
		o.segments++
		if rest := data[bytes.LastIndexByte(data, '}')+1:]; len(bytes.TrimSpace(rest)) == 0 && bytes.ContainsAny(rest, "\r\n") && !p.lines {
			o.see(newline, data)
		}
	}
	for _, v := range values {
		o.responses++
		o.value(newValue(v, time.Time{}))
	}
}

// oneSegment is what any network carries in one segment.
const oneSegment = 1200

// value looks at one response.
func (o *observed) value(v *value) {
	if bytes.ContainsAny(v.Raw, "\r\n") {
		o.see(indented, v.Raw)
	}
	if v.object == nil {
		o.see(noObject, v.Raw)
		return
	}
	for k, field := range v.V.(map[string]any) {
		low := strings.ToLower(k)
		if slices.Contains(keys, low) {
			if k != low {
				o.see(capitals, v.Raw)
			}
		} else if _, ok := field.(map[string]any); ok {
			o.see(extraObject, v.Raw)
		}
	}
	for _, k := range keys {
		if _, ok := v.object[k]; !ok {
			o.see(lacks, v.Raw)
		}
	}
	o.fields(v)
	if v.kind() == "info" || v.kind() == "history" { // others' messages are as long as the doctor's
		switch n := len(v.Raw); {
		case n > 4096:
			o.see(above4096, v.Raw)
			fallthrough
		case n > 1024:
			o.see(above1024, v.Raw)
		}
	}
}

var (
	keys  = []string{"timestamp", "sender", "response", "content"}
	kinds = []string{"error", "info", "history", "message"}

	successWords = regexp.MustCompile(`(?i)success|logged in`)
)

func (o *observed) fields(v *value) {
	switch v.object["timestamp"].(type) {
	case string:
		o.see(timeString, v.Raw)
	case float64:
		o.see(timeNumber, v.Raw)
	case nil:
		if _, ok := v.object["timestamp"]; ok {
			o.see(timeNull, v.Raw)
		}
	}
	switch sender := v.sender().(type) {
	case nil:
		if _, ok := v.object["sender"]; ok {
			o.see(senderNull, v.Raw)
		}
	case string:
		if strings.ContainsFunc(sender, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			o.see(controls, v.Raw)
		}
	}
	if _, ok := v.object["response"]; !ok {
		return
	}
	switch kind, _ := v.object["response"].(string); {
	case slices.Contains(kinds, kind):
	case strings.ToLower(kind) == "names":
		o.see(namesKind, v.Raw)
		fallthrough
	default:
		o.see(unknownKind, v.Raw)
	}
	if _, ok := v.content().([]any); ok && v.kind() != "history" {
		o.see(namesList, v.Raw)
	}
}

// login looks at the answers to a login that was not refused.
func (o *observed) login(answers []*value, asked time.Time) {
	var history *value
	messages, words := false, false
	for _, v := range answers {
		switch {
		case v.kind() == "history":
			if history == nil {
				history = v
			}
		case isMessage(v):
			messages = true
		case successWords.MatchString(text(v.V)):
			words = true
		}
	}
	if !words {
		o.see(noWords, answers[0].Raw)
	}
	switch form, ok := historyForm(history, messages); {
	case ok:
		o.see(form, history.raw())
	case history == nil && !messages:
		o.see(noHistory, answers[0].Raw)
	}
}

// historyForm says how a history is told, if anything was.
func historyForm(history *value, messages bool) (doctor.Habit, bool) {
	if history == nil {
		return historyMessages, messages
	}
	switch c := history.content().(type) {
	case string:
		if c == "" {
			return historyBlank, messages
		}
		return historyText, true
	case []any:
		if len(c) == 0 {
			return historyEmpty, messages
		}
		if _, ok := c[0].(string); ok {
			return historyStrings, true
		}
		return historyObjects, true
	}
	return "", false
}
