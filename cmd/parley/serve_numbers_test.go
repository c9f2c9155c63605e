package main

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"parley/eventloop/client/sending"
	"parley/eventloop/server"
)

// Each flag of parley serve that is a number or a time has a unit, a default and a reason in
// the table, and only there.
func TestEachNumberHasAReason(t *testing.T) {
	flags := make(map[string]bool)
	for _, flag := range child(newParser(t), "serve").Flags {
		n, ok := settableNumber(flag.Name)
		flags[flag.Name] = true
		switch {
		case isNumber(flag) && !ok:
			t.Errorf("--%s is a number, and not in the table: numbers", flag.Name)
		case !isNumber(flag) && ok:
			t.Errorf("--%s is in the table of numbers, and is none", flag.Name)
		case ok && flag.Tag.Has("default"):
			t.Errorf("the default of --%s stands in its tag, too", flag.Name)
		case ok && n.what != "":
			t.Errorf("--%s has a help, and need not have it in the table", flag.Name)
		}
	}
	seen := make(map[string]bool)
	for _, n := range append(numbers[:len(numbers):len(numbers)], fixedNumbers...) {
		_, isTime := n.value.(time.Duration)
		switch _, settable := settableNumber(n.name); {
		case seen[n.name]:
			t.Errorf("%s is there twice", n.name)
		case n.unit == "" || !strings.HasSuffix(n.why, "."):
			t.Errorf("%s has no unit, or its reason is no sentence", n.name)
		case isTime != (n.unit == aTime):
			t.Errorf("%s is %v, in %s", n.name, n.value, n.unit)
		case settable != flags[n.name]:
			t.Errorf("%s can be set: %t, and is a flag: %t", n.name, settable, flags[n.name])
		case !settable && !strings.HasSuffix(n.what, "."):
			t.Errorf("nothing says what %s is", n.name)
		}
		seen[n.name] = true
	}
}

// isNumber reports whether a flag is set to a number, a time, or how often within a time.
func isNumber(flag *kong.Flag) bool {
	switch flag.Target.Interface().(type) {
	case time.Duration, server.Quota:
		return true
	}
	return (flag.Target.CanInt() || flag.Target.CanUint() || flag.Target.CanFloat()) && !isNamed(flag)
}

// limited are the packages whose limits are the server's.
var limited = []string{"protocol", "eventloop", "eventloop/server", "eventloop/monitor", "eventloop/hooks", "eventloop/cluster", "eventloop/cluster/snapshots", "users", "users/log", "users/state", "users/passwords"}

// notInTables are the constants of these packages that no owner needs to know.
var notInTables = map[string]string{
	"state.DefaultGuestGrace":     "of a log whose server has said nothing yet, which it does at once",
	"cluster.DefaultName":         "a name",
	"eventloop.DefaultSocketMode": "what a file may be used for",
	"users.MaxName":               "protocol.MaxName",
	"state.MaxTopic":              "protocol.MaxTopic",
	"state.MaxJoined":             "protocol.MaxJoined",
}

// Each limit that a package of the server has is in the tables: those of the protocol's file of
// limits, and what is called Max, Min or Default elsewhere.
func TestEachLimitIsInTheTables(t *testing.T) {
	used := usedIn(t, "serve_numbers_table.go", "serve_numbers_fixed.go")
	for _, of := range limited {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(of), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no files: %v", of, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			for _, name := range limitsIn(t, path) {
				name = filepath.Base(of) + "." + name
				if _, known := notInTables[name]; used[name] == known {
					t.Errorf("%s of %s is in the tables: %t, and left out: %t", name, path, used[name], known)
				}
			}
		}
	}
}

// limitsIn returns the limits that a file defines.
func limitsIn(t *testing.T, path string) (names []string) {
	f, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != gotoken.CONST {
			continue
		}
		for _, spec := range g.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				isLimit := filepath.Base(path) == "limits.go" || strings.HasPrefix(name.Name, "Max") || strings.HasPrefix(name.Name, "Min") || strings.HasPrefix(name.Name, "Default")
				if name.IsExported() && isLimit {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// usedIn returns what files use of other packages, such as protocol.MaxName.
func usedIn(t *testing.T, files ...string) map[string]bool {
	used := make(map[string]bool)
	for _, path := range files {
		f, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok {
					used[pkg.Name+"."+s.Sel.Name] = true
				}
			}
			return true
		})
	}
	return used
}

// Fewer requests may not wait than clients send at once.
func TestLeastDeferred(t *testing.T) {
	if leastDeferred != sending.MaxFlight {
		t.Errorf("it is %d, and clients send %d", leastDeferred, sending.MaxFlight)
	}
}

// What --print-config prints says of each number what it is counted in, what it is by default
// and why, also of those that are fixed.
func TestPrintConfigSaysWhy(t *testing.T) {
	out, err := parley(t, "serve", "--print-config").Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(strings.ReplaceAll(string(out), "//", " ")), " ")
	for _, says := range []string{
		`Messages that each user may send per second, from all sessions together. Other requests cost less: see their costs in help. Unit: messages per second. Default: 2. Reason: It is more than a person types, and less than a room can bear from one. "rate": 2,`,
		`"login-timeout": "30s",`, `"block-duration": "1m",`, `"address-new": "32/10s",`,
		`"max-text": 4096,`, `"max-frame": 65536,`, `max-name, fixed: 32. Unit: characters. Length of the name of a user.`,
	} {
		if !strings.Contains(words, says) {
			t.Errorf("it does not say: %s", says)
		}
	}
	for _, n := range numbers {
		if !strings.Contains(words, n.remark()) {
			t.Errorf("it does not say: %s", n.remark())
		}
	}
	for _, n := range fixedNumbers {
		if !strings.Contains(words, n.fixedRemark()) {
			t.Errorf("it does not say: %s", n.fixedRemark())
		}
	}
}

// Who sets what is fixed is told so, and why.
func TestFixedNumbersCannotBeSet(t *testing.T) {
	for name, args := range map[string][]string{
		"depth": {"--config", configText(t, `{"serve": {"depth": 3}}`)}, "max-depth": {"--max-depth", "3"}, "max-name": {"--config", configText(t, `{"max-name": 3}`)},
		"name": {"--name=3"}, "checked": {"--check-config", "--max-depth=3"}, "checked file": {"--check-config", "--config", configText(t, `{"serve": {"max-depth": 3}}`)},
	} {
		out, _ := parley(t, append([]string{"serve"}, args...)...).CombinedOutput()
		if says := "is fixed and cannot be set: it is "; !strings.Contains(string(out), says) {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// configText returns the path of a file with a text.
func configText(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
