package forms

import (
	"strconv"
	"strings"

	"parley/eventloop/client/command"
	"parley/protocol"
)

// person reads whom a command is about, and where: NAME [ROOM].
func person(arg, syntax string, here Here) (f Fields, rest, why string) {
	name, rest := command.CutWord(arg)
	name = strings.TrimPrefix(name, "@")
	if err := protocol.CheckName(name); err != nil {
		return nil, "", err.Text + " Type " + syntax
	}
	room, rest := cutRoom(rest, here)
	if room == "" {
		return nil, "", noRoom(syntax)
	}
	return Fields{"name": name, "room": room}, rest, ""
}

// origin reads the same of a ban, which may be of an address. That is the whole server's.
func origin(arg, syntax string, here Here) (f Fields, rest, why string) {
	who, rest := command.CutWord(arg)
	if !protocol.IsAddress(who) {
		f, rest, why = person(arg, syntax, here)
		if why == "" {
			f["who"] = f["name"]
			delete(f, "name")
		}
		return f, rest, why
	}
	if _, err := protocol.ParseAddress(who); err != nil {
		return nil, "", err.Text
	}
	here.Room = protocol.Lobby
	room, rest := cutRoom(rest, here)
	return Fields{"who": who, "room": room}, rest, ""
}

// lasting adds for how long, and why: [FOR] [WHY].
func (f Fields) lasting(arg string) (Fields, string) {
	word, rest := command.CutWord(arg)
	_, is, err := protocol.ParseLasting(word)
	switch {
	case err != nil:
		return nil, err.Text
	case is:
		f["for"], arg = word, rest
	}
	f.set("why", arg)
	return f, ""
}

func kick(arg string, here Here) (Fields, string) {
	f, rest, why := person(arg, "/kick NAME [ROOM] [WHY]", here)
	if why == "" {
		f.set("why", rest)
	}
	return f, why
}

func mute(arg string, here Here) (Fields, string) {
	f, rest, why := person(arg, "/mute NAME [ROOM] [FOR] [WHY]", here)
	if why != "" {
		return nil, why
	}
	return f.lasting(rest)
}

func unmute(arg string, here Here) (Fields, string) {
	const syntax = "/unmute NAME [ROOM]"
	f, rest, why := person(arg, syntax, here)
	return nothingBehind(f, rest, why, syntax)
}

func ban(arg string, here Here) (Fields, string) {
	f, rest, why := origin(arg, "/ban NAME|ADDRESS|CIDR [ROOM] [FOR] [WHY]", here)
	if why != "" {
		return nil, why
	}
	return f.lasting(rest)
}

func unban(arg string, here Here) (Fields, string) {
	const syntax = "/unban NAME|ADDRESS|CIDR [ROOM]"
	f, rest, why := origin(arg, syntax, here)
	return nothingBehind(f, rest, why, syntax)
}

// nothingBehind refuses what has no place behind a command: it may be a room that is not
// known here, and the command is not to be about another one.
func nothingBehind(f Fields, rest, why, syntax string) (Fields, string) {
	if why == "" && rest != "" {
		word, _ := command.CutWord(rest)
		return nil, unknownRoom(word) + "Type " + syntax
	}
	return f, why
}

// unknownRoom says how a room is written that is not known.
func unknownRoom(word string) string {
	if protocol.CheckRoom(word) == nil {
		return "No room " + word + " is known here. If there is one, write it #" + word + ". "
	}
	return ""
}

func bans(arg string, here Here) (Fields, string) {
	const syntax = "/bans [ROOM]"
	room, rest := cutRoom(arg, here)
	if room == "" {
		return nil, noRoom("/bans ROOM")
	}
	return nothingBehind(Fields{"room": room}, rest, "", syntax)
}

func role(arg string, here Here) (Fields, string) {
	const syntax = "/role NAME owner|moderator|none [ROOM]"
	name, rest := command.CutWord(arg)
	is, rest := command.CutWord(rest)
	is = strings.ToLower(is)
	if is != "owner" && is != "moderator" && is != "none" {
		return nil, "A role is owner, moderator or none. Type " + syntax
	}
	f, rest, why := person(name+" "+rest, syntax, here)
	if f, why = nothingBehind(f, rest, why, syntax); why == "" {
		f["role"] = is
	}
	return f, why
}

func announce(text string, _ Here) (Fields, string) { return Fields{"text": text}, "" }

func lockdown(arg string, _ Here) (Fields, string) {
	mode, why := command.CutWord(arg)
	mode = strings.ToLower(mode)
	if mode != "on" && mode != "off" {
		return nil, "Type /lockdown on, perhaps with why, or /lockdown off."
	}
	f := Fields{"mode": mode}
	f.set("why", why)
	return f, ""
}

func slow(arg string, here Here) (Fields, string) {
	const syntax = "/slow [ROOM] SECONDS"
	word, rest := command.CutWord(arg)
	room, seconds := here.Room, word
	if rest != "" {
		room, seconds = strings.TrimPrefix(word, "#"), rest
	}
	if strings.EqualFold(seconds, "off") {
		seconds = "0"
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(seconds, "s"), 10, 31)
	switch {
	case err != nil || protocol.CheckRoom(room) != nil && room != "":
		return nil, "Type " + syntax + ", such as /slow 10, or /slow 0 for as fast as one likes."
	case room == "":
		return nil, noRoom("/slow ROOM SECONDS")
	}
	return Fields{"room": room, "seconds": strconv.FormatUint(n, 10)}, ""
}

// keep reads how much is to be kept of a room. A word that is a number is a room only with
// its #.
func keep(arg string, here Here) (Fields, string) {
	const syntax = "/keep [ROOM] [DAYS] [MESSAGES]"
	room, rest := here.Room, arg
	if word, behind := command.CutWord(arg); word != "" && !isLimit(word) {
		room, rest = strings.TrimPrefix(word, "#"), behind
	}
	words := strings.Fields(rest)
	switch {
	case room == "":
		return nil, noRoom("/keep ROOM [DAYS] [MESSAGES]")
	case protocol.CheckRoom(room) != nil || len(words) > 2:
		return nil, "Type " + syntax + ", such as /keep 30 or /keep - 1000; - is as the server says."
	}
	f := Fields{"room": room}
	for i, word := range words {
		if !isLimit(word) {
			return nil, "Days and messages are numbers, or - for as the server says: " + syntax
		}
		f[[]string{"days", "messages"}[i]] = word
	}
	return f, ""
}

func isLimit(word string) bool { return word == "-" || isCount(word) }

// report reads what is reported: a message by its number, or a person.
func report(arg string, _ Here) (Fields, string) {
	about, why := command.CutWord(arg)
	id, ok := ID(about)
	name := strings.TrimPrefix(about, "@")
	switch {
	case ok:
		about = strconv.FormatUint(id, 10)
	case protocol.CheckName(name) == nil:
		about = name
	default:
		return nil, "Type /report and the number of a message or a name, and perhaps why: /report 12 spam"
	}
	f := Fields{"about": about}
	f.set("why", why)
	return f, ""
}

// audit reads of what place and of which person: [ROOM] [NAME] [before ID].
func audit(arg string, here Here) (Fields, string) {
	const syntax = "/audit [ROOM] [NAME] [before ID]"
	f := Fields{}
	room, rest := cutRoom(arg, here)
	f.set("room", room)
	word, behind := command.CutWord(rest)
	if name := strings.TrimPrefix(word, "@"); word != "" && !strings.EqualFold(word, "before") {
		if protocol.CheckName(name) != nil {
			return nil, "Type " + syntax
		}
		f["name"], rest = name, behind
	}
	if rest == "" {
		return f, ""
	}
	before, behind := command.CutWord(rest)
	id, ok := ID(behind)
	if !strings.EqualFold(before, "before") || !ok {
		return nil, unknownRoom(word) + "Type " + syntax
	}
	f["before"] = strconv.FormatUint(id, 10)
	return f, ""
}
