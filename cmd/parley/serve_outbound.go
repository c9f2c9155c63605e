package main

import (
	"fmt"
	"time"

	"parley/protocol"
)

// outboundFlags are those of parley serve that are about clients that do not read.
type outboundFlags struct {
	MaxOutbound int           `help:"Kilobytes that may wait for one client that does not read; when a quarter of it does, the client is not told any more who comes and goes, and beyond it, it is dropped."`
	Stall       time.Duration `help:"How long a client may read nothing of what waits for it before it is dropped; 0s for ever."`
	MaxWaiting  int           `help:"Megabytes that may wait for all clients together that do not read; beyond it those are dropped for whom the most waits. 0 for no limit."`
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
