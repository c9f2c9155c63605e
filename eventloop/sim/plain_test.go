package sim_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"parley/protocol"
)

// hearPlain checks one response to a plain session: it has no numbers.
func (d *day) hearPlain(c *client, v *visit, r protocol.Response) {
	switch {
	case r.Kind == protocol.KindError && !v.welcome:
		code := plainCode(r.Content)
		d.met[string(code)]++
		d.refused(c, v, code)
	case r.Kind == protocol.KindError:
		d.plainAnswer(c, v, r.Content, true)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Login successful"):
		d.enteredPlain(c, v, r.Content)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Good bye: you were logged out"):
		d.loggedOut(c, v, protocol.Timeout)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Good bye: you have logged in elsewhere"):
		d.loggedOut(c, v, protocol.LoggedInElsewhere)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Good bye: your account was deleted"):
		d.loggedOut(c, v, protocol.NotAllowed)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "The server is shutting down"):
		v.bye = true
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Logout"):
		d.loggedOut(c, v, "")
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "You have blocked "):
		name, _, _ := strings.Cut(strings.TrimPrefix(r.Content, "You have blocked "), ":")
		d.blocked(c, v, name, true)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "You hear "):
		d.blocked(c, v, strings.TrimSuffix(strings.TrimPrefix(r.Content, "You hear "), " again."), false)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Good bye. "):
		d.loggedOut(c, v, protocol.NotAllowed)
	case r.Kind == protocol.KindInfo && plainPutOut.MatchString(r.Content):
		d.putOut(c, v, plainPutOut.FindStringSubmatch(r.Content)[1], r.Content)
	case r.Kind == protocol.KindInfo && plainRoom.MatchString(r.Content):
		d.plainAnswer(c, v, r.Content, false)
	case r.Kind == protocol.KindInfo:
		d.hearPlainPresence(c, v, r.Content)
	case r.Kind == protocol.KindMessage:
		d.hearPlainMessage(c, v, r.Content)
	}
}

var (
	plainRoom     = regexp.MustCompile(`^You (?:are in|have made|have left) (?:the )?([A-Za-z0-9-]+)(?:, and are in it| in another session)?: what you say goes (?:there|to (?:the )?([A-Za-z0-9-]+) now)`)
	plainPast     = regexp.MustCompile(` (?:(One) earlier message follows|(?:The newest )?(\d+) earlier messages follow)`)
	plainPresence = regexp.MustCompile(`^(.*) (?:joined|left) ([A-Za-z0-9-]+)$`)
	plainPutOut   = regexp.MustCompile(` has (?:kicked|banned) you from ([A-Za-z0-9-]+)[: .].*What you say goes to`)
	mark          = regexp.MustCompile(`^\(in ([A-Za-z0-9-]+)\) `)
)

// hearPlainMessage finds out which message that is.
func (d *day) hearPlainMessage(c *client, v *visit, text string) {
	told := readPlain(text)
	if told.room == "" {
		d.hearPlainDirect(c, v, told)
		return
	}
	room := told.room
	d.passOver(v, told)
	switch {
	case len(v.history) > 0:
		if n := v.history[0]; !d.saysPlain(told, n) || d.messages[n].Room != room {
			d.fail("%s is told %q of the past of %s, and is to be told %d", c, text, room, v.history)
		}
		v.history = v.history[1:]
		d.met["history of a room"]++
	case v.past > 0:
		if v.past--; !told.removed && len(d.words[unique.FindString(told.text)]) == 0 || room != lobby {
			d.fail("%s hears %q in %s, which is not safe", c, text, room)
		}
	case len(v.want) == 0 || !d.saysPlain(told, v.want[0].number) || d.messages[v.want[0].number].Room != room:
		d.fail("%s hears %q in %s, and is to hear %v", c, text, room, v.want)
	default:
		if room != lobby {
			d.met["heard in a room, plain"]++
		}
		c.show(v.want[0].number)
		v.want = v.want[1:]
	}
}

// passOver takes out of what a plain session is to be told next what was removed while it
// waited there.
func (d *day) passOver(v *visit, told plainText) {
	for len(v.history) > 0 && !d.saysPlain(told, v.history[0]) && d.isRemoved(v.history[0]) {
		v.history = v.history[1:]
	}
	for len(v.want) > 0 && !d.saysPlain(told, v.want[0].number) && d.isRemoved(v.want[0].number) {
		v.want = v.want[1:]
	}
	if len(v.want) > 0 && !told.removed && d.saysPlain(told, v.want[0].number) {
		v.past = 0 // the rest of it was removed
	}
}

// hearPlainPresence checks that nobody hears who has joined or left a room in which they
// are not now.
func (d *day) hearPlainPresence(c *client, v *visit, text string) {
	for phrase := range strings.SplitSeq(text, "; ") {
		if m := plainPresence.FindStringSubmatch(phrase); m != nil && v.in.Name != m[2] {
			d.fail("%s, who talks in %s, hears that %s", c, v.in.Name, phrase)
		}
	}
}

// plainAnswer notes in which room a plain session is, which changes while nothing else is
// under way.
func (d *day) plainAnswer(c *client, v *visit, text string, refused bool) {
	var a *ask
	for _, a = range v.asks {
	}
	if a != nil && refused {
		v.active = a.active
	}
	if a == nil || !roomVerbs[a.Verb] {
		return
	}
	clear(v.asks)
	event := map[string]string{"join": protocol.EventJoined, "create": protocol.EventCreated, "leave": protocol.EventLeft}[a.Verb]
	if refused != (a.want != "" && a.want != event) && a.want != "" {
		d.fail("%s asks for %s %s and is told %q, which is not %s", c, a.Verb, a.room, text, a.want)
	}
	found := plainRoom.FindStringSubmatch(text)
	if refused || found == nil {
		return
	}
	name, was := found[1], v.in
	switch v.rooms = slices.DeleteFunc(v.rooms, func(r string) bool { return r == name }); {
	case a.Verb != "leave" && name == lobby:
		v.rooms = nil
	case a.Verb != "leave":
		v.rooms = append(v.rooms, name)
	}
	if v.in = d.room(v.current()); v.in == nil {
		d.fail("%s is in %s, which is not there", c, v.current())
		v.in = d.rooms[0]
	}
	if found[2] != "" && found[2] != v.current() {
		d.fail("%s talks in %s now, and is told %q", c, v.current(), text)
	}
	d.met["plain "+a.Verb]++
	d.plainHistory(c, v, text, a.Verb == "join" && v.in != was)
}

var roomVerbs = map[string]bool{"join": true, "create": true, "leave": true}

// plainHistory notes what comes behind the answer of somebody who has joined a room, which
// it says.
func (d *day) plainHistory(c *client, v *visit, text string, told bool) {
	n := 0
	if m := plainPast.FindStringSubmatch(text); m != nil {
		if n = 1; m[1] == "" {
			_, _ = fmt.Sscan(m[2], &n)
		}
	}
	in := v.in.in(c.person)
	switch {
	case in == nil:
		d.fail("%s is told to be in %s", c, v.in.Name)
	case told:
		until := *in
		until.number = d.last
		if v.in.Private {
			v.history = d.said(v.in, in.number, d.last, func(sender string) bool { return d.deaf(c.name, sender) })
		} else {
			v.history = d.past(c, v, v.in, &until, true)
		}
		if v.in.Name == lobby && d.world.Tail > 0 { // of the lobby the newest is told, as at a login
			v.history = v.history[max(0, len(v.history)-n):]
		}
	}
	if len(v.history) != n {
		d.fail("%s is told %q, and to be told is %d", c, text, v.history)
	}
}

// plainCode returns the code of an error that is told by its words alone.
func plainCode(text string) protocol.Code {
	switch {
	case strings.Contains(text, "is registered. Log in with its password"):
		return protocol.PasswordRequired
	case strings.Contains(text, "password is wrong"):
		return protocol.WrongCredentials
	case strings.Contains(text, "You are logged in elsewhere"):
		return protocol.LoggedInElsewhere
	case strings.HasPrefix(text, "Logins are blocked"):
		return protocol.BlockedLogin
	}
	return ""
}

// enteredPlain notes what the answer to a login says.
func (d *day) enteredPlain(c *client, v *visit, welcome string) {
	d.is(c, v, d.accounts[c.name], v.token)
	if m := plainPast.FindStringSubmatch(welcome); m != nil {
		if v.past = 1; m[1] == "" {
			_, _ = fmt.Sscan(m[2], &v.past)
		}
	}
}

// hearPlainDirect finds out which direct message that is.
func (d *day) hearPlainDirect(c *client, v *visit, told plainText) {
	n, acked := uint64(0), d.seen(c.person)
	for other, m := range d.directs { // the same text may have been said again by somebody whom the server has forgotten
		if !d.saysPlain(told, other) || m.Person != c.person || other <= v.direct {
			continue
		}
		likely := other > acked.asked && !d.gone[other]
		if n == 0 || told.removed && other < n || !told.removed && likely && (other < n || n <= acked.asked || d.gone[n]) {
			n = other // of those that were removed nobody knows which it is: one of them, or one behind it
		}
	}
	switch {
	case n == 0:
		d.fail("%s, who is %s, gets %+v, which is not for them, or not safe, or not the next", c, c.person, told)
	case n <= acked.sure && !told.removed:
		d.fail("%s gets %d again, and has acknowledged %d", c, n, acked.sure)
	}
	v.direct = max(v.direct, n)
	v.heard[n] = true
	c.show(n)
}
