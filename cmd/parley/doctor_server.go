package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
	"parley/eventloop/client/conn"
	"parley/eventloop/doctor"
	examine "parley/eventloop/doctor/server"
)

// doctorServerCmd is parley doctor server.
type doctorServerCmd struct {
	Target string `arg:"" name:"address" help:"The server: HOST[:PORT], parleys://HOST[:PORT] for one with TLS, or unix:PATH."`

	Timeout     time.Duration `help:"How long a server may be silent before nothing more is waited for." default:"1500ms"`
	Gap         time.Duration `help:"Pause between two requests on a connection: most servers take what one read brings for one request." default:"250ms"`
	Mine        bool          `name:"yes-this-is-mine" help:"Also examine a server that is not on this machine. Say it only of your own." env:"-"`
	doctorFlags `embed:""`
	tlsFlags    `embed:""`
}

// Help is called by kong for what it shows beside the flags.
func (c *doctorServerCmd) Help() string {
	return `It plays dialogues with the server, as people who log in, talk and leave, and as broken
and hostile clients, and says of each point what was sent, what came, and what to change.
A point is of the specification of the course, or a habit: what many of the programs need
that other people have written, of which 65 clients were measured.

It takes two or three minutes. It has at most 12 connections at a time, says about 70
things, which stay in the history of a server that keeps one, registers nothing, and logs
out whom it has logged in. The names it uses begin with "doctor" and end in five or six
random letters; if the server refuses one it tries two more. It has no accounts, so that
of a server that wants them (--accounts required) nothing beyond the login is tested.
` + examinationStatus
}

// Validate is called by kong.
func (c *doctorServerCmd) Validate() error {
	if c.Timeout <= 0 || c.Gap <= 0 {
		return errors.New("--timeout and --gap must be more than 0s")
	}
	return errors.Join(c.tlsFlags.Validate(), c.check(examine.Groups()))
}

// Run examines a server until all is looked at or a signal comes.
func (c *doctorServerCmd) Run(p *process) error {
	target, err := c.target(c.Target)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(ctx, cancel) // a second Ctrl-C ends at once
	report := doctor.Report{Program: "server", Target: target.Address, Began: time.Now(), Version: doctorVersion(), Points: []doctor.Point{}}
	if err := tryAll(c.outputs(&report)); err != nil {
		return err
	}
	cfg := examine.Config{Dial: c.secured(target, c.dialer(target, false), nil), DialSlow: c.secured(target, c.dialer(target, true), nil),
		Timeout: c.Timeout, Gap: c.Gap, Only: c.Only}
	first, err := cfg.Dial(ctx)
	if err != nil {
		return c.refused(target, err)
	}
	cfg.First = first
	if isatty.IsTerminal(p.stderr.Fd()) {
		n := 0
		cfg.Progress = func(at doctor.Point) { n++; fmt.Fprintf(p.stderr, "\r\x1b[K%d points, %s", n, at.Group) }
	}
	examine.Examine(ctx, cfg, &report)
	if cfg.Progress != nil {
		fmt.Fprint(p.stderr, "\r\x1b[K")
	}
	report.Lasted = time.Since(report.Began)
	return c.tell(p, &report)
}

// errElsewhere is why a server is not examined.
var errElsewhere = errors.New("it is not on this machine: to send it what breaks servers it has to be your own; if it is, add --yes-this-is-mine")

// dialer connects to the server, and to no other machine unless that is the user's own:
// the address is looked at when it is known, whatever a name means. A slow one has a
// receive buffer as small as the system allows, for somebody who never reads.
func (c *doctorServerCmd) dialer(t client.Target, slow bool) func(context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, Control: func(network, address string, raw syscall.RawConn) error {
		if host, err := netip.ParseAddrPort(address); !c.Mine && t.Network == "tcp" && (err != nil || !host.Addr().Unmap().IsLoopback()) {
			return errElsewhere
		}
		if slow {
			return smallBuffer(raw)
		}
		return nil
	}}
	return func(ctx context.Context) (net.Conn, error) { return d.DialContext(ctx, t.Network, t.Address) }
}

// refused gives a connection that was not made its exit status.
func (c *doctorServerCmd) refused(t client.Target, err error) error {
	if errors.Is(err, errElsewhere) {
		return exitError{exitUsage, fmt.Errorf("%s is not examined: %w", t.Address, errElsewhere)}
	}
	var wrong *conn.WrongKeyError
	if errors.As(err, &wrong) && !wrong.Pinned {
		err = fmt.Errorf("%w. If that is the right one, say so: --tls-pin %s", err, wrong.Now)
	}
	return exitError{exitNoConnection, fmt.Errorf("cannot connect to %s: %w", t.Address, err)}
}
