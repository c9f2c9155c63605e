package client

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/client/command"
	"parley/eventloop/client/view"
)

const (
	measured  = 58 // servers of others, of which 29 are a first set and 29 a second one
	mute      = 2  // of the first set, that answered nobody
	uncounted = -1 // the habit was seen; nobody has counted where
	enough    = 52
)

// habits are those of servers of the course protocol that a client has to
// bear, and how many of those that were measured have them. A server has several,
// so the counts overlap. Of the first set 27 could be driven.
var habits = []struct {
	name    string
	servers int
	server  other
	outcome outcome // what the client is to make of it; nil: all arrives
}{
	{"fails on requests that come together or in pieces", 28, other{parse: wholeRead}, nil},
	{"handles the first request of a read only, and is busy at the login before it reads", 4,
		other{parse: firstOfRead, busy: 600 * time.Millisecond}, nil},
	{"the same, behind the login's answer and without sending texts back", uncounted,
		other{parse: firstOfRead, busy: 600 * time.Millisecond, message: says("")}, nil},
	{"sends texts back", 22, other{}, nil},
	{"sends no texts back", 5, other{message: says("")}, nil},
	{"sends no texts back, but answers", uncounted, other{message: says(`{"response":"info","content":"Sent."}`)}, nil},
	{"glues the answer to the login and the history", 19, other{
		login: says(`{"sender":"server","response":"info","content":"Welcome"}{"sender":"server","response":"history","content":[]}`)}, nil},
	{"counts braces, and dies of a newline behind a request", 1, other{parse: countsBraces}, nil},
	{"dies of a request without content", 12, other{parse: needsContent}, nil},
	{"dies of a login whose content is an object", 20, other{parse: needsText}, nil},
	{"dies of a key that it does not know", 1, other{parse: needsTwoKeys}, nil},
	{"keeps the name of who is gone without a logout", 21, other{}, nil},
	{"reads lines, and ends its own", uncounted, other{parse: wholeLine, newline: true}, nil},
	{"closes when it has read a text", uncounted, other{hangsUp: true},
		outcome{NoConnection, `May not have arrived: "hello"`}},
	{"answers the login with a message only", uncounted, other{
		login: says(`{"sender":"server","response":"message","content":"user: bob joined"}`)}, nil},
	{"refuses a login with an info, and lines with errors", uncounted, other{refuses: true,
		login: says(`{"response":"info","content":"Username already in use"}`)},
		outcome{Refused, `the server has answered the login with "Username already in use", and answers what you say with errors`}},
	{"refuses a login with a kind of its own, and answers nothing more", uncounted, other{deaf: true,
		login: says(`{"response":"names","content":"Username already in use"}`)},
		outcome{Refused, `the server has answered the login with "Username already in use", and answers nothing`}},
	{"colours the senders", uncounted, other{message: says(`{"sender":"\u001b[32mbob\u001b[0m","response":"message","content":"TEXT"}`)}, nil},
	{"puts the name before the text", uncounted, other{message: says(`{"sender":"bob","response":"message","content":"<bob> TEXT"}`)}, nil},
	{"says everything as nobody", uncounted, other{message: says(`{"sender":"None","response":"message","content":"bob: TEXT"}`)}, nil},
	{"tells its history as triples", uncounted, other{
		login: says(`{"response":"history","content":[["23:45","carl","before"]]}`)}, nil},
	{"tells names as a list of objects", uncounted, other{names: `[{"name":"bob"},{"name":"carl"}]`}, nil},
	{"says something that is no JSON", uncounted, other{
		login: says("Welcome!\n" + `"You are in."` + "\n" + `{"response":"info","content":"Welcome"}`)}, nil},
}

// An outcome is how a chat is to end that cannot go well, and what it is to say.
type outcome []any

// other is a server of somebody else's, with the habits of one that was seen.
type other struct {
	parse   func(o *other, read []byte) (requests []typedRequest, alive bool) // nil: wholeRead
	busy    time.Duration                                                     // at the login, when it has answered
	login   func(text string) string                                          // what it answers; nil: an info
	message func(text string) string                                          // what it says of a text; nil: the text
	names   string                                                            // as JSON; "" is a text
	refuses bool                                                              // everything but the login, with errors
	deaf    bool                                                              // to everything but the login
	hangsUp bool                                                              // when it has read a text
	newline bool                                                              // stands behind what it says
	entered bool
	held    []byte
}

func says(response string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(response, "TEXT", text) }
}

// TestOthers runs a chat in a pipe at each of them, over real sockets. Who has a
// habit that the client does not bear is lost; the sum is the worst case.
func TestOthers(t *testing.T) {
	failures := make([]error, len(habits))
	var wg sync.WaitGroup
	for i := range habits {
		wg.Go(func() { failures[i] = habits[i].server.meets(habits[i].outcome) })
	}
	wg.Wait()
	served := measured - mute
	for i, h := range habits {
		switch {
		case failures[i] == nil:
		case h.servers == uncounted:
			t.Errorf("%s: %v", h.name, failures[i])
		default:
			t.Logf("%d lost: %s: %v", h.servers, h.name, failures[i])
			served -= h.servers
		}
	}
	t.Logf("%d of %d servers are served", served, measured)
	if served < enough {
		t.Errorf("%d of %d servers are served, which is less than %d", served, measured, enough)
	}
}

// meets lets a pipe talk to the server and returns what went wrong.
func (o *other) meets(want outcome) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	heard := make(chan []string, 1)
	go func() { heard <- o.serve(listener) }()
	var stdout, notices output
	target, err := ParseTarget("bob@" + listener.Addr().String())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	app := New(Config{Target: target, Name: "bob", Mode: Lines, Completion: command.NewCompletion(),
		Keyboard: NewPipe(strings.NewReader("hello\n/names\n{two words\n")),
		View:     &view.Pipe{Layout: view.Layout{Location: time.UTC, Clock: "15:04"}, Out: &stdout, Errors: &notices},
		Clock:    bubbleClock{}, Rand: func() uint64 { return stageRand },
		Dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", target.Address)
		}})
	err = app.Run(ctx)
	listener.Close()
	requests := <-heard
	if want != nil {
		var reason Reason
		if e, ok := err.(*Error); ok {
			reason = e.Reason
		}
		if reason != want[0].(Reason) || !strings.Contains(notices.String(), want[1].(string)) {
			return fmt.Errorf("it ended with %v and said %q", err, notices.String())
		}
		return nil
	}
	probes := func(s string) bool { return s == "names" }
	asked := slices.DeleteFunc(slices.Clone(requests), probes)
	switch {
	case err != nil:
		return fmt.Errorf("it ended with %w; it said %q, the server read %q", err, notices.String(), requests)
	case !slices.Equal(asked, []string{"login bob", "msg hello", "msg {two words", "logout"}) || len(asked) == len(requests):
		return fmt.Errorf("the server read %q", requests)
	case strings.Contains(stdout.String(), "hello") || !strings.Contains(stdout.String(), "* bob, carl\n"):
		return fmt.Errorf("the pipe reads %q", stdout.String())
	}
	return nil
}

// serve serves one connection and returns what it has read.
func (o *other) serve(listener net.Listener) (heard []string) {
	conn, err := listener.Accept()
	if err != nil {
		return nil
	}
	defer conn.Close()
	if o.parse == nil {
		o.parse = wholeRead
	}
	read := make([]byte, 4096) // as most of them
	for {
		n, err := conn.Read(read)
		if err != nil {
			return heard
		}
		requests, alive := o.parse(o, read[:n])
		for _, r := range requests {
			heard = append(heard, strings.TrimSpace(r.verb+" "+r.text))
			answer, goesOn := o.answer(r)
			if o.newline && answer != "" {
				answer += "\n"
			}
			if _, err := io.WriteString(conn, answer); err != nil || !goesOn {
				return heard
			}
			if r.verb == "login" {
				time.Sleep(o.busy) // it is what this server does
			}
		}
		if !alive {
			return heard
		}
	}
}

// answer returns what the server says to a request, and whether it goes on.
func (o *other) answer(r typedRequest) (words string, goesOn bool) {
	switch {
	case r.verb == "login":
		o.entered = true
		if o.login != nil {
			return o.login(r.text), true
		}
		return `{"sender":"server","response":"info","content":"Welcome"}`, true
	case r.verb == "logout":
		return "", false
	case o.deaf:
		return "", true
	case o.refuses:
		return `{"sender":"server","response":"error","content":"Log in first."}`, true
	case r.verb == "msg" && o.hangsUp:
		return "", false
	case r.verb == "msg" && o.message != nil:
		return o.message(r.text), true
	case r.verb == "msg":
		return `{"sender":"bob","response":"message","content":"` + r.text + `"}`, true
	case r.verb == "names" && o.names != "":
		return `{"sender":"server","response":"info","content":` + o.names + `}`, true
	}
	return `{"sender":"server","response":"info","content":"bob, carl"}`, true
}
