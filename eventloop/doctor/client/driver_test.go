//go:build unix

package client

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/eventloop/doctor"
)

// driver is a harness in Python that measured the world's clients, beside the project.
const driver = "../../../../shared/interop/drive_client.py"

// TestAgreesWithDriver examines samples with the driver too: the verdicts are the same.
func TestAgreesWithDriver(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	if _, err := os.Stat(driver); err != nil {
		t.Skipf("the driver is not there: %v", err)
	}
	t.Parallel()
	var running sync.WaitGroup
	for _, c := range []struct{ fault, dialects string }{
		{"none", "plain,split"}, {"no-errors", "plain"}, {"one-word", "plain"},
		{"needs-text", "plain,names-list"}, {"last-only", "plain,glued"}, {"no-logout", "plain"},
	} {
		running.Go(func() {
			theirs := driven(t, python, c.fault, c.dialects)
			ours := examine(t, c.fault, Config{Templates: bare, Dialects: strings.Split(c.dialects, ",")})
			compare(t, c.fault, theirs, ours)
		})
	}
	running.Wait()
}

// driven returns the driver's verdicts, by dialect and point.
func driven(t *testing.T, python, fault, dialects string) map[string]map[string]bool {
	file := filepath.Join(t.TempDir(), "verdicts.json")
	args := []string{driver, "--dialects", dialects, "--early", "--unicode", "--quiet", "--wait", "2", "--json", file, "--", os.Args[0], sampleWord, fault, "{host}", "{port}"}
	out, err := exec.Command(python, args...).CombinedOutput()
	b, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Errorf("%v: %s", err, out)
		return nil
	}
	var list map[string][]struct{ Name, Verdict string }
	if err := json.Unmarshal(b, &list); err != nil {
		t.Error(err)
	}
	verdicts := map[string]map[string]bool{}
	for name, points := range list {
		verdicts[name] = map[string]bool{}
		for _, p := range points {
			if p.Verdict != "NOTE" {
				verdicts[name][strings.TrimSuffix(p.Name, "_before_login")] = p.Verdict == "PASS"
			}
		}
	}
	return verdicts
}

// compare holds our points against the driver's verdicts at the plain server, and the
// points of dialects against what the driver has passed there and not in the dialect.
func compare(t *testing.T, fault string, theirs map[string]map[string]bool, ours *doctor.Report) {
	points := map[string]doctor.Point{}
	for _, p := range ours.Points {
		points[p.ID] = p
	}
	if len(theirs["plain"]) < 10 {
		t.Errorf("%s: the driver has said %v", fault, theirs["plain"])
	}
	for id, pass := range theirs["plain"] {
		if p, is := points[id]; !is || (p.Verdict == doctor.Pass) != pass {
			t.Errorf("%s: the driver says of %s that it passes: %v; the doctor says %q (%s)", fault, id, pass, p.Verdict, p.Found)
		}
	}
	for name, verdicts := range theirs {
		lost := false
		for id, pass := range verdicts {
			lost = lost || !pass && theirs["plain"][id]
		}
		if p := points[dialectPrefix+name]; (p.Verdict == doctor.Warn) != lost {
			t.Errorf("%s: the driver has lost something at %s: %v; the doctor says %q (%s)", fault, name, lost, p.Verdict, p.Found)
		}
	}
}
