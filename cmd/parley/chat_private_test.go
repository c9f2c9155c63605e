package main

import (
	"crypto/rand"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/client"
	"parley/p2p/identity"
	"parley/p2p/transport"
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
		{privateFlags{P2PListen: ":1024", P2PAdvertise: "203.0.113.7:1024"}, ""},
		{privateFlags{P2PListen: ":1023"}, "1024 or higher"},
		{privateFlags{P2PListen: "off", P2PAdvertise: "203.0.113.7"}, "nobody listens"},
		{privateFlags{RelayOnly: true, P2PAdvertise: "203.0.113.7:4000"}, "nobody listens"},
		{privateFlags{P2PListen: "[::1]:443"}, "1024 or higher"},
		{privateFlags{P2PAdvertise: "203.0.113.7:443"}, "1024 or higher"},
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

// The port of the connection to the server can be listened on, however many other
// connections this computer has: behind a router there is no other one on which a
// peer gets in.
func TestServerPortCanBeListenedOn(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	})
	defer work.Wait()
	defer listener.Close()
	for range 1_000 {
		conn, err := net.Dial("tcp4", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	key, err := identity.Open(t.TempDir(), rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dial := dialer(client.Target{Network: "tcp", Address: addr})
	lost := 0
	for range 300 {
		conn, err := dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		peers := transport.New(transport.Config{Identity: key})
		peers.ServerConnected(conn.LocalAddr())
		if o, err := peers.Offer(); err != nil || !slices.Contains(o.Paths, conn.LocalAddr().String()) {
			lost++
		}
		peers.Stop()
	}
	if lost > 0 {
		t.Errorf("%d of 300 ports cannot be listened on", lost)
	}
}
