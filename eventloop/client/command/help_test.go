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

// What /help says fits a terminal of 80 columns and 24 rows, two columns of which
// are a mark before the text, and two rows the question and the prompt.
func TestHelpFits(t *testing.T) {
	table := NewTable()
	const rows, columns = 20, 72
	abouts := []string{""}
	for _, topic := range topics {
		abouts = append(abouts, string(topic.name))
	}
	for _, c := range table.List() {
		abouts = append(abouts, "/"+c.Name)
	}
	for word, b := range table.borrowed {
		if b.command != nil {
			abouts = append(abouts, word)
		}
	}
	for _, f := range []Facts{{History: "/home/alice/.local/state/parley/history"}, {Plain: true}} {
		for _, about := range abouts {
			text, ok := table.Help(about, f)
			if !ok {
				t.Errorf("/help %s: %s", about, text)
			}
			if n := strings.Count(text, "\n") + 1; n > rows {
				t.Errorf("/help %s has %d rows", about, n)
			}
			for line := range strings.Lines(text) {
				if len(strings.TrimRight(line, "\n")) > columns {
					t.Errorf("/help %s is too wide: %q", about, line)
				}
			}
		}
	}
}

func TestHelp(t *testing.T) {
	table := NewTable()
	var text strings.Builder
	show := func(title, about string, f Facts) {
		answer, _ := table.Help(about, f)
		text.WriteString("=== " + strings.TrimSpace(title+" /help "+about) + "\n" + answer + "\n\n")
	}
	extended, plain := Facts{History: "/home/alice/.local/state/parley/history"}, Facts{Plain: true}
	show("", "", extended)
	for _, topic := range topics {
		show("", string(topic.name), extended)
	}
	show("at a plain server:", "", plain)
	for _, topic := range topics {
		show("at a plain server:", string(topic.name), plain)
	}
	show("at a plain server:", "dm", plain)
	show("at a plain server:", "msg", plain)
	for _, about := range []string{"w", "JOIN", "Keys", "/private", "frobnicate", "/halp"} {
		show("", about, extended)
	}
	for _, c := range table.List() {
		show("", "/"+c.Name, extended)
	}
	golden(t, "help.golden", text.String())
}

// Every command can be found by /help alone and by one topic.
func TestEveryCommandIsInATopic(t *testing.T) {
	table := NewTable()
	overview, _ := table.Help("", Facts{})
	for _, c := range table.List() {
		if !strings.Contains(overview, "/help "+string(c.Topic)+" ") {
			t.Errorf("/help does not lead to the topic of /%s", c.Name)
		}
		if text, _ := table.Help(string(c.Topic), Facts{}); !strings.Contains(text+" ", "/"+c.Name+" ") {
			t.Errorf("/help %s does not have /%s", c.Topic, c.Name)
		}
		if text, _ := table.Help(string(c.Topic), Facts{Plain: true}); strings.Contains(text, "\n  /"+c.Name+" ") == (c.Parley || c.Private) {
			t.Errorf("/%s is listed, or not, at a server that knows it not, or does", c.Name)
		}
	}
}

// What /help gives as an example works, and needs no more.
func TestExamples(t *testing.T) {
	table := NewTable()
	for _, c := range table.List() {
		if (c.Example == "") != (c.Args == "") {
			t.Errorf("/%s takes %q and has the example %q", c.Name, c.Args, c.Example)
		}
		if m := table.Read(c.Example, Situation{}); c.Example != "" && (m.Kind != Run || m.Command.Name != c.Name) {
			t.Errorf("%q is no /%s: %s", c.Example, c.Name, m.Text)
		}
	}
}
