package command

import (
	"strings"
	"testing"
)

func TestReadLine(t *testing.T) {
	const naming, bare = 1, 2
	tests := []struct {
		line string
		how  int
		want string // chat TEXT, /command ARG, mistake, nothing
	}{
		{"hello", bare, "chat hello"},
		{"  hello ", bare, "chat   hello "},
		{"", bare, "nothing"},
		{" \t ", bare, "nothing"},
		{"hello\r\n", bare, "chat hello"},

		{"names", bare, "/names"},
		{" names ", bare, "/names"},
		{"names of things", bare, "chat names of things"},
		{"Names", bare, "chat Names"},
		{"help", bare, "/help"},
		{"help me please", bare, "chat help me please"},
		{"logout", bare, "/logout"},
		{"logout now", bare, "chat logout now"},
		{"login alice", bare, "/login alice"},
		{"login", bare, "mistake /login"},
		{"login page is down", bare, "chat login page is down"},
		{"login al!ce", bare, "chat login al!ce"},
		{"msg hi", bare, "/msg hi"},
		{"msg   two  words", bare, "/msg two  words"},
		{"msg", bare, "mistake /msg"},
		{"bell off", bare, "mistake /bell off"},
		{"bell curve", bare, "chat bell curve"},
		{"quit", bare, "mistake /quit"},
		{"quit smoking", bare, "chat quit smoking"},
		{"names\nhelp", bare, "chat names\nhelp"},
		{"names", 0, "chat names"},
		{"msg hi", 0, "chat msg hi"},

		{"/names", 0, "/names"},
		{"/NAMES", 0, "/names"},
		{"  /names", bare, "/names"},
		{"/exit", bare, "/quit"},
		{"/msg a\nb", bare, "/msg a\nb"},
		{"/msg", bare, "mistake /msg needs more: type /msg TEXT"},
		{"/names x", bare, "mistake /names stands alone: type it without anything behind it."},
		{"/bell off", bare, "/bell off"},
		{"/bell loud", bare, "mistake /bell knows off, mentions, all."},
		{"/", bare, "mistake Type /help for the commands. To say something that begins with a slash, type two of them."},
		{"/nope", bare, "mistake There is no command /nope. Type /help for the commands, or two slashes to say it."},
		{"/halp me", bare, "mistake There is no command /halp. Did you mean /help? To say it, type two slashes."},
		{"/etc/passwd\nroot", bare, "mistake There is no command /etc/passwd. Type /help for the commands, or two slashes to say it."},
		{"/dm bob", bare, "mistake /dm needs more: type /dm NAME TEXT"},
		{"/dm bob  hi  there", bare, "/dm bob  hi  there"},
		{"/message bob hi", 0, "/dm bob hi"},
		{"/tell bob hi", 0, "/dm bob hi"},
		{"/away", bare, "/away"},
		{"/away for lunch", bare, "/away for lunch"},

		// What looks like a command. bob is known here.
		{"dm bob hi", bare, "mistake /dm bob hi"},
		{"dm me later", bare, "chat dm me later"},
		{"message bob hi", bare, "mistake /message bob hi"},
		{"message Bob hi there", bare, "mistake /message Bob hi there"},
		{"message bob", bare, "mistake /message bob"},
		{"message received!", bare, "chat message received!"},
		{"Message me later", bare, "chat Message me later"},
		{"message carl hi", bare, "mistake /message carl hi"},
		{"tell bob hi", bare, "mistake /tell bob hi"},
		{"tell me more", bare, "chat tell me more"},
		{"broadcast hi", bare, "mistake /broadcast hi"},
		{"whoelse", bare, "mistake /whoelse"},
		{"Whoelse", bare, "mistake /Whoelse"},
		{"whoelsesince 60", bare, "mistake /whoelsesince 60"},
		{"whoelsesince yesterday", bare, "chat whoelsesince yesterday"},
		{"whois carl", bare, "mistake /whois carl"},
		{"whois that guy", bare, "chat whois that guy"},
		{"block bob", bare, "mistake /block bob"},
		{"block bob please", bare, "chat block bob please"},
		{"block party tonight", bare, "chat block party tonight"},
		{"block party", bare, "mistake /block party"},
		{"Block bob", bare, "chat Block bob"},
		{"unblock", bare, "mistake /unblock"},
		{"unblock bob", bare, "mistake /unblock bob"},
		{"blocked", bare, "mistake /blocked"},
		{"peers", bare, "mistake /peers"},
		{"peers are equals", bare, "chat peers are equals"},
		{"startprivate carl", bare, "mistake /startprivate carl"},
		{"stopprivate bob", bare, "mistake /stopprivate bob"},
		{"private bob x", bare, "mistake /private bob x"},
		{"private bob", bare, "mistake /private bob"},
		{"private matters", bare, "chat private matters"},
		{"accept bob", bare, "mistake /accept bob"},
		{"accept defeat", bare, "chat accept defeat"},
		{"verify bob yes", bare, "mistake /verify bob yes"},
		{"verify bob is here", bare, "chat verify bob is here"},
		{"trust bob", bare, "mistake /trust bob"},
		{"away", bare, "mistake /away"},
		{"away for lunch", bare, "chat away for lunch"},
		{"back", bare, "mistake /back"},
		{"Back", bare, "chat Back"},
		{"back in 5 minutes", bare, "chat back in 5 minutes"},
		{"ping", bare, "mistake /ping"},
		{"help block", bare, "mistake /help block"},
		{"help bob", bare, "chat help bob"},
		{"reply hi", bare, "mistake /reply hi"},
		{"block bob", 0, "chat block bob"},
		{"block bob\nnow", bare, "chat block bob\nnow"},
		{"whoelse", naming | bare, "/login whoelse"},
		{"/broadcast hi", 0, "/msg hi"},

		{"/register hunter2", bare, "mistake /register stands alone: it asks for the password, so that nobody sees it. Nothing was sent."},
		{"/passwd old new", 0, "mistake /passwd stands alone: it asks for the password, so that nobody sees it. Nothing was sent."},
		{"register hunter2", bare, "mistake That may be a password, so it was not said. /register asks for it. To say it nevertheless, type msg before it."},
		{"passwd old new", bare, "mistake That may be a password, so it was not said. /passwd asks for it. To say it nevertheless, type msg before it."},
		{"login alice hunter2", bare, "mistake That may be a password, so it was not said. /login asks for it. To say it nevertheless, type msg before it."},
		{"register", bare, "mistake /register"},
		{"register for the exam", bare, "chat register for the exam"},
		{"msg register hunter2", bare, "/msg register hunter2"},
		{"register hunter2", 0, "chat register hunter2"},
		{"//", bare, "chat /"},
		{"//etc", bare, "chat /etc"},
		{" ///etc", bare, "chat //etc"},

		{"alice", naming | bare, "/login alice"},
		{" alice ", naming | bare, "/login alice"},
		{"help", naming | bare, "/help"},
		{"login help", naming | bare, "/login help"},
		{"/login alice", naming | bare, "/login alice"},
		{"two words", naming | bare, "mistake"},
		{"//alice", naming | bare, "mistake"},
		{"a\nb", naming | bare, "mistake"},
		{"msg hi", naming | bare, "/msg hi"},
	}
	table := NewTable()
	for _, test := range tests {
		m := table.Read(test.line, Situation{Naming: test.how&naming != 0, Bare: test.how&bare != 0, Replies: true,
			Known: func(name string) bool { return strings.EqualFold(name, "bob") }})
		got := "nothing"
		switch m.Kind {
		case Say:
			got = "chat " + m.Text
		case Run:
			got = strings.TrimSpace("/" + m.Command.Name + " " + m.Arg)
		case Mistake:
			got = "mistake " + m.Text
			if rest, ok := strings.CutPrefix(m.Text, "That looks like a command, so it was said to nobody. Type one of these:\n"); ok {
				got, _, _ = strings.Cut("mistake "+rest, "  ")
			}
		}
		if got != test.want && (test.want != "mistake" || m.Kind != Mistake) {
			t.Errorf("%q (%d) means %q, not %q", test.line, test.how, got, test.want)
		}
	}
}

func TestSecretLines(t *testing.T) {
	table := NewTable()
	for line, want := range map[string]bool{
		"/login alice":    true,
		"  /LOGIN alice":  true,
		"login alice":     true,
		"Login alice pw":  true,
		"/logn alice pw":  true,
		"/lgoin alice pw": true,
		"/register":       true,
		"/register pw":    true,
		"register pw":     true,
		"/regster pw":     true,
		"/passwd a b":     true,
		"passwd a b":      true,
		"/paswd a b":      true,
		"/logout":         false,
		"/message x y":    false,
		"/names":          false,
		"hello login":     false,
		"logan is here":   false,
	} {
		if got := table.IsSecret(line); got != want {
			t.Errorf("isSecret(%q) = %v", line, got)
		}
	}
}

func TestNearestCommand(t *testing.T) {
	table := NewTable()
	for word, want := range map[string]string{
		"nmaes": "names", "naems": "names", "logn": "login", "loguot": "logout", "hlep": "help", "quti": "quit",
		"ext": "quit", "exit": "quit", "mgs": "", "ms": "msg", "bel": "bell", "NAME": "names", "n": "names",
		"x": "", "frobnicate": "", "": "",
	} {
		got := ""
		if c := table.nearest(word); c != nil {
			got = c.Name
		}
		if got != want {
			t.Errorf("nearest to %q is %q, not %q", word, got, want)
		}
	}
}

// Every row of the table is complete and can be reached.
func TestCommandTable(t *testing.T) {
	table := NewTable()
	for _, c := range table.List() {
		if c.Help == "" || strings.HasSuffix(c.Help, ".") {
			t.Errorf("/%s is not complete", c.Name)
		}
		if (c.Args == "") != (c.What == NoArgument) {
			t.Errorf("/%s: Args and What do not fit", c.Name)
		}
		if (c.Values != nil) != (c.What == ArgValue) {
			t.Errorf("/%s: Values and What do not fit", c.Name)
		}
		if c.Bare != NotBare && c.Bare != BareAlone && c.Args == "" {
			t.Errorf("/%s takes nothing, but is bare with something", c.Name)
		}
		for _, word := range append(c.Aliases, c.Name) {
			if table.Lookup(strings.ToUpper(word)).Name != c.Name {
				t.Errorf("/%s is not found as %s", c.Name, word)
			}
		}
	}
}

func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"hello", "/msg x", "//x", "login bob", "a\nb"} {
		f.Add(s, true, true)
	}
	table := NewTable()
	f.Fuzz(func(t *testing.T, line string, naming, bare bool) {
		m := table.Read(line, Situation{Naming: naming, Bare: bare, Known: func(name string) bool { return len(name) < 5 }})
		if m.Kind == Run && m.Command.refuses(m.Arg) != "" {
			t.Errorf("%q runs /%s with %q", line, m.Command.Name, m.Arg)
		}
		if m.Kind == Say && naming {
			t.Errorf("%q is chat before there is a name", line)
		}
		if m.Kind == Say && !strings.Contains(line, m.Text) {
			t.Errorf("%q says %q", line, m.Text)
		}
	})
}
