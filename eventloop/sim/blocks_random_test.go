package sim_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// deaf reports whether somebody has blocked another.
func (d *day) deaf(name, other string) bool {
	return d.blocks[users.Block{Blocker: users.Fold(name), Blocked: users.Fold(other)}]
}

// setBlock blocks or unblocks somebody, and waits until that is settled.
func (d *day) setBlock(c *client, other string) {
	reads := func(c *client) bool { return c.visit == nil || !c.visit.stalled }
	if !d.quiet(c) || c.name == other || slices.ContainsFunc(d.of(c.name), func(c *client) bool { return !reads(c) }) {
		return
	}
	verb := "block"
	if d.deaf(c.name, other) {
		verb = "unblock"
	}
	d.ask(c, protocol.Request{Verb: verb, Content: protocol.Content{Text: other}})
	d.settle()
}

// A leftBlocks is whom a guest had blocked who has left and may come back.
type leftBlocks struct {
	person  string
	at      time.Time // was there, for the last time for sure
	blocked []string
}

// leaveBlocks takes the blocks away of a guest who has left. Who comes back with the token
// has them again.
func (d *day) leaveBlocks(c *client, v *visit, inPeace bool) {
	if d.accounts[c.name] && !strings.HasPrefix(c.person, command.GuestPrefix) { // a guest may have left before the name was registered
		return
	}
	delete(d.blocksOf, c.name)
	left := leftBlocks{person: c.person, at: d.world.Net.Now()}
	for b := range d.blocks {
		if b.Blocker == c.name {
			left.blocked = append(left.blocked, b.Blocked)
			delete(d.blocks, b)
		}
	}
	switch {
	case len(left.blocked) == 0 || inPeace:
	case v.slow || v.leaves:
		c.token = "" // nobody knows when the session has ended
	default:
		d.blocksOf[c.name] = left
	}
}

// loseBlocks ends the blocks that a guest has left if somebody else may take the name.
// Nobody comes back as that guest then.
func (d *day) loseBlocks(c *client, token string) {
	left, is := d.blocksOf[c.name]
	if !is || token != "" && left.person == command.GuestPrefix+command.TokenID(token) {
		return
	}
	for _, c := range d.of(c.name) {
		if c.visit != nil && left.person == command.GuestPrefix+command.TokenID(c.visit.token) {
			return // is about to come back, and has the name then
		}
	}
	delete(d.blocksOf, c.name)
	for _, c := range d.of(c.name) {
		if left.person == command.GuestPrefix+command.TokenID(c.token) {
			c.token = ""
		}
	}
}

// takeBlocks gives somebody who has logged in the blocks that they have.
func (d *day) takeBlocks(c *client) {
	left := d.blocksOf[c.name]
	delete(d.blocksOf, c.name)
	if d.accounts[c.name] {
		for b, is := range d.ledger.blocks {
			if b.Blocker == c.name && is {
				d.blocks[b] = true
			}
		}
		return
	}
	if left.person == c.person {
		for _, other := range left.blocked {
			d.blocks[users.Block{Blocker: c.name, Blocked: other}] = true
		}
	}
}

// isForgotten reports whether the server may have forgotten what a guest has left.
func (d *day) isForgotten(c *client) bool {
	left, is := d.blocksOf[c.name]
	grace := cmp.Or(d.world.Config.GuestGrace, server.DefaultGuestGrace)
	return is && left.person == c.person && d.world.Net.Now().Sub(left.at) > grace-5*time.Second
}
