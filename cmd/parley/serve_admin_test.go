//go:build unix

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/protocol"
)

// look asks for a page of --admin, and returns the status and what it says.
func look(t *testing.T, admin, page string) (status int, says string) {
	t.Helper()
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if file, is := strings.CutPrefix(admin, "unix:"); is {
			return new(net.Dialer).DialContext(ctx, "unix", file)
		}
		return new(net.Dialer).DialContext(ctx, "tcp", admin)
	}}}
	answer, err := client.Get("http://localhost" + page)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// lookUntil asks until the answer has that status.
func lookUntil(t *testing.T, admin, page string, status int) (says string) {
	t.Helper()
	for end := time.Now().Add(deadline); ; {
		got, says := look(t, admin, page)
		if got == status {
			return says
		}
		if time.Now().After(end) {
			t.Fatalf("%s is answered with %d: %s", page, got, says)
		}
	}
}

// metric returns the value of a metric as it stands in the text, "" if there is none.
func metric(t *testing.T, admin, name string) string {
	t.Helper()
	_, all := look(t, admin, "/metrics")
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (.*)$`).FindStringSubmatch(all)
	if found == nil {
		return ""
	}
	return found[1]
}

// The operator sees what a server does: it is ready, counts what is said and how long the
// disk takes, is not ready when its folder is gone, and still answers.
func TestServeAdmin(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	admin := "unix:" + filepath.Join(shortFolder(t), "admin")
	server, addr := startFrom(t, dir, "--admin", admin)
	lookUntil(t, admin, "/readyz", http.StatusOK)
	alice := converse(t, addr)
	alice.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Extended: true, Ref: "login"})
	alice.answer("login")
	alice.say("hello")
	alice.answer("hello")
	for name, want := range map[string]string{
		"parley_up":                           "1",
		"parley_ready":                        "1",
		`parley_connections{kind="extended"}`: "1",
		`parley_logins_total{kind="guest"}`:   "1",
		`parley_messages_total{kind="room"}`:  "1",
		"parley_deliveries_total":             "1",
		"parley_storage_failing":              "0",
		"parley_commit_failures_total":        "0",
		`parley_queue_bytes{queue="clients"}`: "0",
	} {
		if got := metric(t, admin, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"parley_commit_duration_seconds_count", `parley_loop_turns_total{loop="0"}`} {
		if got := metric(t, admin, name); got == "" || got == "0" {
			t.Errorf("%s is %q", name, got)
		}
	}
	for end := time.Now().Add(deadline); metric(t, admin, `parley_loop_lag_seconds_count{loop="0"}`) == "0"; {
		if time.Now().After(end) {
			t.Fatal("no lag was measured")
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	alice.say("lost")
	if says := lookUntil(t, admin, "/readyz", http.StatusServiceUnavailable); !strings.HasPrefix(says, "not ready: the storage fails: ") {
		t.Errorf("it says %q", says)
	}
	for name, want := range map[string]string{"parley_up": "1", "parley_ready": "0", "parley_storage_failing": "1"} {
		if got := metric(t, admin, name); got != want {
			t.Errorf("without its folder, %s is %q, want %q", name, got, want)
		}
	}
	if status, says := look(t, admin, "/healthz"); status != http.StatusOK {
		t.Errorf("without its folder it is %s", says)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(deadline); ; { // it waits for its disk for 10 s
		_, says := look(t, admin, "/readyz")
		if says == "not ready: the server is stopping\n" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it says %q", says)
		}
	}
}

// The server says in its log where the operator can look, also where the port is any. Who
// finds no room is counted.
func TestServeAdminPort(t *testing.T) {
	s := serveLogging(t, "--data", ":memory:", "--admin", "localhost:0", "--max-connections", "1")
	found := regexp.MustCompile(`"address":"([^"]*)"`).FindStringSubmatch(s.until("the operator can see"))
	if found == nil {
		t.Fatal("it does not say where")
	}
	lookUntil(t, found[1], "/readyz", http.StatusOK)
	if got := metric(t, found[1], "parley_commit_duration_seconds_count"); got != "0" {
		t.Errorf("a server that keeps nothing has kept %s times", got)
	}
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
	for range 2 { // the second is told why, or reset
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(deadline))
		_, _ = c.Write([]byte("{\"request\":\"help\"}\n"))
		_, _ = c.Read(make([]byte, 1))
	}
	for name, want := range map[string]string{`parley_connections_refused_total{reason="full"}`: "1", "parley_connections_opened_total": "1", `parley_connections{kind="logged_out"}`: "1"} {
		if got := metric(t, found[1], name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
