package sim_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/state"
)

// search has a client look for messages by words that are in them.
func (d *day) search(c *client) {
	exact := d.rand.IntN(2) == 0
	if exact && !d.quiet(c) {
		return
	}
	a := &ask{Request: protocol.Request{Verb: "search"}, phrase: []string{"says", "now", "burst"}[d.rand.IntN(3)]}
	n := d.someMessage(c)
	if f := d.fates[n]; f != nil && d.rand.IntN(3) > 0 { // also what it does not say any more
		a.phrase = unique.FindString(f.texts[d.rand.IntN(len(f.texts))].text)
	}
	a.Content.Text = `"` + a.phrase + `"`
	d.askFor(c, a)
	if exact {
		d.settle()
	} else {
		d.changeMeanwhile(c, n)
	}
}

// checkFound checks that all was found that a client may see, if nothing has changed since.
func (d *day) checkFound(c *client, v *visit, a *ask) {
	if a.at != d.commits || v.plain {
		return
	}
	d.met["found all"]++
	has := regexp.MustCompile(`\b` + a.phrase + `\b`)
	for n := range d.fates {
		if want := d.sees(c, n) && has.MatchString(d.text(n)); want && !a.found[n] {
			d.fail("%s looks for %q and does not find %d, %q", c, a.phrase, n, d.text(n))
		}
	}
	for n := range a.found {
		if !d.gone[n] && !d.sees(c, n) || !has.MatchString(d.text(n)) {
			d.fail("%s looks for %q and finds %d, %q", c, a.phrase, n, d.text(n))
		}
	}
}

// export has a client ask for all that is kept of its account.
func (d *day) export(c *client) {
	if !d.quiet(c) || c.visit.plain {
		return
	}
	a := &ask{Request: protocol.Request{Verb: "export"}, want: protocol.EventExport}
	if !d.accounts[c.name] {
		a.want = string(protocol.NotAllowed)
	}
	d.askFor(c, a)
	d.settle()
}

// hearExport checks that an export has what one has said, as it is, and what was said to one
// alone; false if a response is none.
func (d *day) hearExport(c *client, v *visit, r protocol.Response) bool {
	if r.Data.Event != protocol.EventExport {
		return false
	}
	d.met["export"]++
	for line := range strings.Lines(r.Data.Text) {
		var told struct {
			Kind string
			ID   uint64
			Text string
		}
		if err := json.Unmarshal([]byte(line), &told); err != nil {
			d.fail("%s gets %q: %v", c, line, err)
			return true
		}
		switch told.Kind {
		case "message":
			if !d.owns(c.person, told.ID) || d.text(told.ID) != told.Text {
				d.fail("%s gets %s, and it is %q", c, line, d.text(told.ID))
			}
		case "direct":
			if dm := d.directs[told.ID]; dm == nil || !d.gone[told.ID] && dm.From != c.person && dm.Person != c.person || d.text(told.ID) != told.Text {
				d.fail("%s gets %s, which is not for them, or not so", c, line)
			}
		}
	}
	return true
}

// forgetMe has a client have its account forgotten. Who takes the name next is somebody else.
func (d *day) forgetMe(c *client) {
	if !d.quiet(c) || c.visit.plain || !d.accounts[c.name] {
		return
	}
	all, known := d.sessionsOf(c.name)
	if !known {
		return
	}
	a := &ask{Request: protocol.Request{Verb: "forget", Content: protocol.Content{Text: "me " + strings.ToUpper(c.name)}}, want: protocol.EventForgotten}
	if d.rand.IntN(2) == 0 {
		a.Content.Text += " texts"
	}
	if d.isLastOwner(c.person) {
		a.want = string(protocol.NotAllowed)
	} else {
		for _, c := range all {
			c.visit.reported = true
		}
	}
	d.askFor(c, a)
	d.settle()
	if a.want == protocol.EventForgotten {
		d.met["account forgotten"]++
		d.checkDeleted(c.name)
	}
}

func (d *day) isLastOwner(person string) bool {
	owners := 0
	for _, role := range d.orders.roles {
		if role == users.Owner {
			owners++
		}
	}
	return owners == 1 && d.orders.roles[person] == users.Owner
}

// keepLess has a client say how much is kept of a room.
func (d *day) keepLess(c *client) {
	a := &ask{Request: protocol.Request{Verb: "keep"}, room: d.ownRoom(c)}
	days, messages := d.rand.IntN(3), d.rand.IntN(5)
	a.Content.Fields = map[string]string{"room": a.room, "days": orServer(days), "messages": orServer(messages)}
	a.deed = deed(state.ActKeep, c.name, "", a.room, "", fmt.Sprintf("%d days, %d messages", days, messages))
	d.ordersOf(a.deed).asked++
	d.askFor(c, a)
}

func orServer(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
