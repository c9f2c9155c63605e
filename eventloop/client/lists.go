package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// listed shows what an extended server lists, in rows, to a person. It reports whether r
// was that.
func (a *App) listed(r protocol.Response) bool {
	d := r.Data
	if a.cfg.Mode != Interactive || tellsOfActs(d) {
		return false
	}
	switch d.Event {
	case protocol.EventRooms:
		a.listRooms(d)
	case protocol.EventBans, protocol.EventReports, protocol.EventAudit:
		a.listActs(d)
	case protocol.EventUnread:
		a.unread(d.Unread)
	case protocol.EventSessions:
		a.listSessions(d.Sessions)
	default:
		return false
	}
	return true
}

// tellsOfActs reports whether the server says something about acts in words of its own, such
// as how many reports there were, and lists none.
func tellsOfActs(d *protocol.Data) bool {
	lists := d.Event == protocol.EventBans || d.Event == protocol.EventReports || d.Event == protocol.EventAudit
	return lists && d.Order == nil
}

func (a *App) listRooms(d *protocol.Data) {
	if len(d.Rooms) == 0 {
		a.tell(timeline.Notice, "There is no room but the lobby. /create ROOM makes one.")
		return
	}
	words := []string{"Rooms beside the lobby; /join ROOM goes into one:"}
	for _, room := range d.Rooms {
		if protocol.CheckRoom(room.Name) == nil {
			words = append(words, "  "+a.roomRow(room))
		}
	}
	a.tell(timeline.Notice, "%s", strings.Join(words, "\n"))
}

// roomRow is a room in the list of all.
func (a *App) roomRow(room protocol.Room) string {
	notes := []string{fmt.Sprintf("%d here", room.Members)}
	if mine, in := a.rooms.In(room.Name); in {
		notes = append(notes, fmt.Sprintf("you are in it: /room %d", a.index(toRoom(mine.Name).Conversation)))
	}
	for _, n := range []struct {
		is    bool
		words string
	}{{room.Private, "private"}, {room.Key, "has a key"}, {room.Invited, "you are invited"}, {room.Forwarded, "what is said there goes to other programs, too"}} {
		if n.is {
			notes = append(notes, n.words)
		}
	}
	row := room.Name + " (" + strings.Join(notes, ", ") + ")"
	if room.Topic != "" {
		row += ": " + quote(room.Topic)
	}
	return row
}

func (a *App) listSessions(sessions []protocol.Session) {
	words := []string{"You are logged in:"}
	for _, s := range sessions {
		row := fmt.Sprintf("%3d  for %s", s.ID, since(a.now().Sub(s.Since)))
		if s.Address != "" {
			row += ", from " + view.Line(s.Address)
		}
		if s.Mine {
			row += ", here"
		}
		words = append(words, row)
	}
	a.tell(timeline.Notice, "%s\n/logout and a number ends one.", strings.Join(words, "\n"))
}

// invited says that somebody wants one to come into a room.
func (a *App) invited(d *protocol.Data) bool {
	if a.cfg.Mode != Interactive || protocol.CheckName(d.Name) != nil || protocol.CheckRoom(d.Room) != nil {
		return false
	}
	a.tellWithHint(timeline.Warning, a.toldApart(d.Name)+" invites you to the room "+d.Room+".", joinHint(d.Room))
	if a.bell != BellOff {
		a.cfg.Ring()
	}
	return true
}
