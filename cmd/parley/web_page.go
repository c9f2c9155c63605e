package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"
	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
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
	keeper *web.Keeper // nil: nothing is kept
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
	if !f.NoState {
		if cfg.Restored, err = web.ReadKept(g.place.Folder); err != nil {
			p.log.Warn("the chat begins anew", "error", err)
		}
		g.keeper = g.site.Keep(g.server, time.After, func(err error) {
			log.Warn("what is said is not kept for the next time", "error", err)
		})
	}
	cfg.Watch, cfg.Asks = g.site.Watch, g.site.Asks()
	cfg.Subscribers = append(cfg.Subscribers, g.site.Changed)
	return g, nil
}

// run chats, and keeps what the next time goes on with.
func (g *pageOfChat) run(ctx context.Context, cfg client.Config) error {
	app := client.New(cfg)
	err := app.Run(ctx)
	if g == nil {
		return err
	}
	g.site.Over()
	if g.keeper == nil {
		return err
	}
	g.keeper.Stop()
	if failed := web.WriteKept(g.server, app.Kept()); failed != nil {
		g.p.log.Warn("what was said last is not kept for the next time", "error", failed)
	}
	g.keeper = nil
	return err
}

// stop ends all that is there of the page.
func (g *pageOfChat) stop() {
	if g.keeper != nil { // the chat did not begin
		g.keeper.Stop()
	}
	g.site.Stop()
	if err := g.place.Leave(); err != nil {
		g.p.log.Warn("the folder of the page", "error", err)
	}
}

// tell prints where the page is, and opens it if that is wanted.
func (g *pageOfChat) tell() {
	fmt.Fprintln(g.p.stdout, g.site.URL())
	if g.flags.Open {
		openPage(g.p, g.place.Folder, g.site.URL())
	}
}
