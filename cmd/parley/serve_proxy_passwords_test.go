//go:build unix

package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/pires/go-proxyproto"
)

const (
	// unseenTLS is part of what one is told whose password is refused because nobody has told
	// the server whether there is TLS.
	unseenTLS = "this server cannot see whether you use it"

	// missingTLS is that of one who has none.
	missingTLS = "this connection has none"
)

// What a proxy says of TLS decides on each password, however it is sent. Where it says nothing,
// who sent it is told that, and the log tells the owner once what to set.
func TestPasswordsBehindAProxy(t *testing.T) {
	folder := t.TempDir()
	userDoes(t, folder, secret, "alice has an account", "add", "alice")
	s := serveLogging(t, "--data", folder, "--proxy-listen", "127.0.0.1:0", "--proxy-tls-listen", "127.0.0.1:0", "--tls-self", "--address-registrations", "0")
	address := func(says string) string {
		_, addr, _ := strings.Cut(strings.TrimSuffix(s.until(says), says), "listening on ")
		return addr
	}
	plain, secure := address(" behind a proxy"), address(" behind a proxy, with TLS")

	guests := 0
	for _, tt := range []struct {
		name    string
		addr    string
		version byte
		says    []proxyproto.TLV
		refused string // "": passwords are taken
	}{
		{"version 1", plain, 1, nil, unseenTLS},
		{"version 2", plain, 2, nil, unseenTLS},
		{"version 2 of another thing", plain, 2, []proxyproto.TLV{{Type: proxyproto.PP2_TYPE_AUTHORITY, Value: []byte("chat.example")}}, unseenTLS},
		{"version 2 without TLS", plain, 2, []proxyproto.TLV{{Type: proxyproto.PP2_TYPE_SSL, Value: []byte("\x00\x00\x00\x00\x01")}}, missingTLS},
		{"version 2 with TLS", plain, 2, []proxyproto.TLV{{Type: proxyproto.PP2_TYPE_SSL, Value: []byte("\x01\x00\x00\x00\x01\x21\x00\x07TLSv1.3")}}, ""},
		{"version 1 before TLS", secure, 1, nil, ""},
		{"version 2 without TLS before TLS", secure, 2, []proxyproto.TLV{{Type: proxyproto.PP2_TYPE_SSL, Value: []byte("\x00\x00\x00\x00\x01")}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			guests++
			for _, said := range passwordDialogues(fmt.Sprint(guests)) {
				c := proxiedBy(t, tt.version, tt.addr, fmt.Sprintf("198.51.100.%d:1", guests), tt.says...)
				told := lastAnswer(t, tlsAt(tt.addr == secure, c), said.requests)
				c.Close()
				want := said.want
				if tt.refused != "" {
					want = tt.refused
				}
				if !strings.Contains(told, want) {
					t.Errorf("%s: told %s, want %s", said.requests[len(said.requests)-1], told, want)
				}
			}
		})
	}
	if line := s.until("does not say whether"); !strings.Contains(line, "WARN") || !strings.Contains(line, "send-proxy-v2-ssl") || !strings.Contains(line, "--plain-passwords") {
		t.Errorf("the log: %s", line)
	}
	s.signal(syscall.SIGTERM)
	for line := range s.lines {
		if strings.Contains(line, "does not say whether") {
			t.Errorf("the log says it again: %s", line)
		}
	}
}

// A passwordDialogue is what one sends, the last line with a password, and what is answered to that
// where passwords are taken.
type passwordDialogue struct {
	requests []string
	want     string
}

// passwordDialogues are all ways to tell a password. Names end in a number that nobody has used.
func passwordDialogues(n string) []passwordDialogue {
	guest := func(name string) string {
		return fmt.Sprintf(`{"request":"login","content":"%s%s","extended":1}`, name, n)
	}
	return []passwordDialogue{
		{[]string{`{"request":"login","content":"alice","password":"` + secret + `","extended":1}`}, "Login successful"},
		{[]string{`{"request":"login","content":"alice","password":"` + secret + `"}`}, "Login successful"},
		{[]string{`{"request":"login","content":{"name":"alice","password":"` + secret + `"}}`}, "Login successful"},
		{[]string{`{"request":"login","content":"alice ` + secret + `"}`}, "Login successful"},
		{[]string{`{"request":"login","content":"ben` + n + `","password":"` + secret + `","register":true,"extended":1}`}, "Login successful"},
		{[]string{guest("carol"), `{"request":"register","content":"red_horse_18"}`}, "is registered"},
		{[]string{guest("dora"), `{"request":"register","content":{"password":"red_horse_18"}}`}, "is registered"},
		{[]string{guest("eve"), `{"request":"passwd","content":"red_horse_18 red_horse_19"}`}, "not registered"},
		{[]string{guest("fred"), `{"request":"passwd","content":{"old":"red_horse_18","new":"red_horse_19"}}`}, "not registered"},
	}
}

// lastAnswer sends requests one after the other, and returns what is told after the last one until
// it is refused or done.
func lastAnswer(t *testing.T, c net.Conn, requests []string) (line string) {
	t.Helper()
	in := bufio.NewScanner(c)
	for _, r := range requests {
		if _, err := fmt.Fprintln(c, r); err != nil {
			t.Fatal(err)
		}
		for in.Scan() {
			line = in.Text()
			if strings.Contains(line, `"error"`) || strings.Contains(line, "Login successful") || strings.Contains(line, "is registered:") {
				break
			}
		}
		if err := in.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return line
}
