package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/eventloop/doctor"
)

// Our own server passes, and its report is as it is said to be.
func TestDoctorOfOurServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	object, page := filepath.Join(dir, "report.json"), filepath.Join(dir, "report.html")
	s := serveIn(t, ":memory:", []string{"--pace", "20ms"}, "127.0.0.1:0")
	out, err := parley(t, "doctor", "server", s.addrs[0], "--gap", "60ms", "--timeout", "800ms", "--only", "before,names,chat,history,leaving,shape", "--json", object, "--html", page).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	var r doctor.Report
	if b, err := os.ReadFile(object); err != nil || json.Unmarshal(b, &r) != nil {
		t.Fatalf("no report: %v %s", err, b)
	}
	if len(r.Points) < 40 || r.Count(doctor.Pass) != len(r.Points) || r.Estimate == nil || r.Estimate.Least != 61 {
		t.Errorf("%d points, %d passed, estimate %+v:\n%s", len(r.Points), r.Count(doctor.Pass), r.Estimate, out)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "61 of the 65") {
		t.Errorf("no page: %v", err)
	}
}

// Who is not there, not on this machine, or not asked for rightly is told so.
func TestDoctorRefuses(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		status int
		says   string
	}{
		"192.0.2.1:9998":                {exitUsage, "--yes-this-is-mine"},
		"[2001:db8::1]:9998":            {exitUsage, "--yes-this-is-mine"},
		"parleys://192.0.2.1":           {exitUsage, "--yes-this-is-mine"},
		"127.0.0.1:1":                   {exitNoConnection, "cannot connect"},
		"localhost --only names,manner": {exitUsage, `--only "manner": there is no such group; there are before, names,`},
	} {
		cmd := parley(t, append([]string{"doctor", "server"}, strings.Fields(args)...)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != want.status || !strings.Contains(string(out), want.says) {
			t.Errorf("%s: status %d: %s", args, got, out)
		}
	}
}
