package main

import (
	"parley/eventloop"
	"parley/eventloop/hooks"
	"parley/eventloop/monitor"
	"parley/users/state"
	"parley/users/store"
)

// otherFiles is how many files may be open that are not those of clients: as many as there are
// when all that is switched on is used as much as it can be.
func (c *serveCmd) otherFiles() int {
	n := eventloop.DefaultOtherFiles // which has those of the database and of its owner's commands
	if c.Admin != "" {
		n += 1 + monitor.MaxConns
	}
	if c.Hook.Hooks != "" {
		n += 1 + hooks.MaxConns
	}
	if dataFolder(c.Data) != store.Memory {
		n += state.MaxOutgoingHooks
	}
	if len(c.TLS.ACME.ACME) > 0 && c.TLS.ACME.byHTTP(c.TLS.TLSListen) != "" {
		n += 1 + httpConns
	}
	return n
}
