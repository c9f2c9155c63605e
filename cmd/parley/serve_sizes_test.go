//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"parley/protocol"
)

// enterAs logs in and returns the connection, and the texts of the history.
func enterAs(t *testing.T, addr, name string) (c line, history string) {
	t.Helper()
	c, err := dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})
	for r, ok := c.read(); ok; r, ok = c.read() {
		if r.Kind == protocol.KindHistory {
			for _, m := range r.History {
				history += m.Content
			}
			return c, history
		}
	}
	t.Fatalf("%s is not told the history", name)
	return c, ""
}

// answerTo returns what a frame is answered with that has a ref or, if not, is refused as a whole.
func (c line) answerTo(t *testing.T, frame []byte) string {
	t.Helper()
	if _, err := c.Write(frame); err != nil {
		t.Fatal(err)
	}
	for {
		r, ok := c.read()
		switch {
		case !ok:
			t.Fatalf("%.60q is not answered", frame)
		case r.Ref != "", r.Kind == protocol.KindError:
			return r.Content
		}
	}
}

// pingOf is a request of so many bytes.
func pingOf(size int) []byte {
	frame := `{"request":"ping","ref":"1","padding":""}`
	return []byte(strings.Replace(frame, `""`, `"`+strings.Repeat("x", size-len(frame))+`"`, 1) + "\n")
}

// A server takes texts and requests that are as large as its owner says, and not a byte more, from
// people and from programs. What is longer and was said before is shown as it was.
func TestServeSizes(t *testing.T) {
	dir, socket := filepath.Join(shortFolder(t), "data"), filepath.Join(shortFolder(t), "hooks")
	old := strings.Repeat("o", protocol.MaxText)
	process, addr := startFrom(t, dir)
	alice, _ := enterAs(t, addr, "alice")
	if got := alice.answerTo(t, request("msg", old)); got != "Your message was accepted." {
		t.Fatal(got)
	}
	_ = process.Process.Signal(syscall.SIGTERM)
	_ = process.Wait()
	addr = serveFrom(t, dir, "--max-text", "100", "--max-frame", "11946", "--flood", "off", "--hooks", "unix:"+socket)
	alice, history := enterAs(t, addr, "alice")
	if history != old {
		t.Errorf("of what was said before is told: %q", history)
	}
	const accepted, tooLong = "Your message was accepted.", "That text is too long: at most 100 bytes, yours has %d. Send it in parts."
	for _, tt := range []struct {
		frame []byte
		says  string
	}{
		{request("msg", strings.Repeat("x", 100)), accepted},
		{request("msg", strings.Repeat("x", 101)), fmt.Sprintf(tooLong, 101)},
		{request("msg", strings.Repeat("å", 50)), accepted},
		{request("msg", strings.Repeat("å", 50)+"x"), fmt.Sprintf(tooLong, 101)},
		{request("msg", strings.Repeat("😀", 25)), accepted},
		{request("msg", strings.Repeat("😀", 26)), fmt.Sprintf(tooLong, 104)},
		{request("msg", strings.Repeat("{", 100)), accepted},
		{request("edit", "1 "+strings.Repeat("x", 101)), fmt.Sprintf(tooLong, 101)},
		{request("dm", "bob "+strings.Repeat("x", 101)), fmt.Sprintf(tooLong, 101)},
		{pingOf(11946), "pong"},
		{pingOf(11947), "That is too large: at most 11946 bytes in one piece."},
		{pingOf(11946), "pong"},
	} {
		if got := alice.answerTo(t, tt.frame); got != tt.says {
			t.Errorf("%.60q of %d bytes is answered with %q, want %q", tt.frame, len(tt.frame)-1, got, tt.says)
		}
	}
	token := addHook(t, dir, "lobby", "CiHook")
	for text, want := range map[string]int{strings.Repeat("å", 50): 200, strings.Repeat("å", 50) + "x": 413} {
		if status, says := posts(t, socket, token, text); status != want || want == 413 && says != fmt.Sprintf(tooLong, 101)+"\n" {
			t.Errorf("a hook that says %d bytes is answered with %d %q", len(text), status, says)
		}
	}
}

// request is a request with a ref.
func request(verb, text string) []byte {
	return protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Text: text}, Ref: "1"})
}

// SIGHUP has other sizes hold, also for who is there.
func TestReloadSizes(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.json")
	mustWrite(t, config, `{"serve": {"max-text": 100, "max-frame": 11946}}`)
	s := serveLogging(t, "--data", ":memory:", "--config", config)
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
	alice, _ := enterAs(t, addr, "alice")
	mustWrite(t, config, `{"serve": {"max-text": 101, "max-frame": 11947}}`)
	s.signal(syscall.SIGHUP)
	if line := s.until("were read again"); !strings.Contains(line, `"changed":["max-text","max-frame"],"need a restart":[]`) {
		t.Error(line)
	}
	for _, tt := range []struct {
		frame []byte
		says  string
	}{
		{request("msg", strings.Repeat("x", 101)), "Your message was accepted."}, {request("msg", strings.Repeat("x", 102)), "at most 101 bytes, yours has 102."},
		{pingOf(11947), "pong"}, {pingOf(11948), "at most 11947 bytes"},
	} {
		if got := alice.answerTo(t, tt.frame); !strings.Contains(got, tt.says) {
			t.Errorf("%d bytes are answered with %q, which lacks %q", len(tt.frame)-1, got, tt.says)
		}
	}
}

// Sizes with which Parley's clients could not say all that they may are refused.
func TestSizesThatAreRefused(t *testing.T) {
	for args, says := range map[string]string{
		"--max-text 63":   "--max-text is 63; it can be 64 to 4096, which is what clients, what is kept and peers are made for",
		"--max-text 4097": "--max-text is 4097; it can be 64 to 4096",
		"--max-text 64":   "", "--max-frame 25600": "", "--max-text 100 --max-frame 11946": "", "--max-text 1821 --max-frame 11950": "", "--max-frame 65536": "",
		"--max-frame 25599":                 "--max-frame is 25599; with --max-text 4096 it must be 25600 or more",
		"--max-frame 65537":                 "--max-frame is 65537; it can be 65536 at most",
		"--max-text 100 --max-frame 11945":  "with --max-text 100 it must be 11946 or more",
		"--max-text 1821 --max-frame 11949": "with --max-text 1821 it must be 11950 or more",
	} {
		_, err := parsedServe(t, args)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", args, err, says)
		}
	}
	out, err := parley(t, "serve", "--check-config", "--config", configText(t, "{\"serve\": {\"max-text\": 4096,\n\"max-frame\": 20000}}")).CombinedOutput()
	if says := `config.json:2:14: "max-frame" for serve: --max-frame is 20000; with --max-text 4096 it must be 25600 or more`; err == nil || !strings.Contains(string(out), says) {
		t.Errorf("what is checked is told %v %s", err, out)
	}
}
