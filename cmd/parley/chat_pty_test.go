//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"parley/protocol"
)

// screen is a terminal with a chat in it.
type screen struct {
	t      *testing.T
	master *os.File
	slave  *os.File
	before *term.State
	home   string
	proc   *os.Process
	wait   func() (int, error)

	mu   sync.Mutex
	text strings.Builder
	grew chan struct{} // something was drawn
	seen int           // bytes of text, without escapes, that were looked at
}

// open runs parley chat in a pseudo terminal.
func open(t *testing.T, args ...string) *screen {
	t.Helper()
	return openScreen(t, append([]string{"chat"}, args...)...)
}

// openScreen runs parley in a pseudo terminal.
func openScreen(t *testing.T, args ...string) *screen {
	t.Helper()
	return openAt(t, t.TempDir(), args...)
}

// openAt does so with a folder for its state.
func openAt(t *testing.T, home string, args ...string) *screen {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	// So wide that no sentence that is looked for is broken.
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 300}); err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, master: master, slave: slave, home: home, grew: make(chan struct{}, 1)}
	if s.before, err = term.GetState(int(slave.Fd())); err != nil {
		t.Fatal(err)
	}
	cmd := parley(t, args...)
	cmd.Env = append(cmd.Env, "TERM=xterm", "XDG_STATE_HOME="+s.home)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.proc = cmd.Process
	s.wait = func() (int, error) { err := cmd.Wait(); return cmd.ProcessState.ExitCode(), err }
	guard := time.AfterFunc(2*deadline, func() { _ = cmd.Process.Kill() })
	drawn := make(chan struct{})
	go func() { s.read(); close(drawn) }()
	t.Cleanup(func() {
		guard.Stop()
		_ = cmd.Process.Kill()
		slave.Close()
		master.Close()
		<-drawn
	})
	return s
}

func (s *screen) read() {
	buf := make([]byte, 4096)
	for {
		n, err := s.master.Read(buf)
		s.mu.Lock()
		s.text.Write(buf[:n])
		s.mu.Unlock()
		select {
		case s.grew <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// escapes are what a terminal does not show.
var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\a\x1b]*(\a|\x1b\\)|\x1b[=>78]`)

// shows waits until text is drawn behind what was looked for before.
func (s *screen) shows(text string) {
	s.t.Helper()
	late := time.After(deadline)
	for {
		s.mu.Lock()
		shown := escapes.ReplaceAllString(s.text.String(), "")[s.seen:]
		s.mu.Unlock()
		if at := strings.Index(shown, text); at >= 0 {
			s.seen += at + len(text)
			return
		}
		select {
		case <-s.grew:
		case <-late:
			s.t.Fatalf("%q does not appear in %q", text, shown)
		}
	}
}

func (s *screen) types(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// ends checks that the chat is over and the terminal as it was.
func (s *screen) ends(status int) {
	s.t.Helper()
	if got, err := s.wait(); got != status {
		s.t.Errorf("it ended with %d (%v), not %d", got, err, status)
	}
	after, err := term.GetState(int(s.slave.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	if *after != *s.before {
		s.t.Error("the terminal is not as it was")
	}
}

// The whole client, with a keyboard and a screen.
func TestChatInATerminal(t *testing.T) {
	srv := listen(t)
	s := open(t, srv.addr)
	s.shows("name: ")
	s.types("alice\r")
	srv.expects("login", "alice")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful"})
	s.shows("* Login successful")
	s.shows("lobby> ")
	s.types("hal") // is not disturbed by what comes in
	srv.says(protocol.Response{Kind: protocol.KindMessage, Sender: "bob", Content: "blåbær\x1b[2J"})
	s.shows(" bob: blåbær\r\n")
	s.types("lo\r")
	srv.echoes("alice", "hallo")
	s.shows(" alice: hallo\r\n")
	s.types("bo\t\r") // Tab completes a name
	srv.echoes("alice", "bob: ")
	s.types("names\r")
	srv.expects("names", "")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "alice, bob"})
	s.shows("* alice, bob")
	srv.conn.Close()
	s.shows("lost")
	s.shows("lobby (offline)> ")
	s.types("kept\r")
	s.shows("kept (unsent)")
	srv.conn = nil
	srv.expects("login", "alice")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful"})
	s.shows("Connected again")
	srv.echoes("alice", "kept")
	s.types("\x03")
	s.shows("again to leave")
	s.types("\x03")
	srv.expects("logout", "")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Good bye"})
	s.shows("* Good bye")
	srv.conn.Close()
	s.ends(exitDone)
	s.checkHistory("hallo", "kept")
}

// checkHistory checks the file of the up key.
func (s *screen) checkHistory(lines ...string) {
	s.t.Helper()
	path := filepath.Join(s.home, "parley", "history")
	info, err := os.Stat(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		s.t.Errorf("the history has mode %o", mode)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains(string(content), line) {
			s.t.Errorf("the history lacks %q: %q", line, content)
		}
	}
	if strings.Contains(string(content), "alice\n") {
		s.t.Errorf("the history has the login: %q", content)
	}
}

func TestChatInATerminalIsEnded(t *testing.T) {
	srv := listen(t)
	s := open(t, "alice@"+srv.addr)
	srv.expects("login", "alice")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful"})
	s.shows("* Login successful")
	if err := s.proc.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	srv.expects("logout", "")
	s.ends(exitDone)

	srv = listen(t)
	s = open(t, "alice@"+srv.addr)
	srv.expects("login", "alice")
	s.types("\x04") // Ctrl-D
	srv.expects("logout", "")
	s.ends(exitDone)
}

func TestChatInATerminalWithoutAServer(t *testing.T) {
	srv := listen(t)
	srv.listener.Close()
	s := open(t, "alice@"+srv.addr)
	s.shows("parley: No connection to " + srv.addr)
	s.ends(exitNoConnection)
}

// A person types a password: it is seen nowhere and kept nowhere.
func TestPasswordInATerminal(t *testing.T) {
	srv := listen(t)
	s := open(t, "alice@"+srv.addr)
	srv.expectsPassword("")
	srv.refusesLogin(protocol.PasswordRequired, "alice is registered.")
	s.shows("* alice is registered.")
	s.shows("password of alice: ")
	s.types("wrongsesame\r")
	srv.expectsPassword("wrongsesame")
	srv.refusesLogin(protocol.WrongCredentials, "That is wrong.")
	s.shows("! That is wrong.")
	s.shows("password of alice: ")
	s.types("goodsesame\r")
	srv.expectsPassword("goodsesame")
	srv.letsIn("alice")
	s.shows("* Login successful")
	s.shows("lobby> ")
	s.types("\x1b[Ahello\r") // there is nothing above
	srv.expects("msg", "hello")
	s.shows(" alice: hello")
	s.types("/paswd goodsesame new\r")
	s.shows("Did you mean /passwd?")
	s.types("/passwd\r")
	s.shows("old password: ")
	s.types("goodsesame\r")
	s.shows("new password: ")
	s.types("newsesame\r")
	s.shows("the same again: ")
	s.types("newsesame\r")
	line, err := srv.reader.ReadString('\n')
	if want := `"content":{"new":"newsesame","old":"goodsesame"}`; err != nil || !strings.Contains(line, want) {
		t.Errorf("the request is %q (%v), not %s", line, err, want)
	}
	s.types("\x04")
	srv.expects("logout", "")
	srv.conn.Close()
	s.ends(exitDone)
	s.neverShowed("wrongsesame", "newsesame")
	s.checkHistory("hello")
	content, err := os.ReadFile(filepath.Join(s.home, "parley", "history"))
	if err != nil || strings.Contains(string(content), "sesame") {
		t.Errorf("the history is %q (%v)", content, err)
	}
}

// neverShowed checks that texts were not drawn.
func (s *screen) neverShowed(texts ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		if strings.Contains(s.text.String(), text) {
			s.t.Errorf("%q has been seen", text)
		}
	}
}
