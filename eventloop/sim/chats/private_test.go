package chats

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"parley/eventloop/client/timeline"
)

// A task is what is to happen at a time, by the clocks of the clients.
type task struct {
	at time.Time
	do func()
}

// at has something happen at a time, behind all that is to happen then.
func (c *chats) at(at time.Time, do func()) {
	i := slices.IndexFunc(c.later, func(t task) bool { return t.at.After(at) })
	if i < 0 {
		i = len(c.later)
	}
	c.later = slices.Insert(c.later, i, task{at, do})
}

// happens does what is to happen by now.
func (c *chats) happens() {
	for len(c.later) > 0 && !c.later[0].at.After(c.now) {
		do := c.later[0].do
		c.later = c.later[1:]
		do()
	}
}

// some returns a part of a time.
func (c *chats) some(most time.Duration) time.Duration {
	return time.Duration(c.rand.Int64N(int64(most)))
}

// named returns the person of that name with our own client.
func (c *chats) named(name string) *chatter {
	i := slices.IndexFunc(c.all, func(p *chatter) bool { return strings.EqualFold(p.name, name) })
	if i < 0 {
		return nil
	}
	return c.all[i]
}

// privateActions are what people do in private sessions, and what happens to these.
func (c *chats) privateActions(actions map[string]func(*rapid.T)) {
	ready := func(p *chatter) bool { return p.reads && p.status.Question == "" }
	actions["private"] = func(r *rapid.T) {
		p, other := rapid.SampledFrom(c.all).Draw(r, "who"), rapid.SampledFrom(c.all).Draw(r, "whom")
		if p == other || !ready(p) {
			r.Skip("it takes two")
		}
		p.types("/startprivate " + other.name)
		c.flow(time.Duration(rapid.IntRange(0, 1000).Draw(r, "ms")) * time.Millisecond)
		if ready(other) {
			other.types("/accept " + p.name)
		}
	}
	actions["link"] = func(r *rapid.T) {
		var all []*peerEnd
		for _, p := range c.all {
			for _, id := range slices.Sorted(maps.Keys(p.peers.ends)) {
				if e := p.peers.ends[id]; e.other != nil && !e.closed && !*e.broken {
					all = append(all, e)
				}
			}
		}
		if len(all) == 0 {
			r.Skip("there is no link")
		}
		e := all[rapid.IntRange(0, len(all)-1).Draw(r, "link")]
		c.note("the link between %s and %s breaks", e.of.p.name, e.other.of.p.name)
		c.met["link broken"]++
		*e.broken = true
		if e.lost(); rapid.Bool().Draw(r, "both know") {
			e.other.lost()
		}
	}
}

// hearsInPrivate holds a client to what it shows of private sessions: each line at the person
// for whom it was, once, in the order in which they were said.
func (p *chatter) hearsInPrivate(e timeline.Entry) {
	if e.Kind != timeline.Message || e.In.Place != timeline.Private || e.Own {
		return
	}
	p.met["said in private"]++
	key, number := unique.FindString(e.Text), 0
	_, _ = fmt.Sscanf(key, "line %d", &number)
	switch {
	case p.lines[key] != timeline.With(timeline.Private, p.name):
		p.fail("%s is shown %q in private, which was for %v", p.name, e.Text, p.lines[key])
	case number < p.private[e.Sender]:
		p.fail("%s is shown %q of %s in private, behind line %d", p.name, e.Text, e.Sender, p.private[e.Sender]-1)
	}
	p.private[e.Sender] = number + 1
	p.secrets[key] = true
}

// checkPrivate looks at whether a person knows of each line that has not arrived.
func (p *chatter) checkPrivate() {
	missing := 0
	for _, e := range p.entries {
		if e.Own && e.Kind == timeline.Message && e.In.Place == timeline.Private && e.State != timeline.Failed && !p.named(e.To).secrets[p.keys[e.ID]] {
			missing++
		}
	}
	if known := p.app.Undelivered(); missing > known {
		p.fail("of %s %d private lines have not arrived, and the client says that it is %d", p.name, missing, known)
	}
}

// checkSealed fails if a line of a private session stands in what goes to the server.
func (c *chats) checkSealed(frame []byte) {
	for _, key := range unique.FindAllString(string(frame), -1) {
		if c.lines[key].Place == timeline.Private {
			c.fail("the server is sent %s", frame)
		}
	}
}
