package main

import (
	"context"
	"errors"
	"fmt"

	"parley/eventloop"
	"parley/eventloop/hooks"
	"parley/eventloop/hooks/outgoing"
	"parley/eventloop/server"
	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

// hooksFlags say where programs reach the hooks by HTTP, and how far hooks reach.
type hooksFlags struct {
	Hooks         string  `help:"Address at which programs say things in rooms by HTTP (POST /hooks/TOKEN, see parley hook): HOST:PORT that only this machine reaches, or unix:PATH. Without it there is none." placeholder:"ADDRESS"`
	HooksAnywhere bool    `help:"Let other machines reach the address of --hooks, where tokens and texts go unencrypted."`
	HookRate      float64 `help:"Messages per second that each hook may send; 0 for no limit. It is what a person may."`
	HookBurst     int     `help:"Messages that each hook may send at once after a pause."`

	HookURLsAnywhere bool `name:"hook-urls-anywhere" help:"Let outgoing hooks (see parley hook forward) reach other machines than this one, where what is said goes unencrypted if a URL begins with http://."`
}

func (f *hooksFlags) validate() error {
	switch {
	case f.HookRate < 0 || f.HookBurst < 1:
		return errors.New("--hook-rate cannot be negative, and --hook-burst must be 1 or more")
	case f.Hooks == "" && f.HooksAnywhere:
		return errors.New("--hooks-anywhere needs an address: --hooks HOST:PORT")
	case f.Hooks == "":
		return nil
	}
	if err := hooks.CheckAddress(f.Hooks, f.HooksAnywhere); err != nil {
		return fmt.Errorf("--hooks %w", err)
	}
	return nil
}

// listen begins to answer programs, if that is wanted; else it is nil. A Unix socket has rights.
func (f *hooksFlags) listen(p *process, srv hooks.Server, rights eventloop.SocketRights, faulted func()) (*hooks.Listener, error) {
	if f.Hooks == "" {
		return nil, nil
	}
	l, err := hooks.Listen(hooks.Config{Address: f.Hooks, Anywhere: f.HooksAnywhere, Socket: rights, Rate: hooks.Rate{PerSecond: f.HookRate, Burst: f.HookBurst}, Log: p.log, Faulted: faulted}, srv)
	if err != nil {
		return nil, fmt.Errorf("--hooks: %w", err)
	}
	p.log.Info("programs can say things by hooks", "address", l.Address())
	return l, nil
}

// sender returns what sends to outgoing hooks what is said, which has to be started. The server
// is asked for when something is proposed to it.
func (f *hooksFlags) sender(p *process, disk *store.Store, post func(func()), srv func() *server.Server) *outgoing.Sender {
	return outgoing.New(outgoing.Config{Source: disk, Anywhere: f.HookURLsAnywhere, Log: p.log, Post: post, Propose: func(ctx context.Context, all []command.Command) ([]state.Result, error) {
		return srv().Propose(ctx, all)
	}})
}
