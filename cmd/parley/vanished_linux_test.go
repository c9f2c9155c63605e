package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"parley/protocol"
)

// A remoteHost is a network namespace at the other end of the link of a test that is in one.
type remoteHost struct {
	t    *testing.T
	name string
}

// The two addresses of the other end, of which one can be taken away.
const (
	remoteAddress      = "192.0.2.2"
	otherRemoteAddress = "192.0.2.3"
)

func newRemoteHost(t *testing.T) remoteHost {
	t.Helper()
	h := remoteHost{t, fmt.Sprintf("parley%dr", os.Getpid())}
	runIP(t, "netns add "+h.name)
	t.Cleanup(func() { exec.Command("ip", "netns", "del", h.name).Run() })
	runIP(t, "link set far netns "+h.name)
	for _, address := range []string{remoteAddress, otherRemoteAddress} {
		h.ip("addr add " + address + "/32 dev far")
	}
	h.link("up")
	return h
}

// ip changes something at the other end.
func (h remoteHost) ip(args string) {
	h.t.Helper()
	runIP(h.t, "-n "+h.name+" "+args)
}

// link takes the link "down", or "up" again.
func (h remoteHost) link(state string) {
	h.t.Helper()
	h.ip("link set far " + state)
	if state == "up" {
		h.ip("route replace 192.0.2.0/24 dev far")
	}
}

func runIP(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

// converse connects from an address of the other end.
func (h remoteHost) converse(from, addr string) conversation {
	h.t.Helper()
	var c net.Conn
	var err error
	dialed := make(chan bool)
	go func() {
		defer close(dialed)
		runtime.LockOSThread() // until it ends: the thread is in the other namespace, and ends, too
		var ns *os.File
		if ns, err = os.Open("/run/netns/" + h.name); err != nil {
			return
		}
		defer ns.Close()
		if err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return
		}
		c, err = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: deadline}).Dial("tcp", addr)
	}()
	<-dialed
	if err != nil {
		h.t.Fatal(err)
	}
	return conversationOn(h.t, c)
}

// Clients that vanish without a word, since their network is gone, cost those who talk nothing but
// what may wait for each: then others are told that they are gone, and their names are free. Before
// that whoever has a session's token goes on with it under another address. parley chat comes back
// when the network does, and prints all that was said, once and in order.
func TestClientsThatVanish(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	const most = 1024 // kilobytes that may wait for a client
	admin := "unix:" + filepath.Join(shortFolder(t), "admin")
	remote := newRemoteHost(t)
	s := serveIn(t, t.TempDir(), []string{"--stall", "1s", "--max-outbound", fmt.Sprint(most), "--sync", "none", "--flood", "off", "--admin", admin}, otherAddress+":0")
	addr := s.addrs[0]
	talker, news := logsIn(t, addr, "talker"), newsReader{logsIn(t, addr, "listener"), make(map[string]bool)}
	chat := startChat(t, 6*deadline, inOtherNamespace(parley(t, "chat", "bob@"+addr, "--json"), remote.name))
	chat.printed(t, "")
	plain := remote.converse(remoteAddress, addr)
	plain.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "pia"}})
	plain.hears("Login successful")
	moving := remote.converse(remoteAddress, addr)
	moving.login("ann")
	token := moving.answer("login").Token

	remote.ip("addr del " + remoteAddress + "/32 dev far") // and what comes to it is answered by nobody
	moved := remote.converse(otherRemoteAddress, addr)
	moved.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "ann"}, Extended: true, Ref: "login", Token: token})
	if got := moved.answer("login"); got.Event != protocol.EventLogin {
		t.Errorf("who comes under another address, with the token of the session, is answered with %+v", got)
	}
	if got := logIn(t, addr, "pia", ""); got.Code != protocol.NameTaken {
		t.Errorf("the name of who has just vanished: %q", got.Code)
	}
	remote.link("down")
	said := 0
	for late := time.Now().Add(3 * deadline); logIn(t, addr, "pia", "").Code == protocol.NameTaken; {
		if time.Now().After(late) {
			t.Fatal("the name of who has vanished is not free")
		}
		for range 20 {
			text := fmt.Sprintf("text %d %s", said, strings.Repeat("x", 4000))
			talker.send(protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}, Ref: "said", ID: fmt.Sprint(said)})
			talker.answer("said")
			news.until(text)
			said++
		}
		waits, err := strconv.ParseFloat(metric(t, admin, `parley_queue_bytes{queue="clients"}`), 64)
		if gone := 4; err != nil || waits > float64(gone*(most<<10+8<<10)) {
			t.Errorf("%.0f bytes wait for %d who have vanished: %v", waits, gone, err)
		}
	}
	t.Log("said:", said)
	for _, lost := range []string{"bob lost the connection", "pia lost the connection"} {
		if !news.heard[lost] {
			news.until(lost)
		}
	}
	remote.ip("addr add " + remoteAddress + "/32 dev far")
	remote.link("up")
	for i := range said {
		if got := chat.printed(t, "text "); !strings.HasPrefix(got, fmt.Sprintf("text %d ", i)) {
			t.Fatalf("in place of text %d it prints %.20s", i, got)
		}
	}
}

// A newsReader is somebody who keeps what was heard, but for texts, of which none comes before its turn.
type newsReader struct {
	conversation
	heard map[string]bool
}

func (n newsReader) until(words string) {
	n.t.Helper()
	for r := range n.came {
		if r.Content == words {
			return
		}
		if strings.HasPrefix(r.Content, "text ") {
			n.t.Fatalf("in place of %.20s comes %.20s", words, r.Content)
		}
		n.heard[r.Content] = true
	}
	n.t.Fatalf("%.40s does not come", words)
}

// inOtherNamespace has a command run in a network namespace.
func inOtherNamespace(cmd *exec.Cmd, ns string) *exec.Cmd {
	other := exec.Command("ip", append([]string{"netns", "exec", ns}, cmd.Args...)...)
	other.Env = cmd.Env
	return other
}
