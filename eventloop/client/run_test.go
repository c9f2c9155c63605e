package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/eventloop/client/command"
	"parley/eventloop/client/view"
	"parley/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bubbleClock is the clock of a synctest bubble, in which time passes only when
// everybody waits.
type bubbleClock struct{}

func (bubbleClock) Now() time.Time                         { return time.Now() }
func (bubbleClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// output collects what is printed.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// running is an App that runs, with the far ends of its connection and pipe.
type running struct {
	t       *testing.T
	server  net.Conn
	reader  *bufio.Reader
	stdin   *io.PipeWriter
	stdout  output
	notices output
	cancel  context.CancelFunc
	result  chan error
}

// start runs a chat of bob's in a pipe, inside a synctest bubble.
func start(t *testing.T, change func(*Config)) *running {
	near, far := net.Pipe()
	in, stdin := io.Pipe()
	r := &running{t: t, server: far, reader: bufio.NewReader(far), stdin: stdin, result: make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	target, err := ParseTarget("bob@localhost")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Target: target, Name: "bob", Mode: Lines, Completion: command.NewCompletion(), Keyboard: NewPipe(in),
		View:  &view.Pipe{Layout: view.Layout{Location: time.UTC, Clock: "15:04"}, Out: &r.stdout, Errors: &r.notices, Broken: cancel},
		Clock: bubbleClock{}, Rand: func() uint64 { return stageRand },
		Dial: func(context.Context) (net.Conn, error) { return near, nil }}
	if change != nil {
		change(&cfg)
	}
	go func() { r.result <- New(cfg).Run(ctx) }()
	return r
}

func (r *running) says(responses ...protocol.Response) {
	var b []byte
	for _, x := range responses {
		b = protocol.AppendExtended(b, x)
	}
	r.server.Write(b)
}

func (r *running) asks(want string) {
	r.t.Helper()
	line, err := r.reader.ReadString('\n')
	if err != nil || !strings.Contains(line, want) {
		r.t.Fatalf("the request is %q (%v), not %s", line, err, want)
	}
}

func info(text, event string) protocol.Response {
	r := protocol.Response{Time: time.Now(), Sender: "server", Kind: protocol.KindInfo, Content: text}
	if event != "" {
		r.Data = &protocol.Data{Event: event, Name: "bob", Log: "log"}
	}
	return r
}

func TestRunInAPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		go func() {
			io.WriteString(r.stdin, "hello\r\nwithout a newline")
			r.stdin.Close()
		}()
		r.asks(`"login","content":"bob","extended":1`)
		r.says(info("Welcome", protocol.EventLogin))
		r.asks(`"msg","content":{"room":"lobby","text":"hello"}`)
		r.asks(`"msg","content":{"room":"lobby","text":"without a newline"}`)
		for i, ref := range []string{"8000000000000000-1", "8000000000000000-2"} {
			accepted := info("Accepted", protocol.EventAccepted)
			accepted.Ref, accepted.Data.ID = ref, uint64(i+1)
			r.says(accepted, message("alice", "hi bob"))
		}
		r.asks(`"logout"`)
		r.server.Close()
		if err := <-r.result; err != nil {
			t.Error(err)
		}
		if r.stdout.String() != strings.Repeat("12:00 alice: hi bob\n", 2) || r.notices.String() != "" {
			t.Errorf("out %q, notices %q", r.stdout.String(), r.notices.String())
		}
	})
}

// What package sending waits for between two requests to a plain server, at least
// and at most.
const (
	pace         = 250 * time.Millisecond
	pipePatience = 3 * time.Second
)

func TestRunPacesAPlainServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		begin := time.Now()
		at := func(want time.Duration, what string) {
			t.Helper()
			if d := time.Since(begin); d != want {
				t.Errorf("%s after %s, not %s", what, d, want)
			}
		}
		go func() {
			io.WriteString(r.stdin, "one\ntwo\n")
			r.stdin.Close()
		}()
		r.asks("login")
		r.says(info("Welcome", ""))
		r.asks("one")
		at(pace, "the first text")
		time.Sleep(2 * time.Second)
		r.says(message("bob", "one"))
		r.asks("two")
		at(pace+2*time.Second, "the second text")
		r.asks("names") // there is no echo
		at(pace+2*time.Second+pipePatience, "the probe")
		r.says(info("alice, bob", ""))
		r.asks("logout")
		err := <-r.result
		at(pace+2*time.Second+pipePatience+pace+leavePatience, "the end")
		if words := "May not have arrived: \"two\""; err == nil || !strings.Contains(r.notices.String(), words) {
			t.Errorf("%v, %q", err, r.notices.String())
		}
		r.server.Close()
	})
}

// A signal ends it, whatever it is doing: the server gets a logout and the
// goroutines end.
func TestRunStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		r.asks("login")
		r.says(info("Welcome", protocol.EventLogin))
		synctest.Wait()
		r.cancel()
		r.asks("logout")
		if err := <-r.result; err != nil {
			t.Error(err)
		}
		r.stdin.Close()
		r.server.Close()
	})
}

func TestRunStopsWhileDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, func(c *Config) {
			c.Dial = func(ctx context.Context) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		synctest.Wait()
		r.cancel()
		if err := <-r.result; err != nil {
			t.Error(err)
		}
		r.stdin.Close()
	})
}

// A connection that is made when nobody wants it any more is closed.
func TestRunClosesALateConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		r := start(t, func(c *Config) {
			c.Dial = func(ctx context.Context) (net.Conn, error) {
				<-ctx.Done()
				return near, nil
			}
		})
		synctest.Wait()
		r.cancel()
		<-r.result
		if _, err := far.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the connection is open: %v", err)
		}
		r.stdin.Close()
	})
}

// Who prints to a reader that has gone logs out, too.
func TestRunNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := make(chan struct{})
		in, stdin := io.Pipe()
		r := start(t, func(c *Config) {
			c.Keyboard.Close()
			c.Keyboard = NewPipe(in)
			c.View = &view.Pipe{Layout: view.Layout{Location: time.UTC, Clock: "15:04"}, Out: brokenWriter{}, Errors: io.Discard, Broken: func() { close(broken) }}
		})
		r.asks("login")
		r.says(info("Welcome", protocol.EventLogin), message("alice", "hi"))
		<-broken
		r.cancel()
		r.asks("logout")
		r.server.Close()
		if err := <-r.result; err != nil {
			t.Error(err)
		}
		stdin.Close()
		r.stdin.Close()
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestPipeLines(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	p := NewPipe(strings.NewReader("one\r\n\n" + long + "\nlast"))
	defer p.Close()
	for _, want := range []Input{{Text: "one"}, {}, {Text: long[:maxPipeLine]}, {Text: "last"}, {Kind: InputEnd}} {
		p.Next()
		if got := <-p.Input(); got != want {
			t.Errorf("%.20q of %d bytes, want %.20q", got.Text, len(got.Text), want.Text)
		}
	}
	p.Close()
}

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func message(sender, text string) protocol.Response {
	return protocol.Response{Time: noon, Sender: sender, Kind: protocol.KindMessage, Content: text}
}
