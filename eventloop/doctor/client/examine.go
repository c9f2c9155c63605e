package client

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"parley/eventloop/doctor"
	"parley/eventloop/doctor/dialect"
)

// Config is an examination.
type Config struct {
	Command   []string  // of the client; {host} and {port} stand for the server
	Templates Templates // what to type, as far as it is known
	Dialects  []string  // by name; none for all
	Only      []string  // groups; none for all
	Times     Times
	Seed      uint64 // of the words and names
	State     string // a folder for what the client may want to remember
	Version   string // of the doctor
	Progress  func(done, all int)
}

// sideBySide is how many clients run at a time. They wait most of the time.
const sideBySide = 4

// basics are the dialects that the basic server is taken from. Each has the fewest habits
// with which one of the measured clients gets on that does not with those before it.
var basics = []string{dialect.Plain, "newline", "objects", "newline-objects", "history-text", "epoch-int", "history-blank-replay", "history-none"}

// exam is an examination that runs.
type exam struct {
	cfg     Config
	report  *doctor.Report
	basic   *run // at the basic server
	habits  dialect.Habits
	called  string // the dialect of the basic server
	dropped *run
	runs    atomic.Uint64 // lives of the client so far: each has words of its own
}

// Examine examines a client, and adds what it finds to a report. It returns an error if
// the client cannot be run at all.
func Examine(ctx context.Context, cfg Config, report *doctor.Report) error {
	if len(cfg.Only) == 0 {
		cfg.Only = Groups
	}
	e := &exam{cfg: cfg, report: report}
	err := e.examine(ctx)
	report.Interrupted = ctx.Err() != nil
	return err
}

func (e *exam) examine(ctx context.Context) (err error) {
	if e.cfg.Templates, err = guess(ctx, e.cfg); err != nil && !errors.Is(err, errNoLogin) {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	if errors.Is(err, errNoLogin) {
		e.cfg.Templates = Templates{Login: logins[0]} // so that the report has what happens
		e.report.Notes = append(e.report.Notes, err.Error())
	} else {
		e.report.Notes = append(e.report.Notes, e.cfg.Templates.sentence())
	}
	if err := e.findBasic(ctx); err != nil {
		return err
	}
	e.report.Habits = append(e.report.Habits, e.basic.judgeRequests()...)
	e.report.Notes = append(e.report.Notes, e.basic.notes...)
	points, err := e.rest(ctx)
	e.report.Points = append(e.judge(), points...)
	if slices.Contains(e.cfg.Only, groupRequests) {
		e.report.Estimate = doctor.EstimateFor("servers", e.report.Habits)
	}
	return err
}

// findBasic finds the server with the fewest habits that the client gets on with.
func (e *exam) findBasic(ctx context.Context) (err error) {
	e.called = basics[0]
	if e.basic, err = e.live(ctx, habitsOf(e.called), false); err != nil || !e.basic.misread() {
		e.habits = habitsOf(e.called)
		return err
	}
	least := lost(e.basic)
	for few := range slices.Chunk(basics[1:], sideBySide) {
		runs := make([]*run, len(few))
		failures := make([]error, len(few))
		var jobs []func()
		for i, name := range few {
			jobs = append(jobs, func() { runs[i], failures[i] = e.live(ctx, habitsOf(name), true) })
		}
		together(jobs, nil)
		if err := errors.Join(failures...); err != nil {
			return err
		}
		for i, r := range runs {
			if n := lost(r); n < least {
				least, e.called = n, few[i]
			}
		}
		if least == 0 {
			break
		}
	}
	if e.habits = habitsOf(e.called); e.called == basics[0] {
		return nil
	}
	d, _ := dialect.Find(e.called)
	e.report.Notes = append(e.report.Notes, "The basic server is one that "+d.Does+": the client gets on with that one best.")
	e.basic, err = e.live(ctx, e.habits, false)
	return err
}

// live lets the client live at a server.
func (e *exam) live(ctx context.Context, h dialect.Habits, brief bool) (*run, error) {
	return play(ctx, &e.cfg, h, e.cfg.Seed+e.runs.Add(1), func(ctx context.Context, r *run) {
		r.brief = brief
		live(ctx, r)
	})
}

// misread reports whether the client has trouble that another server may spare it.
func (r *run) misread() bool {
	for _, id := range []string{pLoginShown, pHistory, pMessage, pTwo, pNamesShown, pStays} {
		if c, is := r.has(id); is && !c.ok {
			return true
		}
	}
	return false
}

func habitsOf(name string) dialect.Habits {
	d, _ := dialect.Find(name)
	return d.Over(dialect.DefaultHabits())
}

// lost is how many points a run has lost. A server that tells nothing of what was said
// before, or not as a history, gives away the point of that one.
func lost(r *run) (n int) {
	for _, c := range r.checks {
		if !c.ok {
			n++
		}
	}
	if _, over := r.has(pLateError); !over {
		n += len(rules) // it did not come that far
	}
	if h := r.habits.History; !h.Tells() || h == dialect.HistoryBlankReplay {
		n++
	}
	return n
}

// rest lets the client live at all other servers.
func (e *exam) rest(ctx context.Context) ([]doctor.Point, error) {
	if in, is := e.basic.has(pLogin); !is || !in.ok {
		return nil, nil // at no server would it come further
	}
	var dialects []dialect.Dialect
	for _, d := range dialect.All() {
		if slices.Contains(e.cfg.Only, groupServers) && (len(e.cfg.Dialects) == 0 || slices.Contains(e.cfg.Dialects, d.Name)) {
			dialects = append(dialects, d)
		}
	}
	points := make([]doctor.Point, len(dialects))
	failures := make([]error, len(dialects)+1)
	var jobs []func()
	if slices.Contains(e.cfg.Only, groupLeaving) {
		jobs = append(jobs, func() {
			e.dropped, failures[len(dialects)] = play(ctx, &e.cfg, e.habits, e.cfg.Seed, dropped)
		})
	}
	for i, d := range dialects {
		jobs = append(jobs, func() { points[i], failures[i] = e.at(ctx, d) })
	}
	together(jobs, e.cfg.Progress)
	for i, p := range points {
		if p.Verdict == doctor.Warn {
			e.report.Habits = append(e.report.Habits, doctor.Habit(cannotBear+dialects[i].Name))
		}
	}
	return points, errors.Join(failures...)
}

// at lets the client live at a server of a dialect.
func (e *exam) at(ctx context.Context, d dialect.Dialect) (doctor.Point, error) {
	h := d.Over(e.habits)
	if reflect.DeepEqual(h, e.habits) {
		return e.judgeDialect(d, e.basic), nil
	}
	if err := ctx.Err(); err != nil {
		return dialectRule(d).Untested("interrupted"), nil
	}
	r, err := e.live(ctx, h, true)
	if err != nil {
		return dialectRule(d).Untested(err.Error()), err
	}
	if ctx.Err() != nil {
		return dialectRule(d).Untested("interrupted"), nil
	}
	return e.judgeDialect(d, r), nil
}

// together does jobs, a few at a time, and says how many are done.
func together(jobs []func(), progress func(done, all int)) {
	var running sync.WaitGroup
	var done atomic.Int32
	free := make(chan struct{}, sideBySide)
	for _, job := range jobs {
		free <- struct{}{}
		running.Go(func() {
			job()
			if n := done.Add(1); progress != nil {
				progress(int(n), len(jobs))
			}
			<-free
		})
	}
	running.Wait()
}
