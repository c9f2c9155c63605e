package sim_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// impostor tries to log in with a name that somebody has.
func (d *day) impostor(c *client) {
	if !d.quiet(c) {
		return
	}
	want := protocol.NameTaken
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: strings.ToUpper(c.name)}, Extended: true}
	if d.rand.IntN(2) == 0 {
		r.Token = strings.Repeat("e", 2*protocol.TokenSize)
	}
	switch {
	case d.accounts[c.name] && d.rand.IntN(2) == 0: // in a plain session, which is none of several
		r.Password, r.Extended, want = password, false, protocol.LoggedInElsewhere
	case d.accounts[c.name]:
		want = protocol.PasswordRequired
	}
	conn := d.world.Net.Dial()
	conn.Send(protocol.AppendRequest(nil, r))
	d.world.Net.Advance(100 * time.Millisecond)
	d.listen()
	b, _ := conn.Read()
	locked := strings.Contains(string(b), "Logins are blocked")
	if c.visit != nil && !locked && !strings.Contains(string(b), string(want)) && plainCode(string(b)) != want {
		d.fail("a second %s is told %s", c, b) // unless the first was logged out meanwhile
	}
	d.met[string(want)]++
	conn.HangUp()
	d.settle()
}

// sessionsOf returns the clients of a user who are logged in, the one first that has been
// longest; false if it is not known, because the server may know of others, or has answered
// two logins at one time.
func (d *day) sessionsOf(name string) (all []*client, known bool) {
	known = true
	for _, g := range d.ghosts {
		known = known && (g.name != name || g.conn.Closed())
	}
	for _, c := range d.of(name) {
		if v := c.visit; v != nil {
			known = known && v.works() && !slices.ContainsFunc(all, func(other *client) bool { return other.visit.greeted == v.greeted })
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *client) int { return a.visit.began - b.visit.began })
	return all, known
}

// secondLogin comes on a new connection while others of the same user are there: with the
// token of one of them, or as one more, or to end others. It knows what must become of that.
func (d *day) secondLogin(c *client) {
	if !d.quiet(c) {
		return
	}
	all, known := d.sessionsOf(c.name)
	if !known {
		return
	}
	r := protocol.Request{Verb: "login", Content: protocol.Content{Text: c.name}, Extended: d.rand.IntN(4) > 0 || d.paced()}
	if c.account {
		r.Password, r.Takeover = password, d.rand.IntN(2) == 0
	}
	by, back := c, c
	for _, other := range d.of(c.name) {
		if c.account && other.visit == nil && d.rand.IntN(3) > 0 {
			by, back = other, nil
		}
	}
	if d.mayBeHit(state.ActBan, nil, by) || d.locked() {
		return
	}
	if back != nil {
		r.Token, r.Log, r.After, r.HasAfter = c.token, c.log, c.after, r.Extended
	}
	old := c.visit
	gone, enters := d.ousted(all, r, back)
	if back != nil && (!enters || c.token == "") {
		return
	}
	for _, g := range gone {
		g.visit.rival = true
	}
	began, before := d.logins, d.met[string(protocol.Timeout)]+d.met[string(protocol.BlockedLogin)]
	if back != nil {
		old.replaced = true
		began = old.began
	}
	d.note("    %s comes, %d are there, %d go, enters: %v", by, len(all), len(gone), enters)
	d.open(by, r)
	d.settle()
	if old.replaced {
		d.read(c, old)
	}
	if before == d.met[string(protocol.Timeout)]+d.met[string(protocol.BlockedLogin)] { // else it is another story
		d.checkSecond(by, old, all, gone, enters)
	}
	if old.replaced && by.visit != nil {
		by.visit.began = began
	}
}

// ousted returns the clients whose sessions end when another one comes, and whether it may:
// a plain session is alone.
func (d *day) ousted(all []*client, r protocol.Request, back *client) (gone []*client, enters bool) {
	limit := d.world.Config.Sessions
	alone := !r.Extended || slices.ContainsFunc(all, func(c *client) bool { return c.visit.plain })
	switch {
	case back != nil && (!alone || len(all) == 1): // it goes on with that one
		return nil, true
	case !alone && len(all) < limit:
		return nil, true
	case !r.Takeover:
		return nil, false
	case alone:
		return slices.DeleteFunc(slices.Clone(all), func(c *client) bool { return c == back }), true
	}
	return all[:len(all)-limit+1], true
}

// checkSecond checks what has become of another login.
func (d *day) checkSecond(by *client, old *visit, all, gone []*client, enters bool) {
	if d.err != nil {
		return
	}
	d.met[map[bool]string{true: "replaced", false: "refused beside"}[enters]]++
	if enters && len(gone) == 0 && !old.replaced {
		d.met["beside"]++
	}
	if is := by.visit != nil && by.visit.welcome; is != enters {
		d.fail("%s has logged in beside others: %v", by, is)
	}
	if old.replaced && !old.conn.Closed() {
		d.fail("%s has two sessions", by)
	}
	for _, c := range all {
		if ends := slices.Contains(gone, c); c != by && ends != (c.visit == nil) && !old.replaced {
			d.fail("the session of %s has ended: %v, it was to: %v", c, c.visit == nil, ends)
		}
	}
}

// askSessions has all sessions of a user say which they are, and then perhaps one end
// another one.
func (d *day) askSessions(c *client) {
	if !d.quiet(c) {
		return
	}
	all, known := d.sessionsOf(c.name)
	if c.visit.plain || !known {
		return
	}
	for _, c := range all {
		d.askFor(c, &ask{Request: protocol.Request{Verb: "sessions"}})
	}
	d.settle()
	if len(all) == 1 || d.err != nil || slices.ContainsFunc(all, func(c *client) bool { return c.visit == nil }) {
		return
	}
	other := all[d.rand.IntN(len(all))]
	a := &ask{Request: protocol.Request{Verb: "logout", Content: protocol.Content{Text: fmt.Sprint(other.visit.id)}}, want: protocol.EventSessionEnded}
	if other == c {
		a.want, c.visit.slow = protocol.EventLogout, true
	}
	other.visit.reported = true
	d.askFor(c, a)
	d.settle()
	if other.visit != nil {
		d.fail("%s was ended, and is there", other)
	}
	d.met["ended from another session"]++
}

// hearSessions checks the list of one's own sessions.
func (d *day) hearSessions(c *client, v *visit, r protocol.Response) {
	all, _ := d.sessionsOf(c.name)
	ids := map[int]bool{}
	for _, s := range r.Data.Sessions {
		if ids[s.ID] || s.ID <= 0 || s.ID > d.world.Config.Sessions {
			d.fail("%s has the sessions %+v", c, r.Data.Sessions)
		}
		if ids[s.ID] = true; s.Mine {
			if v.id != 0 && v.id != s.ID {
				d.fail("%s was session %d and is %d", c, v.id, s.ID)
			}
			v.id = s.ID
		}
	}
	if len(r.Data.Sessions) != len(all) && !v.ending || v.id == 0 {
		d.fail("%s has the sessions %+v, and there are %v", c, r.Data.Sessions, all)
	}
}

// deleteAccount has the server's owner delete an account. Who takes the name next is
// somebody else, also with the same password.
func (d *day) deleteAccount(c *client) {
	if !d.quiet(c) || !d.accounts[c.name] {
		return
	}
	all, known := d.sessionsOf(c.name)
	if !known {
		return
	}
	for _, c := range all {
		c.visit.reported = true
	}
	done, cancel := context.WithCancel(context.Background())
	cancel() // it is carried out, and not waited for
	_, _ = d.world.Server.Propose(done, []command.Command{&command.DeleteAccount{Name: c.name}})
	d.note("    the account of %s is deleted", c.name)
	d.settle()
	d.met["account deleted"]++
	d.checkDeleted(c.name)
}

// checkDeleted checks that nothing is left of an account that was deleted.
func (d *day) checkDeleted(name string) {
	for guest, left := range d.blocksOf { // who comes back has blocked others only
		left.blocked = slices.DeleteFunc(left.blocked, func(other string) bool { return other == name })
		d.blocksOf[guest] = left
	}
	for b := range d.blocks {
		if b.Blocker == name || b.Blocked == name {
			delete(d.blocks, b)
		}
	}
	for _, c := range d.of(name) {
		if c.account = false; c.visit != nil {
			d.fail("%s has no account any more, and a session", c)
		}
	}
	d.checkNothingOf(users.Fold(name))
}

// checkNothingOf checks that nothing is kept of a person.
func (d *day) checkNothingOf(person string) {
	for _, r := range d.rooms[1:] {
		if r.in(person) != nil || r.Owner == person && r.until == 0 || d.isInvited(r, person) {
			d.fail("%s is deleted, and in %s, or invited, or owns it", person, r.Name)
		}
	}
	for c := range d.cursors {
		if c.person == person || c.with == person {
			d.fail("%s is deleted, and there is %v", person, c)
		}
	}
}
