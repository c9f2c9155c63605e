package protocol

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Lobby is the room in which everybody is who is logged in: that of the standard. In
// data.room it is "".
const Lobby = "lobby"

// CheckRoom returns nil for a name that a room may have: one to MaxRoom ASCII letters,
// digits and hyphens and nothing else, and not the word that some clients write for
// nothing.
func CheckRoom(name string) *Error {
	switch {
	case name == "":
		return Errorf(BadName, "The name of the room is missing.")
	case len(name) > MaxRoom:
		return Errorf(BadName, "That name of a room is too long: at most %d letters, digits and hyphens.", MaxRoom)
	}
	for i := range len(name) {
		switch c := name[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-':
		default:
			return Errorf(BadName, "That name of a room is not allowed: only the letters A-Z and a-z, the digits 0-9 and hyphens.")
		}
	}
	if strings.EqualFold(name, pythonNull) {
		return Errorf(BadName, "No room may be called %s, since some programs write that where there is no name. Use another name.", name)
	}
	return nil
}

// CheckTopic returns nil for a text that a room may be about: one line of at most MaxTopic
// bytes that CheckText lets pass.
func CheckTopic(text string) *Error { return checkOneLine(text, "topic", MaxTopic) }

// CheckWhy returns nil for a reason that may be shown to others: one line of at most MaxWhy
// bytes that CheckText lets pass.
func CheckWhy(text string) *Error { return checkOneLine(text, "reason", MaxWhy) }

func checkOneLine(text, what string, most int) *Error {
	if len(text) > most {
		return Errorf(TooLarge, "That %s is too long: at most %d bytes, yours has %d.", what, most, len(text))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) }) {
		return Errorf(BadRequest, "A %s is one line without tabs.", what)
	}
	return CheckText(text, most)
}

// A Room is one of data.rooms. Fields that are zero are not sent.
type Room struct {
	Name    string
	Topic   string
	Members int    // who are connected
	Read    uint64 // up to this number one has read it
	Joined  bool   // one is in it
	Private bool   // only who was invited may join
	Key     bool   // needs a key
	Invited bool   // one was invited

	Forwarded bool // what is said in it goes to other programs, too: see EventForwarded

	KeepDays     int // of the answer to keep: so many days long it is kept what is said; 0: for ever
	KeepMessages int // likewise: so many messages are kept; 0: all
}

// An Unread is one conversation of data.unread.
type Unread struct {
	Room     string // "" of direct messages, else a room, also the lobby
	Name     string // with whom direct messages are
	Read     uint64 // up to this number one has read it
	Count    int    // of messages behind it that others have said
	Mentions int    // of them, those that have one's name in them
	More     bool   // there may be more than that
}

// A Session is one of one's own, in data.sessions.
type Session struct {
	ID      int // among one's own: the lowest from 1 on that was free
	Since   time.Time
	Address string // from which it comes; "" of a Unix socket
	Mine    bool   // it is the one that asks
}

// object appends fields to a JSON object. Fields that are zero are left out.
type object struct {
	dst   []byte
	begun bool
}

func (o *object) key(name string) {
	if o.begun {
		o.dst = append(o.dst, ',')
	}
	o.begun = true
	o.dst = append(append(append(o.dst, '"'), name...), `":`...)
}

func (o *object) text(name, value string) {
	if value != "" {
		o.key(name)
		o.dst = appendUTF8(o.dst, value)
	}
}

func (o *object) number(name string, value uint64) {
	if value != 0 {
		o.key(name)
		o.dst = strconv.AppendUint(o.dst, value, 10)
	}
}

// count is number for what is not below zero.
func (o *object) count(name string, value int) { o.number(name, uint64(max(value, 0))) }

func (o *object) truth(name string, value bool) {
	if value {
		o.key(name)
		o.dst = append(o.dst, "true"...)
	}
}

func (o *object) time(name string, value time.Time) {
	if !value.IsZero() {
		o.text(name, value.UTC().Format(time.RFC3339))
	}
}

// appendObject appends one object.
func appendObject[T any](dst []byte, v *T, fields func(*object, *T)) []byte {
	o := object{dst: append(dst, '{')}
	fields(&o, v)
	return append(o.dst, '}')
}

// appendObjects appends a list of objects under a key, if there is such a list.
func appendObjects[T any](dst []byte, key string, list []T, fields func(*object, *T)) []byte {
	if list == nil {
		return dst
	}
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	return appendObjectList(dst, list, fields)
}

// appendObjectList appends a list of objects.
func appendObjectList[T any](dst []byte, list []T, fields func(*object, *T)) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendObject(dst, &list[i], fields)
	}
	return append(dst, ']')
}

func roomFields(o *object, r *Room) {
	o.text("name", r.Name)
	o.text("topic", r.Topic)
	o.count("members", r.Members)
	o.number("read", r.Read)
	o.truth("joined", r.Joined)
	o.truth("private", r.Private)
	o.truth("key", r.Key)
	o.truth("invited", r.Invited)
	o.truth("forwarded", r.Forwarded)
	o.count("keep_days", r.KeepDays)
	o.count("keep_messages", r.KeepMessages)
}

func unreadFields(o *object, u *Unread) {
	o.text("room", u.Room)
	o.text("name", u.Name)
	o.number("read", u.Read)
	o.count("count", u.Count)
	o.count("mentions", u.Mentions)
	o.truth("more", u.More)
}

func sessionFields(o *object, s *Session) {
	o.count("id", s.ID)
	o.time("since", s.Since)
	o.text("address", s.Address)
	o.truth("mine", s.Mine)
}

// fields are the values of a decoded JSON object.
type fields map[string]any

func (f fields) text(name string) string {
	s, _ := f[name].(string)
	return s
}

func (f fields) number(name string) uint64 { return decodeNumber(f[name]) }

// count returns how many there are, 0 of what cannot be counted.
func (f fields) count(name string) int {
	if n := f.number(name); n <= math.MaxInt32 {
		return int(n)
	}
	return 0
}

func (f fields) truth(name string) bool {
	b, _ := f[name].(bool)
	return b
}

// time returns a moment, zero if it is none.
func (f fields) time(name string) time.Time {
	t, _ := decodeTime(f[name])
	return t
}

// decodeObjects returns a list of what is made of objects; nil of what is no list. What is
// no object in it is left out.
func decodeObjects[T any](v any, of func(fields) T) []T {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	all := make([]T, 0, len(list))
	for _, e := range list {
		if f, ok := e.(map[string]any); ok {
			all = append(all, of(f))
		}
	}
	return all
}

func decodeRooms(v any) []Room {
	return decodeObjects(v, func(f fields) Room {
		return Room{Name: f.text("name"), Topic: f.text("topic"), Members: f.count("members"), Read: f.number("read"),
			Joined: f.truth("joined"), Private: f.truth("private"), Key: f.truth("key"), Invited: f.truth("invited"), Forwarded: f.truth("forwarded"),
			KeepDays: f.count("keep_days"), KeepMessages: f.count("keep_messages")}
	})
}

func decodeUnread(v any) []Unread {
	return decodeObjects(v, func(f fields) Unread {
		return Unread{Room: f.text("room"), Name: f.text("name"), Read: f.number("read"), Count: f.count("count"),
			Mentions: f.count("mentions"), More: f.truth("more")}
	})
}

func decodeSessions(v any) []Session {
	return decodeObjects(v, func(f fields) Session {
		return Session{ID: f.count("id"), Since: f.time("since"), Address: f.text("address"), Mine: f.truth("mine")}
	})
}
