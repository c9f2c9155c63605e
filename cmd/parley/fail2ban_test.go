package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// A filter is one of fail2ban, which is a program in Python: as far as it is used here.
type filter struct {
	date  *regexp.Regexp   // what is cut out of a line before it is looked at
	fails []*regexp.Regexp // of which one must fit; the group addr is whom it is about
}

// readFilter reads the file. Percent signs stand twice in it.
func readFilter(t *testing.T) filter {
	t.Helper()
	b, err := os.ReadFile("fail2ban/filter.d/parley.conf")
	if err != nil {
		t.Fatal(err)
	}
	values, key := make(map[string][]string), ""
	for line := range strings.Lines(string(b)) {
		name, value, isKey := strings.Cut(line, " =")
		switch {
		case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" || strings.HasPrefix(line, "["):
		case isKey && !strings.HasPrefix(line, " "):
			key = name
			values[key] = append(values[key], strings.TrimSpace(value))
		default:
			values[key] = append(values[key], strings.TrimSpace(line))
		}
	}
	translate := strings.NewReplacer("%%Y", `\d{4}`, "%%m", `\d\d`, "%%d", `\d\d`, "%%H", `\d\d`, "%%M", `\d\d`, "%%S", `\d\d`, "%%z", `(?:Z|[+-]\d\d:?\d\d)`,
		"%%", "%", "<ADDR>", `(?P<addr>(?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)`)
	f := filter{date: regexp.MustCompile(translate.Replace(values["datepattern"][0]))}
	for _, fail := range values["failregex"] {
		f.fails = append(f.fails, regexp.MustCompile(translate.Replace(fail)))
	}
	return f
}

// finds returns the address that a line is about; "": none.
func (f filter) finds(line string) string {
	at := f.date.FindStringIndex(line)
	if at == nil {
		return "" // fail2ban passes over what has no time
	}
	return f.address(line[:at[0]] + line[at[1]:])
}

// address returns the address that a line without its time is about; "": none.
func (f filter) address(line string) string {
	for _, fail := range f.fails {
		if found := fail.FindStringSubmatch(line); found != nil {
			return found[fail.SubexpIndex("addr")]
		}
	}
	return ""
}

// findsInJournal is finds for a line that has gone to the journal of systemd. From there fail2ban
// takes the time, so that it cuts nothing out, and writes before the line who has logged it.
func (f filter) findsInJournal(line string) string {
	return f.address("chat.example.org parley[4711]: " + line)
}

// Each wrong password is one line that the filter for fail2ban finds, with the address that it
// came from; nothing else is, whatever somebody writes in place of a name.
func TestFail2BanFilter(t *testing.T) {
	listen, hosts := []string{"127.0.0.1:0"}, []string{"127.0.0.1"}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil {
		l.Close()
		listen, hosts = append(listen, "[::1]:0"), append(hosts, "::1")
	}
	dir, log := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "parley.log")
	userDoes(t, dir, secret, "Alice has an account", "add", "Alice")
	s := serveIn(t, dir, []string{"--log-file", log}, listen...)
	for _, addr := range s.addrs {
		logIn(t, addr, "Alice", secret)
		for _, name := range []string{
			"server",
			"no name",
			`x","remote":"198.51.100.9:1","reason":"wrong_credentials`,
			"x\n" + `{"time":"2026-11-26T16:40:00Z","level":"WARN","msg":"login refused","conn":1,"remote":"198.51.100.9:1","reason":"wrong_credentials","name":"x"}`,
		} {
			if e := logIn(t, addr, name, ""); e.Code == "" {
				t.Errorf("%q is let in", name)
			}
		}
		for range 2 {
			if e := logIn(t, addr, "Alice", otherSecret); e.Code == "" {
				t.Error("a wrong password is taken")
			}
		}
		logIn(t, addr, "Alice", secret) // so that nothing is blocked
	}
	for range 4 { // the third blocks the name, and the fourth is not looked at
		if e := logIn(t, s.addrs[0], "nonesuch", otherSecret); e.Code != protocol.WrongCredentials && e.Code != protocol.BlockedLogin {
			t.Error(e)
		}
	}
	want := []string{"127.0.0.1", "127.0.0.1", "127.0.0.1"}
	for _, host := range hosts {
		want = append(want, host, host)
	}
	slices.Sort(want)
	f, got := readFilter(t), []string(nil)
	for end := time.Now().Add(deadline); len(got) < len(want) && time.Now().Before(end); {
		content, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for line := range strings.Lines(string(content)) {
			if addr := f.finds(line); addr != "" {
				got = append(got, addr)
			}
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		content, _ := os.ReadFile(log)
		t.Errorf("it finds %v, want %v in\n%s", got, want, content)
	}
}

// The filter finds addresses of all kinds, in the form in which they are logged.
func TestFail2BanAddresses(t *testing.T) {
	f := readFilter(t)
	for addr, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "2001:db8::7": "2001:db8::7", "::1": "::1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2:3:4:5:6", "fe80::1%eth0": "fe80::1",
	} {
		remote := netip.AddrPortFrom(netip.MustParseAddr(addr), 40000)
		line := fmt.Sprintf(`{"time":"2026-11-26T16:40:00.123456789+01:00","level":"WARN","msg":"login refused","conn":4294967297,"remote":"%s","reason":"wrong_credentials","name":"alice"}`, remote)
		if got := f.finds(line); got != want {
			t.Errorf("in %s it finds %q", line, got)
		}
		if got := f.findsInJournal(line); got != want {
			t.Errorf("in %s it finds %q when that comes from the journal", line, got)
		}
	}
	for _, line := range []string{
		`{"time":"2026-11-26T16:40:00Z","level":"WARN","msg":"login refused","conn":1,"remote":"unix","reason":"wrong_credentials","name":"alice"}`,
		`{"time":"2026-11-26T16:40:00Z","level":"WARN","msg":"login refused","conn":1,"remote":"203.0.113.7:1","reason":"blocked_login","name":"alice"}`,
		`{"time":"2026-11-26T16:40:00Z","level":"INFO","msg":"login refused","conn":1,"remote":"203.0.113.7:1","reason":"name_taken","name":"alice"}`,
		`{"time":"2026-11-26T16:40:00Z","level":"INFO","msg":"login","conn":1,"remote":"203.0.113.7:1","user":"alice","as":"guest","extended":true}`,
		`a b[1]: c d[1]: {"time":"2026-11-26T16:40:00Z","level":"WARN","msg":"login refused","conn":1,"remote":"203.0.113.7:1","reason":"wrong_credentials","name":"alice"}`,
	} {
		if got := f.finds(line) + f.findsInJournal(line); got != "" {
			t.Errorf("in %s it finds %q", line, got)
		}
	}
}
