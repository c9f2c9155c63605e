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
