package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/adrg/xdg"
	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
	"parley/eventloop/client/terminal"
)

// dialTimeout is how long a connection may take to be made. Across the world it
// is under a second; what takes longer than this will not come.
const dialTimeout = 10 * time.Second

// chatCmd is parley chat.
type chatCmd struct {
	Target string `arg:"" optional:"" help:"Where to chat and as whom: [NAME@]HOST[:PORT] or [NAME@]unix:PATH. An IPv6 address stands in brackets." default:"localhost:9998"`
	Plain  bool   `help:"Treat the server as one that speaks nothing but the standard protocol."`
	JSON   bool   `name:"json" help:"Print every response of the server as a line of JSON. Lines that are read are said."`
	Bell   string `help:"Ring for: ${enum} (of your name)." enum:"off,mentions,all" default:"mentions"`
	Color  string `help:"Use colours: ${enum}. auto means on a terminal, unless NO_COLOR is set." enum:"auto,always,never" default:"auto"`
}

// Run chats until the user leaves or a signal comes.
func (c *chatCmd) Run(p *process) error {
	target, err := client.ParseTarget(c.Target)
	if err != nil {
		return exitError{exitUsage, err}
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	cfg := client.Config{
		Target: target, Name: target.Name, Plain: c.Plain, Mode: c.mode(p), Bell: client.BellMode(c.Bell),
		Colours: c.colours(p), Location: time.Local, Completion: client.NewCompletion(), Notices: p.stderr,
		Dial: dialer(target), Clock: systemClock{}, Rand: rand.Uint64,
	}
	if cfg.Mode != client.Interactive && cfg.Name == "" {
		return exitError{exitUsage, &client.Error{Reason: client.BadUse,
			Text: "a name is needed unless a person types at a terminal: parley chat NAME@HOST"}}
	}
	cfg.Terminal, err = openTerminal(p, cfg, cancel)
	if err != nil {
		return err
	}
	return exitStatus(client.New(cfg).Run(ctx))
}

// mode is Interactive if a person can type and read.
func (c *chatCmd) mode(p *process) client.Mode {
	switch {
	case c.JSON:
		return client.JSON
	case isatty.IsTerminal(p.stdin.Fd()) && isatty.IsTerminal(p.stdout.Fd()):
		return client.Interactive
	}
	return client.Lines
}

// colours reports whether colours are wanted. See https://no-color.org.
func (c *chatCmd) colours(p *process) bool {
	if c.Color != "auto" {
		return c.Color == "always"
	}
	return isatty.IsTerminal(p.stdout.Fd()) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
}

// openTerminal opens the terminal, or what stands for it. If nobody reads what
// is written any more, broken is called.
func openTerminal(p *process, cfg client.Config, broken func()) (client.Terminal, error) {
	if cfg.Mode != client.Interactive {
		// Without this a reader that goes away would end the program before it
		// has logged out.
		signal.Ignore(syscall.SIGPIPE)
		return client.NewPipe(p.stdin, p.stdout, broken), nil
	}
	history, err := xdg.StateFile("parley/history")
	if err != nil {
		p.log.Warn("what you type is not kept for the next time", "error", err)
	}
	return terminal.Open(terminal.Config{
		Device:   terminal.Files(p.stdin, p.stdout, p.getenv("TERM")),
		History:  history,
		Complete: cfg.Completion.Complete,
	})
}

// dialer connects to a target.
func dialer(t client.Target) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		d := net.Dialer{Timeout: dialTimeout}
		return d.DialContext(ctx, t.Network, t.Address)
	}
}

// exitStatus gives an error that ended a chat its exit status.
func exitStatus(err error) error {
	var ended *client.Error
	if !errors.As(err, &ended) {
		return err
	}
	status := map[client.Reason]int{client.Refused: exitRefused, client.NoConnection: exitNoConnection, client.BadUse: exitUsage}
	return exitError{status[ended.Reason], ended}
}

// systemClock is the time of this machine.
type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
