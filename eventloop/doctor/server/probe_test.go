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

var allOfTheProbe = flag.Bool("probe", false, "compare with the probe on all servers, which takes a minute")

// Another doctor, which is written in Python, comes to the same verdicts, on a server that
// is as it should be and on some that are not.
func TestVerdictsOfTheProbe(t *testing.T) {
	t.Parallel()
	python, probe := theProbe(t)
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
			var theirs []verdict
			if b, err := os.ReadFile(verdicts); err != nil || json.Unmarshal(b, &theirs) != nil {
				t.Fatalf("the probe says nothing: %v\n%s", err, out)
			}
			var r doctor.Report
			address := (&fake{faults: f, mu: make(lock, 1)}).listen(t)
			Examine(t.Context(), Config{Only: append(strings.Split(strings.Replace(groups, "leave", "history,leaving", 1), ","), shapeGroup), Timeout: 800 * time.Millisecond, Gap: 60 * time.Millisecond,
				Dial: func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", address) }}, &r)
			compared := compareWithProbe(t, theirs, r)
			if compared < least {
				t.Errorf("only %d points were compared:\n%s", compared, out)
			}
		})
	}
}
