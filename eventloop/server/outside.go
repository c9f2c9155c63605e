package server

import (
	"context"

	"parley/users/command"
	"parley/users/state"
)

// Propose has commands carried out in this order, for who is not connected as a client,
// such as the server's owner. It returns what became of each when all that was decided is
// safe. An error says that none was carried out, but for the one of ctx: then they may be,
// or will be. It may be called from any goroutine but the core's.
func (s *Server) Propose(ctx context.Context, commands []command.Command) ([]state.Result, error) {
	type answer struct {
		results []state.Result
		err     error
	}
	answers := make(chan answer, 1)
	s.Post(func() {
		s.core.fromOutside(commands, func(results []state.Result, err error) { answers <- answer{results, err} })
	})
	select {
	case a := <-answers:
		return a.results, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fromOutside carries out commands and calls done when what became of them is safe.
func (c *Core) fromOutside(commands []command.Command, done func([]state.Result, error)) {
	now := c.cfg.Clock()
	results := make([]state.Result, 0, len(commands))
	note := func(r state.Result) {
		if results = append(results, r); len(results) == len(commands) {
			c.held.call(func() { done(results, nil) })
		}
	}
	for i, cmd := range commands {
		if i > 0 { // with the first of them all are let in
			c.log.Insist(now, cmd, note)
		} else if err := c.log.Propose(now, cmd, note); err != nil {
			done(nil, err)
			return
		}
	}
	if len(commands) == 0 {
		done(results, nil)
	}
}

// Online returns the names of those who are logged in, in alphabetical order. It may be
// called from any goroutine but the core's.
func (s *Server) Online(ctx context.Context) ([]string, error) {
	return ask(ctx, s.Post, func() []string { return s.core.state.Names() })
}

// ask has f run where it is posted to, and returns what f does, or the error of ctx if that
// ends before.
func ask[T any](ctx context.Context, post func(func()), f func() T) (T, error) {
	answers := make(chan T, 1)
	post(func() { answers <- f() })
	select {
	case answer := <-answers:
		return answer, nil
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
}
