package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"parley/eventloop/doctor"
	drive "parley/eventloop/doctor/client"
	"parley/eventloop/doctor/dialect"
)

// doctorClientCmd is parley doctor client.
type doctorClientCmd struct {
	Command []string `arg:"" name:"command" help:"How to run the client, behind --. {host} and {port} stand for the server that it is to connect to."`

	Type    []string      `help:"What to type for an act: login, msg, names, help, logout, or before, which is typed before the client connects. {name} and {text} stand for what is said, \\n for the Enter key between two lines; nothing means that the client has no such command. What is not told is found out. Can be repeated." sep:"none" placeholder:"ACT=WORDS"`
	Dialect []string      `help:"Of the servers with habits try only this one, by the name that stands below. Can be repeated." placeholder:"NAME"`
	Wait    time.Duration `help:"How long to wait for what the client should send or show." default:"1.5s"`

	doctorFlags `embed:""`
}

// Help is called by kong for what it shows beside the flags.
func (c *doctorClientCmd) Help() string {
	var b strings.Builder
	b.WriteString(`It runs the client in a terminal of its own, types what a person would type, and looks at
what the client sends, and at what it shows of what a server says. That is done once at a
server without peculiarities, and then at servers with the habits that were seen in the
wild. What is typed is found out, unless --type tells it: bare words (login NAME), slashes
(/login NAME) and answers to a question for the name are known.

The server is on this machine's loopback. The client is ended after each run, with all that
it has started in its terminal. Four run at a time, for less than a minute in all if nothing
is wrong. The client's XDG_STATE_HOME is a folder that is deleted afterwards.

`)
	b.WriteString("Habits of servers that the client is tried with:\n\n")
	for _, d := range dialect.All() {
		fmt.Fprintf(&b, "    %-22s it %s\n", d.Name, d.Does)
	}
	return b.String() + examinationStatus
}

// Validate is called by kong: it refuses what cannot be run.
func (c *doctorClientCmd) Validate() error {
	for _, name := range c.Dialect {
		if _, is := dialect.Find(name); !is {
			return fmt.Errorf("--dialect %q: there is no such habit; parley doctor client --help lists them", name)
		}
	}
	if _, err := drive.ParseTemplates(c.Type); err != nil {
		return fmt.Errorf("--type %w", err)
	}
	if !strings.Contains(strings.Join(c.Command, " "), "{port}") {
		return errors.New("the command has no {port} in it, and the client has to find the doctor's server: parley doctor client -- ./client {host} {port}")
	}
	if c.Wait <= 0 {
		return errors.New("--wait must be more than 0s")
	}
	return c.check(drive.Groups)
}

// Run examines a client until all is looked at or a signal comes.
func (c *doctorClientCmd) Run(p *process) (err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	report := doctor.Report{Program: "client", Target: strings.Join(c.Command, " "), Began: time.Now(), Version: doctorVersion(), Points: []doctor.Point{}}
	if err := tryAll(c.outputs(&report)); err != nil {
		return err
	}
	cfg := drive.Config{Command: c.Command, Dialects: c.Dialect, Only: c.Only, Times: drive.DefaultTimes(), Seed: rand.Uint64()}
	cfg.Times.Wait = c.Wait
	if cfg.Templates, err = drive.ParseTemplates(c.Type); err != nil {
		return err
	}
	if cfg.State, err = os.MkdirTemp("", "parley-doctor-"); err != nil {
		return err
	}
	defer os.RemoveAll(cfg.State)
	if isatty.IsTerminal(p.stderr.Fd()) {
		cfg.Progress = func(done, all int) { fmt.Fprintf(p.stderr, "\r\x1b[K%d of %d servers", done, all) }
	}
	err = drive.Examine(ctx, cfg, &report)
	if cfg.Progress != nil {
		fmt.Fprint(p.stderr, "\r\x1b[K")
	}
	if err != nil {
		return exitError{exitNoConnection, err}
	}
	report.Lasted = time.Since(report.Began)
	return c.tell(p, &report)
}
