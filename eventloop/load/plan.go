package load

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"parley/protocol"
)

// A plan is who is in which room, and who says what where. Client i has the slots from
// i*each on, of a row in which all rooms come one after the other, again and again, each
// time beginning one later. So all rooms have as many members, but for one, all clients are
// in as many rooms, and those who share one room do not share all.
//
// A sender says its messages in its rooms by turns, so that a message's number tells the
// room, and its turn: the how manyth it is there.
type plan struct {
	rooms, each int
	prefix      string    // of the names; the number of the room follows
	slots       []int32   // the room of each
	members     [][]int32 // of each room: clients, ascending
	speakers    [][]int32 // of each room: those of the members who are senders
	places      []int32   // of each slot: the client's place among the room's speakers, -1 if it is none
	creators    []int32   // of each room: the client who makes it

	inside   []atomic.Int64 // of each room: who are in it now
	said     []atomic.Int64 // of each room: messages that were sent
	expected atomic.Int64   // deliveries of all that was sent
}

// maxMade is how many rooms Parley lets one person make.
const maxMade = 50

// newPlan returns the plan of a scenario with rooms.
func newPlan(s *Scenario, prefix string) *plan {
	p := &plan{rooms: s.Rooms, each: s.RoomsEach, prefix: prefix, slots: make([]int32, s.Clients*s.RoomsEach), places: make([]int32, s.Clients*s.RoomsEach),
		members: make([][]int32, s.Rooms), speakers: make([][]int32, s.Rooms), creators: make([]int32, s.Rooms),
		inside: make([]atomic.Int64, s.Rooms), said: make([]atomic.Int64, s.Rooms)}
	for slot := range p.slots {
		room := (slot%p.rooms + slot/p.rooms) % p.rooms
		client := slot / p.each
		p.slots[slot], p.places[slot] = int32(room), -1
		p.members[room] = append(p.members[room], int32(client))
		if client < s.Senders {
			p.places[slot] = int32(len(p.speakers[room]))
			p.speakers[room] = append(p.speakers[room], int32(client))
		}
	}
	made := make([]int, s.Clients)
	for room, members := range p.members {
		creator := slices.MinFunc(members, func(a, b int32) int { return made[a] - made[b] })
		p.creators[room] = creator
		made[creator]++
	}
	return p
}

// of returns the rooms of a client.
func (p *plan) of(client int) []int32 { return p.slots[client*p.each : (client+1)*p.each] }

func (p *plan) name(room int32) string { return p.prefix + strconv.Itoa(int(room)) }

// find returns the room of a name.
func (p *plan) find(name string) (room int32, ok bool) {
	digits, ok := strings.CutPrefix(name, p.prefix)
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || n >= uint64(p.rooms) || digits != strconv.FormatUint(n, 10) {
		return 0, false
	}
	return int32(n), true
}

// A turn is where a message stands among those of its sender in its room.
type turn struct {
	room  int32
	place int32  // of the sender among the speakers of the room
	k     uint32 // counts from 1
}

// turn returns that of a sender's message.
func (p *plan) turn(sender, seq uint32) turn {
	slot := int(sender)*p.each + int(seq-1)%p.each
	return turn{p.slots[slot], p.places[slot], (seq-1)/uint32(p.each) + 1}
}

// seq returns which message of its sender a turn is.
func (p *plan) seq(t turn) uint32 {
	at := slices.Index(p.of(int(p.sender(t))), t.room)
	return (t.k-1)*uint32(p.each) + uint32(at) + 1
}

func (p *plan) sender(t turn) uint32 { return uint32(p.speakers[t.room][t.place]) }

// called names a sender's messages in a room, from one turn on to another, by their numbers.
func (p *plan) called(names []string, from turn, to uint32) string {
	sender := p.sender(from)
	first, last := p.seq(from), p.seq(turn{from.room, from.place, to})
	what := which(int(sender), names[sender], uint64(first), uint64(first))
	if to > from.k {
		what = fmt.Sprintf("%s of %s", plural(int64(to-from.k+1), "message", "messages"), names[sender])
		what += fmt.Sprintf(", %d to %d", first, last)
	}
	return what + " in " + p.name(from.room)
}

// say notes that a message is being sent.
func (p *plan) say(sender, seq uint32) {
	room := p.turn(sender, seq).room
	p.said[room].Add(1)
	p.expected.Add(p.inside[room].Load())
}

// mean returns how many members a room has, rounded up.
func (p *plan) mean() int64 { return int64((len(p.slots) + p.rooms - 1) / p.rooms) }

// listeners returns how many are told a message. Of a word without a number it is not known
// in which room it was said.
func (p *plan) listeners(v voice) int {
	if v.seq == 0 {
		return int(p.mean())
	}
	return int(p.inside[p.turn(v.sender, v.seq).room].Load())
}

// miss notes that a client is in no room any more, and returns how many deliveries to it
// were expected that will not come.
func (p *plan) miss(c *client) (n int64) {
	for _, s := range c.stays.list {
		if s.now != nil {
			p.inside[s.room].Add(-1)
			n += p.said[s.room].Load() - int64(s.now.heard)
		}
	}
	return n
}

// others returns the names of rooms that are not those of a client.
func (p *plan) others(client int, rooms []protocol.Room) (names []string) {
	for _, in := range rooms {
		if room, ok := p.find(in.Name); !ok || !slices.Contains(p.of(client), room) {
			names = append(names, in.Name)
		}
	}
	return names
}
