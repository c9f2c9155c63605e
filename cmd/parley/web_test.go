//go:build unix

package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"

	"parley/eventloop/cert"
	"parley/eventloop/client/web"
	"parley/protocol"
)

// A page and a terminal talk: in the lobby, in a room and to each other alone.
func TestPageTalksWithATerminal(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	bob := open(t, "bob@"+srv.addrs[0])
	bob.shows("Login successful")
	w := openWeb(t, t.TempDir(), "alice@"+srv.addrs[0])
	page, other := opensTab(t, w.url), opensTab(t, w.url)
	page.phase("logged_in")
	page.sees("aside", `"p:bob"`)

	said := page.does(web.Ask{Ask: web.AskSay, In: "lobby", Text: "hello\nfrom a <b>page</b>"})
	bob.shows("alice: hello")
	bob.shows("from a <b>page</b>")
	page.until("it is accepted", func() bool { return page.entries[said.Entry].State == "accepted" })
	other.shows("lobby", "from a <b>page</b>")
	bob.types("hi alice\r")
	hi := page.shows("lobby", "hi alice")
	page.until("it counts", func() bool { return page.conversation("lobby").Unread == 1 })
	page.sees("nav", `"@1"`)
	page.does(web.Ask{Ask: web.AskRead, In: "lobby", Entry: hi.ID})
	other.until("it is read in the other tab, too", func() bool {
		return other.conversation("lobby").Cursor >= hi.ID && other.conversation("lobby").Unread == 0
	})

	page.does(web.Ask{Ask: web.AskEdit, Number: page.entries[said.Entry].Number, Text: "hello again"})
	bob.shows("alice: hello again")
	other.until("it is edited", func() bool {
		return other.entries[said.Entry].Text == "hello again" && strings.Contains(drawn(other.entries[said.Entry]), "(edited)")
	})
	page.does(web.Ask{Ask: web.AskReact, Number: hi.Number, Text: "+1", On: true})
	bob.shows("+1 alice")
	page.until("it shows", func() bool { return strings.Contains(drawn(page.entries[hi.ID]), `"aria-pressed":"true"`) })
	page.does(web.Ask{Ask: web.AskRemove, Number: page.entries[said.Entry].Number, Text: "a slip"})
	page.until("it is removed", func() bool {
		e := page.entries[said.Entry]
		return strings.Contains(drawn(e), "Removed") && e.Text == ""
	})

	page.does(web.Ask{Ask: web.AskLine, In: "lobby", Text: "/create dev"})
	page.looks(web.View{In: "room:dev"})
	page.sees("send", "Send to dev")
	if a := page.asks(web.Ask{Ask: web.AskSay, In: "room:ops", Text: "to nobody"}); a.OK || !strings.Contains(a.Error, "not in ops") {
		t.Errorf("what is for a room in which one is not is answered with %+v", a)
	}
	bob.types("/join dev\r")
	bob.shows("You are in dev")
	page.sees("aside", `"p:bob"`)
	page.does(web.Ask{Ask: web.AskSay, In: "room:dev", Text: "in here"})
	bob.shows("[dev] alice: in here")
	page.does(web.Ask{Ask: web.AskSay, In: "direct:bob", Text: "psst"})
	bob.shows("psst")
	bob.types("/dm alice yes?\r")
	page.shows("direct:bob", "yes?")

	if a := page.does(web.Ask{Ask: web.AskComplete, In: "lobby", Text: "/jo"}); len(a.Candidates) == 0 || a.Length != 3 {
		t.Errorf("it is completed to %+v", a)
	}
	page.looks(web.View{In: "lobby", Page: "rooms"})
	page.does(web.Ask{Ask: web.AskRooms})
	page.sees("sheet", `"data-arg":"room:dev","data-do":"go"},"joined"`)
	page.looks(web.View{In: "lobby", Page: "search"})
	page.does(web.Ask{Ask: web.AskSearch, Text: "here"})
	page.sees("sheet", "1 found. ")
	page.sees("sheet", `"data-arg":"room:dev `)
	w.ends(syscall.SIGTERM)
	if err := readToEnd(page); websocket.CloseStatus(err) != 4001 || page.state.Connection.Phase != "ended" {
		t.Errorf("the page ends with %v in the phase %s", err, page.state.Connection.Phase)
	}
	if bytes.Contains(w.log.Bytes(), []byte("psst")) {
		t.Errorf("what was said stands in the log: %s", w.log)
	}
}

func readToEnd(b *webTab) error {
	for {
		if err := b.reads(); err != nil {
			return err
		}
	}
}

// Names and passwords are asked for, and what answers is used for nothing else.
func TestPageLogsIn(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	home := t.TempDir()
	w := openWeb(t, home, srv.addrs[0])
	page := opensTab(t, w.url)
	asked := func(kind string) uint64 {
		t.Helper()
		page.until("a question: "+kind, func() bool { return page.state.Question.Kind == kind && !page.state.Question.Busy })
		return page.state.Question.ID
	}
	name := asked("name")
	if a := page.asks(web.Ask{Ask: web.AskSay, In: "lobby", Text: "too early"}); a.OK {
		t.Error("without a name something was said")
	}
	page.does(web.Ask{Ask: web.AskAnswer, Number: name, Text: "alice"})
	page.phase("logged_in")
	page.does(web.Ask{Ask: web.AskLine, In: "lobby", Text: "/register"})
	first := asked("password")
	page.does(web.Ask{Ask: web.AskAnswer, Number: first, Text: "a long enough secret"})
	page.until("it is asked again", func() bool { return page.state.Question.ID != first })
	again := asked("password")
	if a := page.asks(web.Ask{Ask: web.AskAnswer, Number: first, Text: "a long enough secret"}); a.OK {
		t.Error("an answer to a question that is gone was used")
	}
	page.does(web.Ask{Ask: web.AskAnswer, Number: again, Text: "a long enough secret"})
	page.until("it is an account", func() bool { return page.state.Self.Account && page.state.Question.Kind == "none" })
	page.does(web.Ask{Ask: web.AskSay, In: "lobby", Text: "so it begins"})
	w.ends(syscall.SIGTERM)

	w = openWeb(t, home, srv.addrs[0]) // as whom is known
	page = opensTab(t, w.url)
	page.does(web.Ask{Ask: web.AskPage, In: "lobby", Count: 10})
	page.shows("lobby", "so it begins")
	wrong := asked("password")
	page.does(web.Ask{Ask: web.AskAnswer, Number: wrong, Text: "not the one"})
	page.until("that was another one", func() bool { return page.state.Question.ID != wrong })
	page.does(web.Ask{Ask: web.AskAnswer, Number: asked("password"), Text: "a long enough secret"})
	page.phase("logged_in")
	if a := page.asks(web.Ask{Ask: web.AskSay, In: "lobby", Text: "it was a long enough secret"}); a.OK {
		t.Error("the password was said")
	}
	w.ends(syscall.SIGTERM)
	for _, folder := range []string{home, w.home} {
		_ = filepath.WalkDir(folder, func(path string, d os.DirEntry, _ error) error {
			if b, _ := os.ReadFile(path); bytes.Contains(b, []byte("long enough")) {
				t.Errorf("the password stands in %s", path)
			}
			return nil
		})
	}
	if bytes.Contains(w.log.Bytes(), []byte("long enough")) {
		t.Errorf("the password stands in the log: %s", w.log)
	}
}

// Against a server of the standard it is a plain chat.
func TestPageOfAPlainServer(t *testing.T) {
	srv := listen(t)
	w := openWeb(t, t.TempDir(), "alice@"+srv.addr)
	page := opensTab(t, w.url)
	srv.expects("login", "alice")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful"})
	page.phase("logged_in")
	if page.state.Server.Dialect != "plain" || page.state.Server.Private {
		t.Errorf("the server is %+v", page.state.Server)
	}
	srv.says(protocol.Response{Kind: protocol.KindMessage, Sender: "k<i>ri\x1b[2J", Content: "hi \u202ealice"})
	if e := page.shows("lobby", "hi alice"); e.Who != "k<i>ri" {
		t.Errorf("the sender is %q", e.Who)
	}
	said := page.does(web.Ask{Ask: web.AskSay, In: "lobby", Text: "hello"})
	srv.echoes("alice", "hello")
	page.until("it came back", func() bool { return page.entries[said.Entry].State == "accepted" })
	for _, q := range []web.Ask{
		{Ask: web.AskSay, In: "direct:kari", Text: "x"}, {Ask: web.AskSay, In: "room:dev", Text: "x"}, {Ask: web.AskSearch, Text: "x"},
		{Ask: web.AskPrivateStart, Name: "kari"}, {Ask: web.AskRooms}, {Ask: web.AskEdit, Number: 3, Text: "x"},
	} {
		if a := page.asks(q); a.OK || a.Error == "" {
			t.Errorf("%s is answered with %+v", q.Ask, a)
		}
	}
}

// What was said, how far it was read and what was typed is there for the next process, and
// for nobody else: neither the cookie nor the token of the one before counts there.
func TestPageComesBackAfterARestart(t *testing.T) {
	srv := serveIn(t, t.TempDir(), nil, "127.0.0.1:0")
	bob := open(t, "bob@"+srv.addrs[0])
	bob.shows("Login successful")
	home := t.TempDir()
	w := openWeb(t, home, "alice@"+srv.addrs[0], "--web-listen", "127.0.0.1:0")
	page := opensTab(t, w.url)
	page.phase("logged_in")
	bob.types("one\r")
	one := page.shows("lobby", "one")
	page.does(web.Ask{Ask: web.AskRead, In: "lobby", Entry: one.ID})
	bob.types("two\r")
	page.shows("lobby", "two")
	page.does(web.Ask{Ask: web.AskSay, In: "direct:bob", Text: "psst"})
	bob.shows("psst")
	page.does(web.Ask{Ask: web.AskDraft, In: "direct:bob", Text: "half a li"})
	page.does(web.Ask{Ask: web.AskSetting, Name: "theme", Text: "dark"})

	second := parley(t, "web", "alice@"+srv.addrs[0])
	second.Env = append(second.Env, "XDG_STATE_HOME="+home)
	if out, err := second.Output(); err != nil || strings.TrimSpace(string(out)) != w.url {
		t.Errorf("a second process says %q (%v), and not %q", out, err, w.url)
	}
	before := *page
	w.ends(syscall.SIGTERM)
	bob.types("three\r")
	bob.shows("three")

	port := w.url[strings.LastIndex(w.url[:strings.Index(w.url, "/#")], ":")+1 : strings.Index(w.url, "/#")]
	w = openWeb(t, home, srv.addrs[0], "--web-listen", "127.0.0.1:"+port)
	if status := before.connects(); status != http.StatusUnauthorized {
		t.Errorf("the cookie of before is answered with %d", status)
	}
	page = opensTab(t, w.url)
	page.phase("logged_in")
	page.until("all is told", func() bool { return page.conversation("lobby").Unread == 2 })
	page.does(web.Ask{Ask: web.AskPage, In: "lobby", Count: 50})
	if got := strings.Join(page.texts("lobby"), "|"); got != "one|two|three" {
		t.Errorf("the lobby has %q", got)
	}
	page.does(web.Ask{Ask: web.AskPage, In: "direct:bob", Count: 50})
	if got := strings.Join(page.texts("direct:bob"), "|"); got != "psst" || page.conversation("direct:bob").Draft != "half a li" {
		t.Errorf("to bob was said %q, and is typed %q", got, page.conversation("direct:bob").Draft)
	}
	if page.state.Settings["theme"] != "dark" {
		t.Errorf("the settings are %v", page.state.Settings)
	}
	w.ends(syscall.SIGTERM)

	nothing := t.TempDir()
	w = openWeb(t, nothing, "carl@"+srv.addrs[0], "--no-state")
	page = opensTab(t, w.url)
	page.phase("logged_in")
	page.does(web.Ask{Ask: web.AskSay, In: "lobby", Text: "leaves no trace"})
	w.ends(syscall.SIGTERM)
	_ = filepath.WalkDir(filepath.Join(nothing, "parley", "web"), func(path string, d os.DirEntry, _ error) error {
		if b, _ := os.ReadFile(path); len(b) > 0 {
			t.Errorf("%s has %q", path, b)
		}
		return nil
	})
}

// A lost connection is told with when it is tried again; what is said meanwhile is kept.
func TestPageWithoutItsServer(t *testing.T) {
	data := t.TempDir()
	srv := serveIn(t, data, nil, "127.0.0.1:0")
	addr := srv.addrs[0]
	w := openWeb(t, t.TempDir(), "alice@"+addr)
	page := opensTab(t, w.url)
	page.phase("logged_in")
	_ = srv.Process.Kill()
	_ = srv.Wait()
	page.until("it is lost", func() bool { c := page.state.Connection; return c.Phase == "offline" && c.Retry > 0 && c.Why != "" })
	said := page.does(web.Ask{Ask: web.AskSay, In: "lobby", Text: "meanwhile"})
	page.until("it is kept", func() bool { return page.entries[said.Entry].State == "typed" && page.state.Connection.Kept == 1 })
	serveIn(t, data, nil, addr)
	page.does(web.Ask{Ask: web.AskRetry})
	page.phase("logged_in")
	page.until("it is said", func() bool { return page.entries[said.Entry].State == "accepted" })
}

// A server with TLS that has another key than before is not used. The page and the terminal of the process say so, and what
// to type if the new key is right, which works.
func TestPageOfAServerWithAnotherKey(t *testing.T) {
	srv, first, second := serve(t, "127.0.0.1:0"), ownCertificate(t), ownCertificate(t)
	f, home := newFront(t, srv.addrs[0], first), t.TempDir()
	w := openWeb(t, home, "parleys://alice@"+f.addr)
	opensTab(t, w.url).phase("logged_in")
	w.ends(syscall.SIGTERM)
	f.use(second)
	w = openWeb(t, home, "alice@"+f.addr)
	page := opensTab(t, w.url)
	page.until("no connection", func() bool {
		return page.state.Connection.Phase == "offline" && page.state.Connection.Why != "" && page.parts["net"] != ""
	})
	for _, words := range []string{"HAS CHANGED, so nothing was sent there", `"role":"alert"`, "Somebody may be in between", cert.Fingerprint(first.Leaf), cert.Fingerprint(second.Leaf), "If the new one is right, end parley web with Ctrl-C, and type:"} {
		if !strings.Contains(page.parts["net"], words) {
			t.Errorf("the page does not say %q: %s", words, page.parts["net"])
		}
	}
	if strings.Contains(page.parts["net"], "Trying again") || strings.Contains(page.parts["extra"], "Nothing has been said") {
		t.Errorf("the page says %s, and below %s", page.parts["net"], page.parts["extra"])
	}
	w.ends(syscall.SIGINT)
	said := w.log.String()
	if n := strings.Count(said, "HAS CHANGED"); n != 1 {
		t.Errorf("the terminal says it %d times: %s", n, said)
	}
	_, command, _ := strings.Cut(said, "type:\n")
	args := strings.Fields(command)
	if len(args) != 5 || args[0] != "parley" || args[1] != "web" {
		t.Fatalf("it says to type %q: %s", args, said)
	}
	w = openWeb(t, home, args[2:]...)
	opensTab(t, w.url).phase("logged_in")
	w.ends(syscall.SIGTERM)
}

// A private session between a page and a terminal: asked, agreed, compared, and what is said
// there is kept nowhere.
func TestPrivateSessionOfAPage(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	bob := open(t, "bob@"+srv.addrs[0])
	bob.shows("Login successful")
	home := t.TempDir()
	w := openWeb(t, home, "alice@"+srv.addrs[0])
	page := opensTab(t, w.url)
	page.phase("logged_in")
	bob.types("/startprivate alice\r")
	page.looks(web.View{In: "private:bob"})
	page.sees("extra", "bob asks for a private session")
	asked := page.parts["extra"]
	if card := page.parts["extra"]; !strings.Contains(card, `"SHA256"`) || !strings.Contains(card, `"not verified"`) || !regexp.MustCompile(`"[0-9]+ s"`).MatchString(card) {
		t.Errorf("the invitation is %s", card)
	}
	if a := page.asks(web.Ask{Ask: web.AskSay, In: "private:bob", Text: "too early"}); a.OK {
		t.Error("before the session something was said")
	}
	page.does(web.Ask{Ask: web.AskPrivateAccept, Name: "bob"})
	told := strings.Split(page.shows("status", "learns these addresses of yours").Text, "\n")
	if before := "learns these addresses of yours: " + told[1] + "."; !strings.Contains(asked, before) {
		t.Errorf("before one agrees it does not say %q: %s", before, asked)
	}
	page.sees("main", `"warn"`)
	bob.shows("The private session with alice is open")
	page.does(web.Ask{Ask: web.AskSay, In: "private:bob", Text: "under four eyes"})
	bob.shows("alice: under four eyes")
	if a := page.asks(web.Ask{Ask: web.AskPrivateVerify, Name: "bob"}); a.OK {
		t.Error("words were the same that nobody has seen")
	}
	page.does(web.Ask{Ask: web.AskPrivateWords, Name: "bob"})
	page.looks(web.View{In: "private:bob"})
	var words []string
	for _, m := range regexp.MustCompile(`\["td","([a-z]+)"\]`).FindAllStringSubmatch(page.parts["extra"], -1) {
		words = append(words, m[1])
	}
	bob.types("/verify alice\r")
	if got := bob.next("on alice's screen, with /verify bob there:"); strings.TrimPrefix(got, "¦ ") != strings.Join(words, " ") {
		t.Errorf("the words are %q here and %q there", words, got)
	}
	page.does(web.Ask{Ask: web.AskPrivateVerify, Name: "bob"})
	page.sees("main", `"ok"`)
	bob.types("/private alice and mine\r")
	if e := page.shows("private:bob", "and mine"); !strings.Contains(drawn(e), "verified") || strings.Contains(drawn(e), "not verified") {
		t.Errorf("it is shown as %+v", e)
	}
	page.does(web.Ask{Ask: web.AskPrivateEnd, Name: "bob"})
	page.sees("aud", "there is no private session with bob")
	if a := page.asks(web.Ask{Ask: web.AskSay, In: "private:bob", Text: "too late"}); a.OK {
		t.Error("behind the session something was said")
	}
	w.ends(syscall.SIGTERM)
	_ = filepath.WalkDir(home, func(path string, d os.DirEntry, _ error) error {
		if b, _ := os.ReadFile(path); bytes.Contains(b, []byte("four eyes")) || bytes.Contains(b, []byte("and mine")) {
			t.Errorf("what was said privately stands in %s", path)
		}
		return nil
	})
}

// Who tells no address is told so, too, before one agrees.
func TestPrivateSessionOfAPageTellsNoAddress(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	bob := open(t, "bob@"+srv.addrs[0])
	bob.shows("Login successful")
	for _, c := range []struct{ name, flag, words string }{
		{"alice", "--relay-only", "learns no address of yours."},
		{"carl", "--p2p-listen=off", "is told no address of yours, but is dialled, and sees from where."},
	} {
		page := opensTab(t, openWeb(t, t.TempDir(), c.name+"@"+srv.addrs[0], "--no-state", c.flag).url)
		page.phase("logged_in")
		bob.types("/startprivate " + c.name + "\r")
		page.looks(web.View{In: "private:bob"})
		page.sees("extra", "bob asks for a private session")
		if !strings.Contains(page.parts["extra"], c.words) {
			t.Errorf("with %s it does not say %q: %s", c.flag, c.words, page.parts["extra"])
		}
	}
}

// A terminal and a page of one chat: what is typed, read or opened in one is so in the other.
func TestPageBesideATerminal(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	alice := open(t, "--web", "alice@"+srv.addrs[0])
	alice.shows("http://127.0.0.1:")
	alice.shows("Login successful")
	base := strings.Fields(alice.all()[strings.Index(alice.all(), "http://127.0.0.1:"):])[0]
	page := opensTab(t, base)
	page.phase("logged_in")
	alice.types("from the terminal\r")
	page.shows("lobby", "from the terminal")
	page.does(web.Ask{Ask: web.AskSay, In: "lobby", Text: "from the page"})
	alice.shows("alice: from the page")
	page.does(web.Ask{Ask: web.AskLine, In: "lobby", Text: "/create dev"})
	alice.shows("dev> ")
	page.until("lines go there", func() bool { return *page.state.To == "room:dev" })
	page.does(web.Ask{Ask: web.AskOpen, In: "lobby"})
	alice.shows("lobby> ")
	alice.types("/room dev\r")
	page.until("the terminal has turned there", func() bool { return *page.state.To == "room:dev" })
	alice.types("\x04")
	alice.ends(exitDone)
	if err := readToEnd(page); websocket.CloseStatus(err) != 4001 {
		t.Errorf("the page ends with %v", err)
	}
}

// What opens the browser gets a file for its owner only: the address has the token, and the
// command line of a process is for all to read.
func TestPageIsOpenedByAFile(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("the command that opens a page is not looked for in PATH there")
	}
	srv := serve(t, "127.0.0.1:0")
	home, bin := t.TempDir(), t.TempDir()
	fifo := filepath.Join(bin, "opened")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n{ stat -c %a \"$1\"; cat \"$1\"; echo \"args: $*\"; } >'" + fifo + "'\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	w := openWeb(t, home, "alice@"+srv.addrs[0], "--open")
	b, err := os.ReadFile(fifo) // which waits for who writes
	if err != nil {
		t.Fatal(err)
	}
	content, args, _ := strings.Cut(string(b), "args: ")
	_, token, _ := strings.Cut(w.url, "#token=")
	if !strings.HasPrefix(content, "600\n") || !strings.Contains(content, `content="0;url=`+w.url+`"`) || strings.Contains(args, token) {
		t.Errorf("it is opened with %q: %q", args, content)
	}
}
