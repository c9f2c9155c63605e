package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"parley/protocol"
)

var update = flag.Bool("update", false, "write the generated parts of the README")

// The table of requests in the README is the verb table.
func TestReadmeHasTheVerbTable(t *testing.T) {
	const path, begin, end = "../../README.md", "<!-- requests -->\n", "<!-- end of requests -->"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("no %q and %q in the README", begin, end)
	}
	want := protocol.NewVerbs().Markdown()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the README has\n%s\nwant (go test ./cmd/parley -update writes it)\n%s", table, want)
	}
}
