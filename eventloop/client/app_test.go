package client

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/conn"
	"parley/eventloop/client/sending"
	"parley/protocol"
)

// loggedInStage is a stage after a login at a plain or an extended server.
func loggedInStage(t *testing.T, answer string, options ...string) *stage {
	s := newStage(t, append(options, "name=alice")...)
	s.where = t.Name()
	for _, line := range []string{"dial> ok", `server< login "alice" extended`, "server> " + answer, "screen< 12:00 * Welcome!", "time> 1s"} {
		if s.cfg.Mode != Interactive && strings.HasPrefix(line, "screen<") {
			continue
		}
		s.do(line)
	}
	return s
}

func (s *stage) play(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		s.do(line)
	}
}

func TestTextsThatAreTooLong(t *testing.T) {
	long := strings.Repeat("x", protocol.MaxText)
	s := loggedInStage(t, "+login log")
	s.play("ask> say in=lobby : "+long+"y", "answer< It has 4097 bytes, at most 4096 are allowed. Send it in parts.")
	s.play("person> "+long+"y", "keep< "+long+"y",
		`screen< ¦ Not sent: "`+strings.Repeat("x", 37)+`..."`,
		"screen< ¦ It has 4097 bytes, at most 4096 are allowed. Press Up to get it back and shorten it.",
		"person> "+long, "keep< "+long, "screen< 12:00 alice: "+long, `server< msg "`+long+`" #1`)
	s.quiet()

	// A plain server is not sent what it cannot read in one piece: 4,095 bytes.
	s = loggedInStage(t, "info Welcome!")
	fits := strings.Repeat("x", 4095-len(`{"request":"msg","content":""}`+"\n"))
	s.play("person> "+fits, "keep< "+fits, "screen< 12:00 alice: "+fits, `server< msg "`+fits+`"`, "server> message alice "+fits, "time> 1s")
	for _, text := range []string{fits + "x", strings.Repeat("æ", 700)} {
		s.play("person> "+text, "keep< "+text, "screen< ¦ Not sent: "+quote(text), "screen< ¦ "+s.app.failureWords(sending.Text{}, sending.Outcome{Why: sending.TooLongPlain}))
	}
	s.quiet()

	// That it is plain may turn out later.
	s = newStage(t, "name=alice")
	s.where = t.Name()
	s.play("dial> ok", `server< login "alice" extended`, "person> "+long, "keep< "+long, "screen< 12:00 alice: "+long+" (unsent)",
		"server> info Welcome!", "screen< 12:00 * Welcome!", "time> 1s",
		"redraw< 12:00 alice: "+long+" (not sent)", "screen< ¦ Not sent: "+quote(long), "screen< ¦ "+s.app.failureWords(sending.Text{}, sending.Outcome{Why: sending.TooLongPlain}), "keep< "+long)
	s.quiet()
}

// A text of another name may not fit into what the server of the present one reads.
func TestParkedTextThatIsTooLong(t *testing.T) {
	long := strings.Repeat("æ", 700)
	s := newStage(t, "name=alice")
	s.where = t.Name()
	s.play("person> "+long, "keep< "+long, "screen< 12:00 alice: "+long+" (unsent)", "person> /login bob",
		"screen< ¦ What you typed as alice is not sent as bob (1). /unsent shows it.",
		"dial> ok", `server< login "bob" extended`, "server> info Welcome!", "screen< 12:00 * Welcome!", "time> 1s",
		"person> /unsent send", "keep< /unsent send", "redraw< 12:00 alice: "+long+" (not sent)", "screen< ¦ Sent as bob now (1).",
		"screen< ¦ Not sent: "+quote(long), "screen< ¦ "+s.app.failureWords(sending.Text{}, sending.Outcome{Why: sending.TooLongPlain}), "keep< "+long)
	s.quiet()
}

func TestTooManyWaitingTexts(t *testing.T) {
	s := newStage(t, "name=alice")
	s.where = t.Name()
	for i := range sending.MaxTexts {
		line := fmt.Sprint("line ", i)
		s.play("person> "+line, "keep< "+line, "screen< 12:00 alice: "+line+" (unsent)")
	}
	s.play("person> one more", "keep< one more", `screen< ¦ Not sent: "one more"`, "screen< ¦ Too many lines are waiting already. Wait until they are sent, or type /unsent drop.")
}

// A pipe is not read any further when much is waiting.
func TestPipeIsReadAsFastAsItIsSent(t *testing.T) {
	s := newStage(t, "mode=lines", "name=alice")
	lines := 0
	for len(s.log) > 0 && s.log[len(s.log)-1] == "next" {
		s.log = nil
		s.app.typed(Input{Text: "x"})
		s.app.settle()
		lines++
	}
	if lines != sending.PipeWindow {
		t.Fatalf("%d lines were read", lines)
	}
	s.where = t.Name()
	s.play("dial> ok", `server< login "alice" extended`)
	s.says("+login log")
	s.app.settle()
	if n := len(s.log); n != sending.MaxFlight {
		t.Fatalf("%d requests were sent, the last one %q", n, s.log[n-1])
	}
	s.log = nil
	s.says("+accepted 1 #1")
	s.app.settle()
	if len(s.log) != 2 || !strings.HasPrefix(s.log[0], `server< msg "x"`) || s.log[1] != "next" {
		t.Errorf("%q", s.log)
	}
}

func TestManyOldMessages(t *testing.T) {
	s := loggedInStage(t, "+login log")
	var messages []string
	for i := range maxOldShown + 5 {
		messages = append(messages, fmt.Sprintf("%d bob m%d", i+1, i+1))
	}
	s.says("+history " + strings.Join(messages[:100], " | ") + " | more")
	s.says("+history " + strings.Join(messages[100:], " | "))
	if len(s.log) != maxOldShown+1 || s.log[0] != "screen< ¦ 5 older messages are not shown." || s.log[1] != "screen< 12:00 bob: m6" {
		t.Errorf("%d lines: %.200q", len(s.log), s.log)
	}
}

func TestAskingTwiceLeavesAtOnce(t *testing.T) {
	s := loggedInStage(t, "info Welcome!")
	s.play("person> a", "keep< a", "screen< 12:00 alice: a", `server< msg "a"`,
		"person> b", "keep< b", "screen< 12:00 alice: b",
		"person> /quit", "keep< /quit",
		"person> c", "keep< c", "screen< ¦ You are leaving; this is not sent.",
		"key> ctrl-c", "time> 250ms", "server< logout",
		"person> /names", "keep< /names", "signal>", "time> 500ms",
		"screen< ¦ "+leftoverWords+": 1", "hangup<", "end< done")
}

func TestNothingBehindALogout(t *testing.T) {
	for _, answer := range []string{"info Welcome!", "+login log"} {
		s := loggedInStage(t, answer)
		s.play("key> ctrl-d", "server< logout")
		s.app.enqueue(sending.Request{Verb: "names"})
		s.play("time> 499ms", "server> lost", "hangup<", "end< done")
	}
}

func TestLoginMistakes(t *testing.T) {
	s := newStage(t)
	s.where = t.Name()
	s.play("dial> ok", "screen< ¦ Connected to localhost. Type a name to log in, or /help.",
		"person> msg hi", "screen< ¦ Log in first: type a name, such as alice.",
		"person> /login al!ce", "screen< ¦ That name is not allowed: only the letters A-Z and a-z and the digits 0-9. Type /login and a name, such as /login alice.",
		"person> /login alice", `server< login "alice" extended`,
		"person> /login bob", "screen< ¦ The login as alice has not been answered yet. Wait a moment.")
}

// Requests behind a login wait for its answer, so that theirs is not taken for it.
func TestRequestsWaitForTheLogin(t *testing.T) {
	s := newStage(t, "name=alice")
	s.where = t.Name()
	s.play("dial> ok", `server< login "alice" extended`, "person> /names", "keep< /names", "time> 900ms",
		"server> info Welcome!", "screen< 12:00 * Welcome!", "server< names")
	s = newStage(t, "name=alice")
	s.where = t.Name()
	s.play("dial> ok", `server< login "alice" extended`, "person> /names", "keep< /names", "time> 999ms", "time> 1ms", "server< names",
		"server> info Welcome!", "screen< 12:00 * Welcome!")
}

func TestHelpCommand(t *testing.T) {
	s := newStage(t)
	s.where = t.Name()
	s.play("dial> ok", "screen< ¦ Connected to localhost. Type a name to log in, or /help.", "person> help")
	s.play(append(helpLines(command.Facts{}), "server< help", "server> info Requests: ...", "screen< 12:00 * Requests: ...")...)
	// An extended server says nothing that the table does not.
	s = loggedInStage(t, "+login log")
	s.play(append(append([]string{"person> /help", "keep< /help"}, helpLines(command.Facts{})...), "time> 1s")...)
	// Of a plain one it is known what it lacks.
	s = loggedInStage(t, "info Welcome!")
	s.play(append(append([]string{"person> /help", "keep< /help"}, helpLines(command.Facts{Plain: true})...), "server< help", "server> info Requests: ...", "screen< 12:00 * Requests: ...")...)
}

// helpLines is the answer to /help in a script.
func helpLines(f command.Facts) (script []string) {
	text, _ := command.NewTable().Help("", f)
	for _, line := range strings.Split(text, "\n") {
		script = append(script, "screen< "+"¦ "+line)
	}
	return script
}

func TestLateEventsAreIgnored(t *testing.T) {
	s := loggedInStage(t, "+login log")
	gen := s.gen
	s.play("server> lost", "hangup<", "screen< ¦ *** Connection to localhost lost (closed by the server). Trying again in 1 s and until it works; what you type is kept. ***")
	s.app.happened(conn.Event{Gen: gen, Kind: conn.Response, Response: message("bob", "late")})
	s.app.happened(conn.Event{Gen: gen, Kind: conn.Lost})
	late := &stageLink{s: s}
	s.app.happened(conn.Event{Gen: gen, Kind: conn.Dialled, Link: late})
	s.play("hangup<", "time> 100ms")
	if !late.closed {
		t.Error("a late connection stays open")
	}
}

func TestDialFailsAfterASession(t *testing.T) {
	s := newStage(t)
	s.where = t.Name()
	s.play("dial> ok", "screen< ¦ Connected to localhost. Type a name to log in, or /help.", "server> lost", "hangup<",
		"screen< ¦ The server closed the connection because nobody logged in. It is opened again when you type a name.",
		"person> alice", "dial> refused",
		"screen< ¦ No connection to localhost: connection refused. Trying again in 1 s and until it works.",
		"time> 500ms", "dial> refused", "key> ctrl-d", "end< done")
}

func TestPipeLeavesWhileOffline(t *testing.T) {
	s := loggedInStage(t, "+login log", "mode=lines")
	s.play("server> lost", "hangup<", "notice< parley: *** Connection to localhost lost (closed by the server). Trying again in 1 s and until it works; what you type is kept. ***",
		"person> hello", "key> ctrl-d", "time> 500ms", "dial> refused",
		"end< no-connection The connection to localhost was lost before everything was sent.")
	s = loggedInStage(t, "+login log", "mode=lines")
	s.play("server> lost", "hangup<", "notice< parley: *** Connection to localhost lost (closed by the server). Trying again in 1 s and until it works; what you type is kept. ***",
		"key> ctrl-d", "end< done")
}

// The server's case of the name is taken over, but nothing that only looks like it.
func TestNameOfTheServer(t *testing.T) {
	for name, want := range map[string]string{"Kim": "Kim", "\u212aim": "kim", "bob": "kim"} {
		s := newStage(t, "name=kim")
		s.where = t.Name()
		s.play("dial> ok", `server< login "kim" extended`,
			`server> {"response":"info","content":"Welcome!","data":{"event":"login","name":"`+name+`","log":"l"}}`, "screen< 12:00 * Welcome!",
			"window< "+want+"@localhost lobby - parley")
	}
}

func TestCause(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, syscall.ECONNREFUSED.Error()},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "x"}}, "no such host"},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "no answer in time"},
		{errors.New("a\x1b[31m\nb"), "a b"},
	} {
		if got := cause(test.err); got != test.want {
			t.Errorf("%v is told as %q", test.err, got)
		}
	}
}

func TestPromptOfStrangeHosts(t *testing.T) {
	s := newStage(t, "name=alice", "target=blåbær.no")
	s.where = t.Name()
	s.play("window< alice@bl?b?r.no lobby (connecting) - parley")
	s = newStage(t, "name=alice", "target=unix:/run/chat.sock")
	s.where = t.Name()
	s.play("window< alice@chat.sock lobby (connecting) - parley", "dial> refused",
		"end< no-connection No connection to unix:/run/chat.sock: connection refused. Is a server running there? Start one with: parley serve")
}

// What is typed of a password is dropped when the question is new, and not again.
func TestQuestionDropsWhatWasTypedOnce(t *testing.T) {
	s := loggedInStage(t, "+login log account")
	s.app.typed(Input{Text: "/passwd"})
	for range 3 {
		s.app.settle()
	}
	if s.secrets != 1 {
		t.Errorf("what was typed was dropped %d times", s.secrets)
	}
	s.app.happened(conn.Event{Gen: s.gen, Kind: conn.Lost})
	s.app.settle()
	if s.secrets != 1 || !s.hidden {
		t.Errorf("what was typed was dropped %d times after a loss", s.secrets)
	}
}

// The prompt counts the seconds of a block, and nothing is left of a password at
// the end.
func TestBlockedQuestion(t *testing.T) {
	s := newStage(t, "name=alice")
	s.where = t.Name()
	s.play("dial> ok", `server< login "alice" extended`, "server> +error password_required # Registered.", "screen< 12:00 * Registered.",
		"screen< ¦ What you type is hidden. Ctrl-C goes back.",
		"secret> sesame99", `server< login "alice" extended password="sesame99"`, "server> +error blocked_login 60 Blocked.",
		"screen< 12:00 ! Blocked. (60 s)", "screen< ¦ What you type now is kept and tried when the time is over. Ctrl-C goes back.")
	for left := 60; left > 0; left-- {
		s.do(fmt.Sprintf("prompt< password of alice (blocked for %d s):", left))
		s.clk.now = s.app.due()
		s.app.settle()
	}
	if passed := s.clk.now.Sub(time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)); passed != time.Minute {
		t.Errorf("the block ends after %s", passed)
	}
	s.do("prompt< password of alice:")
	if !s.app.login.Tried("sesame99") {
		t.Error("the password could be said")
	}
	s.do("key> ctrl-d")
	if !s.app.ended || s.app.login.Tried("sesame99") {
		t.Error("the password is remembered after the end")
	}
}

func TestBackoffIsRandom(t *testing.T) {
	s := loggedInStage(t, "info Welcome!")
	s.app.cfg.Rand = func() uint64 { return 1<<64 - 1 }
	s.app.attempts = 10
	if d := s.app.retryLater(); d < lastBackoff-time.Millisecond || d > lastBackoff {
		t.Errorf("at most %s", d)
	}
	s.app.cfg.Rand = func() uint64 { return 0 }
	if d := s.app.retryLater(); d != 0 {
		t.Errorf("at least %s", d)
	}
}
