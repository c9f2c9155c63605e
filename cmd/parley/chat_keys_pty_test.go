//go:build unix

package main

import (
	"strings"
	"syscall"
	"testing"

	"golang.org/x/term"

	"parley/protocol"
)

// openLoggedIn runs a chat of alice with a server.
func openLoggedIn(t *testing.T, args ...string) (*screen, *scripted) {
	t.Helper()
	srv := listen(t)
	s := open(t, append(args, "alice@"+srv.addr)...)
	srv.expects("login", "alice")
	srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful"})
	s.shows("* Login successful")
	return s, srv
}

// logsOut leaves by Ctrl-D.
func (s *screen) logsOut(srv *scripted) {
	s.t.Helper()
	s.types("\x04")
	srv.expects("logout", "")
	srv.conn.Close()
	s.ends(exitDone)
}

func TestTextsOfSeveralLinesInATerminal(t *testing.T) {
	s, srv := openLoggedIn(t)
	s.types("one\n") // Ctrl-J
	s.shows("one↵")
	s.types("two\x1b\rthree\r") // Alt-Enter
	srv.echoes("alice", "one\ntwo\nthree")
	s.types("\x1b[200~pasted\rtext\r\x1b[201~\r")
	srv.echoes("alice", "pasted\ntext")
	s.types("it did\rnot say\rthat it pasted\r")
	s.shows("Pasted: 3 lines. Enter sends them as one text")
	s.types("\x03")
	s.shows("> ")
	s.types("said\r")
	srv.echoes("alice", "said") // and nothing before it
	s.logsOut(srv)
}

// A chat that was stopped from outside goes on where it was, and shows no
// password.
func TestStoppedChatGoesOn(t *testing.T) {
	srv := listen(t)
	s := open(t, "alice@"+srv.addr)
	srv.expectsPassword("")
	srv.refusesLogin(protocol.PasswordRequired, "alice is registered.")
	s.shows("password of alice: ")
	s.types("half a ")
	s.shows("*******")
	s.isStopped()
	s.shows("password of alice: *******")
	s.types("sesame\r")
	srv.expectsPassword("half a sesame")
	srv.letsIn("alice")
	s.shows("lobby> ")
	s.types("half")
	s.shows("half")
	s.isStopped()
	s.shows("> half")
	s.types(" typed\r")
	srv.echoes("alice", "half typed")
	s.logsOut(srv)
	s.neverShowed("sesame", "half a")
}

// stops stops the program. On a busy machine its threads go on for a while after the
// signal, so that is waited for.
func (s *screen) stops() {
	s.t.Helper()
	if err := s.proc.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(s.proc.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		s.t.Fatalf("it has not stopped: %v, %v", status, err)
	}
}

// isStopped stops and continues the program; between, the terminal is as a shell
// leaves it.
func (s *screen) isStopped() {
	s.t.Helper()
	s.stops()
	if err := term.Restore(int(s.slave.Fd()), s.before); err != nil {
		s.t.Fatal(err)
	}
	if err := s.proc.Signal(syscall.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
}

// With --screen-reader there are no escape sequences, and each line comes once.
func TestScreenReader(t *testing.T) {
	s, srv := openLoggedIn(t, "--screen-reader")
	srv.says(protocol.Response{Kind: protocol.KindMessage, Sender: "bob", Content: "hello"})
	s.shows(" bob: hello\r\n")
	s.types("hi\n")
	srv.echoes("alice", "hi")
	s.shows(" alice: hi\r\n")
	s.logsOut(srv)
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.text.String()
	if strings.Contains(all, "\x1b") || strings.Count(all, "bob: hello") != 1 {
		t.Errorf("it wrote %q", all)
	}
}
