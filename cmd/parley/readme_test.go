package main

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parley/protocol"
)

var update = flag.Bool("update", false, "write what is generated")

// The table of requests is the verb table.
func TestRequestsAreTheVerbTable(t *testing.T) {
	const path, begin, end = "../../protocol/requests.md", "<!-- requests -->\n", "<!-- end of requests -->"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("no %q and %q in it", begin, end)
	}
	want := protocol.NewVerbs().Markdown()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("it has\n%s\nwant (go test ./cmd/parley -update writes it)\n%s", table, want)
	}
}

// The config files in the README are taken: a chat with them fails only for want of a server.
func TestConfigFilesOfReadme(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for block := range strings.SplitSeq(string(b), "\n\n") {
		if !strings.HasPrefix(block, `    {"chat": {`) && !strings.HasPrefix(block, `    {"data": `) {
			continue
		}
		files++
		if out, status := runWith(t, block, "chat", "alice@localhost:1"); status != exitNoConnection {
			t.Errorf("exit status %d: %s with\n%s", status, out, block)
		}
	}
	if files != 2 {
		t.Errorf("there are %d config files in the README, want one of a chat and one of a server", files)
	}
}

// The tests that SECURITY.md names are there.
func TestSecurityNamesTests(t *testing.T) {
	b, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z]*)`").FindAllSubmatch(b, -1)
	if len(names) < 20 {
		t.Errorf("it names %d tests", len(names))
	}
	all := testFunctions(t)
	for _, name := range names {
		if !all[string(name[1])] {
			t.Errorf("there is no %s", name[1])
		}
	}
}

// Every table of the documents has a header: an empty line within one ends it, and what follows
// is shown as text.
func TestTablesHaveHeaders(t *testing.T) {
	for _, path := range []string{"../../README.md", "../../SECURITY.md", "operating.md", "../../eventloop/cluster/limits.md", "../../protocol/requests.md"} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(b), "\n")
		for i, line := range lines {
			begins := strings.HasPrefix(line, "|") && (i == 0 || !strings.HasPrefix(lines[i-1], "|"))
			if begins && !strings.HasPrefix(lines[i+1], "|-") {
				t.Errorf("%s:%d: a row of no table: %s", path, i+1, line)
			}
		}
	}
}

// testFunctions are the names of all tests and fuzz targets.
func testFunctions(t *testing.T) map[string]bool {
	all := make(map[string]bool)
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, name := range function.FindAllSubmatch(b, -1) {
			all[string(name[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
