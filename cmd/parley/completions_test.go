package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completed returns what a shell is offered for a command line.
func completed(t *testing.T, dir, line string) []string {
	t.Helper()
	cmd := parley(t)
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "COMP_LINE="+line)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return strings.Fields(string(out))
}

// The shell is offered commands, flags, what flags can be, and files.
func TestCompletions(t *testing.T) {
	dir := t.TempDir()
	mustMake := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustMake("monday.db")
	for line, want := range map[string]string{
		"parley ser":                        "serve",
		"parley user ad":                    "add",
		"parley serve --max-con":            "--max-connections",
		"parley serve --sync al":            "always",
		"parley serve --plain-history repl": "replay",
		"parley serve --log-file mon":       "monday.db",
		"parley restore mon":                "monday.db",
		"parley completions z":              "zsh",
		"parley chat --log-l":               "--log-level",
	} {
		if got := completed(t, dir, line); !slices.Contains(got, want) {
			t.Errorf("%q is offered %v, want %s", line, got, want)
		}
	}
	if got := completed(t, dir, "parley serve --sync x"); len(got) > 0 {
		t.Errorf("nothing fits, and there is %v", got)
	}
}

// What is printed for a shell works in it.
func TestCompletionsOfBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	lines := mustDo(t, "complete -C ", "completions", "bash")
	cmd := parley(t) // for its environment
	cmd.Path, cmd.Args = bash, []string{"bash", "-c", lines + "\ncomplete -p parley"}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "complete -C ") {
		t.Errorf("%v: %s", err, out)
	}
	for _, shell := range []string{"zsh", "fish"} {
		mustDo(t, "complete ", "completions", shell)
	}
	if status, _ := does(t, "completions", "cmd.exe"); status != exitUsage {
		t.Errorf("exit status %d", status)
	}
}
