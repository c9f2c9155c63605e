package sim

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"parley/users/log"
)

// A Stream is what nodes share, in memory: it loses, delays and doubles what is published, and
// what it sends, as far as a real one may.
type Stream struct {
	Messages []log.Message // also those that were trimmed
	First    uint64        // position of the first one that it has, or will have
	Skew     time.Duration // of its clock
	Calm     bool          // nothing is lost, late or doubled
	Down     bool          // it has no leader: nothing is put at its end, and nothing is read

	// Mangle, if it is not nil, may have a node be sent something else than what was put
	// there: for tests that look whether that is found out.
	Mangle func(node int, m log.Message) log.Message

	// Trimmed, if it is not nil, is called when a node has taken its front away.
	Trimmed func(by *Member)

	rand  *rand.Rand
	nodes []*Member
	ways  map[[2]int]time.Time // between two nodes, when what was sent last comes
	now   time.Time
	tasks []task // by time
}

// What becomes of what is published, in thousandths.
const (
	publishLost = 20 // it never comes to be there
	publishLate = 20 // a copy of it comes up to 3 s later, once more
	sendLost    = 20 // of what is sent to a node
	sendTwice   = 20
	fetchBehind = 100 // whoever is asked does not have the newest yet
)

var errUnreachable = errors.New("the stream cannot be reached")

// chance is true in so many of a thousand cases.
func (s *Stream) chance(thousandths int) bool {
	return !s.Calm && s.rand.IntN(1000) < thousandths
}

// between is a duration up to most, more often a short one.
func (s *Stream) between(least, most time.Duration) time.Duration {
	f := s.rand.Float64()
	return least + time.Duration(f*f*float64(most-least))
}

// after has something done after a time.
func (s *Stream) after(d time.Duration, do func()) {
	at := s.now.Add(d)
	i, _ := slices.BinarySearchFunc(s.tasks, at, func(t task, at time.Time) int {
		if t.at.After(at) {
			return 1
		}
		return -1
	})
	s.tasks = slices.Insert(s.tasks, i, task{at, do})
}

// run does what is due, and reports whether something was.
func (s *Stream) run() (did bool) {
	for len(s.tasks) > 0 && !s.now.Before(s.tasks[0].at) {
		do := s.tasks[0].do
		s.tasks = s.tasks[1:]
		do()
		did = true
	}
	return did
}

// publish puts something at the end, or does not, or twice.
func (s *Stream) publish(from *Member, data []byte) {
	if from.Cut || s.Down {
		if !s.chance(200) {
			return
		}
		s.after(s.between(time.Second, 4*time.Second), func() { s.put(data) }) // was on its way, and nobody knows
		return
	}
	if !s.chance(publishLost) {
		s.after(s.between(200*time.Microsecond, 4*time.Millisecond), func() { s.put(data) })
	}
	if s.chance(publishLate) {
		s.after(s.between(time.Millisecond, 3*time.Second), func() { s.put(data) })
	}
}

func (s *Stream) put(data []byte) {
	if s.Down {
		return
	}
	m := log.Message{Position: uint64(len(s.Messages) + 1), Time: s.now.Add(s.Skew).Round(0).UTC(), Data: bytes.Clone(data)}
	s.Messages = append(s.Messages, m)
	for _, to := range s.nodes {
		s.send(to, m)
		if s.chance(sendTwice) {
			s.send(to, m)
		}
	}
}

// send sends a message to a node, which may be another process when it comes.
func (s *Stream) send(to *Member, m log.Message) {
	if to.Cut || to.Deaf || to.Killed || s.chance(sendLost) {
		return
	}
	net := to.Net
	s.after(s.between(200*time.Microsecond, to.Lag+5*time.Millisecond), func() {
		if to.Net == net && !to.Killed {
			net.Later(0, func() { to.Server.Arrived(s.seen(to, m)) })
		}
	})
}

// seen is a message as a node is sent it.
func (s *Stream) seen(by *Member, m log.Message) log.Message {
	m.Data = bytes.Clone(m.Data)
	if s.Mangle != nil {
		m = s.Mangle(by.Index, m)
	}
	return m
}

// fetch reads for a node.
func (s *Stream) fetch(by *Member, from uint64, n int, done func([]log.Message, error)) {
	net := by.Net
	s.after(s.between(200*time.Microsecond, by.Lag+5*time.Millisecond), func() {
		var found []log.Message
		var err error
		if by.Cut || by.Deaf || s.Down {
			err = errUnreachable
		} else {
			end := len(s.Messages)
			if s.chance(fetchBehind) {
				end = max(end-2, 0)
			}
			begin := min(int(max(from, s.First)-1), end)
			for _, m := range s.Messages[begin:min(begin+n, end)] {
				found = append(found, s.seen(by, m))
			}
		}
		if by.Net == net && !by.Killed {
			net.Later(0, func() { done(found, err) })
		}
	})
}

// link is the stream as one node reaches it.
type link struct {
	stream *Stream
	member *Member
}

// Publish implements log.Stream.
func (l link) Publish(data []byte) { l.stream.publish(l.member, bytes.Clone(data)) }

// Fetch implements log.Stream.
func (l link) Fetch(from uint64, n int, done func([]log.Message, error)) {
	l.stream.fetch(l.member, from, n, done)
}
