//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/hooks"
	"parley/eventloop/monitor"
	"parley/protocol"
	"parley/users/state"
)

// A crowd that connects to a server with few files is told that it is full, as far as there
// is no room; two who talk go on, the log says it not once for each, and when the crowd is
// gone there is room again.
func TestServeWithFewFiles(t *testing.T) {
	const files, workers = 1000, 50
	crowd := 20_000
	if raceDetector {
		crowd = 2_500
	}
	cmd := parley(t, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--flood", "off", "--login-timeout", "0", "--max-connections", "100000")
	limited := exec.Command("/bin/sh", append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$@"`, files), "sh"}, cmd.Args...)...)
	limited.Env = cmd.Env
	s := startLogging(t, limited)
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")

	alice, bob := lineTo(t, addr, "alice"), lineTo(t, addr, "bob")
	began := time.Now()
	var full, wordless, next atomic.Int64
	var mu sync.Mutex
	var served []net.Conn
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for next.Add(1) <= int64(crowd) {
				c, told := knock(addr)
				switch {
				case c == nil:
					wordless.Add(1)
				case strings.Contains(told, "pong"):
					mu.Lock()
					served = append(served, c)
					mu.Unlock()
					continue
				case strings.Contains(told, "The server is full"):
					full.Add(1)
				default:
					wordless.Add(1)
				}
				if c != nil {
					c.Close()
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { work.Wait(); close(over) }()
	said := 0
	for talking := true; talking || said < 10; said++ {
		alice.say(t, fmt.Sprintf("message %d", said))
		bob.hears(t, fmt.Sprintf("message %d", said))
		select {
		case <-over:
			talking = false
		default:
			runtime.Gosched()
		}
	}
	<-over
	if n := len(served); n < files/2 || n >= files {
		t.Errorf("%d were let in with %d files", n, files)
	}
	if full.Load() == 0 || wordless.Load() > 0 {
		t.Errorf("%d were told that the server is full, and %d nothing of that", full.Load(), wordless.Load())
	}
	t.Logf("%d let in, %d refused, %d messages meanwhile, %s", len(served), full.Load(), said, time.Since(began).Round(time.Millisecond))
	for _, c := range served {
		c.Close()
	}
	for end := time.Now().Add(deadline); ; {
		if c, told := knock(addr); c != nil {
			c.Close()
			if strings.Contains(told, "pong") {
				break
			}
		}
		if time.Now().After(end) {
			t.Fatal("there is no room again")
		}
	}
	lasted := time.Since(began)
	s.until("too many are open") // a second after the first at the latest
	s.signal(syscall.SIGTERM)
	lines := 1
	for line := range s.lines {
		if strings.Contains(line, "too many are open") {
			lines++
		}
		if strings.Contains(line, `"level":"ERROR"`) {
			t.Errorf("the log: %s", line)
		}
	}
	if most := int(lasted/time.Second) + 2; lines > most {
		t.Errorf("the log says it %d times in %s", lines, lasted)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// knock connects and returns what a ping is answered with.
func knock(addr string) (net.Conn, string) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, ""
	}
	_ = c.SetDeadline(time.Now().Add(deadline))
	_, _ = c.Write([]byte("{\"request\":\"ping\"}\n"))
	told, _ := bufio.NewReader(c).ReadString('\n')
	return c, told
}

// A chatLine is somebody who is logged in.
type chatLine struct {
	net.Conn
	in *bufio.Reader
}

func lineTo(t *testing.T, addr, name string) chatLine {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	w := chatLine{c, bufio.NewReader(c)}
	w.ask(t, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
	w.hears(t, "Login successful")
	return w
}

func (w chatLine) ask(t *testing.T, r protocol.Request) {
	t.Helper()
	_ = w.SetDeadline(time.Now().Add(deadline))
	if _, err := w.Write(protocol.AppendRequest(nil, r)); err != nil {
		t.Fatal(err)
	}
}

func (w chatLine) say(t *testing.T, text string) {
	t.Helper()
	w.ask(t, protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}})
	w.hears(t, text) // or what it is told would wait for it
}

func (w chatLine) hears(t *testing.T, text string) {
	t.Helper()
	for {
		line, err := w.in.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %q: %v", text, err)
		}
		if strings.Contains(line, text) {
			return
		}
	}
}

// Clients take no files that the operator, programs and the database need: with as many clients
// as there may be, all of those are still answered, as many at once as ever are.
func TestServeKeepsFilesForOthers(t *testing.T) {
	const files = 400
	cmd := parley(t, "serve", "--listen", "127.0.0.1:0", "--flood", "off", "--login-timeout", "0", "--admin", "127.0.0.1:0", "--hooks", "127.0.0.1:0")
	limited := exec.Command("/bin/sh", append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$@"`, files), "sh"}, cmd.Args...)...)
	limited.Env = cmd.Env
	s := startLogging(t, limited)
	at := func(what, key string) string {
		_, rest, _ := strings.Cut(s.until(what), key)
		addr, _, _ := strings.Cut(rest, `"`)
		return strings.TrimSpace(addr)
	}
	operator := at("the operator can see", `"address":"`)
	programs := at("programs can say", `"address":"`)
	addr := at("listening on ", "listening on ")
	alice := lineTo(t, addr, "alice")
	for told := "pong"; strings.Contains(told, "pong"); {
		var c net.Conn
		if c, told = knock(addr); c != nil {
			t.Cleanup(func() { c.Close() })
		}
	}
	for where, most := range map[string]int{operator: monitor.MaxConns, programs: hooks.MaxConns} {
		for i := range most {
			c, err := net.Dial("tcp", where)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			_ = c.SetDeadline(time.Now().Add(deadline))
			fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: "+where+"\r\n\r\n")
			if line, err := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 ") {
				t.Fatalf("connection %d to %s hears %q: %v", i+1, where, line, err)
			}
		}
	}
	alice.say(t, "and the database is open")
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if left := files - len(open); left < state.MaxOutgoingHooks {
		t.Errorf("%d files are left for outgoing hooks, of which there may be %d", left, state.MaxOutgoingHooks)
	}
}
