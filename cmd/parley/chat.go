package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
	"parley/eventloop/client/command"
	"parley/eventloop/client/terminal"
	"parley/eventloop/client/view"
	"parley/p2p/transport"
	"parley/protocol"
)

// dialTimeout is how long a connection may take to be made. Across the world it
// is under a second; what takes longer than this will not come.
const dialTimeout = 10 * time.Second

// nextTimeout is the same where there are other addresses to try.
const nextTimeout = 2 * time.Second

// chatCmd is parley chat.
type chatCmd struct {
	Target string `arg:"" optional:"" name:"name@host" help:"Where to chat and as whom: [NAME@]HOST[:PORT], parleys://[NAME@]HOST[:PORT] for a server with TLS, or [NAME@]unix:PATH; ${default} if nothing is said. The port is 9998 or, with TLS, 9999. An IPv6 address stands in brackets. A name that is missing is asked for. Several machines that are one server stand behind each other, HOST,HOST: if one is gone, the chat goes on at the next." default:"localhost"`

	Room  string `help:"Join this room first: what you type goes there, and not to the lobby." placeholder:"ROOM" env:"PARLEY_CHAT_ROOM"` // PARLEY_ROOM tells a program of --notify something else
	To    string `help:"What you type is for this person alone, and goes by way of the server." placeholder:"NAME"`
	Plain bool   `help:"Speak nothing but the standard protocol, also with a server that could more."`

	Bell         string `group:"What you see and hear" help:"When to ring: ${enum}. A mention is your name, a word of --highlight, or what is for you alone." enum:"off, mentions, all" default:"mentions"`
	Color        string `group:"What you see and hear" help:"Use colours: ${enum}. auto means on a terminal, unless NO_COLOR is set." enum:"auto, always, never" default:"auto"`
	ScreenReader bool   `group:"What you see and hear" help:"Write for a screen reader: each line once, a short prompt, and no escape sequences."`

	tlsFlags     `embed:""`
	personFlags  `embed:""`
	privateFlags `embed:"" group:"Private sessions"`

	Web       bool `group:"The page" help:"Show the chat in a browser on this machine, too: what is typed, read or opened in one of both is so in the other. Its address is printed."`
	pageFlags `embed:"" group:"The page"`

	JSON          bool `group:"In scripts" name:"json" help:"Print each response of the server as it came, a line of JSON for each. What is read is said, as without it."`
	passwordFlags `embed:"" group:"In scripts"`

	PrintConfig printConfigFlag `env:"-" help:"Print all these settings as a config file, with comments, and quit."`
}

// Validate is called by kong: it refuses settings that make no sense.
func (c *chatCmd) Validate() error {
	if err := c.checkReceiver(); err != nil {
		return err
	}
	if err := errors.Join(c.tlsFlags.Validate(), c.personFlags.Validate(), c.pageFlags.Validate()); err != nil {
		return err
	}
	return c.privateFlags.Validate()
}

// checkReceiver returns an error if it is not clear whom what is typed is for.
func (c *chatCmd) checkReceiver() error {
	switch {
	case c.Room != "" && c.To != "":
		return errors.New("--room and --to do not go together: what is typed goes to a room, or to one person")
	case c.Plain && c.Room != "":
		return errors.New("--room and --plain do not go together: the standard protocol has no rooms")
	case c.Plain && c.To != "":
		return errors.New("--to and --plain do not go together: the standard protocol has no direct messages")
	case c.Room != "" && protocol.CheckRoom(c.Room) != nil:
		return fmt.Errorf("--room is %q; the name of a room has 1 to %d letters, digits and hyphens", c.Room, protocol.MaxRoom)
	case c.To != "" && protocol.CheckName(c.To) != nil:
		return fmt.Errorf("--to is %q; a name has 1 to %d letters and digits", c.To, protocol.MaxName)
	}
	return nil
}

// room is the room that what is typed goes to, "" for the lobby.
func (c *chatCmd) room() string {
	if strings.EqualFold(c.Room, protocol.Lobby) {
		return ""
	}
	return c.Room
}

// Run chats until the user leaves or a signal comes.
func (c *chatCmd) Run(p *process) error {
	target, dial, err := c.meetAgain(c.Target, knownServers())
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	cfg := client.Config{
		Target: target, Name: target.Name, Plain: c.Plain, Mode: c.mode(p), Bell: client.BellMode(c.Bell),
		Completion: command.NewCompletion(), Dial: dial, Clock: systemClock{}, Rand: rand.Uint64,
		Password: c.password(p), Highlight: c.words(), Presence: client.PresenceMode(c.Presence), KeepAlone: c.HistoryAlone,
		Room: c.room(), To: c.To,
	}
	if cfg.Mode != client.Interactive && cfg.Name == "" {
		return exitError{exitUsage, &client.Error{Reason: client.BadUse,
			Text: "a name is needed unless a person types at a terminal: parley chat NAME@HOST"}}
	}
	if cfg.Mode == client.Interactive {
		cfg.History = c.historyFile(p)
	}
	var page *pageOfChat
	if c.Web {
		if page, err = c.besidePage(p, &cfg); err != nil {
			return err
		}
		defer page.stop()
	}
	defer c.equip(p, &cfg, &c.privateFlags)()
	if err := c.openScreen(p, &cfg, cancel); err != nil {
		return err
	}
	return exitStatus(page.run(ctx, cfg))
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
	if c.ScreenReader {
		return false
	}
	if c.Color != "auto" {
		return c.Color == "always"
	}
	return isatty.IsTerminal(p.stdout.Fd()) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
}

// openScreen opens the terminal, or what stands for it, and chooses the view. If
// nobody reads what is written any more, broken is called.
func (c *chatCmd) openScreen(p *process, cfg *client.Config, broken func()) error {
	layout, err := c.layout(c.colours(p))
	if err != nil {
		return err
	}
	if cfg.Mode != client.Interactive {
		// Without this a reader that goes away would end the program before it
		// has logged out.
		signal.Ignore(syscall.SIGPIPE)
		cfg.Keyboard = client.NewPipe(p.stdin)
		cfg.View = &view.Pipe{Layout: layout, Out: p.stdout, Errors: p.stderr, Broken: broken}
		if cfg.Mode == client.JSON {
			cfg.View = &view.Frames{Out: p.stdout, Errors: p.stderr, Broken: broken}
		}
		return nil
	}
	t, err := terminal.Open(terminal.Config{
		Device:       terminal.Files(p.stdin, p.stdout, p.getenv),
		History:      cfg.History,
		ScreenReader: c.ScreenReader,
		Editor:       cmp.Or(p.getenv("VISUAL"), p.getenv("EDITOR")),
		Complete:     cfg.Completion.Complete,
		Clock:        cfg.Clock,
	})
	if err != nil {
		return err
	}
	cfg.Keyboard, cfg.Ring = t, t.Bell
	cfg.View = view.NewPerson(layout, t, time.Now())
	return nil
}

// dialer connects to a target.
func dialer(t client.Target) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		d := new(net.Dialer)
		if t.Network == "tcp" {
			d = transport.Dialer()
		}
		if d.Timeout = dialTimeout; t.Others > 0 {
			d.Timeout = nextTimeout
		}
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
