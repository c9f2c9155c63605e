package main

import "testing"

// What the owner says of sessions reaches the server.
func TestSessionsOfAnAccount(t *testing.T) {
	if got := (&serveCmd{Sessions: 3}).config(new(process)).Sessions; got != 3 {
		t.Errorf("the server has a limit of %d, want 3", got)
	}
}
