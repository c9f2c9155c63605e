package main

import (
	"strings"
	"testing"
)

func TestSettingsOfPrivateSessions(t *testing.T) {
	for _, tt := range []struct {
		flags privateFlags
		says  string // "" if they are right
	}{
		{privateFlags{}, ""},
		{privateFlags{P2PListen: ":4000"}, ""},
		{privateFlags{P2PListen: "192.168.1.5:4000", P2PAdvertise: "203.0.113.7"}, ""},
		{privateFlags{P2PListen: "[::1]:0", P2PAdvertise: "[2001:db8::1]:4000"}, ""},
		{privateFlags{P2PListen: "off"}, ""},
		{privateFlags{RelayOnly: true, P2PListen: "off"}, ""},
		{privateFlags{NoRelay: true, P2PAdvertise: "203.0.113.7:4000"}, ""},
		{privateFlags{RelayOnly: true, NoRelay: true}, "no way"},
		{privateFlags{P2PListen: "off", NoRelay: true}, "no way"},
		{privateFlags{P2PListen: "4000"}, "--p2p-listen"},
		{privateFlags{P2PListen: "localhost:4000"}, "--p2p-listen"},
		{privateFlags{P2PListen: ":65536"}, "--p2p-listen"},
		{privateFlags{P2PAdvertise: "example.org:4000"}, "--p2p-advertise"},
		{privateFlags{P2PAdvertise: "203.0.113.7:0"}, "--p2p-advertise"},
	} {
		err := tt.flags.Validate()
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%+v: %v", tt.flags, err)
		}
	}
	cmd := parley(t, "chat", "--relay-only", "alice@localhost")
	cmd.Env = append(cmd.Env, "PARLEY_NO_RELAY=true", "PARLEY_P2P_LISTEN=:4000")
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != exitUsage || !strings.Contains(string(out), "no way") {
		t.Errorf("exit status %d: %s", got, out)
	}
}
