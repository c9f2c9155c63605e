package client

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"parley/eventloop/doctor"
	"parley/eventloop/doctor/dialect"
)

// Times of a run.
const (
	lineTime  = 150 * time.Millisecond // between two lines of one act
	leaveTime = time.Second            // in which a client closes, or ends, after a logout
	runTime   = 60 * time.Second       // of all
	maxUnseen = 5                      // after so many texts in a row that were not seen the client is taken for deaf
	fewUnseen = 2                      // the same in a brief run
)

// Times are how long is waited for what.
type Times struct {
	Connect time.Duration // for the connection
	Settle  time.Duration // from the connection on, until something is typed
	Quiet   time.Duration // without anything drawn: the client waits for keys
	Wait    time.Duration // for what the client should send or show
	Pace    time.Duration // between two responses
}

// DefaultTimes are those of a machine with not much else to do. A program of an
// interpreter or a virtual machine may take seconds to start. Two responses that come in
// segments of their own are read by all of the measured clients if they are 50 ms apart.
func DefaultTimes() Times {
	return Times{Connect: 8 * time.Second, Settle: 250 * time.Millisecond, Quiet: 120 * time.Millisecond, Wait: 1500 * time.Millisecond, Pace: 60 * time.Millisecond}
}

// A check is a point as a run has found it.
type check struct {
	id    string
	ok    bool
	found string
	trace []doctor.Segment
}

// A run is one life of the client, at a server with some habits.
type run struct {
	cfg    *Config
	habits dialect.Habits
	source *dialect.Source
	words  dialect.Words
	server *dialect.Server
	term   *terminal
	name   string

	checks []check
	notes  []string // what was seen and is not judged
	drawn  int      // place on the screen from which on a text counts
	wire   int      // place in the trace where the point began
	brief  bool     // it leaves out what does not depend on the server, and ends when the client is deaf
	unseen int      // texts in a row that did not come to be seen
	ended  string   // why the client is not there any more
	killed bool     // it had to be
}

// play lets the client live at a server with some habits, and does with it what act says.
func play(ctx context.Context, cfg *Config, h dialect.Habits, seed uint64, act func(context.Context, *run)) (*run, error) {
	ctx, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	if h.Gap > 0 {
		h.Gap = cfg.Times.Pace
	}
	r := &run{cfg: cfg, habits: h, source: dialect.NewSource(seed)}
	r.words, r.name = r.source.Words(), r.source.Token("doctor")
	var err error
	if r.server, err = dialect.Listen(h, r.words, cfg.Times.Pace); err != nil {
		return nil, err
	}
	defer r.server.Close()
	if r.term, err = start(r.fill(cfg.Command), environment(cfg)); err != nil {
		return nil, err
	}
	defer func() { r.killed = r.term.end() || r.killed }()
	act(ctx, r)
	return r, nil
}

// fill puts the server's address into the command.
func (r *run) fill(command []string) []string {
	addr := r.server.Addr()
	address := strings.NewReplacer("{host}", addr.IP.String(), "{port}", fmt.Sprint(addr.Port))
	list := make([]string, len(command))
	for i, word := range command {
		list[i] = address.Replace(word)
	}
	return list
}

// environment is that of the client: ours, with a terminal that all know, and a place of
// its own for what it may remember.
func environment(cfg *Config) []string {
	return append(os.Environ(), "TERM=xterm", fmt.Sprint("LINES=", rows), fmt.Sprint("COLUMNS=", columns), "PYTHONUNBUFFERED=1", "XDG_STATE_HOME="+cfg.State)
}

// begin starts a point: what is drawn and sent from now on is its own.
func (r *run) begin() {
	r.drawn, r.wire = r.term.screen.mark(), r.server.Mark()
	r.server.Forget()
}

// check ends a point.
func (r *run) check(id string, ok bool, format string, args ...any) bool {
	r.checks = append(r.checks, check{id, ok, fmt.Sprintf(format, args...), r.server.Trace(r.wire)})
	return ok
}

// has returns what was found of a point, and whether it was looked at.
func (r *run) has(id string) (check, bool) {
	for _, c := range r.checks {
		if c.id == id {
			return c, true
		}
	}
	return check{}, false
}

// types types lines, each with Enter behind it.
func (r *run) types(ctx context.Context, lines []string) {
	for i, line := range lines {
		if i > 0 {
			_ = pause(ctx, lineTime)
		}
		r.note(r.term.press(line + "\r"))
	}
}

// note keeps an error that is no reason to stop: the client has ended, which is seen elsewhere.
func (r *run) note(err error) {
	if err != nil {
		r.notes = append(r.notes, err.Error())
	}
}

// act types what an act needs.
func (r *run) act(ctx context.Context, act Act, text string) {
	r.types(ctx, r.cfg.Templates.lines(act, r.name, text))
}

// can reports whether the client has a command for an act.
func (r *run) can(act Act) bool { return r.cfg.Templates[act] != "" }

// awaits waits for a request.
func (r *run) awaits(ctx context.Context, verb string) (dialect.Request, bool) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Times.Wait)
	defer cancel()
	return r.server.Await(ctx, func(q *dialect.Request) bool { return q.Verb == verb })
}

// sees waits until all the texts are shown, and ends the point. It is not looked for if
// the client is not there any more.
func (r *run) sees(ctx context.Context, id string, texts ...string) {
	if r.done() {
		return
	}
	if r.unseen >= maxUnseen {
		r.check(id, false, "nothing is shown any more")
		return
	}
	wait, cancel := context.WithTimeout(ctx, r.cfg.Times.Wait>>max(0, min(r.unseen-1, 2))) // for who may be deaf not that long
	defer cancel()
	for _, text := range texts {
		if !r.term.screen.shows(wait, text, r.drawn) {
			if r.over() {
				return
			}
			r.unseen++
			r.check(id, false, "%q is not shown", text)
			return
		}
	}
	r.unseen = 0
	r.check(id, true, "%s", "shown")
}

// over reports whether the client has ended or has left the server, and remembers it.
func (r *run) over() bool {
	status, over := r.term.ended()
	switch {
	case r.ended != "":
	case over:
		r.ended = fmt.Sprintf("the client has ended (%s): %s", status, r.term.screen.end())
	case r.left():
		r.ended = "the client has closed the connection: " + r.term.screen.end()
	}
	return r.ended != ""
}

// done reports whether nothing more is to be looked at.
func (r *run) done() bool { return r.over() || r.brief && r.unseen >= fewUnseen }

// left reports whether the client has closed its connection by now.
func (r *run) left() bool {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	return r.server.Gone(now)
}
