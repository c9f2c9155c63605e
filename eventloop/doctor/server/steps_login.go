package server

import (
	"fmt"
	"time"
)

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
