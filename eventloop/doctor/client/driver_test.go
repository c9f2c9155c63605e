//go:build unix

package client

import (
	"encoding/json"
	"flag"
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

var allOfTheDriver = flag.Bool("driver", false, "compare with the driver on all samples, which takes a minute")

// drivenSamples are samples with the dialects at which they are compared, of which the
// first is the one at which the points are judged; those behind the first few are compared
// only with -driver. Of a fault that the driver has no point for, both have nothing to say.
var drivenSamples = []struct{ fault, dialects string }{
	{"none", "plain,split"}, {"no-errors", "plain"}, {"one-word", "plain"},
	{"needs-text", "plain,names-list"}, {"last-only", "plain,glued"}, {"no-logout", "plain"},

	{"no-history", "plain"}, {"no-sender", "plain"}, {"ascii", "plain"}, {"latin1", "plain"}, {"counts-braces", "plain,escape-braces"},
	{"object", "plain"}, {"capitals", "plain"}, {"no-content", "plain"}, {"newline", "plain"}, {"twice", "plain,no-echo"},
	{"names-by-itself", "plain"}, {"lines", "newline,plain,indent"}, {"one-read", "plain,split,login-glued"},
	{"needs-sender", "plain,sender-empty,sender-null,sender-list"}, {"needs-stamp", "plain,iso,epoch-int"},
	{"known-kinds", "plain,title-case,names-kind"},
}

const fewSamples = 6

// differs are points, by sample, on which the driver is wrong, and why.
var differs = map[string]string{
	"names-by-itself names_request": "the driver takes what the client has sent by itself before for what it was told to send",
}

// A verdict is what the driver says of a point: PASS, FAIL, NOTE of what it only remarks,
// and LEFT OUT of what a recording does not tell.
type verdict struct{ Name, Verdict, Detail string }

// withDriver returns where python3 is. Without it or the driver the test is skipped.
func withDriver(t *testing.T) (python string) {
	t.Helper()
	if _, err := os.Stat(driver); err != nil {
		t.Skipf("the driver is not there: %v", err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	return python
}

// ours returns the name of our point that asks what one of the driver's does.
func ours(name string) string {
	if name == pLong {
		return dialectPrefix + "long" // a long text is a habit of servers
	}
	return strings.TrimSuffix(name, "_before_login")
}

// TestAgreesWithDriver examines samples with the driver too: the verdicts are the same.
func TestAgreesWithDriver(t *testing.T) {
	python := withDriver(t)
	t.Parallel()
	var running sync.WaitGroup
	samples := drivenSamples
	if !*allOfTheDriver {
		samples = samples[:fewSamples]
	}
	for _, c := range samples {
		running.Go(func() {
			theirs := driven(t, python, c.fault, c.dialects)
			ours := examine(t, c.fault, Config{Templates: bare, Dialects: strings.Split(c.dialects, ",")})
			basic, _, _ := strings.Cut(c.dialects, ",")
			compare(t, c.fault, basic, theirs, ours)
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
	var list map[string][]verdict
	if err := json.Unmarshal(b, &list); err != nil {
		t.Error(err)
	}
	verdicts := map[string]map[string]bool{}
	for name, points := range list {
		verdicts[name] = map[string]bool{}
		for _, p := range points {
			if p.Verdict != "NOTE" {
				verdicts[name][ours(p.Name)] = p.Verdict == "PASS"
			}
		}
	}
	return verdicts
}

// compare holds our points against the driver's verdicts at the basic server, which is the
// first in the sample's list that it hears at all, and the points of dialects against what
// the driver has passed there and not in the dialect.
func compare(t *testing.T, fault, basic string, theirs map[string]map[string]bool, ours *doctor.Report) {
	points := map[string]doctor.Point{}
	for _, p := range ours.Points {
		points[p.ID] = p
	}
	if len(theirs[basic]) < 5 { // of a client that cannot log in it says no more
		t.Errorf("%s: the driver has said %v", fault, theirs[basic])
	}
	for id, pass := range theirs[basic] {
		p, is := points[id]
		switch same := is && (p.Verdict == doctor.Pass) == pass; {
		case !same && differs[fault+" "+id] == "":
			t.Errorf("%s: the driver says of %s that it passes: %v; the doctor says %q (%s)", fault, id, pass, p.Verdict, p.Found)
		case same && differs[fault+" "+id] != "":
			t.Errorf("%s: they agree on %s", fault, id)
		}
	}
	for name, verdicts := range theirs {
		lost := false
		for id, pass := range verdicts {
			lost = lost || !pass && theirs[basic][id]
		}
		if p := points[dialectPrefix+name]; (p.Verdict == doctor.Warn) != lost {
			t.Errorf("%s: the driver has lost something at %s: %v; the doctor says %q (%s)", fault, name, lost, p.Verdict, p.Found)
		}
	}
}
