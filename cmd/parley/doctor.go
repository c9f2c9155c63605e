package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"parley/eventloop/doctor"
)

// doctorCmd is parley doctor.
type doctorCmd struct {
	Server doctorServerCmd `cmd:"" help:"Look whether a server speaks the protocol, and with how many clients it will work."`
	Client doctorClientCmd `cmd:"" help:"Look whether a client speaks the protocol, and with how many servers it will work."`
}

// doctorFlags are those of parley doctor whatever it examines.
type doctorFlags struct {
	Only    []string `help:"Look only at these groups of points, such as names,chat." placeholder:"GROUP,..."`
	Verbose bool     `help:"Show the bytes of every point, not only of those that are not passed."`
	JSON    string   `help:"Write the report as one JSON object." placeholder:"FILE" env:"-"`
	HTML    string   `help:"Write the report as one page." placeholder:"FILE" env:"-"`
}

// examinationStatus is what parley doctor says of its exit status.
const examinationStatus = `
Exit status: 0 all points of the specification that could be tested are passed, 1 one is
failed, 2 no connection, 64 bad use, 75 none could be tested, 130 interrupted. Habits of
other programs that are not met are warned of, and change nothing in it.`

// check refuses groups that there are not.
func (f *doctorFlags) check(groups []string) error {
	for _, name := range f.Only {
		if !slices.Contains(groups, name) {
			return fmt.Errorf("--only %q: there is no such group; there are %s", name, strings.Join(groups, ", "))
		}
	}
	return nil
}

// outputs are what --json and --html ask for.
func (f *doctorFlags) outputs(r *doctor.Report) (list []output) {
	if f.JSON != "" {
		list = append(list, output{f.JSON, r.JSON})
	}
	if f.HTML != "" {
		list = append(list, output{f.HTML, func(w io.Writer) error { return r.HTML(w, f.Verbose) }})
	}
	return list
}

// tell writes a report, and gives it its exit status.
func (f *doctorFlags) tell(p *process, r *doctor.Report) error {
	if err := errors.Join(r.Text(p.stdout, f.Verbose), save(f.outputs(r))); err != nil {
		return err
	}
	switch n := r.Count(doctor.Fail); {
	case r.Interrupted:
		return exitError{exitInterrupted, errors.New("interrupted")}
	case n > 0:
		return exitError{exitRefused, fmt.Errorf("%s of the specification failed", doctor.Plural(n, "point", "points"))}
	case r.Tested() == 0 && len(f.Only) == 0:
		return exitError{exitUnjudged, errors.New("no point of the specification could be tested")}
	}
	return nil
}

// doctorVersion is what a report says of the program that made it.
func doctorVersion() string { return strings.TrimSuffix(version(), " "+runtime.Version()) }
