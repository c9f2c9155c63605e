package sim_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// An order is what people have asked for of one kind, to keep order, and what they were told.
type order struct{ asked, done, refused int }

// elsewhere is from where the last machine of each user connects.
var elsewhere = netip.MustParseAddr("192.0.2.77")

// dial opens a connection from where a client is.
func (d *day) dial(c *client) *sim.Conn {
	if c.machine == machines {
		return d.world.Net.DialFrom(elsewhere)
	}
	return d.world.Net.Dial()
}

// operate has the server's owner do something at the command line: give a role, or end what
// would keep everybody away.
func (d *day) operate() {
	if d.rand.IntN(4) == 0 {
		d.post()
		return
	}
	var all []command.Command
	name := names[d.rand.IntN(len(names))]
	switch d.rand.IntN(8) {
	case 0:
		all = append(all, &command.Lockdown{})
		for _, name := range names {
			all = append(all, &command.Lift{Kind: users.Ban, Name: name}, &command.Lift{Kind: users.Mute, Name: name})
		}
	case 1:
		all = append(all, &command.Kick{Name: name, Why: d.why()})
		d.doom(name)
	default:
		if name = d.someAccount(name); name == "" {
			return
		}
		roles := []users.Role{users.Owner, users.Moderator, users.Moderator, users.NoRole}
		all = append(all, &command.SetRole{Name: name, Role: roles[d.rand.IntN(len(roles))]})
	}
	d.note("    at the command line: %+v", all)
	for _, cmd := range all {
		d.operated(cmd)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel() // it is carried out, and not waited for
	_, _ = d.world.Server.Propose(done, all)
	d.met["operated"]++
	if d.rand.IntN(2) == 0 {
		d.settle()
	}
}

// doom notes that the sessions of a user may end, "": those from elsewhere.
func (d *day) doom(name string) {
	for _, c := range d.clients {
		if c.visit != nil && (c.name == name || name == "" && c.machine == machines) {
			c.visit.doomed = true
		}
	}
}

// operated notes what is asked for at the command line.
func (d *day) operated(cmd command.Command) {
	ask := func(verb, name, why, set string) { d.ordersOf(deed(verb, "", name, "", why, set)).asked++ }
	switch cmd := cmd.(type) {
	case *command.Lockdown:
		ask(state.ActLockdown, "", "", "off")
	case *command.Lift:
		ask(map[users.Penalty]string{users.Ban: state.ActUnban, users.Mute: state.ActUnmute}[cmd.Kind], cmd.Name, "", "")
	case *command.Kick:
		ask(state.ActKick, cmd.Name, cmd.Why, "")
	case *command.SetRole:
		ask(state.ActRole, cmd.Name, "", cmd.Role.String())
	}
}

func (d *day) ordersOf(what string) *order {
	if d.asked[what] == nil {
		d.asked[what] = &order{}
	}
	return d.asked[what]
}

// why makes a reason that nobody else has.
func (d *day) why() string {
	d.serial++
	return fmt.Sprint("why ", d.serial)
}

// someAccount returns a name, if it is an account's, or another one that is.
func (d *day) someAccount(name string) string {
	for _, other := range append([]string{name}, names...) {
		if d.accounts[other] {
			return other
		}
	}
	return ""
}

// keeper returns a client who keeps order, mostly.
func (d *day) keeper(c *client) *client {
	for _, other := range d.clients {
		if v := other.visit; v != nil && v.welcome && !v.stalled && !v.plain && d.highest(other.person, nil) > 0 && d.rand.IntN(3) > 0 {
			return other
		}
	}
	return c
}

// keepOrder has a client do something that keeps order. Half of the time nothing else is under
// way, and always if a plain session is put out of its room.
func (d *day) keepOrder(c *client, other string) {
	c = d.keeper(c)
	plain := slices.ContainsFunc(d.of(other), func(c *client) bool { return c.visit != nil && c.visit.plain })
	exact := plain || c.visit.plain || d.rand.IntN(2) == 0
	if exact && !d.quiet(c) || exact && !d.allRead(other) {
		return
	}
	a := d.orderRequest(c, other)
	if exact {
		a.want = d.answerToOrder(c, a)
	}
	if a.deed != "" {
		d.ordersOf(a.deed).asked++
	}
	if (a.Verb == "kick" || a.Verb == "ban") && users.Fold(a.room) == lobby {
		d.doom(a.target)
	}
	d.askFor(c, a)
	if exact {
		d.settle()
	}
}

// allRead reports whether all sessions of a user read what they are told.
func (d *day) allRead(name string) bool {
	return !slices.ContainsFunc(d.of(name), func(c *client) bool { return c.visit != nil && (c.visit.stalled || c.visit.slow) })
}

// orderRequest makes a request of who keeps order.
func (d *day) orderRequest(c *client, other string) *ask {
	a := &ask{target: other, room: lobby}
	if d.rand.IntN(2) == 0 {
		a.room = d.ownRoom(c)
	}
	fields := map[string]string{"room": a.room}
	why, set, whom := "", "", other
	switch what := d.rand.IntN(40); {
	case what < 6:
		a.Verb, why = "kick", d.why()
		fields["name"] = other
	case what < 12:
		a.Verb, why = "mute", d.why()
		fields["name"], fields["for"] = other, d.lasts()
	case what < 14:
		a.Verb = "unmute"
		fields["name"] = other
	case what < 20:
		a.Verb, why = "ban", d.why()
		fields["who"], fields["for"] = other, d.lasts()
		if d.rand.IntN(6) == 0 {
			whom = netip.PrefixFrom(elsewhere, 32).String()
			fields["who"], a.room, a.target = elsewhere.String(), lobby, ""
			fields["room"] = lobby
		}
	case what < 24:
		a.Verb = "unban"
		fields["who"] = other
		if d.rand.IntN(6) == 0 {
			whom = netip.PrefixFrom(elsewhere, 32).String()
			fields["who"], a.room = elsewhere.String(), lobby
			fields["room"] = lobby
		}
	case what < 28:
		a.Verb, set = "role", []string{"moderator", "moderator", "owner", "none"}[d.rand.IntN(4)]
		fields["name"], fields["role"] = other, set
	case what < 30:
		set, whom = fmt.Sprint(d.rand.IntN(3)), ""
		a.Verb, fields["seconds"] = "slow", set
	case what < 31:
		a.Verb, a.room, whom, set = "lockdown", lobby, "", []string{"on", "on", "off"}[d.rand.IntN(3)]
		fields = map[string]string{"mode": set}
		if why = ""; set == "on" {
			why = d.why()
		}
	case what < 33:
		a.Verb, a.room, whom, why = "announce", lobby, "", "announcing "+d.why()
		fields = map[string]string{"text": why}
	case what < 35:
		a.Verb, a.room, why = "report", lobby, d.why()
		fields = map[string]string{"about": other}
	case what < 38:
		return d.auditRequest(a, other)
	default:
		a.Verb = "bans"
		a.Content.Fields = fields
		return a
	}
	if why != "" && a.Verb != "announce" {
		fields["why"] = why
	}
	a.deed = deed(a.Verb, c.name, whom, a.room, why, set)
	a.Content.Fields = fields
	return a
}

// auditRequest asks for the audit log, or the reports.
func (d *day) auditRequest(a *ask, name string) *ask {
	a.Verb, a.target = "audit", ""
	a.Content.Fields = map[string]string{"room": a.room}
	switch d.rand.IntN(4) {
	case 0:
		a.Content.Fields["name"] = name
		a.target = name
	case 1:
		a.Verb, a.Content.Fields = "reports", nil
	}
	return a
}

// lasts returns how long something is to last: mostly not long, so that the day goes on.
func (d *day) lasts() string { return []string{"3s", "5s", "10s", "20s", "2h"}[d.rand.IntN(5)] }

// answerToOrder returns the event or the code that must answer a request, while nothing else is
// under way, "" if that is not known.
func (d *day) answerToOrder(c *client, a *ask) string {
	in := d.placeAsked(a)
	if users.Fold(a.room) != lobby && d.room(a.room) == nil {
		return ""
	}
	least := serverModerator
	switch {
	case a.Verb == "report" || a.Verb == "reports", a.Verb == "role" && d.personNow(a.target) == "":
		return ""
	case a.Verb == "role" && in == nil:
		least = serverOwner
	case a.Verb == "role":
		least = roomOwner
	case in != nil:
		least = roomModerator
	}
	rank := d.rank(c.person, in)
	switch {
	case rank < least && !(a.Verb == "role" && a.target == c.name):
		return string(protocol.Forbidden)
	case a.Verb == "audit" || a.Verb == "bans":
		return a.Verb
	case a.target == c.name || a.target == "" || strings.Contains(a.Content.Fields["who"], "."):
		return ""
	}
	person := d.personNow(a.target)
	if person == "" || d.rank(person, in) >= rank {
		return ""
	}
	switch a.Verb {
	case "mute":
		return protocol.EventMuted
	case "ban":
		return protocol.EventBanned
	case "kick":
		if in == nil && d.isHere(a.target, person) || in != nil && in.in(person) != nil {
			return protocol.EventKicked
		}
	}
	return ""
}

// placeAsked returns the room that a request is about, nil: the whole server.
func (d *day) placeAsked(a *ask) *room {
	if users.Fold(a.room) == lobby {
		return nil
	}
	return d.room(a.room)
}

// rank returns how high a person stands, while nothing is under way.
func (d *day) rank(person string, in *room) int {
	rank := serverRanks[d.orders.roles[person]]
	switch {
	case in == nil:
	case in.Owner == person:
		rank = max(rank, roomOwner)
	case in.in(person) != nil && in.in(person).moderates:
		rank = max(rank, roomModerator)
	}
	return rank
}

// personNow returns who has a name while nothing is under way, "" if that is not known.
func (d *day) personNow(name string) string {
	if d.accounts[name] {
		return users.Fold(name)
	}
	for _, c := range d.of(name) {
		if c.visit.works() && c.visit.settled {
			return c.person
		}
	}
	return ""
}

// mayBePutOut reports whether somebody may be put out of a room by what is under way.
func (d *day) mayBePutOut(name string) bool {
	d.exits[name] = slices.DeleteFunc(d.exits[name], func(a *ask) bool { return a.answered })
	return len(d.exits[name]) > 0
}
