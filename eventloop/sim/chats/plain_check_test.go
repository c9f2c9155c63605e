package chats

import (
	"time"

	"parley/eventloop/client/timeline"
)

// checkHeard looks at what a client of the standard has heard in its connection: nothing
// twice, in the order of the disk, and all that was said in the lobby behind its login.
func (u *plainUser) checkHeard() {
	times, newest := map[string]int{}, uint64(0)
	for _, key := range u.heard {
		times[key]++
		lines := u.kept[key]
		switch {
		case len(lines) == 0:
			u.fail("%s hears %q, which is not on the disk", u.name, key)
		case lines[0].where.Place == timeline.Room, lines[0].where.Place == timeline.Direct && lines[0].where.Name != u.name && lines[0].sender != u.name:
			u.fail("%s hears %q, which was for others", u.name, key)
		case lines[0].where.Place == timeline.Direct:
		case lines[0].number <= newest:
			u.fail("%s hears %q, which has the number %d, behind %d", u.name, key, lines[0].number, newest)
		default:
			newest = lines[0].number
		}
	}
	for key, lines := range u.kept {
		l := lines[0]
		must := l.where.Place == timeline.Lobby && l.number > u.base && u.isThere(l.number) || l.where.Place == timeline.Direct && l.where.Name == u.name && u.isThere(l.number)
		if times[key] > 1 || must && times[key] == 0 {
			u.fail("%s has heard %q, number %d of %s, %d times", u.name, key, l.number, l.sender, times[key])
		}
	}
}

// checkPauses holds the server to the pause between two responses to a client of the
// standard. One may come without only while with it more responses wait than two seconds of
// pauses can bear. Which do is not known from here; but a line waits not before it is on the
// disk, and what is written behind it has waited no longer than what is before.
func (u *plainUser) checkPauses() {
	const bearable = 2 * time.Second
	pause := u.world.Config.Pace
	if u.habit.slow {
		return // what waited while it did not read comes at once
	}
	for i := 1; i < len(u.written); i++ {
		w := u.written[i]
		if w.at.Sub(u.written[i-1].at) >= pause {
			continue
		}
		waiting := 0
		for _, later := range u.written[i:] {
			if lines := u.kept[later.key]; len(lines) == 0 || !lines[0].at.After(w.at) {
				waiting++
			}
		}
		u.met["without a pause"]++
		if waiting <= int(bearable/pause) {
			u.fail("%s is sent %q %s behind the response before it, while %d wait at most", u.name, w.key, w.at.Sub(u.written[i-1].at), waiting)
		}
	}
}

// disturbed notes that the connection of somebody begins or ends: what waits of their
// requests is carried out at once then, as whoever leaves is not held up. Clients of the
// standard have another name in each connection.
func (c *chats) disturbed(name string) {
	c.disturbances[name] = c.world.Net.Now()
}

// checkFlood holds the server to what it lets through of one user: so many messages at once,
// and no more behind that than come back with time.
func (c *chats) checkFlood() {
	limits := c.world.Config.Flood
	said := map[string][]time.Time{}
	for _, n := range c.numbers {
		l := c.kept[c.keys[n]][0]
		if since, ok := c.disturbances[l.sender]; ok && !c.hurried[l.sender] && l.time.Sub(since.Round(0)) > settling && l.time.Sub(c.crashed.Round(0)) > settling {
			said[l.sender] = append(said[l.sender], l.time)
		}
	}
	for name, times := range said {
		for i := range times {
			for j := i + 1; j < len(times); j++ {
				d := times[j].Sub(times[i])
				if most := limits.Burst + limits.PerSecond*d.Seconds(); float64(j-i+1) > most+1e-6 {
					c.fail("%s says %d messages within %s, and may say %.3f", name, j-i+1, d, most)
				}
			}
		}
		c.met["held to the flood limit"]++
	}
}

// settling is how long it may take until the server knows that a connection is over.
const settling = 15 * time.Second
