package server

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"parley/eventloop/doctor"
)

// Config is what an examination needs.
type Config struct {
	Dial     func(context.Context) (net.Conn, error)
	DialSlow func(context.Context) (net.Conn, error) // as Dial, with a receive buffer as small as can be; nil: Dial
	First    net.Conn                                // if there is one already, it is used first; may be nil
	Timeout  time.Duration                           // of silence, after which nothing more is waited for; 0 for DefaultTimeout
	Gap      time.Duration                           // between two requests of a connection; 0 for DefaultGap
	Only     []string                                // names of groups; none for all
	Progress func(p doctor.Point)                    // is told each point; may be nil
}

const (
	// DefaultTimeout is longer than any measured server took over an answer.
	DefaultTimeout = 1500 * time.Millisecond
	// DefaultGap is what a server needs that takes what one read brings for one
	// request, as 28 of 29 measured ones do.
	DefaultGap = 250 * time.Millisecond

	patience = 6 // timeouts that are waited for at most while something comes
)

// A group is points that are looked at one after the other, with the same people.
type group struct {
	name   string
	points []point
}

// A point is a rule with the dialogue that shows whether a server keeps it.
type point struct {
	doctor.Rule
	fresh bool   // with new connections: what came before may have upset the server
	given []step // makes ready; if a step fails the point is not tested
	play  []step // if a step fails the point is
}

func groups() []group {
	return []group{before(), names(), chat(), history(), framing(), splits(), content(), hostile(), leave(), load()}
}

// Groups returns the names of the groups, in order.
func Groups() (list []string) {
	for _, g := range groups() {
		list = append(list, g.name)
	}
	return append(list, shapeGroup)
}

// Examine plays all dialogues, or those of some groups, and adds what it has found to the
// report. If ctx ends it stops with what it has; it has logged out then.
func Examine(ctx context.Context, cfg Config, r *doctor.Report) {
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Gap == 0 {
		cfg.Gap = DefaultGap
	}
	s := newStage(ctx, cfg)
	defer s.close()
	add := func(p doctor.Point) {
		r.Points = append(r.Points, p)
		if cfg.Progress != nil {
			cfg.Progress(p)
		}
	}
	wanted := func(name string) bool { return len(cfg.Only) == 0 || slices.Contains(cfg.Only, name) }
	for _, g := range groups() {
		if !wanted(g.name) {
			continue
		}
		s.loaded = g.name == loadGroup
		for _, p := range g.points {
			p.Group = g.name
			found := s.examine(p)
			if ctx.Err() != nil {
				r.Interrupted = true
				return
			}
			add(found)
		}
		s.dismiss()
	}
	for _, p := range s.shape() {
		if wanted(shapeGroup) {
			add(p)
		}
	}
	r.Habits = s.habits()
	r.Estimate = doctor.EstimateFor("clients", r.Habits)
}

// examine plays one dialogue.
func (s *stage) examine(p point) doctor.Point {
	s.trace = nil
	s.words = make(map[string]string)
	if p.fresh {
		s.dismiss()
	}
	for _, step := range p.given {
		if err := step(s); err != nil {
			found := p.Untested(err.Error())
			found.Trace = s.trace
			s.dismiss() // it is not known what state they are in
			return found
		}
	}
	if len(p.given) > 0 {
		s.settle()
	}
	for _, step := range p.play {
		switch err := step(s).(type) {
		case nil:
		case untested:
			found := p.Untested(err.Error())
			found.Trace = s.trace
			return found
		default:
			return p.Judge(false, err.Error(), s.trace)
		}
	}
	return p.Judge(true, s.found(), s.trace)
}

// untested is why nothing can be said of a point.
type untested string

func (e untested) Error() string { return string(e) }

// letters are those of names and words.
func letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + rand.IntN(26))
	}
	return string(b)
}
