package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A step is a line of a dialogue. Its error says what happened in its place.
type step func(*stage) error

// connects makes a connection for somebody, who hears what the server says to begin with.
func connects(who string) step {
	return func(s *stage) error {
		if err := departs(who)(s); err != nil {
			return err
		}
		p, err := s.connect(who, false)
		if err != nil {
			return err
		}
		s.greeted(p)
		return nil
	}
}

// greeted waits for what the server says before it is asked, if it is one that does.
func (s *stage) greeted(p *session) {
	if s.seen.greeting == silent {
		return
	}
	for end := time.Now().Add(2 * s.cfg.Gap); time.Until(end) > 0 && len(p.queue) == 0 && !p.closed; {
		s.pump(time.Until(end))
	}
	if s.seen.greeting == unknown {
		s.seen.greeting = silent
		if len(p.queue) > 0 {
			s.seen.greeting = greets
		}
	}
	p.queue = nil
}

// namesTried is how many names are tried if the server refuses one.
const namesTried = 3

// logsIn has somebody be logged in. Who is already stays.
func logsIn(who string) step {
	return func(s *stage) error {
		if p := s.people[who]; p != nil && p.in && !p.closed {
			return nil
		}
		var err error
		for range namesTried {
			if err = connects(who)(s); err != nil {
				return err
			}
			if err = logsInAs(who, "doctor"+letters(5))(s); err == nil || s.ctx.Err() != nil {
				return err
			}
		}
		return err
	}
}

// historyWait is how long is waited at least for a history behind the answer to a login.
// One client lets nobody in if none has come within a tenth of a second.
const historyWait = 120 * time.Millisecond

// arrives is logsIn with a new connection.
func arrives(who string) step {
	return func(s *stage) error {
		if p := s.people[who]; p != nil {
			p.in = false
		}
		return logsIn(who)(s)
	}
}

// departs logs somebody out who is there, and ends the connection.
func departs(who string) step {
	return func(s *stage) error {
		p := s.people[who]
		if p == nil {
			return nil
		}
		p.queue = nil
		if p.asked && !p.closed && p.send(s, request("logout", nil)) == nil {
			for end := time.Now().Add(s.cfg.Gap); !p.closed && len(p.queue) == 0 && s.pump(time.Until(end)); {
			}
		}
		p.hangUp()
		delete(s.people, who)
		return nil
	}
}

// logsInAs has somebody log in on a connection that is there. What has a $ or an @ in the
// name is expanded.
func logsInAs(who, name string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		p.name, p.queue = s.expand(name), nil
		asked := time.Now()
		if err := p.send(s, request("login", p.name)); err != nil {
			return fmt.Errorf("%s could not log in: %w", who, err)
		}
		first, _ := s.hear(p, func(*value) bool { return true })
		if first == nil {
			return fmt.Errorf("%s could not log in: the login is answered with %s", who, heardInstead(p, nil))
		}
		if first.kind() == "error" {
			return fmt.Errorf("%s could not log in: %s", who, first.short())
		}
		p.in = true
		answers := []*value{first}
		for end := time.Now().Add(patience * s.cfg.Timeout); time.Until(end) > 0 && s.pump(max(s.cfg.Gap, historyWait)); {
		}
		answers, p.queue = append(answers, p.queue...), nil
		s.seen.login(answers, asked)
		p.queue = answers
		return nil
	}
}

// sends has somebody send bytes: a text in which what has a $ or an @ is expanded.
func sends(who, text string) step {
	return func(s *stage) error { return s.send(who, []byte(s.expand(text))) }
}

// asks sends a request with a content that is null.
func asks(who, verb string) step {
	return func(s *stage) error { return s.send(who, request(verb, nil)) }
}

// says sends a msg request.
func says(who, text string) step {
	return func(s *stage) error { return s.send(who, request("msg", s.expand(text))) }
}

func (s *stage) send(who string, b []byte) error {
	p, err := s.person(who)
	if err != nil {
		return err
	}
	return p.send(s, b)
}

// sendsInPieces sends a text in pieces of n bytes, or in two if n is 0, with pauses.
func sendsInPieces(who string, n int, pause time.Duration, text string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		b := []byte(s.expand(text))
		if n == 0 {
			n = (len(b) + 1) / 2
		}
		s.pause(s.cfg.Gap)
		for piece := range slices.Chunk(b, n) {
			if err := p.write(s, piece); err != nil {
				return err
			}
			s.pause(pause)
		}
		return nil
	}
}

// hears has somebody hear something, whatever else comes before it.
func hears(who string, what matcher) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		v, others := s.hear(p, func(v *value) bool { return what.is(s, v) })
		if v != nil {
			return nil
		}
		return s.missed(p, who, what, others)
	}
}

// missed says what came in place of what should have. Where the server says that it was
// sent too much, that is no answer.
func (s *stage) missed(p *session, who string, what matcher, others []*value) error {
	all := others
	for _, q := range s.people {
		all = slices.Concat(all, q.queue)
	}
	if i := slices.IndexFunc(all, isLimit); i >= 0 {
		return untested("the server limits what one may send: " + all[i].short())
	}
	return fmt.Errorf("%s did not hear %s, but %s", who, s.expand(what.says), heardInstead(p, others))
}

// need is a step of a play without which nothing can be said of what is asked.
func need(do step) step {
	return func(s *stage) error {
		if err := do(s); err != nil {
			return untested(err.Error())
		}
		return nil
	}
}

// tries is a step that may fail: what counts comes behind it.
func tries(do step) step {
	return func(s *stage) error {
		do(s)
		return nil
	}
}

// hasSender looks who what was heard last is said to be from.
func hasSender(who string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		if got := s.last.sender(); got != p.name {
			return fmt.Errorf("the sender is %s and not %s: %s", object(got), p.name, s.last.short())
		}
		return nil
	}
}

// hearsNothing has somebody hear nothing of a kind for as long as a server may take.
func hearsNothing(who string, what matcher) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		if v, _ := s.hear(p, func(v *value) bool { return what.is(s, v) }); v != nil {
			return fmt.Errorf("%s heard %s", who, v.short())
		}
		return nil
	}
}

// either is passed if one of two things is heard by two people, in this order.
func either(a, b step) step {
	return func(s *stage) error {
		err := a(s)
		var no untested
		if err == nil || errors.As(err, &no) {
			return err
		}
		if b(s) == nil {
			return nil
		}
		return err
	}
}

// isClosed has the server end somebody's connection.
func isClosed(who string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		for end := time.Now().Add(s.cfg.Timeout); !p.closed && time.Until(end) > 0 && s.ctx.Err() == nil; {
			s.pump(time.Until(end))
		}
		if !p.closed {
			return errors.New("the connection stayed open")
		}
		return nil
	}
}

// dropsOut ends somebody's connection without a logout, with a reset if so.
func dropsOut(who string, reset bool) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		s.remark(p, map[bool]string{true: "reset by the doctor", false: "closed by the doctor"}[reset])
		delete(s.people, who)
		if reset {
			p.reset()
		} else {
			p.hangUp()
		}
		return nil
	}
}

// findsGone has somebody ask for the names until another name is not among them.
func findsGone(who, name string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		listed := with("@" + who)
		var last *value
		for end := time.Now().Add(2 * s.cfg.Timeout); time.Until(end) > 0 && s.ctx.Err() == nil; {
			if err := p.send(s, request("names", nil)); err != nil {
				return err
			}
			v, others := s.hear(p, func(v *value) bool { return listed.is(s, v) && v.kind() != "message" })
			if v == nil {
				return s.missed(p, who, listed, others)
			}
			if last = v; !strings.Contains(text(v.V), s.expand(name)) {
				return nil
			}
		}
		return fmt.Errorf("%s was still among the names: %s", s.expand(name), last.short())
	}
}

// Pieces of a request, and the pauses between them.
const (
	half    = 0
	slowly  = 250 * time.Millisecond
	quickly = 3 * time.Millisecond
)

// waits lets some gaps between requests pass.
func waits(gaps int) step {
	return func(s *stage) error {
		s.pause(time.Duration(gaps) * s.cfg.Gap)
		return nil
	}
}

// stillServes has somebody get an answer to names. Others say what there is to say if not.
func stillServes(who string) step {
	return func(s *stage) error {
		if err := asks(who, "names")(s); err != nil {
			return err
		}
		return hears(who, with("@"+who))(s)
	}
}

// isServed has somebody be logged in and answered. What came before may have ended the
// connection, or be about to: then it is done with a new one.
func isServed(who string) step {
	return func(s *stage) error {
		if s.people[who] != nil && logsIn(who)(s) == nil && stillServes(who)(s) == nil {
			return nil
		}
		if err := arrives(who)(s); err != nil {
			return err
		}
		return stillServes(who)(s)
	}
}

// logsInSaying has somebody log in and ask for more in one segment.
func logsInSaying(who, more string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		p.name, p.in = "doctor"+letters(5), true
		return p.send(s, append(request("login", p.name), s.expand(more)...))
	}
}

// remember has $gone stand for somebody's name from here on.
func remember(who string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		s.words["$gone"] = p.name
		return nil
	}
}

// refusesOrCloses has a request answered with an error, unless the connection has ended.
func refusesOrCloses(who, text string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		s.pause(s.cfg.Gap)
		if p.closed || sends(who, text)(s) != nil {
			return nil
		}
		return either(hears(who, anError), isClosed(who))(s)
	}
}
