package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/eventloop/client/view"
)

// What --print-config prints is a config file that says all that can be said, and that
// changes nothing. Each example in it can be taken as it is.
func TestPrintConfig(t *testing.T) {
	for command, args := range map[string][]string{"chat": {"chat", "alice@localhost"}, "serve": {"serve"}} {
		t.Run(command, func(t *testing.T) { printConfigOf(t, command, args) })
	}
}

func printConfigOf(t *testing.T, command string, args []string) {
	printed, err := parley(t, command, "--print-config").Output()
	if err != nil {
		t.Fatal(err)
	}
	parse := func(config string) (*configs, any) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "config.json")
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		c := newParser(t)
		if _, err := c.parser.Parse(append(args, "--config", path)); err != nil {
			t.Fatalf("%v\n%s", err, config)
		}
		cli := c.parser.Model.Target.Interface().(commands)
		return c, map[string]any{"chat": cli.Chat, "serve": cli.Serve}[command]
	}
	c, got := parse(string(printed))
	_, want := parse("{}")
	exported := cmp.AllowUnexported(chatCmd{}, personFlags{}, pageFlags{})
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Prefix{}), exported); diff != "" {
		t.Errorf("without it and with it (-without +with):\n%s", diff)
	}
	set := make(map[string]bool)
	for _, s := range c.files[0].settings {
		set[s.key] = true
	}
	for _, flag := range child(c, command).Flags {
		if set[flag.Name] != isSetting(flag) {
			t.Errorf("%s is set: %t", flag.Name, set[flag.Name])
		}
		if example := flag.Tag.Get("example"); example != "" {
			if !strings.Contains(string(printed), "    // Such as: "+example+"\n    \""+flag.Name+"\": ") {
				t.Errorf("the example %s does not stand before %s", example, flag.Name)
			}
			parse(strings.NewReplacer("COMMAND", command, "NAME", flag.Name, "VALUE", example).Replace(`{"COMMAND": {"NAME": VALUE}}`))
		}
	}
	for line := range strings.Lines(string(printed)) {
		if len(line) > commentWidth+1 && !strings.Contains(line, "Such as: ") && !strings.Contains(line, os.TempDir()) {
			t.Errorf("a line of %d columns: %q", len(line), line)
		}
	}
}

// It is there for whoever has a config file that does not work, too, and changes nothing.
func TestPrintConfigBesideABrokenFile(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(config, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := parley(t, "chat", "--config", config, "--print-config").Output()
	if err != nil || !strings.Contains(string(out), `"time-format": "24h",`) {
		t.Errorf("%v: %s", err, out)
	}
}

// The help of the theme names all that can look otherwise.
func TestThemeHelp(t *testing.T) {
	_, err := view.NewTheme(map[string]string{"nothing": "red"})
	_, tones, ok := strings.Cut(err.Error(), "there are ")
	if !ok {
		t.Fatal(err)
	}
	last := strings.LastIndex(tones, ", ")
	names := tones[:last] + " or " + tones[last+2:]
	for _, flag := range child(newParser(t), "chat").Flags {
		if flag.Name == "theme" && !strings.Contains(flag.Help, names) {
			t.Errorf("%q does not have %q", flag.Help, names)
		}
	}
}
