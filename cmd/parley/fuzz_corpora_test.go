package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every fuzz target has inputs that are kept, which each run of the tests tries: what a fuzzer has
// found once stays found.
func TestFuzzTargetsHaveCorpora(t *testing.T) {
	target, targets := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`), 0
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, found := range target.FindAllSubmatch(b, -1) {
			targets++
			if kept, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "testdata/fuzz", string(found[1]), "*")); len(kept) == 0 {
				t.Errorf("%s: nothing is kept for %s", path, found[1])
			}
		}
		return err
	})
	if err != nil || targets < 50 {
		t.Errorf("there are %d fuzz targets: %v", targets, err)
	}
}
