package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// chatWith returns parley chat with that name at a server, with args behind.
func chatWith(t *testing.T, addr, name string, args ...string) *chatting {
	t.Helper()
	return startChat(t, deadline, parley(t, append([]string{"chat", name + "@" + addr}, args...)...))
}

// startChat starts a chat, which may take so long.
func startChat(t *testing.T, most time.Duration, cmd *exec.Cmd) *chatting {
	t.Helper()
	c := &chatting{t: t}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin, err = cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &c.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(most, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { guard.Stop(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c.process, c.stdout = cmd.Process, bufio.NewScanner(stdout)
	c.wait = func() int { _ = cmd.Wait(); return cmd.ProcessState.ExitCode() }
	return c
}

// chatting is a chat in a pipe.
type chatting struct {
	t       *testing.T
	process *os.Process
	stdin   io.WriteCloser
	stdout  *bufio.Scanner
	stderr  bytes.Buffer
	wait    func() int
}

// line returns the next line of output.
func (c *chatting) line() string {
	c.t.Helper()
	if !c.stdout.Scan() {
		c.t.Fatalf("it has ended: %v, %s", c.stdout.Err(), c.stderr.String())
	}
	return c.stdout.Text()
}

// ends checks the exit status and the words on standard error.
func (c *chatting) ends(status int, words string) {
	c.t.Helper()
	for c.stdout.Scan() {
	}
	got := c.wait()
	if got != status || !strings.Contains(c.stderr.String(), words) || words == "" && c.stderr.Len() > 0 {
		c.t.Errorf("exit status %d, want %d; it says %q, want %q", got, status, c.stderr.String(), words)
	}
}

// Two chats at the real server: one prints JSON, the other lines.
func TestChatInPipes(t *testing.T) {
	s := serve(t, "127.0.0.1:0")
	alice := chatWith(t, s.addrs[0], "alice", "--json")
	for _, event := range []string{protocol.EventLogin, protocol.EventHistory} {
		var r struct{ Data protocol.Data }
		if err := json.Unmarshal([]byte(alice.line()), &r); err != nil || r.Data.Event != event {
			t.Fatalf("%v, event %q, not %q", err, r.Data.Event, event)
		}
	}
	bob := chatWith(t, s.addrs[0], "bob")
	fmt.Fprintln(bob.stdin, "hello\n//slash\nnames")
	for _, want := range []string{"bob logged in", "hello", "/slash", "names"} {
		var r struct{ Sender, Content string }
		if err := json.Unmarshal([]byte(alice.line()), &r); err != nil || r.Content != want {
			t.Errorf("%v, %+v, not %q", err, r, want)
		}
	}
	fmt.Fprintln(alice.stdin, "hi bob")
	if got := bob.line(); !strings.HasSuffix(got, " alice: hi bob") {
		t.Errorf("bob reads %q", got)
	}
	bob.stdin.Close()
	bob.ends(exitDone, "")
	twin := chatWith(t, s.addrs[0], "ALICE")
	twin.ends(exitRefused, "taken")
	alice.stdin.Close()
	alice.ends(exitDone, "")
}

func TestChatLogsOutWhenSignalled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			s := listen(t)
			c := chatWith(t, s.addr, "alice")
			s.expects("login", "alice")
			s.says(protocol.Response{Kind: protocol.KindInfo, Content: "Welcome"})
			s.says(protocol.Response{Kind: protocol.KindMessage, Sender: "bob", Content: "fence"})
			c.line()
			if err := c.process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			s.expects("logout", "")
			s.conn.Close()
			c.ends(exitDone, "")
		})
	}
}

// Who reads our output may go away: the server gets a logout nevertheless.
func TestChatWhoseReaderGoesAway(t *testing.T) {
	s := listen(t)
	cmd := parley(t, "chat", "alice@"+s.addr)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	r.Close()
	w.Close()
	s.expects("login", "alice")
	s.says(protocol.Response{Kind: protocol.KindInfo, Content: "Welcome"})
	s.says(protocol.Response{Kind: protocol.KindMessage, Sender: "bob", Content: "hello"})
	s.expects("logout", "")
	s.conn.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestChatThatCannotBegin(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there
	for _, test := range []struct {
		args   string
		status int
		says   string
	}{
		{"alice@" + l.Addr().String(), exitNoConnection, "parley: No connection to " + l.Addr().String()},
		{"alice@unix:/no/such/socket", exitNoConnection, "parley: No connection to unix:/no/such/socket"},
		{"localhost", exitUsage, "name is needed"},
		{"--json localhost", exitUsage, "name is needed"},
		{"al!ce@localhost", exitUsage, "letters"},
		{"alice@localhost:port", exitUsage, "not a port"},
		{"alice@localhost --bell loud", exitUsage, "--bell"},
		{"alice@localhost bob@localhost", exitUsage, "bob@localhost"},
	} {
		cmd := parley(t, append([]string{"chat"}, strings.Fields(test.args)...)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != test.status || !strings.Contains(string(out), test.says) {
			t.Errorf("%s: exit status %d, want %d; it says %q, want %q", test.args, got, test.status, out, test.says)
		}
	}
}

// scripted is a server that does what the test says.
type scripted struct {
	t        *testing.T
	addr     string
	listener net.Listener
	conn     net.Conn
	reader   *bufio.Reader
}

func listen(t *testing.T) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &scripted{t: t, addr: l.Addr().String(), listener: l}
}

// accept waits for a connection.
func (s *scripted) accept() {
	s.t.Helper()
	if err := s.listener.(*net.TCPListener).SetDeadline(time.Now().Add(deadline)); err != nil {
		s.t.Fatal(err)
	}
	conn, err := s.listener.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(deadline))
	s.conn, s.reader = conn, bufio.NewReader(conn)
	s.t.Cleanup(func() { conn.Close() })
}

// expects waits for a request.
func (s *scripted) expects(verb, content string) {
	s.t.Helper()
	if r := s.request(); r.Request != verb || r.Content != content {
		s.t.Fatalf("the request is %+v, not %s %q", r, verb, content)
	}
}

// echoes waits for a text and sends it back.
func (s *scripted) echoes(name, text string) {
	s.t.Helper()
	s.expects("msg", text)
	s.says(protocol.Response{Kind: protocol.KindMessage, Sender: name, Content: text})
}

// asked is a request as it was received.
type asked struct{ Request, Content, Password string }

// request waits for the next request.
func (s *scripted) request() (r asked) {
	s.t.Helper()
	if s.conn == nil {
		s.accept()
	}
	line, err := s.reader.ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	var p protocol.Parser
	q, bad := p.Parse([]byte(line))
	if bad != nil {
		s.t.Fatalf("the request is %s: %v", line, bad)
	}
	text := q.Content.Text
	if q.Content.Fields["room"] == protocol.Lobby { // what is said names its room
		text = q.Content.Fields["text"]
	}
	return asked{q.Verb, text, q.Password}
}

// says sends a plain response with the present time.
func (s *scripted) says(r protocol.Response) {
	s.t.Helper()
	r.Time = time.Now()
	if r.Sender == "" {
		r.Sender = protocol.ServerName
	}
	if _, err := s.conn.Write(protocol.AppendPlain(nil, r)); err != nil {
		s.t.Fatal(err)
	}
}
