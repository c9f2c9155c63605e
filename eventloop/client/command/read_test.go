package command

import (
	"strings"
	"testing"
)

func TestReadLine(t *testing.T) {
	tests := []readTest{
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
		{"exit", bare, "mistake /quit"},
		{"bye", bare, "mistake /quit"},
		{"q", bare, "mistake /quit"},
		{":q", bare, "mistake /quit"},
		{":wq", bare, "mistake /quit"},
		{"logoff", bare, "mistake /quit"},
		{"Bye", bare, "chat Bye"},
		{"bye all", bare, "chat bye all"},
		{"exit strategy", bare, "chat exit strategy"},
		{"bye", 0, "chat bye"},
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
		{"/names x", bare, "/names x"},
		{"/bell off", bare, "/bell off"},
		{"/bell loud", bare, "mistake /bell knows off, mentions, all: type one of them behind it."},
		{"/login alice hunter2", bare, "mistake Nothing was sent: type /login alice and nothing else. You are asked for the password if the name has one."},
		{"/login al!ce hunter2", 0, "mistake Nothing was sent: type /login and one name, such as /login alice."},
		{"/", bare, "mistake Type /help for the commands. To say something that begins with a slash, type two of them."},
		{"/zzzz", bare, "mistake There is no command /zzzz. Type /help for the commands, or two slashes to say it."},
		{"/halp me", bare, "mistake There is no command /halp. Did you mean /help? To say it, type two slashes."},
		{"/etc/passwd\nroot", bare, "mistake There is no command /etc/passwd. Type /help for the commands, or two slashes to say it."},
		{"/dm bob", bare, "/query bob"},
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
		{"whoelse", naming | bare, "mistake /whoelse | login whoelse"},
		{"quit", naming | bare, "mistake /quit | login quit"},
		{"bye", naming | bare, "mistake /quit | login bye"},
		{":q", naming | bare, "mistake /quit"},
		{"register", naming | bare, "mistake /register | login register"},
		{"login", naming | bare, "mistake /login NAME | login login"},
		{"login quit", naming | bare, "/login quit"},
		{"Bell", naming | bare, "/login Bell"},
		{"nick", naming | bare, "/login nick"},
		{"/broadcast hi", 0, "/msg hi"},

		// Other chats say something to one person with msg.
		{"/msg bob hi  there", bare, "mistake /dm bob hi  there | /broadcast bob hi  there"},
		{"/MSG Bob hi", bare, "mistake /dm Bob hi | /broadcast Bob hi"},
		{"/msg bob", bare, "mistake /query bob | /broadcast bob"},
		{"/msg @bob hi", bare, "mistake /dm bob hi | /broadcast @bob hi"},
		{"/msg <bob> hi", bare, "mistake /dm bob hi | /broadcast <bob> hi"},
		{"/msg carl,bob hi", bare, "mistake /dm bob hi | /broadcast carl,bob hi"},
		{"/msg bob\nhi", bare, "mistake /dm bob hi | /broadcast bob hi"},
		{"/msg bob: hi", bare, "/msg bob: hi"},
		{"/msg bob, hi", bare, "/msg bob, hi"},
		{"/msg bobby hi", bare, "/msg bobby hi"},
		{"/msg carl hi", bare, "/msg carl hi"},
		{"/msg alice hi", bare, "/msg alice hi"},
		{"/msg bob hi", plain, "mistake /broadcast bob hi"},
		{"/msg bob hi", pipe, "/msg bob hi"},
		{"/broadcast bob hi", bare, "/msg bob hi"},
		{"/say bob hi", bare, "/msg bob hi"},
		{"msg bob hi", bare, "mistake /dm bob hi | /broadcast bob hi"},
		{"msg @bob hi", bare, "mistake /dm bob hi | /broadcast @bob hi"},
		{"Msg bob hi", bare, "mistake /dm bob hi | /broadcast bob hi"},
		{"msg bob: hi", bare, "/msg bob: hi"},
		{"msg bob hi\nthere", bare, "mistake /dm bob hi there | /broadcast bob hi there"},
		{"msg bob hi", plain | bare, "mistake /broadcast bob hi"},
		{"msg bob hi", naming | bare, "mistake /dm bob hi | /broadcast bob hi"},
		{"bob hi", bare, "chat bob hi"},
		{"dm bob hi\nthere", bare, "mistake /dm bob hi there"},
		{"tell bob\nthat", bare, "mistake /tell bob that"},
		{"Dm bob hi", bare, "mistake /Dm bob hi"},
		{"Tell bob that I am late", bare, "chat Tell bob that I am late"},
		{"dm bob hi", plain | bare, "mistake msg dm bob hi"},
		{"/dm @bob hi", bare, "/dm bob hi"},
		{"/whois @bob", bare, "/whois bob"},

		// Words of IRC and of other chats.
		{"/w bob hi", bare, "/dm bob hi"},
		{"/WHISPER bob hi", bare, "/dm bob hi"},
		{"/pm bob", bare, "/query bob"},
		{"/ignore", bare, "mistake /ignore is /block here: type /block NAME"},
		{"/notice bob hi", bare, "/dm bob hi"},
		{"/r hi", bare, "/reply hi"},
		{"/who", bare, "/names"},
		{"/who ops", bare, "/names ops"},
		{"/ignore bob", bare, "/block bob"},
		{"/unignore bob", bare, "/unblock bob"},
		{"/nick carl", bare, "/login carl"},
		{"/quit good bye", bare, "/quit good bye"},
		{"/exit", bare, "/quit"},
		{"/bye", bare, "/quit"},
		{"/?", bare, "/help"},
		{"/q", bare, "mistake Each chat has another meaning for /q, so nothing was done. /quit leaves, /dm NAME TEXT says something to one person."},
		{"/me waves", bare, "mistake There is no /me here, so nothing was sent. Say it as it is, for example: *waves*"},
		{"/join #go", bare, "/join go"},
		{"/wisper bob hi", bare, "mistake There is no command /wisper. Did you mean /dm? To say it, type two slashes."},
		{"w bob hi", bare, "mistake /dm bob hi"},
		{"whisper bob hi", bare, "mistake /dm bob hi"},
		{"Whisper bob hi", bare, "mistake /dm bob hi"},
		{"whisper sweet words", bare, "chat whisper sweet words"},
		{"pm bob: hi", bare, "chat pm bob: hi"},
		{"pm me later", bare, "chat pm me later"},
		{"privmsg carl hi", bare, "mistake /dm carl hi"},
		{"ignore bob", bare, "mistake /block bob"},
		{"ignore bob please", bare, "chat ignore bob please"},
		{"kick bob", bare, "mistake /kick bob"},
		{"op bob", bare, "mistake /role NAME moderator says who keeps order, /role NAME none that somebody does no more. To say it, type: msg op bob"},
		{"keep calm", bare, "chat keep calm"},
		{"search for it", bare, "chat search for it"},
		{"history is long", bare, "chat history is long"},
		{"around 5", bare, "chat around 5"},
		{"remove it please", bare, "chat remove it please"},
		{"edit", bare, "mistake /edit"},
		{"remove 12", bare, "mistake /remove 12"},
		{"remove #12 too rude", bare, "mistake /remove #12 too rude"},
		{"remove 12th", bare, "chat remove 12th"},
		{"Remove 12 eggs", bare, "chat Remove 12 eggs"},
		{"react 24 +1", bare, "mistake /react 24 +1"},
		{"unreact 24 +1", bare, "mistake /unreact 24 +1"},
		{"edit 3 foo", bare, "mistake /edit 3 foo"},
		{"edit 3 foo\nbar", bare, "mistake /edit 3 foo bar"},
		{"edit my text", bare, "chat edit my text"},
		{"reply 12 yes", bare, "mistake /reply 12 yes"},
		{"versions 3", bare, "mistake /versions 3"},
		{"versions 3 and 4 differ", bare, "chat versions 3 and 4 differ"},
		{"report 12 spam", bare, "mistake /report 12 spam"},
		{"report bob", bare, "mistake /report bob"},
		{"report # 12", bare, "chat report # 12"},
		{"around #5", bare, "mistake /around #5"},
		{"around #5 20", bare, "mistake /around #5 20"},
		{"slow 10", bare, "mistake /slow 10"},
		{"slow ops 10", bare, "mistake /slow ops 10"},
		{"slow attic 10", bare, "chat slow attic 10"},
		{"keep 30 1000", bare, "mistake /keep 30 1000"},
		{"keep 3 for me", bare, "chat keep 3 for me"},
		{"mute bob 10m", bare, "mistake /mute bob 10m"},
		{"ban bob 7d spam", bare, "mistake /ban bob 7d spam"},
		{"mute bob now", bare, "chat mute bob now"},
		{"remove 12", pipe, "chat remove 12"},
		{"/mute bob 10m", bare, "/mute bob 10m"},
		{"/ban @bob", bare, "/ban bob"},
		{"/reply #12 yes", bare, "/reply #12 yes"},
		{"kick bob out", bare, "chat kick bob out"},
		{"who", bare, "chat who"},
		{"list", bare, "chat list"},
		{"me too", bare, "chat me too"},
		{"nick is late", bare, "chat nick is late"},
		{"r u there", bare, "chat r u there"},
		{"say bob hi", bare, "chat say bob hi"},

		// Passwords, also as IRC has them.
		{"/msg NickServ identify hunter2", bare, "mistake " + noService + sayNevertheless},
		{"/msg nickserv@services identify hunter2", pipe, "mistake " + noService + sayNevertheless},
		{"msg NickServ identify hunter2", bare, "mistake " + noService + sayNevertheless},
		{"nickserv identify hunter2", bare, "mistake " + noService + sayNevertheless},
		{"/broadcast nickserv is missing", bare, "/msg nickserv is missing"},
		{"/dm nickserv identify hunter2", bare, "mistake " + noService},
		{"/w nickserv identify hunter2", bare, "mistake " + noService},
		{"/identify hunter2", bare, "mistake " + noService},
		{"/ns identify hunter2", bare, "mistake " + noService},
		{"/oper alice hunter2", bare, "mistake " + noService},
		{"identify hunter2", bare, "mistake That may be a password, so it was not said. /login asks for it. To say it nevertheless, type msg before it."},
		{"Register hunter2", bare, "mistake That may be a password, so it was not said. /register asks for it. To say it nevertheless, type msg before it."},
		{"register alice hunter2", bare, "mistake That may be a password, so it was not said. /register asks for it. To say it nevertheless, type msg before it."},
		{"LOGIN alice hunter2", bare, "mistake That may be a password, so it was not said. /login asks for it. To say it nevertheless, type msg before it."},
		{"regster hunter2", bare, "mistake That may be a password, so it was not said. /register asks for it. To say it nevertheless, type msg before it."},
		{"lgoin alice hunter2", bare, "mistake That may be a password, so it was not said. /login asks for it. To say it nevertheless, type msg before it."},
		{"logan is here!", bare, "chat logan is here!"},
		{"passed two exams", bare, "chat passed two exams"},
		{"passwd hunter2", bare, "mistake That may be a password, so it was not said. /passwd asks for it. To say it nevertheless, type msg before it."},

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
	checkRead(t, tests)
}

// How a line of TestReadLine is typed.
const naming, bare, plain, pipe = 1, 2, 4, 8

type readTest struct {
	line string
	how  int
	want string // chat TEXT, /command ARG, mistake, nothing
}

func checkRead(t *testing.T, tests []readTest) {
	t.Helper()
	table := NewTable()
	for _, test := range tests {
		if got := described(table.Read(test.line, people(test.how&naming != 0, test.how&bare != 0, test.how&plain != 0, test.how&pipe != 0))); got != test.want &&
			(test.want != "mistake" || !strings.HasPrefix(got, "mistake ")) {
			t.Errorf("%q (%d) means %q, not %q", test.line, test.how, got, test.want)
		}
	}
}

// people is where alice types, and knows bob and the room ops.
func people(naming, bare, plain, pipe bool) Situation {
	s := Situation{Naming: naming, Bare: bare, Plain: plain, Self: "alice", Replies: true}
	if !pipe {
		s.Known = func(name string) bool { return strings.EqualFold(name, "bob") || name == "alice" }
		s.KnownRoom = func(name string) bool { return strings.EqualFold(name, "ops") }
	}
	return s
}

// described is a meaning in short: of a choice what can be typed, but for msg
// and the line itself.
func described(m Meaning) string {
	switch m.Kind {
	case Say:
		return "chat " + m.Text
	case Run:
		return strings.TrimSpace("/" + m.Command.Name + " " + m.Arg)
	case Nothing:
		return "nothing"
	}
	why, forms, several := strings.Cut(m.Text, ":\n")
	if !several {
		return "mistake " + why
	}
	var lines []string
	for line := range strings.Lines(forms) {
		line = strings.TrimRight(line[:strings.LastIndex(line, "  ")], " ")
		if len(lines) == 0 || !strings.HasPrefix(line, "msg ") {
			lines = append(lines, line)
		}
	}
	return "mistake " + strings.Join(lines, " | ")
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

// Borrowed words stand for what is there, and not for each other.
func TestBorrowedWords(t *testing.T) {
	table := NewTable()
	for word, b := range table.borrowed {
		if table.byWord[word] != nil {
			t.Errorf("/%s is one of ours", word)
		}
		if (b.command == nil) != (b.answer != "") {
			t.Errorf("/%s has the command %v and the answer %q", word, b.command, b.answer)
		}
		for _, w := range strings.Fields(b.answer) {
			name, slash := strings.CutPrefix(strings.TrimRight(w, ".,:"), "/")
			if slash && table.byWord[name] == nil && table.borrowed[name] == nil {
				t.Errorf("/%s is answered with /%s, which is not there", word, name)
			}
		}
	}
}

// Every mistake names what to do next.
func TestMistakesNameTheNextStep(t *testing.T) {
	table := NewTable()
	lines := []string{"/", "/nope", "/halp", "two words", "login alice hunter2"}
	for _, c := range table.List() {
		lines = append(lines, "/"+c.Name, "/"+c.Name+" one two three", c.Name, c.Name+" bob")
	}
	for word := range table.borrowed {
		lines = append(lines, "/"+word, "/"+word+" bob", word, word+" bob hi")
	}
	for _, line := range lines {
		for how := range 16 {
			m := table.Read(line, people(how&1 != 0, how&2 != 0, how&4 != 0, how&8 != 0))
			if m.Kind == Mistake && !strings.Contains(m.Text, "type") && !strings.Contains(m.Text, "Type") && !strings.Contains(m.Text, "/") && !strings.Contains(m.Text, ": ") {
				t.Errorf("%q is answered with %q", line, m.Text)
			}
		}
	}
}
