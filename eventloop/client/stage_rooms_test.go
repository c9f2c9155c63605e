package client

import (
	"strconv"
	"strings"
	"time"

	"parley/protocol"
)

// roomResponse fills in what a server tells of rooms, sessions and of what was read. WORDS
// are words with _ for blanks; elsewhere as the last word: nobody has asked for it here.
//
//	+joined|+created ROOM [names=NAME,NAME] [topic=WORDS] [read=N] [private] [key] [forwarded]
//	+left ROOM TEXT | +topic ROOM NAME WORDS | +room_invited NAME ROOM | +room_invitation NAME ROOM
//	+rooms ROOM:MEMBERS[:FLAG,FLAG[:WORDS]] ...        flags: joined, private, key, invited, forwarded
//	+read ROOM|@NAME ID | +unread ROOM|@NAME=COUNT[,MENTIONS][+] ... | +sessions ID[:mine] ...
//
// It reports whether r is one of these.
func roomResponse(r *protocol.Response, now time.Time, rest string) bool {
	d := r.Data
	rest, elsewhere := strings.CutSuffix(rest, " elsewhere")
	words := strings.Fields(rest)
	blanks := func(s string) string { return strings.ReplaceAll(s, "_", " ") }
	switch d.Event {
	case protocol.EventJoined, protocol.EventCreated:
		d.Room = words[0]
		room := roomOf(words)
		d.Topic, d.Read, d.Rooms = room.Topic, room.Read, []protocol.Room{room}
		for _, w := range words[1:] {
			if names, ok := strings.CutPrefix(w, "names="); ok {
				d.Names = strings.Split(names, ",")
			}
		}
		r.Content = "You are in " + d.Room + "."
	case protocol.EventLeft:
		d.Room, r.Content, _ = strings.Cut(rest, " ")
	case protocol.EventTopic:
		d.Room, d.Name, d.Topic = words[0], words[1], blanks(words[2])
		r.Content = d.Name + " has changed the topic: " + d.Topic
	case protocol.EventRoomInvited, protocol.EventRoomInvitation:
		d.Name, d.Room = words[0], words[1]
		r.Content = d.Name + " is invited to " + d.Room + "."
		elsewhere = elsewhere || d.Event == protocol.EventRoomInvitation
	case protocol.EventRooms:
		r.Content = "Rooms: " + rest
		for _, w := range words {
			parts := append(strings.Split(w, ":"), "", "", "")
			room := roomOf(append([]string{parts[0]}, strings.Split(parts[2], ",")...))
			room.Members, _ = strconv.Atoi(parts[1])
			room.Topic = blanks(parts[3])
			d.Rooms = append(d.Rooms, room)
		}
	case protocol.EventRead:
		where, id, _ := strings.Cut(rest, " ")
		d.ID, _ = strconv.ParseUint(id, 10, 64)
		d.Room, d.Name = roomOrName(where)
		r.Content = "Noted."
	case protocol.EventUnread:
		r.Content = "Not read: " + rest
		for _, w := range words {
			var u protocol.Unread
			where, counts, _ := strings.Cut(w, "=")
			u.Room, u.Name = roomOrName(where)
			counts, u.More = strings.CutSuffix(counts, "+")
			count, mentions, _ := strings.Cut(counts, ",")
			u.Count, _ = strconv.Atoi(count)
			u.Mentions, _ = strconv.Atoi(mentions)
			d.Unread = append(d.Unread, u)
		}
	case protocol.EventSessions:
		r.Content = "Your sessions: " + rest
		for _, w := range words {
			id, mine, _ := strings.Cut(w, ":")
			s := protocol.Session{Since: now.Add(-time.Hour), Address: "192.0.2.1", Mine: mine != ""}
			s.ID, _ = strconv.Atoi(id)
			d.Sessions = append(d.Sessions, s)
		}
	default:
		return false
	}
	if elsewhere {
		r.Ref = ""
	}
	return true
}

// roomOf is the room of words: its name and what is to be known of it.
func roomOf(words []string) protocol.Room {
	room := protocol.Room{Name: words[0]}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "topic":
			room.Topic = strings.ReplaceAll(value, "_", " ")
		case "read":
			room.Read, _ = strconv.ParseUint(value, 10, 64)
		case "private":
			room.Private = true
		case "key":
			room.Key = true
		case "joined":
			room.Joined = true
		case "invited":
			room.Invited = true
		case "forwarded":
			room.Forwarded = true
		}
	}
	return room
}

func roomOrName(where string) (room, name string) {
	if name, ok := strings.CutPrefix(where, "@"); ok {
		return "", name
	}
	return where, ""
}

// cutRoom takes the room off a text that begins with it in brackets.
func cutRoom(s string) (room, rest string) {
	if after, ok := strings.CutPrefix(s, "["); ok {
		if room, rest, ok := strings.Cut(after, "] "); ok {
			return room, rest
		}
	}
	return "", s
}
