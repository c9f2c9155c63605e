package transport

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"parley/p2p"
	"parley/protocol"
)

func TestCandidates(t *testing.T) {
	here := newSide(t, "alice", nil)
	own := here.local
	away := New(Config{})
	away.local = netip.MustParseAddrPort("10.0.0.1:4000")
	inside, outside := New(Config{Listen: "127.0.0.1:0"}), New(Config{Listen: "203.0.113.7:4000"})
	inside.local, outside.local = away.local, away.local
	many := make([]string, 100)
	for i := range many {
		many[i] = "10.1.0." + strconv.Itoa(i+1) + ":4000"
	}
	for _, c := range []struct {
		name  string
		t     *Transport
		paths []string
		want  string
	}{
		{"all kinds", away, []string{"10.0.0.2:4000", "[2001:db8::1]:4001", "[fd00::1]:4000", "[::ffff:10.0.0.3]:4000", "10.0.0.2:4000"}, "[10.0.0.2:4000 [2001:db8::1]:4001 [fd00::1]:4000 10.0.0.3:4000]"},
		{"no addresses", away, []string{protocol.PathRelay, protocol.PathObserved, "example.org:4000", "", "10.0.0.2", "10.0.0.2:0"}, "[]"},
		{"none for others", away, []string{"127.0.0.1:4001", "[::1]:4001", "[::ffff:127.0.0.1]:4001", "0.0.0.0:4001", "224.0.0.1:4001", "169.254.1.1:4001", "[fe80::1]:4001", "255.255.255.255:4001", "10.0.0.1:4000"}, "[]"},
		{"services", away, []string{"10.0.0.2:22", "10.0.0.2:443", "10.0.0.2:1023", "10.0.0.2:1024"}, "[10.0.0.2:1024]"},
		{"a scan of ports", away, []string{"10.0.0.2:4000", "10.0.0.2:4001", "10.0.0.3:4002", "10.0.0.2:4003", "10.0.0.3:4004", "10.0.0.3:4000"}, "[10.0.0.2:4000 10.0.0.2:4001 10.0.0.3:4002 10.0.0.3:4000]"},
		{"loopback", here.Transport, []string{"127.0.0.1:4001", own.String(), "127.0.0.9:" + strconv.Itoa(int(own.Port()))}, "[127.0.0.1:4001]"},
		{"who listens on loopback", inside, []string{"127.0.0.1:4001", "10.0.0.1:4001", "203.0.113.9:4001", "[2001:db8::1]:4001"}, "[127.0.0.1:4001]"},
		{"who listens in public", outside, []string{"127.0.0.1:4001", "10.0.0.1:4001", "203.0.113.9:4001", "[2001:db8::1]:4001"}, "[203.0.113.9:4001]"},
	} {
		if got := fmt.Sprint(c.t.candidates(c.paths)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := away.candidates(many); len(got) != maxCandidates {
		t.Errorf("%d addresses are dialled", len(got))
	}
}

// A peer, or a server, that names what is not its own has it dialled a few times,
// and what is sent there is nothing that either has chosen.
func TestAServiceIsNamed(t *testing.T) {
	service, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	var calls atomic.Int32
	said := make(chan string, 100)
	go func() {
		for {
			conn, err := service.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			b := make([]byte, 100)
			n, _ := conn.Read(b)
			said <- string(b[:n])
			fmt.Fprint(conn, "220 ready, and at your service, as ever\r\n")
			conn.Close()
		}
	}()
	a := newSide(t, "alice", nil)
	a.mu.Lock()
	named := newAttempt(a.Transport, p2p.Plan{Session: 1, Token: "666c757368616c6c0d0a0d0a0d0a0d0a", Name: "bob", Client: true, Fingerprint: "SHA256:b", Paths: []string{service.Addr().String()}})
	a.mu.Unlock()
	named.direct = time.Now().Add(time.Hour) // so that it does not end by this
	named.dial(named.targets[0])
	mention(t, named.faults[service.Addr().String()], "something else")
	if n := calls.Load(); n != maxWrong {
		t.Errorf("the service was called %d times", n)
	}
	if got := <-said; len(got) != len(proof{}) || got == "flushall\r\n\r\n\r\n\r\n" {
		t.Errorf("it was told %q", got)
	}
}

// Tries of an address end, but not before the time for them is over, but for a bit.
// Own addresses are that of the server connection and those that others may reach.
func TestOwnAddresses(t *testing.T) {
	var want []netip.Addr
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		ip, _ := netip.AddrFromSlice(a.(*net.IPNet).IP)
		if ip = ip.Unmap(); ip.IsGlobalUnicast() {
			want = append(want, ip)
		}
	}
	for _, server := range append(want, loopback.Addr()) {
		got := ownAddresses(server)
		if got[0] != server || len(got) > maxLAN || len(got) == 1 && len(want) > 1 {
			t.Errorf("beside %v there are %v, of %v", server, got, want)
		}
		for i, ip := range got[1:] {
			if !slices.Contains(want, ip) || slices.Contains(got[:i+1], ip) {
				t.Errorf("beside %v there are %v, of %v", server, got, want)
			}
		}
	}
}

func TestPauses(t *testing.T) {
	quick, all := time.Duration(0), time.Duration(0)
	for i := 0; ; i++ {
		pause, more := pauseBefore(i, 0)
		if i >= maxTries {
			if more {
				t.Errorf("there is a try after %d", i)
			}
			break
		}
		least, most := 50*time.Millisecond, 150*time.Millisecond
		if i < quickTries {
			quick += pause
		} else {
			least = time.Duration(i-quickTries+1) * time.Second / 2
			most = least + time.Second
		}
		if pause < least || pause >= most {
			t.Errorf("the pause before try %d takes %s", i, pause)
		}
		all += pause
	}
	defaults := Config{}.withDefaults()
	if quick > defaults.Patience || all < defaults.Linger {
		t.Errorf("quick tries take %s, all %s", quick, all)
	}
	first, _ := pauseBefore(1, 1)
	second, _ := pauseBefore(2, 2)
	if first < time.Second || second < 2*time.Second {
		t.Errorf("pauses of %s and %s after a wrong answer", first, second)
	}
}

// The port that one chat was told to listen on is refused to another one, in words
// that say what to do.
func TestTwoOnOnePort(t *testing.T) {
	for _, host := range []string{"", "127.0.0.1", "0.0.0.0", "[::]"} {
		t.Run(host, func(t *testing.T) {
			first := newSide(t, "alice", func(c *Config) { c.Listen = host + ":0" })
			if _, err := first.Offer(); err != nil {
				t.Fatal(err)
			}
			listen := host + ":" + strconv.Itoa(int(first.door.at.Port()))
			second := newSide(t, "bob", func(c *Config) { c.Listen = listen })
			_, err := second.Offer()
			mention(t, err, "somebody listens on "+listen, "--p2p-listen")
			first.Stop()
			if _, err := second.Offer(); err != nil {
				t.Errorf("when the first is gone: %v", err)
			}
		})
	}
	for _, host := range []string{"[::1]", "[::]"} { // of one family only
		other, err := net.Listen("tcp6", host+":0")
		if err != nil {
			t.Skip("no IPv6")
		}
		defer other.Close()
		listen := ":" + strconv.Itoa(other.Addr().(*net.TCPAddr).Port)
		if host != "[::]" {
			listen = host + listen
		}
		s := newSide(t, "carl", func(c *Config) { c.Listen = listen })
		_, err = s.Offer()
		mention(t, err, "somebody listens on "+listen)
	}
}

// Two who listen at an address that they name meet there, wherever the server is,
// and nobody is shown another one.
func TestNamedAddress(t *testing.T) {
	named := func(c *Config) { c.Listen = "127.0.0.1:0" }
	a, b := newSide(t, "alice", named), newSide(t, "bob", named)
	for _, s := range []*side{a, b} {
		s.ServerConnected(&net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 4000})
	}
	atA, atB := connected(t, 1, a, b)
	for _, l := range []p2p.Link{atA, atB} {
		if at := netip.MustParseAddrPort(l.Path.Address); !at.Addr().IsLoopback() {
			t.Errorf("path %s", l.Path)
		}
	}
	talk(t, a, atA.ID, b, atB.ID)
	a.mu.Lock()
	defer a.mu.Unlock()
	if list := a.candidates([]string{a.door.at.String()}); len(list) > 0 {
		t.Errorf("the own listener is dialled: %v", list)
	}
}
