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
