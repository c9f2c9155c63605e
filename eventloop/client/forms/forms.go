package forms

import (
	"strconv"
	"strings"

	"parley/eventloop/client/command"
	"parley/protocol"
)

// Here is where a command is typed.
type Here struct {
	Room      string                 // that plain lines are for; "" for none
	Person    string                 // whom alone they are for, by way of the server; "" for nobody
	KnowsRoom func(name string) bool // whether there is a room of that name, or the lobby is meant
}

// Fields are those of a request.
type Fields map[string]string

// set sets a field that is not empty.
func (f Fields) set(name, value string) {
	if value != "" {
		f[name] = value
	}
}

// A form reads what stands behind a command. why says what to type instead; "" if all is
// well.
type form func(arg string, here Here) (f Fields, why string)

// byVerb are the forms of the commands that are a request with fields.
var byVerb = map[string]form{
	"history": history, "around": around, "versions": versions,
	"kick": kick, "mute": mute, "unmute": unmute, "ban": ban, "unban": unban, "bans": bans,
	"role": role, "announce": announce, "lockdown": lockdown, "slow": slow, "keep": keep,
	"report": report, "audit": audit,
}

// Read returns the fields of the request that a command is. why says what to type instead;
// "" if all is well.
func Read(command, arg string, here Here) (f Fields, why string) {
	return byVerb[command](strings.TrimSpace(arg), here)
}

// ID reads the number of a message, perhaps with the # with which it is shown.
func ID(word string) (id uint64, ok bool) {
	id, err := strconv.ParseUint(strings.TrimPrefix(word, "#"), 10, 64)
	return id, err == nil && id > 0
}

// CutID splits off a first word that is the number of a message. All words of digits are
// taken for one; "" if there is none.
func CutID(arg string) (id, rest string) {
	word, rest := command.CutWord(arg)
	digits := strings.TrimPrefix(word, "#")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", arg
	}
	return digits, rest
}

// noRoom says that a command needs a room.
func noRoom(syntax string) string {
	return "Your lines are for no room now. Name one: " + syntax
}

// cutRoom splits off a first word that names a room. Without one it is the room that plain
// lines are for.
func cutRoom(arg string, here Here) (room, rest string) {
	word, behind := command.CutWord(arg)
	if name, marked := strings.CutPrefix(word, "#"); marked && protocol.CheckRoom(name) == nil {
		return name, behind
	}
	if word != "" && here.KnowsRoom(word) {
		return word, behind
	}
	return here.Room, arg
}
