package main

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"parley/protocol"
)

// TestServeWithoutItsFolder deletes the data folder under a running server: nobody is told
// what cannot be kept, nothing more is accepted, and who talks learns it.
func TestServeWithoutItsFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there, files that are open cannot be deleted")
	}
	dir := filepath.Join(t.TempDir(), "data")
	addr := serveFrom(t, dir)
	alice := converse(t, addr)
	alice.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true, Ref: "login"})
	alice.answer("login")
	alice.say("kept")
	if got := alice.answer("kept"); got.Event != protocol.EventAccepted {
		t.Fatalf("a message is answered with %+v", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	alice.say("lost")
	alice.pingUntilAnswered()
	for _, ref := range []string{"1", "2"} {
		alice.say(ref)
		if got := alice.answer(ref); got.Code != protocol.Internal {
			t.Errorf("without the folder, a message is answered with %+v", got)
		}
	}
	if got := logIn(t, addr, "bob", ""); got.Code != protocol.Internal {
		t.Errorf("a login is answered with %+v", got)
	}
}

// A conversation is a connection of which everything is read.
type conversation struct {
	line
	t    *testing.T
	came chan protocol.Response
}

func converse(t *testing.T, addr string) conversation {
	t.Helper()
	c, err := dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	return conversationOn(t, c)
}

// conversationOn begins one on a connection.
func conversationOn(t *testing.T, conn net.Conn) conversation {
	t.Helper()
	t.Cleanup(func() { conn.Close() })
	c := line{conn, bufio.NewReader(conn)}
	v := conversation{c, t, make(chan protocol.Response)}
	go func() {
		defer close(v.came)
		for r, ok := c.read(); ok; r, ok = c.read() {
			select {
			case v.came <- r:
			case <-t.Context().Done():
				return
			}
		}
	}()
	return v
}

func (v conversation) say(text string) {
	v.send(protocol.Request{Verb: "msg", Content: protocol.Content{Text: text}, Ref: text, ID: text})
}

// answer returns the data of the answer to a request. What is not kept is not told.
func (v conversation) answer(ref string) protocol.Data {
	v.t.Helper()
	for late := time.After(deadline); ; {
		select {
		case r, ok := <-v.came:
			if !ok || r.Ref == "lost" || r.Content == "lost" {
				v.t.Fatalf("in place of an answer to %s comes %+v", ref, r)
			}
			if r.Ref == ref {
				return *r.Data
			}
		case <-late:
			v.t.Fatalf("no answer to %s", ref)
		}
	}
}

// pingUntilAnswered has to wait until the server knows that its disk fails: what is asked
// before waits for that, behind what cannot be kept.
func (v conversation) pingUntilAnswered() {
	v.t.Helper()
	for late := time.After(deadline); ; {
		v.send(protocol.Request{Verb: "ping", Ref: "ping"})
		select {
		case r := <-v.came:
			if r.Ref == "lost" || r.Content == "lost" {
				v.t.Fatal("what is lost is told")
			}
			if r.Ref == "ping" {
				return
			}
		case <-time.After(50 * time.Millisecond):
		case <-late:
			v.t.Fatal("no ping is answered")
		}
	}
}
