//go:build linux

package eventloop_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

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

// With few files, connections are refused before files run out, wherever they come
// in, and the server lives on. It is a process of its own, which ends with its input.
func TestConnectionsAreRefusedBelowTheFileLimit(t *testing.T) {
	const files = 200
	if addrs := os.Getenv(withoutFiles); addrs != "" {
		loops := 1
		if os.Getenv(manyLoops) != "" {
			loops = 8
		}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: files, Max: files}); err != nil {
			t.Fatal(err)
		}
		r := run(t, &hooks{received: echo}, eventloop.Config{Listen: strings.Fields(addrs), Loops: loops, Refusal: func() []byte { return []byte("full") },
			Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
		fmt.Printf("listening %s\n", strings.Join(r.addrs, " "))
		_, _ = io.ReadAll(os.Stdin)
		return
	}
	socket := "unix:" + filepath.Join(t.TempDir(), "s")
	for _, listen := range []string{"127.0.0.1:0", socket, "127.0.0.1:0 " + socket, socket + " 127.0.0.1:0 127.0.0.1:0"} {
		for _, loops := range []string{"", "many"} {
			t.Run(fmt.Sprintf("%d addresses, %s loops", len(strings.Fields(listen)), loops), func(t *testing.T) {
				refuseBelowTheFileLimit(t, files, withoutFiles+"="+listen, manyLoops+"="+loops)
			})
		}
	}
}

// manyLoops is set for a server that has them.
const manyLoops = "PARLEY_TEST_MANY_LOOPS"

func refuseBelowTheFileLimit(t *testing.T, files int, env ...string) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestConnectionsAreRefusedBelowTheFileLimit$")
	cmd.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=0"), env...)
	stdin, _ := cmd.StdinPipe()
	stdout, _ := cmd.StdoutPipe()
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	addrs := strings.Fields(strings.TrimPrefix(line, "listening "))
	if err != nil || len(addrs) == 0 {
		t.Fatalf("%q, %v", line, err)
	}
	connect := func(i int) net.Conn {
		network, addr := "tcp", addrs[i%len(addrs)]
		if path, ok := strings.CutPrefix(addr, "unix:"); ok {
			network, addr = "unix", path
		}
		for {
			c, err := net.Dial(network, addr)
			if errors.Is(err, unix.EAGAIN) { // the queue of a Unix socket
				runtime.Gosched()
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(deadline))
			return c
		}
	}
	for range 2 { // it recovers
		var all, served []net.Conn
		for i := range 3 * files { // at once: nothing is read in between
			c := connect(i)
			_, _ = c.Write([]byte("full"))
			all = append(all, c)
		}
		for _, c := range all {
			if read(t, c, 4); isOpen(c) {
				served = append(served, c)
			} else {
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
		for isOpenNow := false; !isOpenNow; { // there is room again
			c := connect(0)
			_, _ = c.Write([]byte("full"))
			read(t, c, 4)
			isOpenNow = isOpen(c)
			c.Close()
		}
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
