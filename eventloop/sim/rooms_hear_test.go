package sim_test

import (
	"fmt"
	"slices"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// What is told that has to do with rooms. What must be told, and how often it may be, is
// counted when it is kept: see oweEvents.

// tell notes that a session is told something that is told once each time it happens.
func (d *day) tell(c *client, v *visit, what string) {
	if v.told[what]++; v.told[what] > v.may[what] && !v.disturbed {
		d.fail("%s is told %d times of %d: %s", c, v.told[what], v.may[what], what)
	}
}

// oweEvents notes what sessions are to be told because of rows.
func (d *day) oweEvents(rows *state.Rows) {
	for i, row := range rows.Members {
		if !renamed(rows, i) && !renamed(rows, i-1) && !d.roleRows[i] {
			d.oweMember(row)
		}
	}
	for i, row := range rows.ReadCursors {
		if !row.Gone && !isMoved(rows, i) {
			d.oweRead(row.ReadCursor)
		}
	}
	for i, row := range rows.RoomInvitations {
		if !row.Gone && !isInvitedStill(rows, i) {
			d.oweInvitation(row.RoomInvitation)
		}
	}
}

// oweMember notes who is to be told that somebody has joined or left a room: their own
// sessions, and the others who are in it.
func (d *day) oweMember(row state.MemberRow) {
	what := map[bool]string{true: "left ", false: "joined "}[row.Gone] + row.Room
	here := func(c *client) bool { return c.person == row.Person && c.visit.works() }
	asked := (!row.Gone || d.asksToLeave(row)) && slices.ContainsFunc(d.clients, here) // else nobody knows whom they block
	for _, c := range d.clients {
		switch {
		case c.visit == nil || c.visit.plain:
		case c.person == row.Person:
			c.visit.oweEvent(what, asked)
		default:
			d.owePresence(c, row, what, asked)
		}
	}
}

// oweRead notes who is to be told what somebody has read. A session that has said it itself
// is told so as the answer.
func (d *day) oweRead(r state.ReadCursor) {
	for _, c := range d.clients {
		if c.visit != nil && !c.visit.plain && c.person == r.Person {
			said := slices.ContainsFunc(c.asked(), func(a *ask) bool { return a.Verb == "read" })
			c.visit.oweEvent(fmt.Sprint("read ", conversation{r.Person, r.Room, r.With}, " ", r.Number), !said && !strings.HasPrefix(r.With, command.GuestPrefix))
		}
	}
}

func (d *day) oweInvitation(i state.RoomInvitation) {
	for _, c := range d.clients {
		if c.visit != nil && !c.visit.plain && c.person == i.Person {
			c.visit.oweEvent("invited to "+i.Room, !d.deaf(c.name, i.By))
		}
	}
}

// asksToLeave reports whether somebody has asked to be in a room no more, waits for the
// answer, and leaves it by that. Guests leave their rooms with the server, too, and whoever
// keeps order may be faster.
func (d *day) asksToLeave(row state.MemberRow) bool {
	for _, c := range d.clients {
		if c.person != row.Person || c.visit.leavesServer() || d.mayBePutOut(c.name) {
			continue
		}
		if slices.ContainsFunc(c.asked(), func(a *ask) bool {
			return a.Verb == "leave" && (a.room == "" || users.Fold(a.room) == users.Fold(row.Room))
		}) {
			return true
		}
	}
	return false
}

// leavesServer reports whether a session may be over.
func (v *visit) leavesServer() bool { return v == nil || v.leaves || v.slow }

// oweEvent notes that a session may be told something once, and must be.
func (v *visit) oweEvent(what string, must bool) {
	if v.may[what]++; must && v.works() {
		v.must[what]++
	}
}

// owePresence notes that somebody in a room is to be told who has joined or left it.
func (d *day) owePresence(c *client, row state.MemberRow, what string, asked bool) {
	r, name := d.roomOf(row.Room, row.Since+1), d.nameOf(row.Person)
	if r == nil || name == c.name || !d.wasIn(r, c.person, d.commits-1) {
		return
	}
	blocked := d.deaf(c.name, name) || d.deaf(name, c.name) || slices.Contains(d.blocksOf[name].blocked, c.name)
	hears := d.isIn(r, c.person, d.commits-1) && c.visit.settled && !blocked
	c.visit.oweEvent(name+" has "+what, hears && asked)
}

// nameOf returns the name of a person.
func (d *day) nameOf(person string) string {
	for _, name := range names {
		if d.been[name+" "+person] {
			return name
		}
	}
	return ""
}

// oweInvitations notes that somebody who has logged in is told of the rooms to which they
// are invited.
func (d *day) oweInvitations(c *client, v *visit) {
	for _, r := range d.rooms {
		for _, i := range r.invited {
			if i.person == c.person && i.ever(v.sent, d.commits) {
				v.may["invited to "+r.Name]++
			}
			if i.person == c.person && i.always(v.sent, d.commits) && !d.deaf(c.name, i.by) && !v.plain {
				v.must["invited to "+r.Name]++
			}
		}
	}
}

// hearRoom checks one response that has to do with rooms.
func (d *day) hearRoom(c *client, v *visit, r protocol.Response) {
	data := r.Data
	switch data.Event {
	case protocol.EventJoined, protocol.EventCreated:
		d.met[data.Event]++
		d.joined(c, v, r)
	case protocol.EventLeft:
		d.met[data.Event]++
		d.left(c, v, r)
	case protocol.EventRooms:
		d.met[data.Event]++
		d.checkRooms(c, v, r)
	case protocol.EventRoomInvitation:
		d.met[data.Event]++
		d.tell(c, v, "invited to "+data.Room)
		if !slices.ContainsFunc(d.rooms, func(r *room) bool { return r.Name == data.Room && d.wasInvited(r, c.person, v.sent) }) {
			d.fail("%s hears %q, and was not invited", c, r.Content)
		}
	case protocol.EventTopic:
		if d.met[data.Event]++; !slices.ContainsFunc(d.known(data.Room, v.sent), func(in *room) bool { return d.wasIn(in, c.person, v.sent) || r.Ref != "" && !in.Private }) {
			d.fail("%s hears %q, and is not in the room", c, r.Content)
		}
	case protocol.EventPresence:
		d.hearPresence(c, v, r)
	case protocol.EventNames:
		d.checkNames(c, v, r)
	case protocol.EventRead:
		d.hearRead(c, v, r)
	case protocol.EventUnread:
		d.hearUnread(c, v, r)
	case protocol.EventSessions:
		d.hearSessions(c, v, r)
	}
}

// known returns the rooms of a name that there were since a commit, the newest first.
func (d *day) known(name string, since int) (all []*room) {
	for _, r := range slices.Backward(d.rooms) {
		if r.Name == name && r.ever(since, d.commits) {
			all = append(all, r)
		}
	}
	return all
}

// joined notes that a client is in a room. It is told so as the answer, or because another
// session of the same user has joined.
func (d *day) joined(c *client, v *visit, r protocol.Response) {
	name := r.Data.Room
	if name == "" || name == lobby {
		v.rooms, v.lost = nil, false
		return
	}
	i := slices.IndexFunc(d.known(name, v.sent), func(r *room) bool { return d.wasIn(r, c.person, v.sent) })
	if i < 0 {
		d.fail("%s is told to have joined %s", c, name)
		return
	}
	if what := "joined " + name; r.Ref == "" || v.told[what] < v.may[what] {
		d.tell(c, v, what)
		if r.Ref != "" {
			d.oweHistory(c, v, name)
		}
	}
	if r.Ref != "" {
		v.rooms, v.lost = []string{name}, false
	}
}

// left notes that a client is in a room no more, and where it talks now.
func (d *day) left(c *client, v *visit, r protocol.Response) {
	d.tell(c, v, "left "+r.Data.Room)
	v.want = slices.DeleteFunc(v.want, func(w wanted) bool { return w.may && d.messages[w.number].Room == r.Data.Room })
	d.forgetRoom(c, r.Data.Room)
	was := v.current()
	found := plainRoom.FindStringSubmatch(r.Content)
	if found == nil { // another session has left it: it goes on in the room that was joined last
		v.lost = v.lost || was == r.Data.Room
		for _, in := range d.known(r.Data.Room, v.sent) {
			for _, m := range in.memberships(c.person, v.sent, d.commits) {
				v.lostAt = max(v.lostAt, m.until-1)
			}
		}
		return
	}
	if was != r.Data.Room && was != found[2] && !v.lost {
		d.fail("%s talked in %s, and is told %q", c, was, r.Content)
	}
	v.lost, v.rooms = false, []string{found[2]}
	if found[2] == lobby {
		v.rooms = nil
	}
	if found[2] != lobby && !slices.ContainsFunc(d.known(found[2], v.sent), func(r *room) bool { return d.wasIn(r, c.person, v.sent) }) {
		d.fail("%s is told %q, and is not in %s", c, r.Content, found[2])
	}
}

// checkJoined checks which rooms somebody who has logged in is told to be in.
func (d *day) checkJoined(c *client, v *visit, told []protocol.Room) {
	is := map[string]bool{}
	for _, t := range told {
		is[t.Name] = true
		if !slices.ContainsFunc(d.known(t.Name, v.sent), func(r *room) bool {
			return d.wasIn(r, c.person, v.sent) && r.Private == t.Private && (r.Key != "") == t.Key
		}) {
			d.fail("%s is told to be in %+v", c, t)
		}
		d.checkRead(c, v.sent, conversation{c.person, t.Name, ""}, t.Read)
	}
	for _, r := range d.rooms[1:] {
		if d.isIn(r, c.person, v.sent) && !is[r.Name] {
			d.fail("%s is not told to be in %s", c, r.Name)
		}
	}
}

// checkRooms checks the list of the rooms that there are.
func (d *day) checkRooms(c *client, v *visit, answer protocol.Response) {
	a := v.asks[answer.Ref]
	if a == nil {
		d.fail("%s is told %q, which nobody has asked for", c, answer.Content)
		return
	}
	a.rooms = append(a.rooms, answer.Data.Rooms...)
	if answer.Data.More {
		return
	}
	listed := map[string]bool{}
	for _, t := range a.rooms {
		if listed[t.Name] {
			d.fail("%s is told twice of %s", c, t.Name)
		}
		listed[t.Name] = true
		if !slices.ContainsFunc(d.known(t.Name, a.at), func(r *room) bool { return d.mayList(c, r, a.at, t) }) {
			d.fail("%s is told of the room %+v", c, t)
		}
	}
	for _, r := range d.rooms[1:] {
		sees := !r.Private || d.isIn(r, c.person, a.at) || slices.ContainsFunc(r.invited, func(i *invited) bool {
			return i.person == c.person && i.always(a.at, d.commits) && !d.deaf(c.name, i.by)
		})
		if sees && r.always(a.at, d.commits) && !listed[r.Name] {
			d.fail("%s is not told of the room %s", c, r.Name)
		}
		if r.Private && !sees && r.until == 0 {
			d.met["private room hidden"]++
		}
	}
}

// mayList reports whether a room may be told of as it is.
func (d *day) mayList(c *client, r *room, since int, t protocol.Room) bool {
	in, invited := d.wasIn(r, c.person, since), d.wasInvited(r, c.person, since)
	switch {
	case r.Private != t.Private || (r.Key != "") != t.Key:
		return false
	case t.Joined && !in, !t.Joined && d.isIn(r, c.person, since), t.Invited && !invited:
		return false
	}
	return !r.Private || in || invited
}

// hearPresence checks that somebody hears only of those with whom they share a room, and of
// what has happened.
func (d *day) hearPresence(c *client, v *visit, r protocol.Response) {
	data := r.Data
	if d.deaf(data.Name, c.name) && data.Room != "" && !v.slow {
		d.fail("%s hears %q of %s, who has blocked them", c, r.Content, data.Name)
	}
	if data.Name == c.name {
		d.fail("%s hears %q", c, r.Content)
	}
	switch data.State {
	case protocol.StateJoined, protocol.StateLeft:
		d.met["presence in a room"]++
		d.tell(c, v, fmt.Sprintf("%s has %s %s", data.Name, data.State, data.Room))
	case protocol.StateOffline, protocol.StateTimedOut, protocol.StateLost:
		if v.slow { // it may be long ago
			return
		}
		d.departed = append(d.departed, data.Name)
	}
}

// checkDeparted checks that nobody was told to be gone who has a session.
func (d *day) checkDeparted() {
	for _, name := range d.departed {
		for _, c := range d.of(name) {
			if v := c.visit; v.works() && v.settled && !v.plain {
				d.fail("%s is told to be gone, and has a session", c)
			}
		}
	}
	d.departed = d.departed[:0]
}

// checkNames checks who is told to be there, or in a room.
func (d *day) checkNames(c *client, v *visit, answer protocol.Response) {
	a := v.asks[answer.Ref]
	if a == nil || a.Verb != "names" || answer.Data.More {
		return
	}
	for _, other := range d.clients {
		u := other.visit
		if !u.works() || !u.settled || u.sent >= a.at {
			continue
		}
		in := true
		if a.room != "" && users.Fold(a.room) != lobby {
			r := d.room(a.room)
			in = r != nil && d.isIn(r, other.person, a.at)
		}
		if in && !slices.Contains(answer.Data.Names, other.name) {
			d.fail("%s is not among %v in %q", other, answer.Data.Names, a.room)
		}
	}
	for _, name := range answer.Data.Names {
		if answer.Data.Room != "" && !d.mayBeIn(name, answer.Data.Room, a.at) {
			d.fail("%s is told to be in %s", name, answer.Data.Room)
		}
	}
}

// mayBeIn reports whether somebody of that name has been in a room since a commit.
func (d *day) mayBeIn(name, room string, since int) bool {
	for _, r := range d.known(room, since) {
		for _, m := range r.members {
			if m.ever(since, d.commits) && d.been[name+" "+m.person] {
				return true
			}
		}
	}
	return false
}
