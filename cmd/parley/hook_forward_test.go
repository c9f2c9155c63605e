//go:build unix

package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A told event is what a receiver of an outgoing hook has got.
type told struct {
	id   string
	Type string
	Data struct {
		Log, Room, From, Text string
		ID                    uint64
	}
}

// A toldTo is a receiver: it notes what comes, in order, and answers what answer says; nil: 200.
type toldTo struct {
	t      *testing.T
	answer func(w http.ResponseWriter, n int) // the request n, from 1 on

	mu     sync.Mutex
	secret string // "": it does not look at signatures
	all    []told
	came   chan struct{}
}

func (r *toldTo) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	e := told{id: req.Header.Get("webhook-id")}
	if err := json.Unmarshal(body, &e); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.secret != "" {
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.secret, "whsec_"))
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", e.id, req.Header.Get("webhook-timestamp"), body)
		if !strings.Contains(req.Header.Get("webhook-signature"), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
			r.t.Errorf("%s is not signed", body)
		}
	}
	r.all = append(r.all, e)
	if r.answer != nil {
		r.answer(w, len(r.all))
	}
	select {
	case r.came <- struct{}{}:
	default:
	}
}

// until returns what has come once that is true of it.
func (r *toldTo) until(enough func([]told) bool) []told {
	r.t.Helper()
	over := time.After(deadline)
	for {
		r.mu.Lock()
		all := r.all
		r.mu.Unlock()
		if enough(all) {
			return all
		}
		select {
		case <-r.came:
		case <-over:
			r.t.Fatalf("only %v has come", all)
		}
	}
}

// receiver begins to receive at a URL.
func receiver(t *testing.T, answer func(http.ResponseWriter, int)) (*toldTo, string) {
	r := &toldTo{t: t, answer: answer, came: make(chan struct{}, 1)}
	web := httptest.NewServer(r)
	t.Cleanup(web.Close)
	return r, web.URL
}

var secretLine = regexp.MustCompile(`\n(whsec_[A-Za-z0-9+/]{43}=)(\n|$)`)

// What is said in a room is sent to a URL, signed with the secret that was printed once, before
// and behind a restart, until the hook is removed. What is wrong with a hook is said.
func TestHookForward(t *testing.T) {
	dir, socket := filepath.Join(shortFolder(t), "data"), filepath.Join(shortFolder(t), "hooks")
	r, url := receiver(t, nil)
	status, stdout, stderr := hookCommand(t, dir, "forward", "lobby", "ArchiveHook", url+"/in?k=v") // while no server runs
	found := secretLine.FindStringSubmatch(stdout)
	if status != exitDone || found == nil || stderr != "" || strings.Contains(stdout, "--hook-urls-anywhere") {
		t.Fatalf("%d %s%s", status, stdout, stderr)
	}
	r.secret = found[1]
	log := filepath.Join(dir, "log")
	server, _ := startFrom(t, dir, "--hooks", "unix:"+socket, "--log-file", log)
	ci := addHook(t, dir, "lobby", "CiHook")
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"forward", "lobby", "archiveHOOK", url}, "registered already"},
		{[]string{"forward", "lobby", "ciHook", url}, "registered already"},
		{[]string{"add", "lobby", "ArchiveHook"}, "registered already"},
		{[]string{"forward", "lobby", "archive", url}, "ends in Hook or Bot"},
		{[]string{"forward", "tea", "TeaBot", url}, "no room tea"},
		{[]string{"forward", "lobby", "TeaBot", "localhost:80"}, "no URL"},
		{[]string{"forward", "lobby", "TeaBot", "file:///etc/passwd"}, "no URL"},
		{[]string{"forward", "lobby", "TeaBot", "http://"}, "no URL"},
		{[]string{"forward", "lobby", "TeaBot", "http://a:b@localhost/"}, "user in it"},
		{[]string{"forward", "lobby", "TeaBot", "http://localhost/" + strings.Repeat("x", 1000)}, "too long"},
	} {
		if status, _, stderr := hookCommand(t, dir, tt.args...); status == exitDone || !strings.Contains(stderr, tt.says) {
			t.Errorf("%v: %d %q, want %q", tt.args, status, stderr, tt.says)
		}
	}
	say := func(text string) {
		t.Helper()
		if status, says := posts(t, socket, ci, text); status != http.StatusOK {
			t.Fatalf("%d %s", status, says)
		}
	}
	say("The build has failed.")
	got := r.until(func(all []told) bool { return len(all) == 1 })
	if e := got[0]; e.Type != "message.said" || e.Data.Text != "The build has failed." || e.Data.From != "CiHook" || e.Data.Room != "lobby" || e.id != fmt.Sprintf("%s_%d", e.Data.Log, e.Data.ID) {
		t.Errorf("it has got %+v", got)
	}
	if status, stdout, _ := hookCommand(t, dir, "list"); status != exitDone || !strings.Contains(stdout, url+"/in?k=v") || !strings.Contains(stdout, "CiHook") || strings.Contains(stdout, "whsec_") {
		t.Errorf("the list is %d %s", status, stdout)
	}
	if status, stdout, _ := hookCommand(t, dir, "list", "--json"); status != exitDone || !strings.Contains(stdout, `"url":"`+url) || strings.Contains(stdout, "whsec_") {
		t.Errorf("the list is %d %s", status, stdout)
	}
	_ = server.Process.Signal(syscall.SIGTERM)
	_ = server.Wait()
	_, _ = startFrom(t, dir, "--hooks", "unix:"+socket, "--log-file", log)
	say("It works again.")
	r.until(func(all []told) bool { return all[len(all)-1].Data.Text == "It works again." })
	// What is on another machine is not sent, and the log says why.
	if status, stdout, _ := hookCommand(t, dir, "forward", "lobby", "AwayHook", "http://192.0.2.1/"); status != exitDone || !strings.Contains(stdout, "--hook-urls-anywhere") {
		t.Errorf("%d %s", status, stdout)
	}
	if status, stdout, stderr := hookCommand(t, dir, "remove", "archivehook"); status != exitDone || !strings.Contains(stdout, "has ended") {
		t.Errorf("%d %s%s", status, stdout, stderr)
	}
	say("Nobody hears that.")
	for over := time.Now().Add(deadline); ; time.Sleep(10 * time.Millisecond) {
		b, err := os.ReadFile(log)
		if strings.Contains(string(b), "parley serve --hook-urls-anywhere allows") && strings.Contains(string(b), "AwayHook") {
			for _, hidden := range []string{url, "192.0.2.1/", "The build", "Nobody hears", r.secret} {
				if strings.Contains(string(b), hidden) {
					t.Errorf("the log has %q: %s", hidden, b)
				}
			}
			break
		}
		if time.Now().After(over) {
			t.Fatalf("the log is %s %v", b, err)
		}
	}
	r.until(func(all []told) bool { return all[len(all)-1].Data.Text == "It works again." })
}

// The server is killed while a receiver has got something and has not answered yet, again and
// again. All that was acknowledged to who said it comes, for the first time in the order in which
// it was said, and what was not acknowledged comes again, the same under the same id.
func TestNothingIsLostByKills(t *testing.T) {
	dir, socket := filepath.Join(shortFolder(t), "data"), filepath.Join(shortFolder(t), "hooks")
	var (
		r       *toldTo
		running *exec.Cmd // nil: it is killed. Like all of these it is under the receiver's mutex
		since   int       // so many events have come since it was started
		kills   int
		cut     = map[string]bool{} // ids of what was not answered
	)
	r, url := receiver(t, func(_ http.ResponseWriter, n int) {
		// Not for ever: how far the receiver has come is kept once a second.
		if since++; running != nil && since >= 5 && kills < 8 {
			kills++
			cut[r.all[n-1].id] = true
			_ = running.Process.Kill()
			_ = running.Wait()
			running = nil
		}
	})
	if status, stdout, stderr := hookCommand(t, dir, "forward", "lobby", "ArchiveHook", url); status != exitDone {
		t.Fatal(stdout, stderr)
	}
	ci := addHook(t, dir, "lobby", "CiHook")
	alive := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return running != nil
	}
	start := func() {
		server, _ := startFrom(t, dir, "--hooks", "unix:"+socket, "--hook-rate", "0")
		r.mu.Lock()
		defer r.mu.Unlock()
		running, since = server, 0
	}
	const all = 30
	ids, over := make([]uint64, all), time.Now().Add(6*deadline)
	for i := range ids {
		for ids[i] == 0 {
			if time.Now().After(over) {
				t.Fatalf("only %d texts are said", i)
			}
			if !alive() {
				start()
			}
			ids[i] = saysOnce(socket, ci, fmt.Sprint("text ", i))
		}
	}
	for done := false; !done; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(over) {
			t.Fatal("not all has come")
		}
		if !alive() {
			start()
		}
		r.mu.Lock()
		done = running != nil && r.all[len(r.all)-1].Data.ID == ids[all-1]
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next, texts, times := 0, make(map[string]string), make(map[string]int)
	for _, e := range r.all {
		if times[e.id]++; times[e.id] > 1 {
			if texts[e.id] != e.Data.Text {
				t.Errorf("%s was %q and is %q", e.id, texts[e.id], e.Data.Text)
			}
			continue
		}
		texts[e.id] = e.Data.Text
		if want := fmt.Sprint("text ", next); e.Data.Text != want || e.Data.ID != ids[next] {
			t.Fatalf("%+v comes where %q has the number %d", e, want, ids[next])
		}
		next++
	}
	if next != all || kills < 3 {
		t.Errorf("%d of %d have come, with %d kills", next, all, kills)
	}
	for id := range cut {
		if times[id] < 2 {
			t.Errorf("%s was not acknowledged, and has come once", id)
		}
	}
}

// saysOnce says something through an incoming hook, however often it is called, and returns its
// number; 0: that is not known.
func saysOnce(socket, token, text string) (number uint64) {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	r, err := http.NewRequest("POST", "http://localhost/hooks/"+token, strings.NewReader(text))
	if err != nil {
		return 0
	}
	r.Header.Set("Idempotency-Key", strings.ReplaceAll(text, " ", "-"))
	answer, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	var said struct{ ID uint64 }
	if json.NewDecoder(answer.Body).Decode(&said) != nil {
		return 0
	}
	return said.ID
}
