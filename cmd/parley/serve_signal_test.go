//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// logging is a server process whose log is read line by line.
type logging struct {
	*exec.Cmd
	t     *testing.T
	lines chan string
	ended chan error
}

// serveLogging starts parley serve without waiting for anything.
func serveLogging(t *testing.T, args ...string) *logging {
	t.Helper()
	return startLogging(t, parley(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...))
}

func startLogging(t *testing.T, cmd *exec.Cmd) *logging {
	t.Helper()
	s := &logging{Cmd: cmd, t: t, lines: make(chan string, 1000), ended: make(chan error, 1)}
	read, write := io.Pipe()
	s.Stdout, s.Stderr = write, write
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.ended <- s.Wait()
		write.Close()
	}()
	go func() {
		for in := bufio.NewScanner(read); in.Scan(); {
			s.lines <- in.Text()
		}
		close(s.lines)
	}()
	t.Cleanup(func() { _ = s.Process.Kill() })
	return s
}

// until returns the first line that contains words.
func (s *logging) until(words string) string {
	s.t.Helper()
	for timeout := time.After(deadline); ; {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("it has ended and did not say %q", words)
			}
			if strings.Contains(line, words) {
				return line
			}
		case <-timeout:
			s.t.Fatalf("it does not say %q", words)
		}
	}
}

func (s *logging) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *logging) end() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(deadline):
		s.t.Fatal("it does not end")
		return nil
	}
}

// A signal between the opening of the disk and the first loop, and those around it,
// ends the server.
func TestSignalWhileStarting(t *testing.T) {
	for i := range 40 {
		s := serveLogging(t, "--data", t.TempDir())
		s.until("are kept")
		for moment := time.After(time.Duration(i) * 250 * time.Microsecond); ; { // what is between takes some ms
			select {
			case <-moment:
			default:
				continue
			}
			break
		}
		s.signal(syscall.SIGTERM)
		if err := s.end(); err != nil {
			t.Fatalf("start %d: %v", i, err)
		}
	}
}

// The second signal does not wait for anybody.
func TestSecondSignal(t *testing.T) {
	s := serveLogging(t, "--data", ":memory:")
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
	for range 50 { // who do not close their side have time
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(deadline))
		_, _ = c.Write([]byte("{\"request\":\"help\"}\n"))
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	s.signal(syscall.SIGTERM)
	s.until("stopping")
	s.signal(syscall.SIGTERM)
	var exit *exec.ExitError
	if err := s.end(); !errors.As(err, &exit) || exit.ExitCode() != exitSignalled+int(syscall.SIGTERM) {
		t.Errorf("it has ended with %v", err)
	}
}

// SIGHUP, which ends programs that do not know it, has the settings read again. A server
// that keeps nothing does not say that it does.
func TestHangUpSignal(t *testing.T) {
	s := serveLogging(t, "--data", ":memory:")
	s.until("are not kept")
	s.until("listening on ")
	for range 2 {
		s.signal(syscall.SIGHUP)
		s.until(`"changed":[],"need a restart":[]`)
	}
	s.signal(syscall.SIGTERM)
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// SIGTERM ends a server whose reload waits for ever, here for somebody who reads the pipe that
// the log goes to, however many reloads are wanted.
func TestSignalWhileReloading(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "log")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // for writing as well: it does not wait for a writer
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	s := serveLogging(t, "--data", ":memory:", "--log-file", pipe)
	s.until("listening on ")
	reader.Close()
	for range 12 {
		s.signal(syscall.SIGHUP)
	}
	s.signal(syscall.SIGTERM)
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// A signal that comes while there is a reload has another one follow, which sees what was changed
// before the signal.
func TestReloadWhileReloading(t *testing.T) {
	e := &ending{p: &process{log: slog.New(slog.DiscardHandler)}}
	began, goOn := make(chan bool), make(chan bool)
	end := e.onSignals(func(os.Signal) {
		began <- true
		<-goOn
	})
	defer end()
	hangUp := func() {
		t.Helper()
		seen := make(chan os.Signal, 1)
		signal.Notify(seen, syscall.SIGHUP)
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		<-seen
		signal.Stop(seen) // returns when all have it who are to have it
	}
	hangUp()
	<-began
	for range 12 {
		hangUp()
	}
	goOn <- true
	<-began
	goOn <- true
}
