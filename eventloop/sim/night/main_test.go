package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var fails = flag.Uint64("fails", 0, "has TestOfATurn fail")

// TestOfATurn is what TestTurn lives through.
func TestOfATurn(t *testing.T) {
	if *fails > 1 {
		t.Fatalf("seed %d has failed", *fails)
	}
}

// A turn that fails is told with what it has printed, and with how to run it again.
func TestTurn(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	k := kind{name: "turns", pkg: ".", test: "^TestOfATurn$", runs: 3, each: 1, args: []string{"-fails", "FROM"}}
	for seed, want := range map[uint64]string{1: "PASS", 7: "seed 7 has failed"} {
		words, err := k.turn(context.Background(), self, seed)
		if (err != nil) != (seed == 7) || !strings.Contains(words, want) {
			t.Errorf("seed %d: %v, %s", seed, err, words)
		}
	}
	if want, got := "go test -count=1 -run '^TestOfATurn$' . -fails 7", k.command(7); got != want {
		t.Errorf("the command is %s, not %s", got, want)
	}
	if _, err := k.turn(context.Background(), filepath.Join(t.TempDir(), "none"), 1); err == nil {
		t.Error("a turn without a program has not failed")
	}
	over, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	if failed, err := live(over, 1, t.Output()); failed != 0 || err != nil {
		t.Errorf("a night that is over at once: %d, %v", failed, err)
	}
}

// Every test of random runs of the whole chat is a kind, and says how many seeds they are.
func TestKindsAreAll(t *testing.T) {
	random := regexp.MustCompile(`(?m)^func (TestRandom\w+)\(t \*testing\.T\) {\n\tfirst, n := seeds\(\)\n(?:\tn = max\(n/(\d+), 1\))?`)
	for _, pkg := range []string{"./eventloop/sim", "./p2p"} {
		files, _ := filepath.Glob(filepath.Join("../../..", pkg, "*_test.go"))
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range random.FindAllSubmatch(b, -1) {
				i := slices.IndexFunc(kinds, func(k kind) bool { return k.pkg == pkg && k.test == "^"+string(test[1])+"$" })
				if i < 0 || fmt.Sprint(kinds[i].each) != cmp.Or(string(test[2]), "1") {
					t.Errorf("%s of %s is no kind, or not of so many seeds for a run", test[1], pkg)
				}
			}
		}
	}
}

// Each kind is a test that there is.
func TestKinds(t *testing.T) {
	for _, k := range kinds {
		found := false
		files, _ := filepath.Glob(filepath.Join("../../..", k.pkg, "*_test.go"))
		for _, name := range files {
			b, err := os.ReadFile(name)
			found = found || err == nil && strings.Contains(string(b), "func "+strings.Trim(k.test, "^$")+"(t *testing.T)")
		}
		if !found {
			t.Errorf("%s: there is no %s in %s", k.name, k.test, k.pkg)
		}
	}
}
