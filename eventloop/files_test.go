//go:build linux

package eventloop_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"parley/eventloop"
)

// withoutFiles is set in a process in which TestRunThatEndsByItself plays the
// server that runs out of files.
const withoutFiles = "PARLEY_TEST_WITHOUT_FILES"

// gnet ends, and Run returns nil there, when it cannot accept because files have
// run out. Ours says that something is wrong. It takes a process of its own:
// the limit is the whole process's.
func TestRunThatEndsByItself(t *testing.T) {
	if os.Getenv(withoutFiles) != "" {
		runOutOfFiles(t)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestRunThatEndsByItself$", "-test.v")
	cmd.Env = append(os.Environ(), withoutFiles+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ended by itself") {
		t.Errorf("%v\n%s", err, out)
	}
}

func runOutOfFiles(t *testing.T) {
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- eventloop.Run(eventloop.Config{Listen: []string{"127.0.0.1:0"}, Loops: 1, MaxOutbound: 1,
			Log: slog.New(slog.DiscardHandler), Listening: func(a []string) { listening <- a[0] }, Stop: make(chan struct{})}, &hooks{received: echo})
	}()
	addr := receive(t, listening)
	c := dial(t, addr)
	_, _ = c.Write([]byte("x"))
	read(t, c, 1)                                                 // the loop is up, and has the files that it needs
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0) // has its file already when there are no more
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = uint64(client) + 1 // the next file would have a number above this
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for { // fill the gaps below
		if _, err := unix.Dup(client); err != nil {
			break
		}
	}
	if err := unix.Connect(client, &unix.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(tcp.IP.To4())}); err != nil {
		t.Fatal(err)
	}
	t.Log(receive(t, ended))
}

// The soft limit of open files is lifted to the hard one, and so many
// connections are let in that some files are left.
func TestFileLimitIsRaised(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	lowered := before
	lowered.Cur = 100
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lowered); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &before) })
	run(t, &hooks{}, eventloop.Config{})
	var after unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &after); err != nil || after.Cur != after.Max {
		t.Errorf("the limit is %d of %d, %v", after.Cur, after.Max, err)
	}
}

// With few files, connections are refused before files run out, and the server
// lives on. The server is a process of its own, which ends with its input.
func TestConnectionsAreRefusedBelowTheFileLimit(t *testing.T) {
	const files = 100
	if os.Getenv(withoutFiles) != "" {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: files, Max: files}); err != nil {
			t.Fatal(err)
		}
		r := run(t, &hooks{received: echo}, eventloop.Config{Refusal: func() []byte { return []byte("full") }})
		fmt.Printf("listening %s\n", r.addr)
		_, _ = io.ReadAll(os.Stdin)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestConnectionsAreRefusedBelowTheFileLimit$")
	cmd.Env = append(os.Environ(), withoutFiles+"=1")
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addr string
	if _, err := fmt.Fscanf(stdout, "listening %s\n", &addr); err != nil {
		t.Fatal(err)
	}
	var served []net.Conn
	for refused := 0; refused < 3*files; {
		c := dial(t, addr)
		_, _ = c.Write([]byte("full"))
		if read(t, c, 4); isOpen(c) {
			served = append(served, c)
		} else {
			refused++
			c.Close()
		}
	}
	if n := len(served); n == 0 || n >= files {
		t.Errorf("%d connections were let in with %d files", n, files)
	}
	for _, c := range served {
		_, _ = c.Write([]byte("again"))
		read(t, c, 5)
		c.Close()
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// isOpen asks for an echo: a connection that was refused gives an error.
func isOpen(c net.Conn) bool {
	if _, err := c.Write([]byte("x")); err != nil {
		return false
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err == nil
}
