package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"parley/eventloop"
	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/rooms"
)

// serveCmd is parley serve.
type serveCmd struct {
	Listen         []string             `help:"Addresses to listen on: HOST:PORT or unix:PATH; port 0 takes a free one." default:"127.0.0.1:9998" placeholder:"ADDRESS"`
	Loops          int                  `help:"Event loops. One is best on two cores; more help when there are more." default:"1"`
	MaxConnections int                  `help:"Connections at most; 0 for as many as there may be open files." default:"0"`
	Pace           time.Duration        `help:"Pause between two responses to a plain session, most of which read one response at a time." default:"50ms"`
	PlainHistory   protocol.HistoryForm `help:"How plain sessions are told the history: ${enum}." enum:"strings,objects,text,replay" default:"strings"`
	History        int                  `help:"Messages that are told at login, at most." default:"100"`
	LoginTimeout   time.Duration        `help:"How long a connection may take to log in; 0 for ever." default:"30s"`
	Rate           float64              `help:"Units that each session may use per second; see the costs of the requests. 0 for no limit." default:"100"`
	Burst          float64              `help:"Units that a session may save up." default:"1000"`
}

// Validate is called by kong: it refuses settings that make no sense.
func (c *serveCmd) Validate() error {
	switch {
	case len(c.Listen) == 0:
		return fmt.Errorf("--listen needs an address")
	case c.Loops < 1 || c.Loops > eventloop.MaxLoops:
		return fmt.Errorf("--loops is %d; it can be 1 to %d", c.Loops, eventloop.MaxLoops)
	case c.Pace < 0 || c.LoginTimeout < 0 || c.History < 0 || c.Rate < 0 || c.MaxConnections < 0:
		return fmt.Errorf("--pace, --login-timeout, --history, --rate and --max-connections cannot be negative")
	case c.Rate > 0 && c.Burst < 1:
		return fmt.Errorf("--burst is %g; it must be 1 or more, or no request is ever allowed", c.Burst)
	}
	return nil
}

// Run serves until SIGINT or SIGTERM.
func (c *serveCmd) Run(p *process) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	stop := make(chan struct{})
	go func() {
		s := <-signals
		p.log.Info("stopping", "signal", s.String())
		close(stop)
	}()
	srv := server.New(server.Config{
		Loops: c.Loops, Pace: c.Pace, PlainHistory: c.PlainHistory, History: c.History, LoginTimeout: c.LoginTimeout,
		Rate: server.Rate{PerSecond: c.Rate, Burst: c.Burst}, Log: p.log,
	}, rooms.NewMemoryLog(rand.Text(), c.History))
	return eventloop.Run(eventloop.Config{
		Listen: c.Listen, Loops: c.Loops, MaxConns: c.MaxConnections, MaxOutbound: protocol.MaxOutbound,
		Refusal: server.Refusal(time.Now()), Log: p.log, Stop: stop,
		Listening: func(addrs []string) {
			for _, a := range addrs {
				fmt.Fprintf(p.stdout, "Parley is listening on %s\n", a)
			}
		},
	}, srv)
}
