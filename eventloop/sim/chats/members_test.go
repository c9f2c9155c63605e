package chats

import (
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
)

// checkMembers looks at whether all agree on who is in the room of all: each client on
// whether its person is, the server's answer to each, and the disk.
func (c *chats) checkMembers() {
	var in []string
	for _, p := range c.all {
		p.types("/room " + roomOfAll)
		c.flow(20 * time.Millisecond)
		if p.status.To == timeline.With(timeline.Room, roomOfAll) {
			in = append(in, p.name)
		}
	}
	kept := 0
	for _, m := range c.world.Disk.Table.Kept().Members {
		if strings.EqualFold(m.Room, roomOfAll) {
			kept++
		}
	}
	if kept != len(in) {
		c.fail("the clients of %s say that these are in %s, and on the disk are %d", in, roomOfAll, kept)
	}
	for _, p := range c.all {
		if !slices.Contains(in, p.name) {
			continue
		}
		told := timeline.ID(len(p.entries))
		p.types("/names " + roomOfAll)
		c.flow(time.Second)
		if names := p.namesBehind(told); !slices.Equal(names, in) {
			c.fail("%s is told that %s are in %s, and the clients of %s say that they are", p.name, names, roomOfAll, in)
		}
		c.met["agreed on the members"]++
	}
}

// namesBehind returns who is in the room of all, as the person was told behind an entry.
func (p *chatter) namesBehind(told timeline.ID) (names []string) {
	for _, e := range p.entries {
		if rest, ok := strings.CutPrefix(e.Text, "In "+roomOfAll+" ("); ok && e.ID > told && e.Kind != timeline.Message {
			_, list, _ := strings.Cut(rest, ": ")
			names = strings.Split(list, ", ")
			for i := range names {
				names[i], _, _ = strings.Cut(names[i], " ") // who is away is marked
			}
			slices.Sort(names)
		}
	}
	return names
}
