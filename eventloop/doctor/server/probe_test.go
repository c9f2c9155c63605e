package server

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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
			s.serve(conn)
		}
	}()
	return l.Addr().String()
}

// otherNames are points that the probe has under other names, or several of ours in one.
var otherNames = map[string][]string{
	"all_responses_have_the_four_keys": {"all_responses_have_the_four_keys", "keys_in_small_letters"},
	"all_responses_of_a_known_kind":    {"all_responses_of_a_known_kind", "keys_in_small_letters"},
}

// differs are points of which the probe says less: it uses the session of the point before,
// which has failed.
var differs = map[string]string{"others_still_served_after_drops": "name_free_after_reset"}

var allOfTheProbe = flag.Bool("probe", false, "compare with the probe on all servers, which takes a minute")

// Another doctor, which is written in Python, comes to the same verdicts, on a server that
// is as it should be and on some that are not.
func TestVerdictsOfTheProbe(t *testing.T) {
	t.Parallel()
	probe, _ := filepath.Abs("../../../../shared/interop/probe_server.py")
	if _, err := os.Stat(probe); err != nil {
		t.Skip("there is no ../shared/interop/probe_server.py")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	servers := []faults{
		{name: "several", dollar: true, noEcho: true, ghosts: true, namesKind: true, capitals: true, toAll: true},
		{name: "none"},
		{name: "others", twins: true, history: "none", keyMissing: true, stays: true},
	}
	if !*allOfTheProbe {
		servers = servers[:1]
	}
	for _, f := range servers {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			groups, least := "before,names", 15
			if *allOfTheProbe {
				groups, least = "before,names,chat,leave", 25
			}
			verdicts := filepath.Join(t.TempDir(), "verdicts")
			host, port, _ := net.SplitHostPort((&fake{faults: f, mu: make(lock, 1)}).listen(t))
			out, _ := exec.Command(python, probe, host, port, "--only", groups, "--timeout", "0.8", "--json", verdicts).CombinedOutput()
			var theirs []struct{ Name, Verdict, Detail string }
			if b, err := os.ReadFile(verdicts); err != nil || json.Unmarshal(b, &theirs) != nil {
				t.Fatalf("the probe says nothing: %v\n%s", err, out)
			}
			var r doctor.Report
			address := (&fake{faults: f, mu: make(lock, 1)}).listen(t)
			Examine(t.Context(), Config{Only: append(strings.Split(strings.Replace(groups, "leave", "history,leaving", 1), ","), shapeGroup), Timeout: 800 * time.Millisecond, Gap: 60 * time.Millisecond,
				Dial: func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }}, &r)
			compared := 0
			for _, v := range theirs {
				if v.Verdict == "NOTE" {
					continue
				}
				if before := points(r, differs[v.Name]); len(before) > 0 && before[0].Bad() {
					continue
				}
				compared++
				names := otherNames[v.Name]
				if names == nil {
					names = []string{v.Name}
				}
				passed, found := true, ""
				for _, p := range points(r, names...) {
					passed = passed && p.Verdict == doctor.Pass
					found += string(p.Verdict) + " " + p.Found
				}
				if found == "" || passed != (v.Verdict == "PASS") {
					t.Errorf("%s: the probe says %s (%s), the doctor %s", v.Name, v.Verdict, v.Detail, found)
				}
			}
			if compared < least {
				t.Errorf("only %d points were compared:\n%s", compared, out)
			}
		})
	}
}

// points returns those of a report with some names.
func points(r doctor.Report, names ...string) (list []doctor.Point) {
	for _, p := range r.Points {
		if strings.Contains(" "+strings.Join(names, " ")+" ", " "+p.ID+" ") {
			list = append(list, p)
		}
	}
	return list
}
