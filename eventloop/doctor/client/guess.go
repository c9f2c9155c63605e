package client

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/eventloop/doctor/dialect"
)

// logins are how clients are told to log in, the commonest first.
var logins = []string{"login {name}", "/login {name}", "{name}", `login\n{name}`, `\login {name}`, "-login {name}", ":login {name}", "!login {name}"}

// guess finds out what is to be typed for the acts that nobody has told. Each way to log
// in is tried on a client of its own, and the first in the order of the list that works is
// taken; with that client the rest is found out.
func guess(ctx context.Context, cfg Config) (Templates, error) {
	if len(cfg.Templates.missing()) == 0 {
		return cfg.Templates, nil
	}
	ways := logins
	if login, known := cfg.Templates[Login]; known {
		ways = []string{login}
	}
	results := make([]Templates, len(ways))
	failures := make([]error, len(ways))
	for first := 0; first < len(ways) && ctx.Err() == nil; first += sideBySide {
		jobs := make([]func(), 0, sideBySide)
		for i := first; i < min(first+sideBySide, len(ways)); i++ {
			jobs = append(jobs, func() { results[i], failures[i] = try(ctx, cfg, ways[i], uint64(i)) })
		}
		together(jobs, nil)
		for i := first; i < len(ways); i++ {
			if failures[i] != nil {
				return nil, failures[i]
			}
			if results[i] != nil {
				return results[i], nil
			}
		}
	}
	return nil, errNoLogin
}

var errNoLogin = errors.New("what is to be typed for a login could not be found out: " + strings.Join(logins, "; ") + " all had no login sent. Say it, such as --type 'login=/login {name}'")

// try logs in in one way, and finds out the rest if that works. It returns nil if not.
func try(ctx context.Context, cfg Config, login string, seed uint64) (Templates, error) {
	t := Templates{Login: login}
	for act, template := range cfg.Templates {
		t[act] = template
	}
	cfg.Templates = t
	works := false
	_, err := play(ctx, &cfg, dialect.DefaultHabits(), cfg.Seed+seed, func(ctx context.Context, r *run) {
		if r.connects(ctx) && r.logsIn(ctx) {
			works = true
			r.findsRest(ctx)
		}
	})
	if err != nil || !works {
		return nil, err
	}
	return t, nil
}

// findsRest finds out the other acts, once the client is logged in. An act that is not
// found out is taken to be typed as the login is.
func (r *run) findsRest(ctx context.Context) {
	t := r.cfg.Templates
	first, _, _ := strings.Cut(t[Login], "login")
	if t.asksName() {
		first = ""
	}
	for _, act := range t.missing() { // logout is the last
		ways := []string{first + string(act), string(act), "/" + string(act)}
		switch {
		case act == Msg && first == "":
			ways = []string{"msg {text}", "{text}", "/msg {text}", `msg\n{text}`}
		case act == Msg:
			ways = []string{"{text}", first + "msg {text}", "msg {text}"}
		case act == Logout:
			ways = append(ways, first+"quit", first+"exit")
		}
		t[act] = ways[0]
		for i, way := range ways {
			if i > 0 && way == ways[0] || r.over() {
				continue
			}
			if r.works(ctx, act, way) {
				t[act] = way
				break
			}
		}
	}
}

// works types what may be right for an act, and reports whether it was.
func (r *run) works(ctx context.Context, act Act, way string) bool {
	text := "doctor " + r.source.Token("own")
	r.types(ctx, Templates{act: way}.lines(act, r.name, text))
	wait, cancel := context.WithTimeout(ctx, r.cfg.Times.Wait)
	defer cancel()
	q, sent := r.server.Await(wait, func(q *dialect.Request) bool { return true })
	for sent && q.Together { // of one line
		q, sent = r.server.Await(wait, func(q *dialect.Request) bool { return true })
	}
	return sent && q.Verb == string(act) && (act != Msg || q.Text == text)
}

// String says what a login that was not found out means for the report.
func (t Templates) sentence() string { return fmt.Sprintf("Typed as with: %s", t) }
