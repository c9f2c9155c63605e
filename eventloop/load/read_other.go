//go:build !unix

package load

import (
	"net"
	"time"
)

func (c *client) pump(conn net.Conn) error { return c.pumpPortably(conn) }

// nudge is not needed: reads go on until the end of the stream.
func (c *client) nudge() {}

func (c *client) nudged(error) bool { return false }

// FileLimit returns a number of connections that the system can be expected to
// bear: there is no limit of open files to read.
func FileLimit() int { return 16384 }

// SelfCPU is not known here.
func SelfCPU() time.Duration { return 0 }
