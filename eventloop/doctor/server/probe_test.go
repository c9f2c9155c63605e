package server

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/doctor"
)

// listen serves the fake on TCP, and returns its address.
func (s *fake) listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.(*net.TCPConn).SetWriteBuffer(8 << 10) // or what nobody reads would fit into it
			s.serve(conn)
		}
	}()
	return l.Addr().String()
}

var allOfTheProbe = flag.Bool("probe", false, "compare with the probe on all servers, which takes a minute")

// A probed server is examined by the probe and by the doctor.
type probed struct {
	faults
	groups string // of the probe
	least  int    // points that are to be compared
	fails  string // some of those that the probe has fail
}

// servers are one that is as it should be, and some that are not in the groups.
var probedServers = []probed{
	{faults{name: "names", dollar: true, noEcho: true, ghosts: true, namesKind: true, capitals: true, toAll: true}, "before,names", 15, "login_invalid_newline_rejected all_responses_of_a_known_kind"},
	{faults{name: "people", dollar: true, noEcho: true, ghosts: true, namesKind: true, capitals: true, toAll: true}, "before,names,chat,leave", 25, "msg_echoed_to_sender eof_removes_from_names msg_not_sent_before_login"},
	{faults{name: "other people", twins: true, history: "none", keyMissing: true, stays: true}, "before,names,chat,leave", 25, "duplicate_name_rejected history_in_order logout_removes_from_names"},
	{faults{name: "no fault with people"}, "before,names,chat,leave", 25, ""},
	{faults{name: "one read is one request", readIsRequest: true, escapes: true}, "framing,content", 25, "request_split_in_two_segments html_chars"},
	{faults{name: "one line is one request", firstLine: true, braces: true, noKeys: true}, "framing,content", 25, "request_pretty_printed unbalanced_braces_in_text names_with_content_absent"},
	{faults{name: "no fault with bytes"}, "framing,content", 25, ""},
	{faults{name: "dies", dies: true}, "hostile", 30, "json_array_gets_error malformed_json_gets_error"},
	{faults{name: "says nothing", ignores: true, noKeys: true}, "hostile", 30, "unknown_request_gets_error request_is_null_gets_error"},
	{faults{name: "no fault with enemies"}, "hostile", 30, ""},
	{faults{name: "blocks", blocks: true, hurries: true}, "before,load", 9, "slow_reader_does_not_block_others"},
	{faults{name: "out of order", swaps: true, hurries: true}, "before,load", 9, "burst_of_50_in_order"},
	{faults{name: "no fault with many", hurries: true}, "before,load", 9, ""},
}

// ourGroups are what the probe's groups are here, where they are called otherwise or are two.
var ourGroups = map[string][]string{"chat": {"chat", "history"}, "framing": {"framing", "splits"}, "leave": {"leaving"}}

// Another doctor, which is written in Python, comes to the same verdicts.
func TestVerdictsOfTheProbe(t *testing.T) {
	t.Parallel()
	python, probe := theProbe(t)
	for _, s := range probedServers {
		t.Run(s.name, func(t *testing.T) {
			if s.name != probedServers[0].name && !*allOfTheProbe {
				t.Skip("takes long: with -probe")
			}
			t.Parallel()
			theirs := s.probed(t, python, probe)
			only := []string{shapeGroup}
			for _, g := range strings.Split(s.groups, ",") {
				if ours := ourGroups[g]; ours != nil {
					only = append(only, ours...)
				} else {
					only = append(only, g)
				}
			}
			var r doctor.Report
			Examine(t.Context(), Config{Only: only, Timeout: 800 * time.Millisecond, Gap: 60 * time.Millisecond,
				Dial: dialer((&fake{faults: s.faults, mu: make(lock, 1)}).listen(t))}, &r)
			for _, name := range strings.Fields(s.fails) {
				if !slices.ContainsFunc(theirs, func(v verdict) bool { return v.Name == name && v.Verdict == "FAIL" }) {
					t.Errorf("the probe does not fail %s", name)
				}
			}
			if n := compareWithProbe(t, theirs, r); n < s.least {
				t.Errorf("only %d points were compared: %v", n, theirs)
			}
		})
	}
}

// probed returns what the probe says.
func (s probed) probed(t *testing.T, python, probe string) (theirs []verdict) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "verdicts")
	host, port, _ := net.SplitHostPort((&fake{faults: s.faults, mu: make(lock, 1)}).listen(t))
	out, _ := exec.Command(python, probe, host, port, "--only", s.groups, "--timeout", "0.8", "--json", file).CombinedOutput()
	if b, err := os.ReadFile(file); err != nil || json.Unmarshal(b, &theirs) != nil {
		t.Fatalf("the probe says nothing: %v\n%s", err, out)
	}
	return theirs
}

// dialer has the doctor reach an address.
func dialer(address string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }
}
