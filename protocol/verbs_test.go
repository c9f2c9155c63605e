package protocol

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files again")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), go test -update writes it again:\n%s", path, diff)
	}
}

func TestHelpText(t *testing.T) {
	golden(t, "help", NewVerbs().HelpText(false))
	golden(t, "help_extended", NewVerbs().HelpText(true))
}

func TestMarkdown(t *testing.T) { golden(t, "verbs.md", NewVerbs().Markdown()) }

// One response holds the help, for clients that read 1,024 bytes once.
func TestHelpTextFitsIntoAPlainFrame(t *testing.T) {
	texts := []string{NewVerbs().HelpText(false), NewVerbs().OrderHelp()}
	for _, v := range NewVerbs().List() {
		texts = append(texts, v.HelpAlone())
	}
	for _, text := range texts {
		if frames := PlainFrames(Response{Sender: ServerName, Kind: KindInfo, Content: text}); len(frames) != 1 {
			t.Errorf("%d frames: %s", len(frames), text)
		}
	}
	if n := len(texts[0]); n > 640 { // one reads it whole
		t.Errorf("help has %d bytes", n)
	}
}

// Each row of the table in the README has as many cells as its head.
func TestMarkdownCells(t *testing.T) {
	for row := range strings.Lines(NewVerbs().Markdown()) {
		if n := strings.Count(strings.ReplaceAll(row, `\|`, ""), "|"); n != 7 {
			t.Errorf("%d bars in %s", n, row)
		}
	}
}

func TestVerbsAreComplete(t *testing.T) {
	verbs := NewVerbs()
	words := map[string]bool{}
	for _, v := range verbs.List() {
		if v.Help == "" || v.Cost < 0 || v.Cost == 0 && !v.Extended || v.States == 0 || v.Shows == 0 {
			t.Errorf("%s: help %q, cost %d, states %d, shows %d", v.Name, v.Help, v.Cost, v.States, v.Shows)
		}
		for _, word := range append([]string{v.Name}, v.Aliases...) {
			if word != strings.ToLower(word) || strings.ContainsAny(word, " \t\n") {
				t.Errorf("%q can never be found", word)
			}
			if words[word] {
				t.Errorf("%q stands twice in the table", word)
			}
			words[word] = true
			if got := verbs.Lookup(word); got == nil || got.Name != v.Name {
				t.Errorf("Lookup(%q) = %v, want %s", word, got, v.Name)
			}
		}
	}
	for _, standard := range []string{"login", "logout", "msg", "names", "help"} {
		if !words[standard] {
			t.Errorf("%s is missing", standard)
		}
	}
}

// A session that is not extended is shown nothing that it could not ask for, and what keeps
// order only when it asks for that.
func TestOnlyExtendedSessionsSeeAllVerbs(t *testing.T) {
	verbs := NewVerbs()
	_, list, _ := strings.Cut(verbs.HelpText(false), "And: ")
	list, _, _ = strings.Cut(list, "\n")
	more := strings.Split(list, ", ")
	for i, v := range verbs.List() {
		if !strings.Contains(verbs.HelpText(true), v.HelpLine()) {
			t.Errorf("%s is not shown to extended sessions", v.Name)
		}
		if want := !v.Extended && !v.Order && i >= standard; slices.Contains(more, v.Name) != want {
			t.Errorf("%s: shown %v", v.Name, !want)
		}
		if strings.Contains(verbs.OrderHelp(), v.Syntax()) != v.Order {
			t.Errorf("%s is about order: %v, which %q does not say", v.Name, v.Order, verbs.OrderHelp())
		}
	}
}

func TestLookup(t *testing.T) {
	for word, want := range map[string]string{"msg": "msg", "message": "msg", "login": "login"} {
		if v := NewVerbs().Lookup(word); v == nil || v.Name != want {
			t.Errorf("Lookup(%q) = %v, want %s", word, v, want)
		}
	}
	for _, word := range []string{"", "frobnicate", "MSG", "msg ", "mess"} {
		if v := NewVerbs().Lookup(word); v != nil {
			t.Errorf("Lookup(%q) = %v, want nil", word, v)
		}
	}
}

func TestStates(t *testing.T) {
	for _, tt := range []struct {
		verb string
		want States
		when string
	}{
		{"login", LoggedOut, "before login"},
		{"logout", LoggedIn, "after login"},
		{"msg", LoggedIn, "after login"},
		{"names", LoggedIn, "after login"},
		{"help", LoggedOut | LoggedIn, "always"},
	} {
		if got := verb(tt.verb).States; got != tt.want || got.String() != tt.when {
			t.Errorf("%s is allowed %v, want %s", tt.verb, got, tt.when)
		}
	}
}

func TestSyntax(t *testing.T) {
	whisper := Verb{Name: "whisper", Args: []Arg{{Name: "name"}, {Name: "text"}}}
	if got := whisper.Syntax(); got != "whisper NAME TEXT" {
		t.Errorf("%q", got)
	}
	for word, want := range map[string]string{"login": "login NAME", "logout": "logout [ID]", "message": "msg TEXT", "away": "away [TEXT]",
		"join": "join ROOM [KEY]", "create": "create ROOM [private|key KEY]", "topic": "topic [TEXT]", "read": "read ROOM|NAME ID"} {
		if got := NewVerbs().Lookup(word).Syntax(); got != want {
			t.Errorf("%s: %q", word, got)
		}
	}
}

func TestVerbParse(t *testing.T) {
	whisper := Verb{Name: "whisper", Args: []Arg{{Name: "name"}, {Name: "text"}}} // two arguments, which no standard verb has
	text := func(s string) Content { return Content{Text: s} }
	fields := func(pairs ...string) Content {
		c := Content{Fields: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			c.Fields[pairs[i]] = pairs[i+1]
		}
		return c
	}
	strange := func(good, bad, is string) Content {
		return Content{Fields: map[string]string{good: "x"}, odd: map[string]odd{bad: {is: is}}}
	}
	number := func(field, digits string) Content {
		return Content{Fields: map[string]string{}, odd: map[string]odd{field: {"a number", digits}}}
	}
	for _, tt := range []struct {
		name    string
		verb    *Verb
		content Content
		want    []string
		says    string
	}{
		{"login", verb("login"), text("alice"), []string{"alice", ""}, ""},
		{"login takes all: what is no name is found later", verb("login"), text("evil\n"), []string{"evil\n", ""}, ""},
		{"login with fields", verb("login"), fields("name", "alice", "color", "red"), []string{"alice", ""}, ""},
		{"login with a field that no string has", verb("login"), fields("name", "alice", "password", "blue horse"), []string{"alice", "blue horse"}, ""},
		{"login without", verb("login"), text(""), nil, "login is missing its name. Use: login NAME"},
		{"login with other fields", verb("login"), fields("user", "alice"), nil, "login is missing its name. Use: login NAME"},
		{"login with an empty field", verb("login"), fields("name", ""), nil, "login is missing its name"},
		{"login with a number", verb("login"), Content{wrong: "a number"}, nil, `The content of login must be a string, not a number: "NAME".`},
		{"msg", verb("msg"), text("hi"), []string{"hi", "", ""}, ""},
		{"msg is kept as it is", verb("msg"), text("  two  words \n"), []string{"  two  words \n", "", ""}, ""},
		{"msg of white space", verb("msg"), text(" "), []string{" ", "", ""}, ""},
		{"msg None is a text: an argument is required here", verb("msg"), text("None"), []string{"None", "", ""}, ""},
		{"msg with fields", verb("msg"), fields("text", " hi "), []string{" hi ", "", ""}, ""},
		{"msg without", verb("msg"), text(""), nil, "msg is missing its text. Use: msg TEXT"},
		{"msg with a list", verb("msg"), Content{wrong: "a list"}, nil, `The content of msg must be a string, not a list: "TEXT".`},

		{"passwd", verb("passwd"), text("old new"), []string{"old", "new"}, ""},
		{"passwd with blanks", verb("passwd"), text(`"blue horse" "red horses"`), []string{"blue horse", "red horses"}, ""},
		{"passwd with blanks in the old one", verb("passwd"), text(`"blue horse"  red`), []string{"blue horse", "red"}, ""},
		{"passwd with blanks in the new one", verb("passwd"), text(`blue "red horses" `), []string{"blue", "red horses"}, ""},
		{"passwd whose new one is what is left", verb("passwd"), text(`"blue horse" red  horses`), []string{"blue horse", "red  horses"}, ""},
		{"passwd with quotes in it", verb("passwd"), text(`"a \"b\" \\" "\c"`), []string{`a "b" \`, `\c`}, ""},
		{"passwd with quotes of its own", verb("passwd"), text(`bl"ue re"d`), []string{`bl"ue`, `re"d`}, ""},
		{"passwd with one quote", verb("passwd"), text(`"blue red`), []string{`"blue`, "red"}, ""},
		{"passwd with a quote within", verb("passwd"), text(`"blue"x red`), []string{`"blue"x`, "red"}, ""},
		{"passwd of many words", verb("passwd"), text("blue horse red horses"), nil, `It is not clear where the old one ends. Use double quotes: passwd "OLD" "NEW"`},
		{"passwd of three words", verb("passwd"), text("blue horse red"), nil, "It is not clear"},
		{"passwd whose quotes do not end", verb("passwd"), text(`"blue horse red`), nil, "It is not clear"},
		{"passwd without a new one", verb("passwd"), text(`"blue horse"`), nil, `passwd is missing its new. Use: passwd "OLD" "NEW"`},
		{"passwd with an empty one", verb("passwd"), text(`"" red`), nil, "passwd is missing its old"},
		{"passwd with fields is not quoted", verb("passwd"), fields("old", `"blue horse"`, "new", `"x"`), []string{`"blue horse"`, `"x"`}, ""},
		{"register", verb("register"), text("blue  horse "), []string{"blue  horse "}, ""},
		{"register with quotes", verb("register"), text(`"blue horse"`), []string{"blue horse"}, ""},
		{"register with more behind quotes", verb("register"), text(`"blue" horse`), []string{`"blue" horse`}, ""},
		{"dm knows no quotes", verb("dm"), text(`bob "hi you"`), []string{"bob", `"hi you"`, ""}, ""},

		{"msg to a room", verb("msg"), fields("room", "den", "text", "hi"), []string{"hi", "den", ""}, ""},
		{"msg that is an answer", verb("msg"), fields("text", "hi", "re", "12"), []string{"hi", "", "12"}, ""},
		{"dm that is an answer", verb("dm"), fields("name", "bob", "text", "hi", "re", "12"), []string{"bob", "hi", "12"}, ""},
		{"edit", verb("edit"), text("12  two words "), []string{"12", " two words "}, ""},
		{"edit without a text", verb("edit"), text("12"), nil, "edit is missing its text. Use: edit ID TEXT"},
		{"remove without a reason", verb("remove"), text("12"), []string{"12", ""}, ""},
		{"remove with a reason", verb("remove"), text("12 it was spam"), []string{"12", "it was spam"}, ""},
		{"react", verb("react"), text("12 +1"), []string{"12", "+1"}, ""},
		{"unreact without a word", verb("unreact"), text("12"), nil, "unreact is missing its word. Use: unreact ID WORD|EMOJI"},
		{"names", verb("names"), text(""), []string{""}, ""},
		{"names None", verb("names"), text("None"), []string{""}, ""},
		{"names with a text", verb("names"), text("all of them"), []string{"all of them"}, ""},
		{"names with other fields", verb("names"), fields("verb", "names"), []string{""}, ""},
		{"logout with words", verb("logout"), text("good bye"), []string{"good bye"}, ""},
		{"logout with a number", verb("logout"), Content{wrong: "a number"}, nil, `The content of logout must be a string, not a number: "[ID]".`},
		{"names with a list", verb("names"), Content{wrong: "a list"}, nil, `The content of names must be a string, not a list: "[ROOM]".`},
		{"rooms with a list", verb("rooms"), Content{wrong: "a list"}, nil, "The content of rooms must be null, not a list."},

		{"join", verb("join"), text("den"), []string{"den", ""}, ""},
		{"join with a key", verb("join"), text("den  blue  horse "), []string{"den", " blue  horse "}, ""},
		{"join with a quoted key", verb("join"), text(`den  "blue  \"horse\" " `), []string{"den", `blue  "horse" `}, ""},
		{"join with fields", verb("join"), fields("room", "den", "key", `"x"`), []string{"den", `"x"`}, ""},
		{"join without a room", verb("join"), text(""), nil, "join is missing its room. Use: join ROOM [KEY]"},
		{"join with a key that is a number", verb("join"), strange("room", "key", "a number"), nil, `"key" in the content of join must be a string, not a number.`},
		{"create", verb("create"), text("den"), []string{"den", "", ""}, ""},
		{"create private", verb("create"), text("den private"), []string{"den", "private", ""}, ""},
		{"create with a key", verb("create"), text(`den key "blue horse"`), []string{"den", "key", "blue horse"}, ""},
		{"create with fields", verb("create"), fields("room", "den", "key", "blue horse"), []string{"den", "", "blue horse"}, ""},
		{"create without a room", verb("create"), text(" "), nil, "create is missing its room. Use: create ROOM [private|key KEY]"},
		{"topic", verb("topic"), text("blue  horses "), []string{"blue  horses ", ""}, ""},
		{"topic without", verb("topic"), text("None"), []string{"", ""}, ""},
		{"invite", verb("invite"), text("bob"), []string{"bob", ""}, ""},
		{"invite to a room", verb("invite"), text("bob den"), []string{"bob", "den"}, ""},
		{"read", verb("read"), text("den 12"), []string{"den", "12", ""}, ""},
		{"read with a number", verb("read"), number("id", "12"), []string{"", "12", ""}, ""},
		{"read of a person", verb("read"), fields("name", "bob", "id", "12"), []string{"", "12", "bob"}, ""},
		{"read with a large number", verb("read"), number("id", "18446744073709551616"), []string{"", "18446744073709551616", ""}, ""},
		{"read with a fraction", verb("read"), number("id", ""), nil, `"id" in the content of read must be a whole number, such as 12.`},
		{"read with a list", verb("read"), strange("room", "id", "a list"), nil, `"id" in the content of read must be a whole number, such as 12.`},
		{"read with a number for a room", verb("read"), number("room", "12"), nil, `"room" in the content of read must be a string, not a number.`},
		{"seen with a number", verb("seen"), number("number", "0"), []string{"0"}, ""},
		{"seen without", verb("seen"), fields(), nil, "seen is missing its number. Use: seen NUMBER"},
		{"a password that is a number", verb("login"), strange("name", "password", "a number"), nil, `"password" in the content of login must be a string, not a number.`},
		{"a name that is a list", verb("whois"), strange("text", "name", "a list"), nil, `"name" in the content of whois must be a string, not a list.`},
		{"a field that no verb knows", verb("login"), strange("name", "color", "a number"), []string{"x", ""}, ""},
		{"a field of another verb", verb("whois"), strange("name", "password", "a number"), []string{"x"}, ""},
		{"help with fields", verb("help"), fields("verb", "msg"), []string{""}, ""},

		{"away", verb("away"), text("at lunch"), []string{"at lunch"}, ""},
		{"away without", verb("away"), text(""), []string{""}, ""},
		{"away None", verb("away"), text("None"), []string{""}, ""},
		{"two words", &whisper, text("bob hi"), []string{"bob", "hi"}, ""},
		{"the last one takes what is left", &whisper, text(" \tbob  see you\nat 8 "), []string{"bob", " see you\nat 8 "}, ""},
		{"separated by a newline", &whisper, text("bob\nhi"), []string{"bob", "hi"}, ""},
		{"second is missing", &whisper, text("bob"), nil, "whisper is missing its text. Use: whisper NAME TEXT"},
		{"second is empty", &whisper, text("bob "), nil, "whisper is missing its text"},
		{"both are missing", &whisper, text("  "), nil, "whisper is missing its name"},
		{"two fields", &whisper, fields("text", "hi", "name", "bob"), []string{"bob", "hi"}, ""},
		{"one field of two", &whisper, fields("name", "bob"), nil, "whisper is missing its text"},
		{"a list for two", &whisper, Content{wrong: "a list"}, nil, `not a list: "NAME TEXT".`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.verb.Parse(tt.content)
			if tt.says != "" {
				checkError(t, err, BadRequest, tt.says)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func verb(word string) *Verb { return NewVerbs().Lookup(word) }

func TestSecret(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "blue horse ": "blue horse ", `"blue horse"`: "blue horse", ` "blue horse" `: "blue horse", `"a\"b\\c\d"`: `a"b\c\d`,
		`"`: `"`, `"blue`: `"blue`, `"blue\`: `"blue\`, `"blue\"`: `"blue\"`, `"blue" horse`: `"blue" horse`, `blue "horse"`: `blue "horse"`,
	} {
		if got := Secret(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// Every verb with a secret has a way to say any of them in a string, behind words that
// are none.
func TestSecretsWithBlanks(t *testing.T) {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for _, v := range NewVerbs().List() {
		words := v.words()
		if !v.Secret || !v.Args[words-1].Secret { // a name takes all of a login's string; the server looks into it
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			var want []string
			var typed strings.Builder
			for _, a := range v.Args[:words] {
				if !a.Secret {
					want = append(want, a.Name)
					typed.WriteString(a.Name + " ")
					continue
				}
				s := rapid.StringMatching(`[a "\\\n]{1,6}`).Draw(t, a.Name)
				want = append(want, s)
				typed.WriteString(`"` + quote.Replace(s) + `" `)
			}
			got, err := v.Parse(Content{Text: typed.String()})
			if err != nil || !slices.Equal(got[:words], want) {
				t.Fatalf("%s %s: %q, %v", v.Name, typed.String(), got, err)
			}
		})
	}
}
