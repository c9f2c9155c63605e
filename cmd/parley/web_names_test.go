//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/client/web"
)

// keptOf is the file with what is kept of a name, below the folder for the state of programs.
func keptOf(t *testing.T, home, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(home, "parley", "web", "*", "user-"+name, "kept.json"))
	if err != nil || len(files) > 1 {
		t.Fatalf("kept of %s are %v (%v)", name, files, err)
	}
	if len(files) == 0 {
		return ""
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// asksWhere runs a second parley web, and returns what it prints.
func asksWhere(t *testing.T, home string, args ...string) string {
	t.Helper()
	second := parley(t, append([]string{"web"}, args...)...)
	second.Env = append(second.Env, "XDG_STATE_HOME="+home)
	defer time.AfterFunc(deadline, func() { _ = second.Process.Kill() }).Stop() // it may have become a page of its own
	out, err := second.Output()
	if err != nil {
		t.Errorf("a second process ends with %v", err)
	}
	return strings.TrimSpace(string(out))
}

// restarts has a page log in as somebody else when its server has ended and is there again.
func (b *webTab) restarts(srv serving, data, name string) serving {
	b.t.Helper()
	_ = srv.Process.Kill()
	_ = srv.Wait()
	b.phase("offline")
	b.does(web.Ask{Ask: web.AskLine, In: "lobby", Text: "/login " + name})
	again := serveIn(b.t, data, nil, srv.addrs[0])
	b.until("it is for "+name, func() bool { return b.state.Self.Name == name })
	b.does(web.Ask{Ask: web.AskRetry})
	b.phase("logged_in")
	return again
}

// question waits for a question, and returns its number.
func (b *webTab) question(kind string) uint64 {
	b.t.Helper()
	b.until("a question: "+kind, func() bool { return b.state.Question.Kind == kind && !b.state.Question.Busy })
	return b.state.Question.ID
}

// Each name has a chat of its own in a process, and there is one process for it.
func TestPageHasAChatForEachName(t *testing.T) {
	data, home := t.TempDir(), t.TempDir()
	srv := serveIn(t, data, nil, "127.0.0.1:0")
	addr := srv.addrs[0]
	w := openWeb(t, home, "alice@"+addr)
	page, other := opensTab(t, w.url), opensTab(t, w.url)
	page.phase("logged_in")
	said := page.does(web.Ask{Ask: web.AskSay, In: "direct:carl", Text: "of alice"})
	page.until("it is stored", func() bool { s := page.entries[said.Entry].State; return s == "stored" || s == "failed" })
	page.does(web.Ask{Ask: web.AskDraft, In: "direct:carl", Text: "draft of a."})

	srv = page.restarts(srv, data, "bob")
	other.until("the other tab is bob's, too", func() bool { return other.state.Self.Name == "bob" })
	for _, tab := range []*webTab{page, other} {
		if c, known := tab.state.Conversations["direct:carl"]; known || len(tab.entries) > 0 && strings.Contains(strings.Join(tab.texts(""), ""), "of alice") {
			t.Errorf("bob sees %+v and %q", c, tab.texts(""))
		}
	}
	if a := page.asks(web.Ask{Ask: web.AskPage, In: "direct:carl", Count: 10}); len(a.Lines) > 0 {
		t.Errorf("bob sees %+v", a.Lines)
	}
	page.does(web.Ask{Ask: web.AskDraft, In: "direct:carl", Text: "draft of b."})
	if url := asksWhere(t, home, "Bob@"+addr); url != w.url {
		t.Errorf("a second process for bob says %q", url)
	}
	if kept := keptOf(t, home, "alice"); !strings.Contains(kept, "of alice") || !strings.Contains(kept, "draft of a.") {
		t.Errorf("of alice is kept %s", kept)
	}

	srv = page.restarts(srv, data, "Alice")
	if a := page.does(web.Ask{Ask: web.AskPage, In: "direct:carl", Count: 10}); len(a.Lines) != 1 || a.Lines[0].Text != "of alice" || page.conversation("direct:carl").Draft != "draft of a." {
		t.Errorf("alice comes back to %+v and %+v", a.Lines, page.conversation("direct:carl"))
	}
	if url := asksWhere(t, home, "alice@"+addr); url != w.url {
		t.Errorf("a second process for alice says %q", url)
	}
	run := page.run
	page.restarts(srv, data, "ALICE")
	if page.run != run {
		t.Error("another spelling of a name is another chat")
	}
	w.ends(syscall.SIGTERM)
	if kept := keptOf(t, home, "bob"); strings.Contains(kept, "of alice") || strings.Contains(kept, "draft of a.") || !strings.Contains(kept, "draft of b.") {
		t.Errorf("of bob is kept %s", kept)
	}
	if kept := keptOf(t, home, "alice"); !strings.Contains(kept, "of alice") || strings.Contains(kept, "draft of b.") {
		t.Errorf("of alice is kept %s", kept)
	}
}

// A name whose chat another process keeps is not taken, and one that the server refuses is asked
// for again.
func TestPageDoesNotTakeTheChatOfAnotherProcess(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	addr, home := srv.addrs[0], t.TempDir()
	for _, name := range []string{"alice", "dave"} {
		open(t, name+"@"+addr).shows("Login successful")
	}
	bobs := openWeb(t, home, "bob@"+addr)
	opensTab(t, bobs.url).phase("logged_in")
	w := openWeb(t, home, addr, "--no-state")
	page := opensTab(t, w.url)
	page.does(web.Ask{Ask: web.AskAnswer, Number: page.question("name"), Text: "alice"}) // whom the server refuses
	page.shows("status", "alice")
	page.question("name")
	if a := page.asks(web.Ask{Ask: web.AskLine, In: "lobby", Text: "/login BOB"}); a.OK || !strings.Contains(a.Error, bobs.url) {
		t.Errorf("the name of another process is answered with %+v", a)
	}
	if a := page.asks(web.Ask{Ask: web.AskAnswer, Number: page.question("name"), Text: "bob"}); a.OK || !strings.Contains(a.Error, bobs.url) {
		t.Errorf("the name of another process is answered with %+v", a)
	}
	dave := page.question("name")
	page.does(web.Ask{Ask: web.AskAnswer, Number: dave, Text: "dave"})
	page.shows("status", "dave")
	page.until("it is asked again", func() bool { return page.state.Question.ID != dave })
	page.does(web.Ask{Ask: web.AskAnswer, Number: page.question("name"), Text: "carl"})
	page.phase("logged_in")
	for _, as := range []string{"carl@" + addr, addr} {
		if url := asksWhere(t, home, as, "--no-state"); url != w.url {
			t.Errorf("a second process for %s says %q", as, url)
		}
	}
	w.ends(syscall.SIGTERM)
	bobs.ends(syscall.SIGTERM)
	for _, name := range []string{"alice", "carl", "dave"} {
		if kept := keptOf(t, home, name); kept != "" {
			t.Errorf("of %s is kept %s", name, kept)
		}
	}
	if keptOf(t, home, "bob") == "" {
		t.Error("nothing is kept of bob")
	}
	if left, _ := filepath.Glob(filepath.Join(home, "parley", "web", "*", "*")); len(left) != 2 { // who was logged in last, too
		t.Errorf("below the folder of the server are %v", left)
	}
}

// Where a terminal shows the chat, too, that is for one name: the screen has what was said.
func TestTerminalWithAPageIsForOneName(t *testing.T) {
	data, home := t.TempDir(), t.TempDir()
	srv := serveIn(t, data, nil, "127.0.0.1:0")
	addr := srv.addrs[0]
	alice := openAt(t, home, "chat", "--web", addr)
	alice.shows("Type a name to log in")
	alice.types("alice\r")
	alice.shows("Login successful")
	url := strings.Fields(alice.all()[strings.Index(alice.all(), "http://127.0.0.1:"):])[0]
	if got := asksWhere(t, home, "alice@"+addr); got != url {
		t.Errorf("a second process for alice says %q, not %q", got, url)
	}
	_ = srv.Process.Kill()
	_ = srv.Wait()
	alice.shows("Trying again")
	alice.types("/login bob\r")
	alice.shows("The chat of bob is another one: /quit, then parley chat --web bob@" + addr)
}
