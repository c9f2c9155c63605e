package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"parley/protocol"
)

// TestServeWithoutItsFolder deletes the data folder under a running server: nothing is
// accepted any more, and who talks learns it.
func TestServeWithoutItsFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there, files that are open cannot be deleted")
	}
	dir := filepath.Join(t.TempDir(), "data")
	c, err := net.Dial("tcp", serveFrom(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(deadline))
	lines := bufio.NewScanner(c)
	// answer sends a request and returns the data of its answer.
	answer := func(r protocol.Request) (data protocol.Data) {
		if _, err := c.Write(protocol.AppendRequest(nil, r)); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			var got struct {
				Ref  string
				Data protocol.Data
			}
			if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.Ref == r.Ref {
				return got.Data
			}
		}
		t.Fatalf("no answer to %s: %v", r.Verb, lines.Err())
		return data
	}
	say := func(ref string) protocol.Data {
		return answer(protocol.Request{Verb: "msg", Content: protocol.Content{Text: "hello"}, Ref: ref, ID: ref})
	}
	answer(protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true, Ref: "1"})
	if got := say("2"); got.Event != protocol.EventAccepted {
		t.Fatalf("a message is answered with %+v", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"3", "4"} {
		if got := say(ref); got.Code != protocol.Internal {
			t.Errorf("without the folder, a message is answered with %+v", got)
		}
	}
	if got := answer(protocol.Request{Verb: "ping", Ref: "5"}); got.Event != protocol.EventPong {
		t.Errorf("a ping is answered with %+v", got)
	}
}
