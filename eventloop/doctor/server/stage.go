package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/eventloop/doctor"
)

// A stage is where dialogues are played. One goroutine owns it; those that read
// connections hand over what has come.
type stage struct {
	ctx    context.Context
	cfg    Config
	began  time.Time
	people map[string]*session // by what the dialogues call them
	made   int                 // connections
	came   chan arrival
	words  map[string]string // of the dialogue that is played
	trace  []doctor.Segment
	last   *value // what was heard last, which is what a point has found
	loaded bool   // the load is played: what comes then has no shape
	told   string // the history that somebody was told

	seen  observed
	paced bool // the server makes senders wait
}

// maxTrace is how many segments of a point are kept.
const maxTrace = 100

func newStage(ctx context.Context, cfg Config) *stage {
	return &stage{ctx: ctx, cfg: cfg, began: time.Now(), people: make(map[string]*session), came: make(chan arrival)}
}

// word returns a word of the dialogue: $hello is hello and letters that nobody has said.
func (s *stage) word(name string) string {
	if s.words[name] == "" {
		s.words[name] = strings.TrimPrefix(name, "$") + letters(6)
	}
	return s.words[name]
}

// expand replaces the words with a $, and @ann by the name that ann has on the server.
func (s *stage) expand(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := 1
		if text[0] == '$' || text[0] == '@' {
			for n < len(text) && text[n] >= 'a' && text[n] <= 'z' {
				n++
			}
		}
		switch {
		case n > 1 && text[0] == '$':
			b.WriteString(s.word(text[:n]))
		case n > 1 && s.people[text[1:n]] != nil:
			b.WriteString(s.people[text[1:n]].name)
		default:
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// person returns who is there.
func (s *stage) person(who string) (*session, error) {
	if p := s.people[who]; p != nil {
		return p, nil
	}
	return nil, untested(who + " is not there")
}

// pump waits for something to come on any connection, and takes it in; false means that
// nothing came in time.
func (s *stage) pump(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case a := <-s.came:
		a.to.take(s, a)
		return true
	case <-timer.C:
	case <-s.ctx.Done():
	}
	return false
}

// pause lets time pass.
func (s *stage) pause(d time.Duration) {
	for end := time.Now().Add(d); time.Until(end) > 0 && s.ctx.Err() == nil; {
		s.pump(time.Until(end))
	}
}

// settle waits until nothing comes any more, and forgets what has come.
func (s *stage) settle() {
	for end := time.Now().Add(s.cfg.Timeout); time.Until(end) > 0 && s.pump(s.cfg.Gap); {
	}
	for _, p := range s.people {
		p.queue = nil
	}
}

// hear returns the first thing that p hears and that is wanted, and what came before it.
// It gives up when nothing has come for a timeout, or the connection has ended.
func (s *stage) hear(p *session, wanted func(*value) bool) (v *value, others []*value) {
	latest := time.Now().Add(patience * s.cfg.Timeout)
	quiet := time.Now().Add(s.cfg.Timeout)
	for {
		for len(p.queue) > 0 {
			v, p.queue = p.queue[0], p.queue[1:]
			if wanted(v) {
				s.last = v
				return v, others
			}
			others = append(others, v)
			quiet = time.Now().Add(s.cfg.Timeout)
		}
		until := quiet
		if latest.Before(until) {
			until = latest
		}
		if p.closed || time.Until(until) <= 0 || s.ctx.Err() != nil {
			return nil, others
		}
		s.pump(time.Until(until))
	}
}

// found says what was heard last.
func (s *stage) found() string {
	if s.last == nil {
		return ""
	}
	v := s.last
	s.last = nil
	return "heard " + v.short()
}

// note adds a segment to what the point shows.
func (s *stage) note(seg doctor.Segment) {
	if len(s.trace) < maxTrace {
		s.trace = append(s.trace, seg)
	}
}

// dismiss has everybody leave, with a logout: many servers are upset for good by a client
// that just goes. All say it before the first is waited for.
func (s *stage) dismiss() {
	if len(s.people) == 0 {
		return
	}
	people := s.people
	s.people = make(map[string]*session)
	for _, p := range people {
		if p.asked && !p.closed {
			_ = p.send(s, request("logout", nil))
		}
	}
	for end := time.Now().Add(2 * s.cfg.Gap); time.Until(end) > 0; {
		if !slices.ContainsFunc(slices.Collect(maps.Values(people)), func(p *session) bool { return p.asked && !p.closed && len(p.queue) == 0 }) {
			break
		}
		if !s.pump(time.Until(end)) {
			break
		}
	}
	for _, p := range people {
		p.hangUp()
	}
	s.pause(s.cfg.Gap / 4) // the server is to notice it before others come
}

// close leaves the server as it was, also when the examination was interrupted.
func (s *stage) close() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), s.cfg.Timeout)
	defer cancel()
	s.ctx = ctx
	s.dismiss()
}

// heardInstead says what was heard in place of what was wanted.
func heardInstead(p *session, others []*value) string {
	var parts []string
	for _, v := range others {
		parts = append(parts, v.short())
	}
	text := "nothing"
	if len(parts) > 3 {
		parts = append(parts[:2], fmt.Sprintf("%d more", len(parts)-2))
	}
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	if p.closed {
		text += ", and the server closed the connection"
	}
	return text
}
