//go:build unix

package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/pires/go-proxyproto"

	"parley/eventloop"
	"parley/protocol"
)

// proxied connects to an address as a proxy does for a client.
func proxied(t *testing.T, addr, client string, more ...proxyproto.TLV) net.Conn {
	t.Helper()
	return proxiedBy(t, 2, addr, client, more...)
}

// proxiedBy is proxied, with a header of that version.
func proxiedBy(t *testing.T, version byte, addr, client string, more ...proxyproto.TLV) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(deadline))
	from := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(client))
	h := proxyproto.HeaderProxyFromAddrs(version, from, &net.TCPAddr{IP: net.ParseIP("203.0.113.1"), Port: 9998})
	if err := h.SetTLVs(more); err != nil {
		t.Fatal(err)
	}
	if _, err := h.WriteTo(c); err != nil {
		t.Fatal(err)
	}
	return c
}

// tells sends a request and returns the next line.
func tells(t *testing.T, c net.Conn, r protocol.Request) string {
	t.Helper()
	if _, err := c.Write(protocol.AppendRequest(nil, r)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// Behind a proxy limits are those of the client's address, and so is whether a password may
// be told; who is no proxy is told so.
func TestServeBehindAProxy(t *testing.T) {
	s := serveLogging(t, "--data", t.TempDir(), "--proxy-listen", "127.0.0.1:0", "--proxy-tls-listen", "127.0.0.1:0", "--tls-self",
		"--address-connections", "2", "--attempts", "0", "--address-attempts", "2")
	address := func(says string) string {
		_, addr, _ := strings.Cut(strings.TrimSuffix(s.until(says), says), "listening on ")
		return addr
	}
	plain, secure := address(" behind a proxy"), address(" behind a proxy, with TLS")

	pings(t, proxied(t, plain, "198.51.100.7:1"))
	pings(t, tls.Client(proxied(t, secure, "198.51.100.7:2"), &tls.Config{InsecureSkipVerify: true}))
	for _, addr := range []string{plain, secure} {
		told, err := io.ReadAll(proxied(t, addr, "198.51.100.7:3"))
		if !strings.Contains(string(told), "Too many connections are open from your address") || err != nil {
			t.Errorf("a third of one address is told %q, %v", told, err)
		}
		pings(t, tlsAt(addr == secure, proxied(t, addr, "198.51.100.8:1")))
	}

	login := func(password string, register bool) protocol.Request {
		return protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: password, Register: register, Extended: true}
	}
	if told := tells(t, proxied(t, plain, "198.51.100.9:1"), login(secret, true)); !strings.Contains(told, string(protocol.TLSRequired)) {
		t.Errorf("a password without TLS: %s", told)
	}
	ended := proxyproto.TLV{Type: proxyproto.PP2_TYPE_SSL, Value: []byte("\x01\x00\x00\x00\x00\x21\x00\x07TLSv1.3")}
	owner := proxied(t, plain, "198.51.100.9:2", ended)
	if told := tells(t, owner, login(secret, true)); !strings.Contains(told, "Login successful") {
		t.Errorf("a password for a proxy with TLS: %s", told)
	}
	owner.Close()
	guesser := proxied(t, plain, "198.51.100.10:1", ended)
	for range 2 {
		tells(t, guesser, login(otherSecret, false))
	}
	for from, want := range map[string]string{"198.51.100.10:2": string(protocol.BlockedLogin), "198.51.100.11:1": string(protocol.WrongCredentials)} {
		if told := tells(t, proxied(t, plain, from, ended), login(otherSecret, false)); !strings.Contains(told, want) {
			t.Errorf("then from %s: %s, want %s", from, told, want)
		}
	}

	for _, addr := range []string{plain, secure} {
		if told := tellAndHear(t, addr, `{"request":"login","content":"bob"}`); !strings.Contains(told, "this port is for a proxy") || strings.Count(told, "\n") != 1 {
			t.Errorf("one who is no proxy is told %q", told)
		}
	}
	s.until("a proxy did not say whom they are from")
}

func tlsAt(secure bool, c net.Conn) net.Conn {
	if secure {
		return tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	}
	return c
}

// What the owner says of proxies reaches the loops; what makes no sense is refused.
func TestSettingsOfProxies(t *testing.T) {
	for args, want := range map[string]eventloop.Config{
		"": {MaxHeaders: eventloop.DefaultMaxHeaders, ProxyFrom: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		"--proxy-listen :1,unix:s --proxy-tls-listen :2 --proxy-from 192.0.2.7,10.0.0.0/8,2001:db8::/32,::ffff:192.0.2.8 --proxy-waiting 3 --tls-self": {
			ListenProxy: []string{":1", "unix:s"}, ListenProxyTLS: []string{":2"}, MaxHeaders: 3,
			ProxyFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("192.0.2.8/32")}},
	} {
		c := newParser(t)
		if _, err := c.parser.Parse(append([]string{"serve"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
		serve := c.parser.Model.Target.Interface().(commands).Serve
		var got eventloop.Config
		serve.Proxy.use(&got)
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", args, diff)
		}
	}
	for args, says := range map[string]string{
		"--proxy-from x":           `"x" is neither an address nor a network`,
		"--proxy-from fe80::1%eth": "neither an address nor a network",
		"--proxy-from 10.0.0.0/40": "neither an address nor a network",
		"--proxy-waiting 0":        "--proxy-waiting is 0; it can be 1 or more",
		"--proxy-tls-listen :1":    "needs a certificate",
	} {
		c := newParser(t)
		if _, err := c.parser.Parse(append([]string{"serve"}, strings.Fields(args)...)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", args, err)
		}
	}
	told := (&serveCmd{Listen: []string{"", ""}, TLS: tlsListenFlags{TLSListen: []string{""}}, Proxy: proxyFlags{ProxyListen: []string{""}, ProxyTLSListen: []string{""}}}).listening([]string{"a", "b", "c", "d", "e"})
	if got := fmt.Sprint(told); got != "[a b c with TLS d behind a proxy e behind a proxy, with TLS]" {
		t.Errorf("told %s", got)
	}
}
