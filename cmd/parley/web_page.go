package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"
	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
	"parley/eventloop/client/command"
	"parley/eventloop/client/web"
)

// defaultPages is where what pages need is in the folder for the state of programs.
const defaultPages = "parley/web"

// pageFlags are the settings of the page of a chat.
type pageFlags struct {
	WebListen string `help:"Where the page is served: ADDRESS:PORT with a loopback address, since it is for this machine only, or, with --web-cert, --web-key and --web-password-file, any address. Port 0 is a free one." default:"127.0.0.1:0" placeholder:"ADDRESS:PORT"`

	webRemoteFlags `embed:""`

	Open    bool `help:"Open the page in the browser."`
	NoState bool `name:"no-state" help:"Keep nothing of the chat for the next time. Without it, what is said, but not in private sessions, how far it was read and what is typed and not sent are kept in a folder for you alone."`
}

// Validate checks what the parser cannot.
func (f *pageFlags) Validate() error {
	if _, _, err := net.SplitHostPort(f.WebListen); f.WebListen != "" && err != nil {
		return fmt.Errorf("--web-listen is %q; it is ADDRESS:PORT, such as 127.0.0.1:7777", f.WebListen)
	}
	return f.webRemoteFlags.validate(f.WebListen)
}

// A pageOfChat is the page of a chat that is about to begin. A nil one is none.
type pageOfChat struct {
	flags  *pageFlags
	p      *process
	place  *web.Place
	server string // the folder of all users of the server
	site   *web.Site
	log    *slog.Logger // of what goes wrong during the chat

	terminal bool       // shows the chat, too
	label    string     // of the server
	next     *web.Place // of the chat that is to follow; nil: none is
	nameless *web.Place // in which the process began; nil: it has had a name from the beginning
}

// servePage serves the page of a chat, which goes on with what was kept of it. The error is a
// *web.TakenError if another process does so.
func (f *pageFlags) servePage(p *process, cfg *client.Config) (_ *pageOfChat, err error) {
	g := &pageOfChat{flags: f, p: p, server: web.FolderOf(filepath.Join(xdg.StateHome, defaultPages), serverAddress(cfg.Target))}
	if cfg.Name == "" && !f.NoState {
		cfg.Name = web.LastName(g.server)
	}
	log := p.log
	if isatty.IsTerminal(p.stderr.Fd()) && !cfg.Unshown { // the screen is in use
		log = slog.New(slog.DiscardHandler)
	}
	g.log, g.terminal, g.label = log, !cfg.Unshown, cfg.Target.Label
	if g.place, err = web.Take(context.Background(), g.server, cfg.Name); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = g.place.Leave()
		}
	}()
	remote, err := f.remote(log)
	if err != nil {
		return nil, exitError{exitUsage, err}
	}
	listener, err := web.Listen(f.WebListen, remote != nil)
	if err != nil {
		return nil, exitError{exitUsage, err}
	}
	if g.site, err = web.New(web.Config{Listener: listener, Remote: remote, Page: web.Page(), Rand: rand.Reader, Log: log}); err != nil {
		listener.Close()
		return nil, err
	}
	if err = g.place.Serves(g.site.URL()); err != nil {
		g.site.Stop()
		return nil, err
	}
	g.restore(cfg)
	cfg.Watch, cfg.Asks = g.site.Watch, g.site.Asks()
	cfg.Claim = g.claim
	cfg.Subscribers = append(cfg.Subscribers, g.site.Changed)
	return g, nil
}

// restore has a chat go on with what was kept of its name.
func (g *pageOfChat) restore(cfg *client.Config) {
	cfg.Restored = nil
	if g.flags.NoState {
		return
	}
	var err error
	if cfg.Restored, err = web.ReadKept(g.place.Folder); err != nil {
		g.p.log.Warn("the chat begins anew", "error", err)
	}
}

// claim takes the place of another name, see client.Config. It does not wait for another process.
func (g *pageOfChat) claim(name string, used bool) (anew bool, why string) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	place, err := web.Take(ctx, g.server, name)
	var taken *web.TakenError
	if errors.As(err, &taken) {
		return false, fmt.Sprintf("Another process keeps the chat of %s. Its page: %s", name, taken.URL)
	}
	if err != nil {
		return false, fmt.Sprintf("The chat of %s cannot be kept here: %s.", name, err)
	}
	anew = used || !g.flags.NoState && place.HasKept()
	if anew && g.terminal {
		g.leave(place)
		return false, fmt.Sprintf("The chat of %s is another one: /quit, then parley chat --web %s@%s", name, name, g.label)
	}
	if err := place.Serves(g.site.URL()); err != nil {
		g.leave(place)
		return false, fmt.Sprintf("The chat of %s cannot be kept here: %s.", name, err)
	}
	if anew {
		g.next = place
	} else {
		g.moves(place)
	}
	return anew, ""
}

// moves goes to another place. That without a name is not given to others: who starts parley web
// without one is to find this process.
func (g *pageOfChat) moves(to *web.Place) {
	if g.place.Name == "" {
		g.nameless = g.place
	} else {
		g.leave(g.place)
	}
	g.place, g.next = to, nil
}

// goesOn reports whether another chat follows the one that has ended with an error, and makes
// the config one for it.
func (g *pageOfChat) goesOn(err error, cfg *client.Config) bool {
	var other *client.OtherName
	if !errors.As(err, &other) {
		return false
	}
	g.moves(g.next)
	cfg.Name, cfg.Completion = other.Name, command.NewCompletion()
	cfg.Password = nil // it was for the name of before
	g.restore(cfg)
	return true
}

// run chats, and keeps what the next time goes on with.
func (g *pageOfChat) run(ctx context.Context, cfg client.Config) error {
	app := client.New(cfg)
	if g == nil {
		return app.Run(ctx)
	}
	if g.flags.NoState {
		return g.over(app.Run(ctx))
	}
	keeper := g.site.Keep(g.server, time.After, func(err error) {
		g.log.Warn("what is said is not kept for the next time", "error", err)
	})
	err := g.over(app.Run(ctx))
	keeper.Stop()
	if failed := web.WriteKept(g.server, app.Kept()); failed != nil {
		g.p.log.Warn("what was said last is not kept for the next time", "error", failed)
	}
	return err
}

// over tells pages that the chat has ended with an error, which it returns, or that another one
// follows.
func (g *pageOfChat) over(err error) error {
	if g.next == nil {
		g.site.Over()
		return err
	}
	if failed := g.site.Anew(); failed != nil {
		g.site.Over()
		return failed
	}
	return err
}

// stop ends all that is there of the page.
func (g *pageOfChat) stop() {
	g.site.Stop()
	for _, place := range []*web.Place{g.place, g.next, g.nameless} {
		if place != nil {
			g.leave(place)
		}
	}
}

// leave gives a place to others.
func (g *pageOfChat) leave(place *web.Place) {
	if err := place.Leave(); err != nil {
		g.log.Warn("the folder of the page", "error", err)
	}
}

// warns has the terminal that shows no chat say, too, why a server is not used that has answered: nothing goes on before
// the person has found that out, who may not look at the page.
func (g *pageOfChat) warns(watch func(client.Model)) func(client.Model) {
	told := ""
	return func(m client.Model) {
		watch(m)
		if m.Refused != "" && m.Refused != told {
			fmt.Fprintln(g.p.stderr, m.Refused)
		}
		if m.Refused != "" || m.Phase == client.LoggedIn {
			told = m.Refused
		}
	}
}

// tell prints where the page is, and opens it if that is wanted.
func (g *pageOfChat) tell() {
	fmt.Fprintln(g.p.stdout, g.site.URL())
	if g.flags.Open {
		openPage(g.p, g.place.Folder, g.site.URL())
	}
}
