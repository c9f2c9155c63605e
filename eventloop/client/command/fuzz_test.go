package command

import (
	"regexp"
	"strings"
	"testing"
)

// passwordLine is a line with which other chats log in or register.
var passwordLine = regexp.MustCompile(`(?i)^(login [a-z0-9]{1,32}|register|passwd|identify|nickserv \S+|msg nickserv \S+|create [a-z0-9-]{1,32} key) \S+$`)

// Whatever is typed, nothing is said that begins with a slash or has a password
// where other chats have it, and no command gets what it does not take.
func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"hello", "/msg x", "//x", "login bob", "a\nb", "msg bob x", "/nickserv identify x", " nickserv anything x", "login bob x", "Register x", " /x", "/\u00a0x", "/join ops x", "create ops key x", "/room ops x"} {
		f.Add(s, uint8(2))
	}
	table := NewTable()
	f.Fuzz(func(t *testing.T, line string, how uint8) {
		s := people(how&1 != 0, how&2 != 0, how&4 != 0, how&8 != 0)
		m := table.Read(line, s)
		trimmed := strings.TrimSpace(line)
		switch m.Kind {
		case Run:
			if why := m.Command.refuses(m.Command.Name, m.Arg); why != "" {
				t.Errorf("%q runs /%s with %q: %s", line, m.Command.Name, m.Arg, why)
			}
			if m.Command.Secret && m.Command.Open == 0 && strings.ContainsAny(m.Arg, blanks) {
				t.Errorf("%q gives /%s more than a name", line, m.Command.Name)
			}
		case Say:
			if s.Naming || !strings.Contains(line, m.Text) {
				t.Errorf("%q says %q", line, m.Text)
			}
			if strings.HasPrefix(trimmed, "/") && !strings.HasPrefix(trimmed, "//") {
				t.Errorf("%q is said", line)
			}
			if s.Bare && passwordLine.MatchString(trimmed) {
				t.Errorf("%q is said", line)
			}
		case Mistake:
			if m.Text == "" {
				t.Errorf("%q is a mistake without words", line)
			}
		}
		if passwordLine.MatchString(trimmed) && !table.IsSecret(line) {
			t.Errorf("%q is kept in the history", line)
		}
	})
}
