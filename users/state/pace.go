package state

import (
	"slices"
	"time"
)

// MaxSlow is how many seconds one may have to wait between two messages, at most.
const MaxSlow = 6 * 60 * 60

// A pace is who has said something in a slow place, and when: each for as long as they have
// to wait. The zero value is empty.
type pace struct {
	last  map[string]*said // by person
	queue []*said          // oldest first
}

type said struct {
	person string
	at     time.Time
}

// reset forgets all of it: one has to wait another time now, or not at all.
func (p *pace) reset() { *p = pace{} }

// wait returns for how long a person must say nothing yet; 0: they may.
func (p *pace) wait(person string, seconds int, at time.Time) time.Duration {
	before := p.last[person]
	if before == nil {
		return 0
	}
	return max(0, before.at.Add(time.Duration(seconds)*time.Second).Sub(at))
}

// note notes that a person has said something.
func (p *pace) note(person string, seconds int, at time.Time) {
	for len(p.queue) > 0 && p.wait(p.queue[0].person, seconds, at) == 0 {
		delete(p.last, p.queue[0].person)
		p.queue[0] = nil
		p.queue = p.queue[1:]
	}
	p.put(&said{person, at})
}

// put adds the newest.
func (p *pace) put(now *said) {
	if p.last == nil {
		p.last = make(map[string]*said)
	}
	p.last[now.person] = now
	p.queue = append(p.queue, now)
}

// rename makes what one person has said another's. Of what both have said, the newer counts:
// the account may be one that was deleted, and is made again.
func (p *pace) rename(from, to string) {
	moved, there := p.last[from], p.last[to]
	if moved == nil || from == to {
		return
	}
	delete(p.last, from)
	moved.person = to
	newer, older := moved, there
	if there != nil && there.at.After(moved.at) {
		newer, older = there, moved
	}
	p.last[to] = newer
	if older != nil {
		p.queue = slices.DeleteFunc(p.queue, func(s *said) bool { return s == older })
	}
}
