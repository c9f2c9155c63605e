//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// managed is a server that is started as systemd starts it: it is handed over sockets, and
// tells how it does.
type managed struct {
	*exec.Cmd
	t      *testing.T
	log    *bytes.Buffer
	notify *net.UnixConn
	beats  int // of the watchdog, that were read over
}

// serveManaged starts parley serve with the sockets of that name, which it listens with.
func serveManaged(t *testing.T, watchdog time.Duration, name string, sockets []*os.File, args ...string) *managed {
	t.Helper()
	return serveManagedWith(t, nil, watchdog, name, sockets, args...)
}

// serveManagedWith is serveManaged with more variables, as KEY=VALUE.
func serveManagedWith(t *testing.T, environ []string, watchdog time.Duration, name string, sockets []*os.File, args ...string) *managed {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { notify.Close() })
	s := &managed{Cmd: parley(t, append([]string{"serve", "--data", ":memory:"}, args...)...), t: t, notify: notify, log: new(bytes.Buffer)}
	names := strings.Repeat(":"+name, len(sockets))
	// Only the process itself knows its number.
	s.Path, s.Args = "/bin/sh", append([]string{"sh", "-c", `LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" "$@"`}, s.Args...)
	s.Env = append(append(s.Env, environ...), "NOTIFY_SOCKET="+path, fmt.Sprint("LISTEN_FDS=", len(sockets)), "LISTEN_FDNAMES="+strings.TrimPrefix(names, ":"))
	if watchdog > 0 {
		s.Env = append(s.Env, fmt.Sprint("WATCHDOG_USEC=", watchdog.Microseconds()))
	}
	s.ExtraFiles, s.Stderr = sockets, s.log
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	return s
}

// hears returns the next thing that the server tells beside that it lives.
func (s *managed) hears() string {
	s.t.Helper()
	_ = s.notify.SetReadDeadline(time.Now().Add(deadline))
	buf := make([]byte, 4096)
	for {
		n, err := s.notify.Read(buf)
		if err != nil {
			s.t.Fatalf("it tells nothing: %v; %s", err, s.log)
		}
		if got := string(buf[:n]); got != "WATCHDOG=1" {
			return got
		}
		s.beats++
	}
}

// expects checks the next thing.
func (s *managed) expects(pattern string) {
	s.t.Helper()
	if got := s.hears(); !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
		s.t.Errorf("it tells %q, want %s", got, pattern)
	}
}

// beat waits until the server says that it lives, and nothing else.
func (s *managed) beat() {
	s.t.Helper()
	_ = s.notify.SetReadDeadline(time.Now().Add(deadline))
	buf := make([]byte, 4096)
	if n, err := s.notify.Read(buf); err != nil || string(buf[:n]) != "WATCHDOG=1" {
		s.t.Errorf("in place of a beat it tells %q, %v", buf[:n], err)
	}
}

func (s *managed) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *managed) ends() {
	s.t.Helper()
	if err := s.Wait(); err != nil {
		s.t.Errorf("it ends with %v: %s", err, s.log)
	}
}

// socketFor returns a socket that listens, as systemd opens it, and its address.
func socketFor(t *testing.T) (*os.File, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, l.Addr().String()
}

// A beat comes when the loops have turned, and not before.
func TestNoBeatOfAServerThatHangs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "1000")
	asked := make(chan func(), 1)
	m := manager{slog.New(slog.DiscardHandler)}
	m.watch(t.Context(), func(turned func()) { asked <- turned })
	s := &managed{t: t, notify: notify, log: new(bytes.Buffer)}
	for range 3 {
		turned := <-asked
		m.tell("not yet")
		s.beatsNever("not yet")
		turned()
		s.beat()
	}
}

// beatsNever checks the next thing that is told, which is no beat.
func (s *managed) beatsNever(want string) {
	s.t.Helper()
	before := s.beats
	if got := s.hears(); got != want || s.beats != before {
		s.t.Errorf("behind %d beats it tells %q, want %q behind none", s.beats-before, got, want)
	}
}

// Who manages the server is told when it is ready, that it lives, that it reloads and that it
// ends, in this order.
func TestNotify(t *testing.T) {
	s := serveManaged(t, 50*time.Millisecond, "", nil, "--listen", "127.0.0.1:0", "--drain", "3s")
	s.expects(`READY=1\nSTATUS=Listening on 127\.0\.0\.1:\d+`)
	for range 3 { // before anybody has come
		s.beat()
	}
	s.signal(syscall.SIGHUP)
	s.expects(`RELOADING=1\nMONOTONIC_USEC=\d+`)
	s.expects(`READY=1`)
	s.signal(syscall.SIGTERM)
	s.expects(`STOPPING=1\nSTATUS=Draining: everybody is told when to come back\nEXTEND_TIMEOUT_USEC=18000000`)
	s.ends()
}

// With people on two loops, too, it is told that the server lives.
func TestWatchdogOfSeveralLoops(t *testing.T) {
	socket, addr := socketFor(t)
	s := serveManaged(t, 50*time.Millisecond, "parley.socket", []*os.File{socket}, "--listen", "systemd:parley.socket", "--loops", "2")
	s.expects(`READY=1\nSTATUS=Listening on ` + regexp.QuoteMeta(addr))
	for range 4 {
		c, err := dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.send(protocol.Request{Verb: "help"})
		if _, ok := c.read(); !ok {
			t.Fatal("no answer")
		}
	}
	for range 3 {
		s.beat()
	}
}

// A server that is not managed, or by one who wants to hear nothing, tells nobody and ends as
// ever; a manager that is gone is no reason not to serve.
func TestNotifyNobody(t *testing.T) {
	socket, addr := socketFor(t)
	s := serveManaged(t, 0, "parley.socket", []*os.File{socket}, "--listen", "systemd:parley.socket")
	s.expects(`READY=1\n.*`)
	s.notify.Close()
	c, err := dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.send(protocol.Request{Verb: "help"})
	if _, ok := c.read(); !ok {
		t.Error("no answer")
	}
	s.signal(syscall.SIGTERM)
	s.ends()
	if !strings.Contains(s.log.String(), "the service manager cannot be told") {
		t.Errorf("nothing is said of the manager that is gone: %s", s.log)
	}
}

// A port that systemd has opened is served, and who comes between one server and the next is
// let in by that.
func TestSocketActivation(t *testing.T) {
	socket, addr := socketFor(t)
	args := []string{"--listen", "systemd:chat"}
	s := serveManaged(t, 0, "chat", []*os.File{socket}, args...)
	s.expects(`READY=1\n.*`)
	login := func(name string) line {
		c, err := dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
		return c
	}
	enters := func(c line) {
		t.Helper()
		if r, ok := c.read(); !ok || r.Data == nil || r.Data.Event != protocol.EventLogin {
			t.Errorf("the login is answered %+v; %s", r, s.log)
		}
	}
	first := login("first")
	enters(first)
	s.signal(syscall.SIGTERM)
	s.expects(`STOPPING=1\n(?s:.*)`)
	rest, err := io.ReadAll(first.in)
	if !strings.Contains(string(rest), protocol.EventShuttingDown) || err != nil {
		t.Errorf("the last words are %q, %v", rest, err)
	}
	first.Close()
	between := login("between") // refused by nobody
	s.ends()
	s = serveManaged(t, 0, "chat", []*os.File{socket}, args...)
	s.expects(`READY=1\n.*`)
	enters(between)
}

// A socket that was handed over and with which nothing listens is told, and one that is
// listened with and was not handed over ends the start.
func TestSocketActivationMistakes(t *testing.T) {
	socket, _ := socketFor(t)
	s := serveManaged(t, 0, "chat", []*os.File{socket}, "--listen", "127.0.0.1:0")
	s.expects(`READY=1\n.*`)
	s.signal(syscall.SIGTERM)
	s.ends()
	if !strings.Contains(s.log.String(), "systemd:chat") {
		t.Errorf("it says %s", s.log)
	}
	s = serveManaged(t, 0, "chat", []*os.File{socket}, "--listen", "systemd:other")
	var exit *exec.ExitError
	if err := s.Wait(); !errors.As(err, &exit) || !strings.Contains(s.log.String(), "cannot listen on systemd:other: no socket of that name was handed over, only: chat") {
		t.Errorf("it ends with %v and says %s", err, s.log)
	}
}

// A certificate and a key that systemd hands over as credentials, as the unit file says how
// (systemd.exec(5), "Credentials"), are served, from the folder that it makes of them: which may
// only be read, with files of another user (mode 0440 and an access control list), and %d in the
// settings is its path. On SIGHUP they are read again: systemd has brought them anew by then.
func TestCredentials(t *testing.T) {
	unit, err := os.ReadFile("systemd/parley.service")
	if err != nil {
		t.Fatal(err)
	}
	folder, issued := t.TempDir(), t.TempDir()
	lay := func(name string) {
		writeCertificate(t, issued, name)
		for _, is := range regexp.MustCompile(`LoadCredential=(\w+):\S+\.(crt|key)`).FindAllStringSubmatch(string(unit), -1) {
			pem, err := os.ReadFile(filepath.Join(issued, map[string]string{"crt": "cert.pem", "key": "key.pem"}[is[2]]))
			path := filepath.Join(folder, is[1])
			if err := errors.Join(err, os.Chmod(folder, 0o700), os.WriteFile(path+".new", pem, 0o440), os.Rename(path+".new", path), os.Chmod(folder, 0o500)); err != nil {
				t.Fatal(err)
			}
		}
	}
	lay("first.example")
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
	socket, addr := socketFor(t)
	var settings []string
	for _, is := range regexp.MustCompile(`Environment=(PARLEY_TLS_\w+=\S+)`).FindAllStringSubmatch(string(unit), -1) {
		settings = append(settings, strings.ReplaceAll(is[1], "%d", folder))
	}
	if len(settings) != 3 {
		t.Fatalf("the unit file says %q", settings)
	}
	s := serveManagedWith(t, append(settings, "CREDENTIALS_DIRECTORY="+folder), 0, "parley-tls.socket", []*os.File{socket}, "--listen", "127.0.0.1:0")
	s.expects(`READY=1\n.*`)
	if got := dialSecurely(t, addr).shown().DNSNames[0]; got != "first.example" {
		t.Errorf("%s is shown", got)
	}
	lay("second.example")
	s.signal(syscall.SIGHUP)
	s.expects(`RELOADING=1\n.*`)
	s.expects(`READY=1`)
	if got := dialSecurely(t, addr).shown().DNSNames[0]; got != "second.example" {
		t.Errorf("%s is shown", got)
	}
	s.signal(syscall.SIGTERM)
	s.expects(`STOPPING=1\n(?s:.*)`)
	s.ends()
}

// The unit files are of settings that there are, and systemd takes them.
func TestUnitFiles(t *testing.T) {
	unit, err := os.ReadFile("systemd/parley.service")
	if err != nil {
		t.Fatal(err)
	}
	start := regexp.MustCompile(`(?m)^ExecStart=\S+ (.*)$`).FindSubmatch(unit)
	if start == nil {
		t.Fatal("there is no ExecStart=")
	}
	args := strings.Fields(strings.ReplaceAll(string(start[1]), "${STATE_DIRECTORY}", t.TempDir()))
	if args[0] != "serve" {
		t.Fatalf("it runs %q", args)
	}
	socket, _ := socketFor(t)
	s := serveManaged(t, 0, "parley.socket", []*os.File{socket}, append(args[1:], "--pace", "1ms")...)
	s.expects(`READY=1\n.*`)
	s.signal(syscall.SIGTERM)
	s.ends()
	help, err := parley(t, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	variables := regexp.MustCompile(`Environment=(PARLEY_\w+)=`).FindAllSubmatch(unit, -1)
	for _, v := range variables {
		if !bytes.Contains(help, append([]byte("$"), v[1]...)) {
			t.Errorf("there is no setting %s", v[1])
		}
	}
	if len(variables) < 4 {
		t.Errorf("it sets %q", variables)
	}
	jail, err := os.ReadFile("fail2ban/jail.d/parley.conf")
	if err != nil {
		t.Fatal(err)
	}
	log := regexp.MustCompile(`(?m)^logpath += /var/log/(\w+)/`).FindSubmatch(jail)
	if log == nil || !bytes.Contains(unit, append([]byte("\nLogsDirectory="), log[1]...)) {
		t.Errorf("the log that fail2ban reads cannot be written, in the folder %s", log)
	}
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	dir := t.TempDir()
	for _, file := range []string{"parley.service", "parley.socket"} {
		b, err := os.ReadFile(filepath.Join("systemd", file))
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.ReplaceAll(b, []byte("/usr/local/bin/parley"), []byte("/bin/sh")) // which is there
		if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(verify, "verify", filepath.Join(dir, "parley.service"), filepath.Join(dir, "parley.socket"))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
}
