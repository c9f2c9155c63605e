package main

import (
	"runtime"
	"testing"

	"parley/eventloop/client"
	"parley/eventloop/load"
)

// Scenarios behind each other leave ports behind that are taken for a minute: what comes last finds its own.
func TestScenariosHavePortsEnough(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is one loopback address, where nobody has set up others")
	}
	few := load.Ports()/16 + 1
	for scenarios, want := range map[int]int{1: 0, 3: 0, 5: 2} {
		var c loadCmd
		for range scenarios {
			c.list = append(c.list, load.Scenario{Clients: few})
		}
		if err := c.fits([]client.Target{{Network: "tcp", Address: "localhost:9998"}}); err != nil || c.Sources != want {
			t.Errorf("%d scenarios of %d clients come from %d addresses, not %d: %v", scenarios, few, c.Sources, want, err)
		}
	}
}
