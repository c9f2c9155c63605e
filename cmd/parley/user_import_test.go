package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/eventloop/admin"
	"parley/users"
)

// badFile has a good line in it, for erin.
const badFile = "\ufeff# name password\r\n" +
	"\r\n" +
	"alice " + secret + "\r\n" +
	"  # a comment\n" +
	"carol\n" +
	"al_ice " + secret + "\n" +
	"dave short\n" +
	"erin\t  " + secret + "  \n" +
	"ERIN " + secret + "\n" +
	"frank abc12345\n" +
	"grace " + "\xe6\xf8\xe5\xe6\xf8\xe5\xe6\xf8\xe5" + "\n" +
	"hans 123456\n" +
	"erin short\n" +
	"Server " + secret

// badLines are its bad ones, if there is an alice.
var badLines = []string{
	"line 3: the name is registered already",
	"line 5: there is no password behind the name",
	"line 6: That name is not allowed",
	"line 7: that password is too short",
	"line 9: the name is in line 8 already",
	"line 10: that password is one of the commonest",
	"line 11: that password is not UTF-8 text",
	"line 12: that password is too short",
	"line 13: the name is in line 8 already",
	"line 14: the name Server is reserved, and nobody can log in with it",
}

func TestUserImport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "credentials.txt")
	if err := os.WriteFile(file, []byte(badFile), 0o600); err != nil {
		t.Fatal(err)
	}
	userDoes(t, dir, secret, "", "add", "Alice")
	for _, tt := range []struct {
		args   string
		status int
		says   string
		bad    []string
		names  []string
	}{
		{file, exitRefused, "nothing is imported: bad lines: 10, good ones: 1. Correct them, or use --skip-bad. Of the bad lines 3 have a password that is against the rules: --weak takes them", badLines, []string{"Alice"}},
		{"- --skip-bad", exitDone, "Accounts imported: 1. Lines skipped: 10. Of the bad lines 3 have a password that is against the rules: --weak takes them.", badLines, []string{"Alice", "erin"}},
		{file + " --skip-bad", exitRefused, "no good line. Of the bad lines 3 have a password that is against the rules: --weak takes them", nil, []string{"Alice", "erin"}},
		{file + " --skip-bad --weak", exitDone, "Accounts imported: 3. Lines skipped: 8.", []string{
			badLines[0], badLines[1], badLines[2], "line 8: the name is registered", "line 9: the name is registered", badLines[6], badLines[9],
		}, []string{"Alice", "dave", "erin", "frank", "hans"}},
		{file + ".none", exitRefused, "credentials.txt.none", nil, []string{"Alice", "dave", "erin", "frank", "hans"}},
	} {
		status, stdout, stderr := userCommand(t, dir, badFile, append([]string{"import"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !strings.Contains(stdout+stderr, tt.says) {
			t.Errorf("import %s: exit status %d, %q, %q; want %q", tt.args, status, stdout, stderr, tt.says)
		}
		for _, bad := range tt.bad {
			if !strings.Contains("\n"+stderr, "\n"+bad) {
				t.Errorf("import %s says %q, which lacks %q", tt.args, stderr, bad)
			}
		}
		var names []string
		for _, a := range stored(t, dir).Accounts {
			names = append(names, a.Name)
		}
		if fmt.Sprint(names) != fmt.Sprint(tt.names) {
			t.Errorf("import %s: there are %v, not %v", tt.args, names, tt.names)
		}
	}
	hasPassword(t, stored(t, dir), "erin", secret)
	hasPassword(t, stored(t, dir), "hans", "123456")
}

func TestUserImportOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	for text, says := range map[string]string{"": "no good line", "# nobody\n": "no good line", "alice": "nothing is imported: bad lines: 1"} {
		if status, _, stderr := userCommand(t, dir, text, "import", "-"); status != exitRefused || !strings.Contains(stderr, says) {
			t.Errorf("%q: exit status %d, %q, want %q", text, status, stderr, says)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it has made the folder")
	}
}

// Each line of a file is one account that can log in, or is bad and told with its number; what
// is told has nothing of the line, which may be a password.
func FuzzImport(f *testing.F) {
	f.Add(badFile, false)
	f.Add("\ufeffalice\tblue horse\r\nbob   red horses \n#carl x\n", true)
	f.Add("alice\x00 x\nbob \xff\xff\xff\xff\xff\xff\xff\xff\xff\nsystem blue horses\nalice "+strings.Repeat("x", 5000), true)
	f.Fuzz(func(t *testing.T, text string, weak bool) {
		good, bad := (&userImportCmd{Weak: weak}).parse(text, []admin.Account{{Name: "Alice"}})
		seen, told := map[string]bool{"alice": true}, map[int]bool{}
		for _, e := range good {
			if !users.ValidName(e.name) || seen[users.Fold(e.name)] || e.password == "" || len(e.password) > users.MaxPassword || !utf8.ValidString(e.password) {
				t.Errorf("%q has %+v", text, e)
			}
			if !weak && checkNewPassword(e.name, e.password) != nil {
				t.Errorf("%q has the password of %+v", text, e)
			}
			seen[users.Fold(e.name)], told[e.line] = true, true
		}
		for _, b := range bad {
			if b.reason == "" || told[b.line] {
				t.Errorf("%q has %+v", text, b)
			}
			told[b.line] = true
		}
		if lines := strings.Count(text, "\n") + 1; len(told) > lines {
			t.Errorf("%q has %d lines, and %d are told", text, lines, len(told))
		}
	})
}
