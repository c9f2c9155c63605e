package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"parley/protocol"
	"parley/users/store"
)

// What a script learns from a chat in a pipe, whatever the server is like.
func TestChatPipeStatus(t *testing.T) {
	info := func(s *scripted, text string) { s.says(protocol.Response{Kind: protocol.KindInfo, Content: text}) }
	login := func(s *scripted, text string) {
		s.expects("login", "bob")
		info(s, text)
	}
	for _, test := range []struct {
		name, input    string
		server         func(s *scripted)
		status         int
		stdout, stderr string
	}{
		{"a text that comes back", "hello\n", func(s *scripted) {
			login(s, "Welcome")
			s.echoes("bob", "hello")
			s.expects("logout", "")
		}, exitDone, "", ""},
		{"an error for an answer", "hello\n", func(s *scripted) {
			login(s, "Welcome")
			s.expects("msg", "hello")
			s.says(protocol.Response{Kind: protocol.KindError, Content: "Too rude."})
			s.expects("logout", "")
		}, exitRefused, "", "Not sent: \"hello\"\nThe server says: Too rude."},
		{"no text comes back, but names", "hello\n", func(s *scripted) {
			login(s, "Welcome")
			s.expects("msg", "hello")
			s.expects("names", "")
			info(s, "alice, bob")
			s.expects("logout", "")
		}, exitDone, "", ""},
		{"a server that is none", "hello\n", func(s *scripted) {
			s.accept()
			_, _ = io.WriteString(s.conn, "SSH-2.0-OpenSSH_9.9\r\n")
		}, exitNoConnection, "", "does not look like a chat server"},
		{"it closes when it has read the text", "hello\n", func(s *scripted) {
			login(s, "Welcome")
			s.expects("msg", "hello")
		}, exitRefused, "", "May not have arrived: \"hello\""},
		{"a command", "/names\n", func(s *scripted) {
			login(s, "Welcome")
			s.expects("names", "")
			info(s, "alice, bob")
			s.expects("logout", "")
		}, exitDone, "* alice, bob\n", ""},
		{"a command that is refused", "/names\n", func(s *scripted) {
			login(s, "Welcome")
			s.expects("names", "")
			s.says(protocol.Response{Kind: protocol.KindError, Content: "No."})
			s.expects("logout", "")
		}, exitRefused, "", "Commands that were refused or not answered: 1"},
		{"a line that is too long", strings.Repeat("x", protocol.MaxText+1) + "\n", func(s *scripted) {
			login(s, "Welcome")
			s.expects("logout", "")
		}, exitRefused, "", "at most 4096 are allowed. Send it in parts."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := listen(t)
			c := chatWith(t, s.addr, "bob")
			if _, err := io.WriteString(c.stdin, test.input); err != nil {
				t.Fatal(err)
			}
			c.stdin.Close()
			test.server(s)
			s.conn.Close()
			var out strings.Builder
			for c.stdout.Scan() {
				out.WriteString(c.stdout.Text() + "\n")
			}
			if got := out.String(); !strings.HasSuffix(got, test.stdout) || test.stdout == "" && got != "" {
				t.Errorf("the pipe reads %q, not %q", got, test.stdout)
			}
			c.ends(test.status, test.stderr)
		})
	}
}

// Commands at our own server, typed before anybody could be asked.
func TestChatPipeCommands(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	c := chatWith(t, s.addrs[0], "bob")
	if _, err := io.WriteString(c.stdin, "/whois bob\n/names\n"); err != nil {
		t.Fatal(err)
	}
	c.stdin.Close()
	if line := c.line(); !strings.Contains(line, "* bob") {
		t.Errorf("it prints %q", line)
	}
	if line := c.line(); !strings.Contains(line, "* Connected (1): bob") {
		t.Errorf("it prints %q", line)
	}
	c.ends(exitDone, "")
}

// A pipe may have far more lines than one may send at once: they arrive whole, in order and
// once, and the commands between them are answered.
func TestChatPipeIsPaced(t *testing.T) {
	const lines = 400
	s := serveIn(t, store.Memory, []string{"--rate=400"}, "127.0.0.1:0")
	reader := chatWith(t, s.addrs[0], "alice", "--json")
	reader.until(protocol.EventHistory)
	c := chatWith(t, s.addrs[0], "bob")
	var input strings.Builder
	for i := range lines {
		fmt.Fprintf(&input, "line %d of the pipe\n", i)
		if i%100 == 50 {
			input.WriteString("/whois alice\n")
		}
	}
	go func() {
		_, _ = io.WriteString(c.stdin, input.String())
		c.stdin.Close()
	}()
	for i := 0; i < lines; {
		var r struct{ Sender, Content string }
		if err := json.Unmarshal([]byte(reader.line()), &r); err != nil {
			t.Fatal(err)
		}
		if r.Sender != "bob" {
			continue
		}
		if want := fmt.Sprintf("line %d of the pipe", i); r.Content != want {
			t.Fatalf("in place of %q comes %q", want, r.Content)
		}
		i++
	}
	c.ends(exitDone, "")
}
