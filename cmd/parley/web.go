package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"

	"parley/eventloop/client"
	"parley/eventloop/client/command"
	"parley/eventloop/client/web"
)

// webCmd is parley web.
type webCmd struct {
	Target string `arg:"" optional:"" name:"name@host" help:"Where to chat and as whom, as for parley chat: [NAME@]HOST[:PORT], parleys://[NAME@]HOST[:PORT] or [NAME@]unix:PATH; ${default} if nothing is said. Without a name it is the one of the last time." default:"localhost"`

	Plain bool `help:"Speak nothing but the standard protocol, also with a server that could more."`

	pageFlags     `embed:""`
	tlsFlags      `embed:""`
	followFlags   `embed:""`
	privateFlags  `embed:"" group:"Private sessions"`
	passwordFlags `embed:""`
}

// Validate is called by kong: it refuses settings that make no sense.
func (c *webCmd) Validate() error {
	return errors.Join(c.tlsFlags.Validate(), c.followFlags.Validate(), c.pageFlags.Validate(), c.privateFlags.Validate())
}

// Run keeps a chat and shows it in a browser until a signal comes, or the person leaves.
func (c *webCmd) Run(p *process) error {
	target, dial, err := c.meetAgain(c.Target, knownServers())
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	cfg := client.Config{
		Target: target, Name: target.Name, Plain: c.Plain, Mode: client.Interactive, Bell: client.BellOff, Ring: func() {},
		Completion: command.NewCompletion(), Dial: dial, Clock: systemClock{}, Rand: rand.Uint64,
		Password: c.password(p), Highlight: c.words(), Presence: client.PresenceMode(c.Presence),
		Unshown: true, Keyboard: web.Blank{}, View: web.Blank{},
	}
	page, err := c.servePage(p, &cfg)
	var taken *web.TakenError
	switch {
	case errors.As(err, &taken):
		return c.goThere(p, taken.URL)
	case err != nil:
		return err
	}
	defer page.stop()
	page.tell()
	cfg.Watch = page.warns(cfg.Watch)
	for {
		err := c.chat(ctx, p, page, cfg)
		if !page.goesOn(err, &cfg) {
			return exitStatus(err)
		}
	}
}

// chat keeps a chat until it is over.
func (c *webCmd) chat(ctx context.Context, p *process, page *pageOfChat, cfg client.Config) error {
	defer c.equip(p, &cfg, &c.privateFlags)()
	return page.run(ctx, cfg)
}

// goThere tells where the page is that another process serves.
func (c *webCmd) goThere(p *process, url string) error {
	fmt.Fprintln(p.stdout, url)
	if c.Open {
		folder, err := os.MkdirTemp("", "parley")
		if err != nil {
			return err
		}
		openPage(p, folder, url)
	}
	return nil
}

// besidePage serves the page of a chat that has a terminal, too.
func (c *chatCmd) besidePage(p *process, cfg *client.Config) (*pageOfChat, error) {
	if cfg.Mode != client.Interactive {
		return nil, exitError{exitUsage, errors.New("--web takes a person at a terminal. Without one: parley web")}
	}
	page, err := c.servePage(p, cfg)
	var taken *web.TakenError
	if errors.As(err, &taken) {
		return nil, exitError{exitRefused, fmt.Errorf("another process keeps this chat already. Its page: %s", taken.URL)}
	}
	if err == nil {
		page.tell()
	}
	return page, err
}
