package main

import (
	"fmt"
	"time"

	"parley/protocol"
)

// outboundFlags are those of parley serve that are about what waits for clients.
type outboundFlags struct {
	MaxOutbound int           `help:"Kilobytes that may wait for one client, because it does not read or because of --pace; beyond it the client is dropped, and one that leaves a quarter of it unread is not told any more who comes and goes."`
	Stall       time.Duration `help:"How long a client may read nothing of what waits for it before it is dropped; 0s for ever."`
	MaxWaiting  int           `help:"Megabytes that may wait for all clients together, because they do not read or because of --pace; beyond it those that do not read are dropped, the one with the most first. 0 for no limit."`
}

// validate refuses settings that make no sense.
func (c *outboundFlags) validate() error {
	switch {
	case c.MaxOutbound < protocol.MaxOutbound>>10:
		return fmt.Errorf("--max-outbound is %d; it must be %d or more, which is what a client may be told at once", c.MaxOutbound, protocol.MaxOutbound>>10)
	case c.Stall < 0 || c.MaxWaiting < 0:
		return fmt.Errorf("--stall and --max-waiting cannot be negative")
	}
	return nil
}
