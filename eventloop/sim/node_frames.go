package sim

import (
	"bytes"
	"errors"
	"time"
)

// What becomes of what one node sends another one, in thousandths. Where the stream is Calm
// nothing does, and it comes in the order in which it was sent.
const (
	frameLost  = 5
	frameTwice = 50 // a copy of it comes up to 3 s later, once more
	frameOrder = 5  // it comes before or behind others
)

// maxUnderWay is how many frames may be under way from one node: a real one has a queue.
const maxUnderWay = 1024

var errUnderWay = errors.New("too much is under way")

// Listen implements server.Nodes.
func (l link) Listen(node uint32) { l.member.number = node }

// Send implements server.Nodes.
func (l link) Send(node uint32, frame []byte) error {
	s := l.stream
	for _, to := range s.nodes {
		if to.number != node {
			continue
		}
		if l.member.underWay >= maxUnderWay {
			return errUnderWay
		}
		frame = bytes.Clone(frame)
		if s.chance(frameLost) {
			return nil
		}
		s.carry(l.member, to, frame, s.between(200*time.Microsecond, to.Lag+5*time.Millisecond), !s.chance(frameOrder))
		if s.chance(frameTwice) {
			s.carry(l.member, to, frame, s.between(time.Millisecond, 3*time.Second), false)
		}
	}
	return nil
}

// carry has a frame come to a node after a time, behind what was sent before if that is wanted.
// A node that is paused takes it when it wakes; one that was killed and has started again is
// sent it as well: NATS knows only its number.
func (s *Stream) carry(from, to *Member, frame []byte, after time.Duration, behind bool) {
	way := [2]int{from.Index, to.Index}
	at := s.now.Add(after)
	if behind {
		if last := s.ways[way]; at.Before(last) {
			at = last
		}
		s.ways[way] = at
	}
	from.underWay++
	s.after(at.Sub(s.now), func() {
		from.underWay--
		if from.Cut || to.Cut || to.Killed {
			return
		}
		to.Net.Later(0, func() { to.Server.Heard(frame) })
	})
}
