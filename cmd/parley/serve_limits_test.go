package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/passwords"
)

// What the flags are by default is what is said, with the reasons, in the packages that
// have the limits.
func TestDefaultsOfAddressLimits(t *testing.T) {
	c := newParser(t)
	if _, err := c.parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	serve := c.parser.Model.Target.Interface().(commands).Serve
	if diff := cmp.Diff(server.DefaultAddressLimits(), serve.config(new(process)).Addresses); diff != "" {
		t.Errorf("(-reasons +flags)\n%s", diff)
	}
	if serve.AddressHashes != passwords.DefaultShare {
		t.Errorf("--address-hashes is %d, the reason is of %d", serve.AddressHashes, passwords.DefaultShare)
	}
}

// What the owner says of addresses reaches the server, and 0 is no limit.
func TestSettingsOfAddressLimits(t *testing.T) {
	for args, want := range map[string]server.AddressLimits{
		"--address-connections 1 --address-new 2/3s --address-guests 4 --address-registrations 5/6m --address-relay-rate 7 --limit-loopback": {
			Connections: 1, New: server.Quota{Most: 2, Per: 3 * time.Second}, Guests: 4, Registrations: server.Quota{Most: 5, Per: 6 * time.Minute}, RelayRate: 7, Loopback: true},
		"--address-connections 0 --address-new 0 --address-guests 0 --address-registrations 0 --address-relay-rate 0": {},
	} {
		c := newParser(t)
		if _, err := c.parser.Parse(append([]string{"serve"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
		serve := c.parser.Model.Target.Interface().(commands).Serve
		if diff := cmp.Diff(want, serve.config(new(process)).Addresses); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", args, diff)
		}
	}
	for args, says := range map[string]string{
		"--address-new 32":            "such as 32/10s",
		"--address-registrations 1/x": "such as 32/10s",
		"--address-connections=-1":    "cannot be negative",
		"--address-guests=-1":         "cannot be negative",
		"--address-hashes=-1":         "cannot be negative",
		"--address-relay-rate=-1":     "cannot be negative",
	} {
		c := newParser(t)
		if _, err := c.parser.Parse(append([]string{"serve"}, strings.Fields(args)...)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// A connection too many from one address is told so in one line of JSON, and closed. This
// machine is not held to that unless the owner says so.
func TestServeLimitsAddresses(t *testing.T) {
	for _, limited := range []bool{true, false} {
		args := []string{"--address-connections", "1"}
		if limited {
			args = append(args, "--limit-loopback")
		}
		addr := serveFrom(t, t.TempDir(), args...)
		first, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()
		pings(t, first)
		second, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		if !limited {
			pings(t, second)
			continue
		}
		_ = second.SetDeadline(time.Now().Add(deadline))
		said, err := io.ReadAll(second)
		var line struct{ Response, Content string }
		if bad := errors.Join(err, json.Unmarshal(said, &line)); bad != nil || line.Response != "error" || !strings.Contains(line.Content, "open from your address") || strings.Count(string(said), "\n") != 1 {
			t.Errorf("%v: it is told %q", bad, said)
		}
	}
}

// pings has a connection be answered.
func pings(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(deadline))
	if _, err := c.Write([]byte("{\"request\":\"ping\"}\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "pong") {
		t.Fatalf("a ping is answered with %q, %v", line, err)
	}
}

// Of many passwords that come from one address at once, so many wait as the owner says.
func TestServeLimitsPasswords(t *testing.T) {
	addr := serveFrom(t, t.TempDir(), "--address-hashes", "1", "--attempts", "0", "--address-attempts", "0")
	var conns []net.Conn
	for range 10 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	for _, c := range conns { // a hash takes 50 ms at least, and this much less
		_ = c.SetDeadline(time.Now().Add(deadline))
		if _, err := c.Write([]byte(`{"request":"login","content":"alice","password":"blue horses","extended":1}` + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	told := map[protocol.Code]int{}
	for _, c := range conns {
		line, err := bufio.NewReader(c).ReadBytes('\n')
		r, bad := protocol.DecodeResponse(line)
		if err != nil || bad != nil || r.Data == nil {
			t.Fatalf("%v, %v: %s", err, bad, line)
		}
		told[r.Data.Code]++
	}
	if told[protocol.Busy] == 0 || told[protocol.WrongCredentials] == 0 {
		t.Errorf("they are answered with %v", told)
	}
}
