package sim_test

import (
	"fmt"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// roomNames are those that people make in a random day; one is somebody's, too.
var roomNames = []string{"red", "Blue-2", "bob"}

const roomKey = "open sesame"

// someRoom returns the name of a room, mostly of one that there is, spelled in some way.
func (d *day) someRoom() string {
	name := roomNames[d.rand.IntN(len(roomNames))]
	for range 2 {
		if d.room(name) == nil {
			name = roomNames[d.rand.IntN(len(roomNames))]
		}
	}
	switch d.rand.IntN(3) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return strings.ToLower(name)
	}
	return name
}

// ownRoom returns the name of a room in which a client is, mostly.
func (d *day) ownRoom(c *client) string {
	for _, r := range d.rooms[1:] {
		if r.until == 0 && r.in(c.person) != nil && d.rand.IntN(2) == 0 {
			return strings.ToUpper(r.Name)
		}
	}
	return d.someRoom()
}

// invitedTo returns a room to which a client is invited, nil if there is none.
func (d *day) invitedTo(c *client) *room {
	for _, r := range d.rooms[1:] {
		if r.until == 0 && d.isInvited(r, c.person) {
			return r
		}
	}
	return nil
}

// actInRooms has a client do something with rooms. Half of the time nothing else is under
// way, so that the answer is known.
func (d *day) actInRooms(c *client, other string) {
	exact := c.visit.plain || d.rand.IntN(2) == 0
	if exact && !d.quiet(c) {
		return
	}
	a := d.roomRequest(c, other)
	if exact {
		a.want = d.answerTo(c, a)
	}
	d.mayChange(c, a)
	d.askFor(c, a)
	if exact {
		d.settle()
		d.checkPlace(c)
	}
	if r := d.room(a.room); exact && c.visit != nil && a.Verb == "join" && r != nil && r.Private && d.rand.IntN(2) == 0 {
		d.search(c) // finds nothing of what was said before
	}
	if c.visit != nil && (a.Verb == "create" || a.Verb == "invite") && d.rand.IntN(2) == 0 { // so that there is something before others join
		d.say(c, "", a.room)
	}
}

// roomRequest makes a request that has to do with a room.
func (d *day) roomRequest(c *client, other string) *ask {
	if r := d.invitedTo(c); r != nil && d.rand.IntN(2) == 0 {
		return &ask{Request: protocol.Request{Verb: "join", Content: protocol.Content{Text: r.Name}}, room: r.Name}
	}
	a := &ask{room: d.someRoom()}
	here := d.rand.IntN(3) == 0 // the room in which one is
	if here {
		a.room = ""
	}
	fields := map[string]string{"room": a.room}
	switch what := d.rand.IntN(20); {
	case what < 4 || a.room != "" && d.room(a.room) == nil && what < 14:
		a.Verb = "create"
		switch d.rand.IntN(5) {
		case 0, 1:
			fields["mode"] = "private"
		case 2:
			fields["mode"], fields["key"] = "key", roomKey
		}
	case what < 11:
		a.Verb = "join"
		if d.rand.IntN(2) == 0 {
			fields["key"] = []string{roomKey, "wrong"}[d.rand.IntN(2)]
		}
	case what < 14:
		a.Verb = "leave"
	case what < 17:
		a.Verb, a.room = "invite", d.ownRoom(c)
		fields["name"], fields["room"] = other, a.room
	default:
		d.serial++
		a.Verb, a.room = "topic", d.ownRoom(c)
		fields["text"], fields["room"] = fmt.Sprint("topic ", d.serial), a.room
	}
	if a.room == "" && (a.Verb == "create" || a.Verb == "join") {
		a.room = []string{lobby, "LOBBY", "nowhere"}[d.rand.IntN(3)]
		fields["room"] = a.room
		delete(fields, "mode")
	}
	a.Content.Fields = fields
	if a.Verb == "join" && d.rand.IntN(2) == 0 { // as a person types it
		a.Content.Fields = nil
		a.Content.Text = strings.TrimSpace(a.room + " " + fields["key"])
	}
	return a
}

// askFor asks for something of which more is known than the request says.
func (d *day) askFor(c *client, a *ask) {
	d.serial++
	a.Ref = fmt.Sprint(d.serial)
	sent := d.ask(c, a.Request)
	if sent != nil {
		sent.room, sent.want, sent.number, sent.target, sent.deed, sent.phrase = a.room, a.want, a.number, a.target, a.deed, a.phrase
		d.exits[a.target] = append(d.exits[a.target], sent)
	}
}

// mayChange notes what may become of a request, before it is sent.
func (d *day) mayChange(c *client, a *ask) {
	switch a.Verb {
	case "leave":
		d.leftAt[c.name] = d.serial + 1
	case "join":
		if a.Content.Fields["key"] == roomKey || strings.HasSuffix(a.Content.Text, roomKey) {
			d.keys[c.person+" "+users.Fold(a.room)] = true
		}
	}
}

// answerTo returns the event or the code that must answer a request, while nothing else is
// under way.
func (d *day) answerTo(c *client, a *ask) string {
	name := a.room
	if name == "" {
		if name = c.visit.current(); c.visit.lost {
			return ""
		}
	}
	if a.Verb == "join" && users.Fold(name) == lobby {
		return protocol.EventJoined
	}
	if users.Fold(name) == lobby {
		return string(map[string]protocol.Code{"create": protocol.RoomTaken, "leave": protocol.NotAllowed, "invite": protocol.NotAllowed, "topic": protocol.NotAllowed}[a.Verb])
	}
	r := d.room(name)
	switch {
	case r != nil && (d.mayBeHit(state.ActBan, r, c) || d.mayBeHit(state.ActMute, r, c)):
		return ""
	case a.Verb == "create" && r != nil:
		return string(protocol.RoomTaken)
	case a.Verb == "create":
		return protocol.EventCreated
	case r == nil:
		return string(protocol.UnknownRoom)
	case a.Verb == "join":
		return d.answerToJoin(c, a, r)
	case r.in(c.person) == nil:
		return string(protocol.NotInRoom)
	case a.Verb == "leave":
		return protocol.EventLeft
	case a.Verb == "topic":
		return protocol.EventTopic
	}
	return ""
}

func (d *day) answerToJoin(c *client, a *ask, r *room) string {
	key := a.Content.Fields["key"] == roomKey || strings.HasSuffix(a.Content.Text, roomKey)
	switch {
	case r.in(c.person) != nil, r.Owner == c.person, d.isInvited(r, c.person):
		return protocol.EventJoined
	case r.Private:
		return string(protocol.InviteOnly)
	case r.Key != "" && !key:
		return string(protocol.WrongKey)
	}
	return protocol.EventJoined
}

// checkPlace checks that the rooms of a session are such that its person is in.
func (d *day) checkPlace(c *client) {
	if c.visit == nil || c.visit.lost {
		return
	}
	for _, name := range c.visit.rooms {
		if r := d.room(name); r == nil || r.in(c.person) == nil {
			d.fail("%s talks in %s, and is not in it", c, name)
		}
	}
}
