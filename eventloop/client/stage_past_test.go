package client

import (
	"strconv"
	"strings"
	"time"

	"parley/protocol"
)

// pastResponse fills in what a server tells of what was said before, and of what becomes of
// it. Each message of +found is as in +history, but SENDER>NAME said it to one alone.
//
//	+found history|search|versions [in=ROOM] [with=NAME] [id=N] [before=N] [after=N] [not_kept] [more] | ID SENDER TEXT | ...
//	+edited ID [ROOM] NAME TEXT | +removed ID [ROOM] NAME BY WHY | +reacted|+unreacted ID [ROOM] NAME WORD
//	+announcement NAME TEXT | +kicked|+muted|+unmuted|+banned|+unbanned [ROOM] NAME BY WHY
//
// A NAME with > has behind it to whom alone the message was said; BY may be "-". The answer
// to a request ends in " (answer)". It reports whether r is one of these.
func pastResponse(r *protocol.Response, now time.Time, word, rest string) bool {
	d := r.Data
	rest, here := strings.CutSuffix(rest, " (answer)")
	id, behind, _ := strings.Cut(rest, " ")
	switch word {
	case "found":
		found(r, now, rest)
		return true
	case protocol.EventEdited, protocol.EventRemoved, protocol.EventReacted, protocol.EventUnreacted:
		d.ID, _ = strconv.ParseUint(id, 10, 64)
		rest = behind
	case protocol.EventAnnouncement, protocol.EventKicked, protocol.EventMuted, protocol.EventUnmuted, protocol.EventBanned, protocol.EventUnbanned:
	default:
		return false
	}
	d.Room, rest = cutRoom(rest)
	name, rest, _ := strings.Cut(rest, " ")
	d.Name, d.To, _ = strings.Cut(name, ">")
	by, why, _ := strings.Cut(rest, " ")
	by = strings.TrimPrefix(by, "-")
	r.Content = "Something has become of it."
	switch word {
	case protocol.EventEdited:
		d.Text, d.Marks = rest, &protocol.Marks{Edited: now}
	case protocol.EventRemoved:
		d.Marks = &protocol.Marks{Removed: &protocol.Removal{By: by, Why: why}}
	case protocol.EventReacted, protocol.EventUnreacted:
		d.Text = rest
	case protocol.EventAnnouncement:
		d.Order, d.Text, d.Name = &protocol.Order{By: strings.TrimPrefix(d.Name, "-")}, rest, ""
	default:
		d.Order = &protocol.Order{By: by, Why: why}
	}
	if !here {
		r.Ref = ""
	}
	return true
}

// found is an answer that has messages.
func found(r *protocol.Response, now time.Time, rest string) {
	parts := strings.Split(rest, " | ")
	d := r.Data
	r.Kind, r.Content = protocol.KindHistory, ""
	words := strings.Fields(parts[0])
	d.Event = words[0]
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		n, _ := strconv.ParseUint(value, 10, 64)
		switch key {
		case "in":
			d.Room = value
		case "with":
			d.Name = value
		case "id":
			d.ID = n
		case "before":
			d.Before = n
		case "after":
			d.After = n
		case "not_kept":
			d.State = protocol.StateNotKept
		case "more":
			d.More = true
		}
	}
	for _, part := range parts[1:] {
		m := extendedMessage(now, part)
		if sender, to, alone := strings.Cut(m.Sender, ">"); alone {
			m.Sender, m.Data.To, m.Data.Event = sender, to, protocol.EventDirect
		}
		r.History = append(r.History, m)
	}
}
