package eventloop_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"parley/eventloop"
)

// roleVariable says which side of TestPeerThatVanishes a process plays.
const roleVariable = "PARLEY_TEST_PEER"

// shortPeerTimeout is the server's in TestPeerThatVanishes.
const shortPeerTimeout = 2 * time.Second

// Peers whose network is gone are found out in time, whether they were silent or the
// room talks to them: then TCP's keepalive asks nothing, and its own patience is a
// quarter of an hour.
func TestPeerThatVanishes(t *testing.T) {
	switch os.Getenv(roleVariable) {
	case "server":
		talkToVisitors(t)
		return
	case "client":
		visit(t)
		return
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need ip (apt-get install iproute2)")
	}
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	server, client := fmt.Sprintf("parley%ds", os.Getpid()), fmt.Sprintf("parley%dc", os.Getpid())
	ip := func(args string) {
		t.Helper()
		if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", args, err, out)
		}
	}
	for _, ns := range []string{server, client} {
		if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("network namespaces cannot be made here: %s", out)
		}
		t.Cleanup(func() { exec.Command("ip", "netns", "del", ns).Run() })
	}
	ip("link add eth netns " + server + " type veth peer name eth netns " + client)
	for ns, addr := range map[string]string{server: "192.168.10.1/24", client: "192.168.10.2/24"} {
		ip("-n " + ns + " addr add " + addr + " dev eth")
		ip("-n " + ns + " link set eth up")
	}
	lines := inNamespace(t, server, "server")
	if line := receive(t, lines); line != "listening" {
		t.Fatal(line)
	}
	inNamespace(t, client, "client")
	for range 2 {
		if line := receive(t, lines); line != "opened" {
			t.Fatal(line)
		}
	}
	ip("-n " + client + " link set eth down")
	began := time.Now()
	for range 2 {
		if line := receive(t, lines); !strings.HasPrefix(line, "closed") {
			t.Fatal(line)
		}
	}
	t.Logf("both are gone after %s", time.Since(began))
}

// inNamespace starts this test in a role, and returns the lines that it prints.
func inNamespace(t *testing.T, ns, role string) <-chan string {
	t.Helper()
	cmd := exec.Command("ip", "netns", "exec", ns, os.Args[0], "-test.run=^TestPeerThatVanishes$")
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, read := make(chan string, 100), make(chan bool)
	go func() {
		defer close(read)
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
	})
	return lines
}

// talkToVisitors says something to the first of its visitors all the time.
func talkToVisitors(t *testing.T) {
	var first *eventloop.Conn
	h := &hooks{
		opened: func(c *eventloop.Conn) {
			if first == nil {
				first = c
			}
			fmt.Println("opened")
			c.Loop().WakeAt(c.Loop().Now())
		},
		woke: func(l *eventloop.Loop) {
			first.Send([]byte("word\n"))
			l.WakeAt(l.Now().Add(shortPeerTimeout / 20))
		},
		closed: func(_ *eventloop.Conn, err error) { fmt.Println("closed", err) },
	}
	err := eventloop.Run(eventloop.Config{Listen: []string{"192.168.10.1:9998"}, Loops: 1, MaxOutbound: 1 << 20, PeerTimeout: shortPeerTimeout,
		Log: slog.New(slog.DiscardHandler), Listening: func([]string) { fmt.Println("listening") }}, h)
	t.Fatal(err)
}

// visit opens two connections and keeps them.
func visit(t *testing.T) {
	for range 2 {
		c, err := net.Dial("tcp", "192.168.10.1:9998")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go func() {
			for b := make([]byte, 100); ; {
				if _, err := c.Read(b); err != nil {
					return
				}
			}
		}()
	}
	select {}
}
