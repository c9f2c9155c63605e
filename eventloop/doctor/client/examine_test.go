//go:build unix

package client

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"parley/eventloop/doctor"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == sampleWord {
		runSample(os.Args[2:])
		return
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or each client that ends waits for a second under the race detector
	goleak.VerifyTestMain(m)
}

// bare are the templates of the sample.
var bare = Templates{Login: "login {name}", Msg: "msg {text}", Names: "names", Help: "help", Logout: "logout"}

// hurried are times for a client that starts at once, on a machine that may be busy.
var hurried = Times{Connect: 20 * time.Second, Settle: time.Millisecond, Quiet: 30 * time.Millisecond, Wait: 3 * time.Second, Pace: 30 * time.Millisecond}

// examining has room for as many examinations as run at a time. They wait mostly.
var examining = make(chan struct{}, 12)

// examine examines a sample with faults.
func examine(t *testing.T, faults string, cfg Config) *doctor.Report {
	t.Helper()
	examining <- struct{}{}
	defer func() { <-examining }()
	cfg.Command = []string{os.Args[0], sampleWord, faults, "{host}", "{port}"}
	cfg.State = t.TempDir()
	if cfg.Times == (Times{}) {
		cfg.Times = hurried
	}
	r := &doctor.Report{Program: "client", Target: faults}
	if err := Examine(context.Background(), cfg, r); err != nil {
		t.Error(err)
	}
	return r
}

// bad are the points that are not passed, each with its verdict.
func bad(r *doctor.Report) string {
	var list []string
	for _, p := range r.Points {
		if p.Bad() {
			list = append(list, p.ID+" "+string(p.Verdict))
		}
	}
	return strings.Join(list, "\n")
}

// faults are those of the samples, and what is to be said of each. Those that take long
// come first.
var faults = []struct {
	fault    string
	dialects string // that are tried beside the basic server
	slow     bool   // responses that come together would be read in one
	want     string
}{
	{fault: "no-history", dialects: "plain history-replay", want: "history_shown fail"},
	{fault: "lines", dialects: "plain newline glued-newline indent", want: "server_plain warn\nserver_indent warn"},
	{fault: "dies-late", dialects: "plain", want: "runs_until_logout fail"},
	{fault: "none", dialects: "plain newline split glued login-glued names-list unknown-kind sender-list timestamp-null"},
	{fault: "newline", dialects: "plain"},
	{fault: "wrong-key", dialects: "plain", want: "keys fail"},
	{fault: "verb-key", dialects: "plain", want: "keys fail"},
	{fault: "capitals", dialects: "plain", want: "keys fail"},
	{fault: "shouts", dialects: "plain", want: "words fail"},
	{fault: "no-content", dialects: "plain", want: "content_there warn"},
	{fault: "object", dialects: "plain", want: "content_is_text fail\nlogin_request fail"},
	{fault: "talks", dialects: "plain", want: "requests_are_json fail"},
	{fault: "pieces", dialects: "plain", want: "one_request_a_segment warn"},
	{fault: "asks-twice", dialects: "plain", want: "one_request_a_segment warn"},
	{fault: "one-word", dialects: "plain", want: "msg_request fail\nmsg_request_unicode fail"},
	{fault: "latin1", dialects: "plain", want: "msg_request_unicode fail"},
	{fault: "no-errors", dialects: "plain", want: "error_text_shown fail\nlate_error_shown fail"},
	{fault: "no-sender", dialects: "plain", want: "message_sender_shown fail"},
	{fault: "ascii", dialects: "plain", want: "message_unicode_shown fail"},
	{fault: "counts-braces", dialects: "plain escape-braces", want: "message_unbalanced_brace_shown fail\nmessage_open_brace_shown fail"},
	{fault: "twice", dialects: "no-echo", want: "own_text_once warn"},
	{fault: "names-by-itself", dialects: "plain", want: "names_request fail"}, // behind the login, and not when told
	{fault: "no-logout", dialects: "plain", want: "logout_request fail"},
	{fault: "drops", dialects: "plain", want: "logs_out_with_its_terminal warn"},
	{fault: "ignores-hangup", dialects: "plain", want: "ends_with_its_terminal warn\nlogs_out_with_its_terminal warn"},

	{fault: "last-only", dialects: "newline split glued login-glued", want: "server_glued warn\nserver_login-glued warn"},
	{fault: "one-read", dialects: "newline split glued login-glued", slow: true, want: "server_split warn\nserver_glued warn\nserver_login-glued warn"},
	{fault: "needs-sender", dialects: "sender-empty sender-null sender-list", want: "server_sender-null warn\nserver_sender-list warn"},
	{fault: "needs-stamp", dialects: "iso epoch-int timestamp-missing", want: "server_epoch-int warn\nserver_timestamp-missing warn"},
	{fault: "needs-text", dialects: "names-newline names-list", want: "server_names-list warn"},
	{fault: "known-kinds", dialects: "title-case unknown-kind names-kind", want: "server_names-kind warn\nserver_unknown-kind warn"},
}

// TestFaults examines clients with a fault each: it is named, and nothing else is.
func TestFaults(t *testing.T) {
	t.Parallel()
	reports := make([]*doctor.Report, len(faults))
	var running sync.WaitGroup
	for i, c := range faults {
		times := hurried
		if c.slow {
			times.Pace = 200 * time.Millisecond
		}
		running.Go(func() {
			reports[i] = examine(t, c.fault, Config{Templates: bare, Dialects: strings.Fields(c.dialects), Times: times})
		})
	}
	running.Wait()
	for i, c := range faults {
		t.Run(c.fault, func(t *testing.T) {
			r := reports[i]
			if diff := cmp.Diff(c.want, bad(r)); diff != "" {
				var text strings.Builder
				_ = r.Text(&text, false)
				t.Errorf("%s\n%s", diff, text.String())
			}
			if got, want := r.Good(), !strings.Contains(c.want, "fail"); got != want {
				t.Errorf("the report says that it is good: %v", got)
			}
		})
	}
}

// TestGuess finds out what is to be typed.
func TestGuess(t *testing.T) {
	for style, want := range map[string]Templates{
		"bare":    bare,
		"slash":   {Login: "/login {name}", Msg: "{text}", Names: "/names", Help: "/help", Logout: "/logout"},
		"prompts": {Login: "{name}", Msg: "{text}", Names: "names", Help: "help", Logout: "logout"},
	} {
		t.Run(style, func(t *testing.T) {
			t.Parallel()
			times := hurried
			times.Wait = time.Second // for each word that is not the right one
			r := examine(t, style, Config{Only: []string{groupRequests, groupShown}, Times: times})
			if b := bad(r); b != "" || !r.Good() {
				t.Errorf("not passed: %s", b)
			}
			if !slices.Contains(r.Notes, want.sentence()) {
				t.Errorf("it says %q, want %q", r.Notes, want.sentence())
			}
		})
	}
}

// What a client has no command for is not tested, and that is said.
func TestWithoutCommand(t *testing.T) {
	t.Parallel()
	few := Templates{Login: "login {name}", Msg: "msg {text}", Names: "", Help: "", Logout: "logout"}
	r := examine(t, "none", Config{Templates: few, Dialects: []string{"plain", "names-list"}})
	var untested []string
	for _, p := range r.Points {
		if p.Verdict == doctor.NotTested {
			untested = append(untested, p.ID)
		}
	}
	if got, want := strings.Join(untested, " "), "names_request help_request help_text_shown error_text_shown names_shown server_names-list"; got != want || bad(r) != "" {
		t.Errorf("not tested are %q, want %q; not passed is %q", got, want, bad(r))
	}
}

// A client that cannot be run, and one that never connects.
func TestNoClient(t *testing.T) {
	cfg := Config{Command: []string{"/nowhere/there-is-no-such-client", "{port}"}, Templates: bare, Times: hurried}
	if err := Examine(context.Background(), cfg, new(doctor.Report)); err == nil || !strings.Contains(err.Error(), "cannot be run") {
		t.Errorf("the error is %v", err)
	}
	cfg.Command, cfg.State = []string{"sh", "-c", "echo no such host; exit 3", "{port}"}, t.TempDir()
	r := new(doctor.Report)
	if err := Examine(context.Background(), cfg, r); err != nil {
		t.Error(err)
	}
	if p := r.Points[0]; p.Verdict != doctor.Fail || !strings.Contains(p.Found, "exit status 3") || !strings.Contains(p.Found, "no such host") {
		t.Errorf("it says %s: %s", p.Verdict, p.Found)
	}
}
