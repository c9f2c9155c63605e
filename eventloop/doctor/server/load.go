package server

import (
	"errors"
	"fmt"

	"slices"
	"strings"
	"time"

	"parley/eventloop/doctor"
)

const (
	loadGroup = "load"
	crowd     = 12 // people in the load
	atOnce    = 7  // who log in at one moment; so many are enough to make clients deaf
	burst     = 20 // messages that one sends without a pause to speak of

	burstGap  = 20 * time.Millisecond
	slowBurst = 3 * time.Second // a server that takes longer makes senders wait

	deafRequests = 4000      // help requests of who never reads, at most
	deafBytes    = 2_000_000 // of answers, which no buffers of Linux hold for a small window
)

// load is a few people at once.
func load() group {
	everybody := []step{logsInCrowd()}
	return group{loadGroup, []point{
		{
			Rule: doctor.Rule{ID: "fan_out_to_12_clients", Section: "msg", Asks: "What one of 12 people says comes to the other 11.",
				Change: "Send a message to all who are logged in, and go on with the next one when a write fails."},
			fresh: true, given: everybody, play: []step{fansOut()},
		},
		{
			Rule: doctor.Rule{ID: "burst_in_order", World: "clients show what they hear in the order in which it comes", Asks: "20 messages that one sends within half a second come to the others, in order.",
				Change: "Handle the requests of one connection one after the other, and send messages in the order in which they came."},
			given: everybody, play: []step{bursts()},
		},
		{
			Rule: doctor.Rule{ID: "slow_reader_does_not_block_others", World: "clients stall when their network or their computer does", Asks: "Who never reads does not keep the others from talking.",
				Change: "Do not write to a connection where others wait for it: have a queue for each, with an end, or a timeout for writes."},
			given: everybody, play: []step{neverReads(), says("b", "$stillhere"), hears("c", saying("$stillhere"))},
		},
		{
			Rule: doctor.Rule{ID: "notices_of_logins_one_by_one", World: "13 to 16 of 19 clients go deaf when several notices come in one segment, of people who log in at one moment",
				Asks: "Of people who log in at one moment each is told in a segment of its own.", Change: "Leave a pause of about 50 ms between two responses on one connection."},
			fresh: true, given: []step{logsIn("ann")}, play: []step{logInAtOnce("ann")},
		},
	}}
}

// member names somebody of the crowd.
func member(i int) string { return string(rune('a' + i)) }

func logsInCrowd() step {
	return func(s *stage) error {
		for i := range crowd {
			if err := logsIn(member(i))(s); err != nil {
				return fmt.Errorf("of %d people %d could log in: %w", crowd, i, err)
			}
		}
		return nil
	}
}

func fansOut() step {
	return func(s *stage) error {
		if err := says(member(0), "$fan")(s); err != nil {
			return err
		}
		var deaf []string
		for i := 1; i < crowd; i++ {
			if err := hears(member(i), saying("$fan"))(s); err != nil {
				deaf = append(deaf, err.Error())
			}
		}
		if len(deaf) > 0 {
			return fmt.Errorf("%d of %d did not hear it: %s", len(deaf), crowd-1, deaf[0])
		}
		return nil
	}
}

// bursts has somebody say much, and somebody else hear it. It measures whether the server
// makes senders wait.
func bursts() step {
	return func(s *stage) error {
		from, to := s.people[member(1)], s.people[member(2)]
		var want, got []string
		began := time.Now()
		for i := range burst {
			want = append(want, fmt.Sprintf("%s%d", s.word("$burst"), i))
			if err := from.write(s, append(request("msg", want[i]), '\n')); err != nil {
				return err
			}
			s.pause(burstGap)
		}
		_, others := s.hear(to, func(v *value) bool {
			if t, ok := v.content().(string); ok && isMessage(v) && strings.HasPrefix(t, s.word("$burst")) {
				got = append(got, t)
			}
			return len(got) == burst
		})
		s.paced = time.Since(began) > slowBurst
		if i := slices.IndexFunc(slices.Concat(others, from.queue), isLimit); i >= 0 {
			s.paced = true
			return untested(fmt.Sprintf("the server limits what one may send: %d of %d came", len(got), burst))
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("%d of %d came, %s", len(got), burst, map[bool]string{true: "in order", false: "out of order"}[slices.IsSortedFunc(got, func(a, b string) int {
				return slices.Index(want, a) - slices.Index(want, b)
			})])
		}
		return nil
	}
}

// neverReads has somebody log in who asks for help again and again, and never reads, so
// that nobody else is told anything of it. When all buffers are full the server can write
// to that connection no more.
func neverReads() step {
	return func(s *stage) error {
		if s.paced {
			return untested("the server makes a sender wait, so that what it writes to one who never reads stays little")
		}
		size, err := s.helpSize()
		if err != nil {
			return err
		}
		last := member(crowd - 1)
		if err := departs(last)(s); err != nil { // so that there are no more than the crowd
			return err
		}
		s.pause(s.cfg.Gap)
		dial := s.cfg.Dial
		if s.cfg.DialSlow != nil {
			s.cfg.Dial = s.cfg.DialSlow
		}
		p, err := s.connect(last, true)
		s.cfg.Dial = dial
		if err != nil {
			return err
		}
		p.name = "doctor" + letters(5)
		if err := p.write(s, append(request("login", p.name), '\n')); err != nil {
			return err
		}
		s.pause(2 * s.cfg.Gap)
		for range min(deafRequests, deafBytes/size+1) {
			if p.write(s, append(request("help", nil), '\n')) != nil {
				break // the server reads no more of it, or has ended it
			}
			s.pause(time.Millisecond)
			s.trace = s.trace[:min(len(s.trace), 12)] // all are the same
		}
		for _, q := range s.people {
			q.queue = nil
		}
		return nil
	}
}

// helpSize returns how many bytes the answer to help has.
func (s *stage) helpSize() (int, error) {
	p := s.people[member(1)]
	if err := p.send(s, request("help", nil)); err != nil {
		return 0, err
	}
	v, _ := s.hear(p, func(v *value) bool { return anInfo.is(s, v) })
	if v == nil {
		return 0, untested("help is not answered")
	}
	return len(v.Raw), nil
}

// logInAtOnce has several people log in at one moment, and one who is there hear of it.
func logInAtOnce(listener string) step {
	return func(s *stage) error {
		p, err := s.person(listener)
		if err != nil {
			return err
		}
		for i := range atOnce {
			if err := connects(member(i))(s); err != nil {
				return err
			}
		}
		s.pause(s.cfg.Gap)
		before := p.glued
		for i := range atOnce {
			q := s.people[member(i)]
			q.name, q.in = "doctor"+letters(5), true
			if err := q.write(s, request("login", q.name)); err != nil {
				return untested(err.Error())
			}
		}
		s.pause(s.cfg.Timeout)
		if n := p.glued - before; n > 0 {
			return errors.New(doctor.Plural(n, "segment", "segments") + " had several of them")
		}
		return nil
	}
}
