//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// openWith runs a chat of alice in a pseudo terminal with settings of parley chat.
func openWith(t *testing.T, srv *scripted, settings map[string]any) *screen {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.json")
	text, err := json.Marshal(map[string]any{"chat": settings})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, "alice@"+srv.addr, "--config", config)
	srv.expects("login", "alice")
	srv.letsIn("alice")
	s.shows("* Login successful")
	return s
}

func (s *scripted) hasSaid(sender, text string) {
	s.t.Helper()
	s.says(protocol.Response{Kind: protocol.KindMessage, Sender: sender, Content: text})
}

// leaves ends a chat as a person does.
func (s *screen) leaves(srv *scripted) {
	s.t.Helper()
	s.types("\x04")
	srv.expects("logout", "")
	srv.conn.Close()
	s.ends(exitDone)
}

// What is set in the config file is how the chat is.
func TestSettingsOfAPerson(t *testing.T) {
	srv := listen(t)
	folder := t.TempDir()
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	heard, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer heard.Close()
	_ = heard.SetReadDeadline(time.Now().Add(deadline))
	s := openWith(t, srv, map[string]any{
		"time-format": "none", "color": "always", "highlight": []string{"outage"}, "theme": map[string]string{"mention": "bold bright red"},
		"presence": "none", "chat-log": filepath.Join(folder, "chats"), "history-file": "off",
		"notify": []string{"sh", "-c", `echo "$PARLEY_SENDER|$PARLEY_TEXT|$PARLEY_CONVERSATION|$PARLEY_SERVER" > "$0"`, pipe},
	})
	srv.tells(protocol.Response{Kind: protocol.KindInfo, Content: "carl has come.", Data: &protocol.Data{Event: protocol.EventPresence, Name: "carl", State: protocol.StateOnline}})
	srv.hasSaid("bob", "good morning")
	srv.hasSaid("bob", "an outage; again")
	s.shows("bob: an outage; again")
	if said, err := bufio.NewReader(heard).ReadString('\n'); said != "bob|an outage; again|lobby|"+srv.addr+"\n" {
		t.Errorf("the program has heard %q, %v", said, err)
	}
	s.types("on it\r")
	s.shows("alice: on it")
	srv.expects("msg", "on it")
	s.leaves(srv)
	s.neverShowed("carl")
	s.mu.Lock()
	raw := s.text.String()
	s.mu.Unlock()
	if !strings.Contains(raw, "an \x1b[1;91moutage\x1b[0m; again") {
		t.Errorf("the word does not stand out: %q", raw)
	}
	if times := regexp.MustCompile(`\d\d:\d\d `).FindString(raw); times != "" {
		t.Errorf("a time is shown: %q", times)
	}
	logs, _ := filepath.Glob(filepath.Join(folder, "chats", "*", "*"))
	if len(logs) != 1 || filepath.Base(logs[0]) != "lobby.log" {
		t.Fatalf("the logs are %q", logs)
	}
	text, err := os.ReadFile(logs[0])
	stamp := `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d) `
	if want := "^" + stamp + "bob: good morning\n" + stamp + "bob: an outage; again\n" + stamp + "alice: on it\n$"; !regexp.MustCompile(want).Match(text) {
		t.Errorf("the log is %q, %v", text, err)
	}
	for _, path := range []string{filepath.Join(s.home, "parley", "history"), noHistory} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("what was typed is kept in %s", path)
		}
	}
}

// Who comes and goes is shown of those who have spoken.
func TestSmartPresence(t *testing.T) {
	srv := listen(t)
	s := openWith(t, srv, map[string]any{"presence": "smart"})
	for _, name := range []string{"bob", "carl"} {
		srv.hasSaid("bob", "hello")
		srv.tells(protocol.Response{Kind: protocol.KindInfo, Content: name + " has gone.", Data: &protocol.Data{Event: protocol.EventPresence, Name: name, State: protocol.StateOffline}})
	}
	srv.hasSaid("bob", "the end")
	s.shows("bob has gone.")
	s.shows("bob: the end")
	s.leaves(srv)
	s.neverShowed("carl has gone")
}

// A program that cannot be run is said to the person, who goes on chatting.
func TestNotificationFails(t *testing.T) {
	srv := listen(t)
	s := openWith(t, srv, map[string]any{"notify": []string{"/nowhere/notify"}, "chat-log": "/dev/null/chats"})
	srv.hasSaid("bob", "alice: there?")
	s.shows("bob: alice: there?")
	s.shows("once.")
	s.shows("once.")
	said := strings.Join(strings.Fields(strings.ReplaceAll(s.all(), "¦", "")), " ") // over several rows
	for _, want := range []string{"The notification program /nowhere/notify has failed: ", "Not all is kept in the chat log: mkdir /dev/null: "} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %q", want, said)
		}
	}
	s.leaves(srv)
}

// What was typed for one person alone is kept only if that is wanted.
func TestHistoryFile(t *testing.T) {
	for _, alone := range []bool{false, true} {
		srv := listen(t)
		path := filepath.Join(t.TempDir(), "typed")
		s := openWith(t, srv, map[string]any{"history-file": path, "history-alone": alone})
		s.types("/dm bob psst\r")
		s.shows("-> bob: psst")
		s.types("hello\r")
		s.shows("alice: hello")
		for srv.request().Request != "logout" {
			s.types("\x04")
		}
		srv.conn.Close()
		s.ends(exitDone)
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "hello\n") || strings.Contains(string(text), "psst") != alone {
			t.Errorf("history-alone %t: it is %q, %v", alone, text, err)
		}
	}
}
