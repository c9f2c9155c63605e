package state_test

import (
	"fmt"
	"strconv"
	"strings"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// What dialogues say of rooms.

// askRooms answers what is asked about rooms.
func (d *dialogue) askRooms(what string, args []string) (answer string, ok bool) {
	switch what {
	case "rooms":
		var all []string
		for _, r := range d.state.Rooms() {
			all = append(all, room(r))
		}
		return strings.Join(all, ", "), true
	case "in":
		return strings.TrimSpace(fmt.Sprintf("%d: %s", d.state.Inside(args[0]), strings.Join(d.state.NamesIn(args[0]), " "))), true
	case "joined":
		var all []string
		for _, j := range d.state.Joined(args[0]) {
			all = append(all, fmt.Sprintf("%s since %d", j.Room.Name, j.Since))
		}
		return strings.Join(all, ", "), true
	case "member":
		since, is := d.state.Member(args[0], args[1])
		return fmt.Sprint(since, is), true
	case "newest":
		r, ok := d.state.Room(args[0])
		return fmt.Sprint(r.Newest, ok), true
	case "invited":
		var all []string
		for _, i := range d.state.RoomInvitations(args[0]) {
			all = append(all, fmt.Sprintf("%s by %s", i.Room, i.By))
		}
		return strings.Join(all, ", "), true
	case "cursors":
		var all []string
		for _, c := range d.state.ReadCursors(args[0]) {
			all = append(all, cursor(c))
			if n := d.state.ReadCursor(c.Person, c.Room, c.With); n != c.Number {
				d.t.Errorf("the cursor %+v is at %d", c, n)
			}
		}
		return strings.Join(all, ", "), true
	case "kept":
		r, _ := d.state.Room(args[0])
		kept := d.state.Kept(&r)
		return fmt.Sprintf("%d days %d, pruned to %d", kept.Days, kept.Messages, d.state.Pruned(args[0])), true
	case "pruneddirect":
		n, _ := strconv.ParseUint(args[1], 10, 64)
		return fmt.Sprint(d.state.PrunedDirect(&state.Direct{Number: n, Person: args[0]})), true
	}
	return "", false
}

// room writes a room in few words.
func room(r state.Room) string {
	owner := r.Owner
	if owner == "" {
		owner = "nobody"
	}
	s := r.Name + " of " + owner
	if r.Private {
		s += " private"
	}
	if r.Key != "" {
		s += " key " + r.Key
	}
	if r.KeepDays > 0 || r.KeepMessages > 0 {
		s += fmt.Sprintf(" keeps %d days %d", r.KeepDays, r.KeepMessages)
	}
	if r.Topic != "" {
		s += fmt.Sprintf(" %q by %s", r.Topic, r.TopicBy)
	}
	if r.Slow > 0 {
		s += fmt.Sprintf(" slow %d", r.Slow)
	}
	return s
}

func cursor(c state.ReadCursor) string {
	if c.With != "" {
		return fmt.Sprintf("@%s %d", c.With, c.Number)
	}
	return fmt.Sprintf("%s %d", c.Room, c.Number)
}

// toldRooms writes what became of rooms.
func toldRooms(r state.Result) (parts []string) {
	if r.Room != nil {
		parts = append(parts, r.Room.Name)
	}
	if r.Gone {
		parts = append(parts, "gone")
	}
	for _, v := range r.RoomsEnded {
		parts = append(parts, v.Name+" ended")
	}
	return parts
}

// keptRooms writes rows of rooms.
func keptRooms(r *state.Rows) (parts []string) {
	add := func(gone bool, format string, args ...any) {
		sign := ""
		if gone {
			sign = "-"
		}
		parts = append(parts, sign+fmt.Sprintf(format, args...))
	}
	for _, x := range r.Rooms {
		if x.Gone {
			add(true, "room %s to %d", x.Name, x.UpTo)
		} else {
			add(false, "room %s", room(x.Room))
		}
	}
	for _, x := range r.Members {
		role := ""
		if x.Role != users.NoRole {
			role = " " + x.Role.String()
		}
		add(x.Gone, "member %s in %s since %d%s", x.Person, x.Room, x.Since, role)
	}
	for _, x := range r.RoomInvitations {
		add(x.Gone, "invitation %s to %s", x.Person, x.Room)
	}
	for _, x := range r.ReadCursors {
		add(x.Gone, "%s read %s", x.Person, cursor(x.ReadCursor))
	}
	for _, x := range r.Pruned {
		add(x.Gone, "pruned %q to %d", x.Room, x.UpTo)
	}
	return parts
}

// parseRooms makes a command about rooms; nil if it is another.
func parseRooms(what string, by command.By, named map[string]string, arg func(int) string) command.Command {
	switch what {
	case "create":
		return &command.CreateRoom{By: by, Room: arg(2), Private: arg(3) == "private", Key: named["key"]}
	case "join":
		return &command.JoinRoom{By: by, Room: arg(2), Verified: named["key"]}
	case "part":
		return &command.LeaveRoom{By: by, Room: arg(2)}
	case "topic":
		return &command.SetTopic{By: by, Room: arg(2), Text: arg(3)}
	case "inviteto":
		return &command.InviteToRoom{By: by, Room: arg(2), Name: arg(3)}
	case "read":
		n, _ := strconv.ParseUint(arg(3), 10, 64)
		if name, is := strings.CutPrefix(arg(2), "@"); is {
			return &command.Read{By: by, Name: name, Number: n}
		}
		return &command.Read{By: by, Room: arg(2), Number: n}
	}
	return parseRetention(what, by, named, arg)
}
