package sim_test

import (
	"fmt"
	"strings"

	"parley/protocol"
)

// hearPlain checks one response to a plain session: it has no numbers.
func (d *day) hearPlain(c *client, v *visit, r protocol.Response) {
	text, direct := strings.CutPrefix(r.Content, protocol.Aside)
	switch {
	case r.Kind == protocol.KindError && !v.welcome:
		d.refused(c, v, d.plainCode(r.Content))
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Login successful"):
		d.enteredPlain(c, v, r.Content)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Good bye: you were logged out"):
		d.loggedOut(c, v, protocol.Timeout)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "Logout"):
		d.loggedOut(c, v, "")
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "You have blocked "):
		name, _, _ := strings.Cut(strings.TrimPrefix(r.Content, "You have blocked "), ":")
		d.blocked(c, v, name, true)
	case r.Kind == protocol.KindInfo && strings.HasPrefix(r.Content, "You hear "):
		d.blocked(c, v, strings.TrimSuffix(strings.TrimPrefix(r.Content, "You hear "), " again."), false)
	case r.Kind != protocol.KindMessage:
	case direct:
		d.hearPlainDirect(c, v, text)
	case v.past > 0:
		v.past--
		if d.times[r.Content] == 0 {
			d.fail("%s hears %q, which is not safe", c.name, r.Content)
		}
	case len(v.want) == 0 || d.messages[v.want[0]].Text != r.Content:
		d.fail("%s hears %q, and is to hear %d", c.name, r.Content, v.want)
	default:
		c.show(v.want[0])
		v.want = v.want[1:]
	}
}

// plainCode returns the code of an error that is told by its words alone.
func (d *day) plainCode(text string) protocol.Code {
	switch {
	case strings.Contains(text, "is registered. Log in with its password"):
		return protocol.PasswordRequired
	case strings.Contains(text, "password is wrong"):
		return protocol.WrongCredentials
	}
	return ""
}

// enteredPlain notes what the answer to a login says.
func (d *day) enteredPlain(c *client, v *visit, welcome string) {
	d.is(c, v, d.accounts[c.name], v.token)
	if _, past, ok := strings.Cut(welcome, ". One earlier"); ok && past != "" {
		v.past = 1
	} else if _, past, ok := strings.Cut(welcome, ". The newest "); ok {
		_, _ = fmt.Sscan(past, &v.past)
	} else if _, past, ok := strings.Cut(welcome, "connected: "); ok {
		_, past, _ = strings.Cut(past, ". ")
		_, _ = fmt.Sscan(past, &v.past)
	}
}

// hearPlainDirect finds out which direct message that is.
func (d *day) hearPlainDirect(c *client, v *visit, text string) {
	n := uint64(0)
	for other, m := range d.directs { // the same text may have been said again by somebody whom the server has forgotten
		if m.Text != text || m.Person != c.person || other <= v.direct {
			continue
		}
		if likely := other > c.acked && !d.gone[other]; n == 0 || likely && (other < n || n <= c.acked || d.gone[n]) {
			n = other
		}
	}
	switch {
	case n == 0:
		d.fail("%s, who is %s, gets %q, which is not for them, or not safe, or not the next", c.name, c.person, text)
	case n <= c.ackedSure:
		d.fail("%s gets %d again, and has acknowledged %d", c.name, n, c.ackedSure)
	}
	v.direct = max(v.direct, n)
	v.heard[n] = true
	c.show(n)
}
