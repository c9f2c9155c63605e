package server

import (
	"testing"

	"parley/protocol"
	"parley/users/state"
)

// Clients rely on how long the state remembers requests.
func TestClientsKnowHowLongRequestsAreRemembered(t *testing.T) {
	if state.RequestMemory != protocol.RequestMemory {
		t.Errorf("the state remembers for %s, and clients are told %s", state.RequestMemory, protocol.RequestMemory)
	}
}
