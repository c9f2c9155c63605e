package command

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update writes it):\n%s", name, diff)
	}
}

func TestHelpText(t *testing.T) {
	table := NewTable()
	text := table.Help()
	const rows, columns = 24 - 1, 80 - len("- ") // the prompt takes one row, notices have a mark
	if n := strings.Count(text, "\n") + 1; n > rows {
		t.Errorf("%d rows", n)
	}
	for line := range strings.Lines(text) {
		if len(strings.TrimSpace(line)) > columns {
			t.Errorf("too wide: %q", line)
		}
	}
	text += "\n\n"
	for i := range table.List() {
		text += table.HelpOn(&table.List()[i]) + "\n"
	}
	golden(t, "help.golden", text)
}
