package main

import (
	"errors"
	"fmt"
	"time"

	"parley/eventloop/server"
)

// leastDeferred is how many texts clients of Parley send before the first of them is accepted
// (sending.MaxFlight), which may all have to wait; mostMalformed is how far those are counted.
const (
	leastDeferred = 32
	mostMalformed = 255
)

// floodFlags are those of parley serve that are about how much a user may send.
type floodFlags struct {
	Flood         string        `help:"Whether users who send too much are made to wait: on, or off, for networks where all are trusted and for parley load." enum:"on,off" default:"on"`
	Rate          float64       `help:"Messages that each user may send per second, from all sessions together. Other requests cost less: see their costs in help."`
	Burst         float64       `help:"Messages that a user may send at once, after being quiet for a while."`
	FloodWait     time.Duration `help:"How long what comes faster than that waits, at most; what would wait longer is refused. 0s to let nothing wait."`
	LoginSize     int           `help:"Kilobytes that a connection may send before it has logged in; 0 for any number."`
	Malformed     int           `help:"Requests in a row that are malformed, after which a connection is closed: 1 to 255."`
	MaxDeferred   int           `help:"Requests of a session that may wait because it is busy or has sent too many; beyond it they are refused."`
	FloodRefusals int           `help:"Requests so refused after which a connection is closed; one is forgotten each second. 0 for never closing."`
}

// validate refuses settings that make no sense.
func (c *floodFlags) validate() error {
	switch {
	case c.Rate <= 0:
		return fmt.Errorf("--rate is %g; it must be more than 0, and --flood off lets everybody send as much as they like", c.Rate)
	case c.Burst < 1:
		return fmt.Errorf("--burst is %g; it must be 1 or more, so that a message can be sent", c.Burst)
	case c.Malformed < 1 || c.Malformed > mostMalformed:
		return fmt.Errorf("--malformed is %d; it can be 1 to %d", c.Malformed, mostMalformed)
	case c.MaxDeferred < leastDeferred:
		return fmt.Errorf("--max-deferred is %d; it must be %d or more, which is what clients send before they have an answer", c.MaxDeferred, leastDeferred)
	case c.FloodWait < 0 || c.FloodRefusals < 0 || c.LoginSize < 0:
		return errors.New("--flood-wait, --flood-refusals and --login-size cannot be negative")
	}
	return nil
}

// limits returns the limits that the flags say.
func (c *floodFlags) limits() server.FloodLimits {
	if c.Flood == "off" {
		return server.FloodLimits{}
	}
	return server.FloodLimits{PerSecond: c.Rate, Burst: c.Burst, Wait: c.FloodWait, Refusals: float64(c.FloodRefusals)}
}
