package hooks

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
	"parley/users/state"
)

// Goroutines that are there from the start are gnet's own.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// stated is a server that is its state alone: what it decides is kept at once.
type stated struct {
	mu    sync.Mutex
	state *state.State
	err   error // of everything
	hangs bool  // until who asks gives up
	most  int   // bytes of a text; 0: protocol.MaxText
}

func (s *stated) MaxText() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.most, protocol.MaxText)
}

func (s *stated) Propose(ctx context.Context, commands []command.Command) (results []state.Result, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	for _, c := range commands {
		results = append(results, s.state.Apply(time.Now(), c, nil))
	}
	return results, nil
}

// do carries something out that is to work.
func (s *stated) do(t *testing.T, c command.Command) {
	t.Helper()
	if r, err := s.Propose(t.Context(), []command.Command{c}); err != nil || r[0].Err != nil {
		t.Fatalf("%T: %v %v", c, r, err)
	}
}

const token = "0123456789abcdef0123456789abcdef"

// begin has a server with a hook in the lobby, and one of the room den, that answers until
// the test ends.
func begin(t *testing.T, rate Rate) (*stated, *Listener) {
	t.Helper()
	s := &stated{state: state.New(state.Kept{}, time.Now())}
	l, err := Listen(Config{Address: "127.0.0.1:0", Rate: rate, Log: slog.New(slog.DiscardHandler)}, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	alice := command.Session{Number: 1}
	s.do(t, &command.Enter{Session: alice, Name: "alice", Token: "t1", Hash: "h1"})
	s.do(t, &command.CreateRoom{By: command.By{Name: "alice", Session: alice}, Room: "Den"})
	s.do(t, &command.AddHook{Name: "CiHook", Room: state.Lobby, Token: command.TokenID(token), Hash: "h2"})
	s.do(t, &command.AddHook{Name: "DenBot", Room: "den", Token: command.TokenID("den"), Hash: "h3"})
	return s, l
}

// A post is a request, and what is to come back.
type post struct {
	token, body string
	header      [2]string // "": none
	method      string    // "": POST
	status      int
	says        string // is part of the answer
	retry       bool   // Retry-After is there
}

func (p post) send(t *testing.T, l *Listener) (says string) {
	t.Helper()
	method := p.method
	if method == "" {
		method = "POST"
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.Address()+"/hooks/"+p.token, strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded") // as curl -d has it
	if p.header[0] != "" {
		r.Header.Set(p.header[0], p.header[1])
	}
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != p.status || !strings.Contains(string(b), p.says) || (answer.Header.Get("Retry-After") != "") != p.retry {
		t.Errorf("%.80q is answered with %d, %q, Retry-After %q; want %d, %q", p.body, answer.StatusCode, b, answer.Header.Get("Retry-After"), p.status, p.says)
	}
	return string(b)
}

var asJSON = [2]string{"Content-Type", "application/json; charset=utf-8"}

// A text may have as many bytes as the server says, which the answer tells; what is no part of
// it does not count.
func TestMaxText(t *testing.T) {
	t.Parallel()
	s, l := begin(t, Rate{})
	s.mu.Lock()
	s.most = 100
	s.mu.Unlock()
	for _, p := range []post{
		{token: token, body: strings.Repeat("x", 100) + "\r\n", status: 200},
		{token: token, body: strings.Repeat("å", 50), status: 200},
		{token: token, body: `{"text":"` + strings.Repeat(`\u007b`, 100) + `"}`, header: asJSON, status: 200},
		{token: token, body: strings.Repeat("x", 101), status: 413, says: "That text is too long: at most 100 bytes, yours has 101."},
		{token: token, body: strings.Repeat("å", 51), status: 413, says: "at most 100 bytes, yours has 102."},
		{token: token, body: `{"text":"` + strings.Repeat(`\u007b`, 101) + `"}`, header: asJSON, status: 413, says: "at most 100 bytes, yours has 101."},
		{token: token, body: strings.Repeat("x", maxBody+1), status: 413, says: "at most 100 bytes."},
	} {
		p.send(t, l)
	}
}

// What is sent is said, or the answer tells why not.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s, l := begin(t, Rate{})
	key := func(k string) [2]string { return [2]string{"Idempotency-Key", k} }
	first := s.state.Last()
	id := func(n int) string { return fmt.Sprintf("{\"id\":%d}\n", int(first)+n) }
	for _, p := range []post{
		{token: token, body: "hello", status: 200, says: id(1)},
		{token: token, body: "two\nlines\n\r\n", status: 200, says: id(2)},
		{token: token, body: `{"text":"from \u00e5 program"}`, header: asJSON, status: 200, says: id(3)},
		{token: token, body: `{"text":"not JSON here"}`, status: 200, says: id(4)},
		{token: "den", body: "in a room", status: 200, says: id(5)},
		{token: token, body: "once", header: key("k1"), status: 200, says: id(6)},
		{token: token, body: "once", header: key("k1"), status: 200, says: id(6)},
		{token: token, body: "another", header: key("k1"), status: 422, says: "another text"},
		{token: token, body: "once", header: key("k2"), status: 200, says: id(7)},
		{token: "den", body: "once", header: key("k1"), status: 200, says: id(8)},
		{token: token, body: "x", header: key(strings.Repeat("k", protocol.MaxTag+1)), status: 400, says: "Idempotency-Key"},
		{token: token, body: "x", header: key("\xe5"), status: 400, says: "Idempotency-Key"},
		{token: token, body: strings.Repeat("x", protocol.MaxText), status: 200, says: id(9)},
		{token: token, body: strings.Repeat("x", protocol.MaxText+1), status: 413, says: "too long"},
		{token: token, body: strings.Repeat("x", maxBody+1), status: 413, says: "too long"},
		{token: token, body: `{"text":"` + strings.Repeat(`\u0041`, protocol.MaxText) + `"}`, header: asJSON, status: 200, says: id(10)},
		{token: token, body: "", status: 400, says: "blank"},
		{token: token, body: " \n", status: 400, says: "blank"},
		{token: token, body: "\x1b[2J", status: 400, says: "control"},
		{token: token, body: "\xff", status: 400, says: "UTF-8"},
		{token: token, body: `{"text":`, header: asJSON, status: 400, says: "JSON"},
		{token: token, body: `{"txt":"x"}`, header: asJSON, status: 400, says: "JSON"},
		{token: token, body: `{"text":7}`, header: asJSON, status: 400, says: "JSON"},
		{token: "wrong", body: "x", status: 404, says: "no such hook"},
		{token: "", body: "x", status: 404},
		{token: command.TokenID(token), body: "x", status: 404, says: "no such hook"},
		{token: token, body: "x", method: "GET", status: 405},
	} {
		p.send(t, l)
	}
	if got := s.state.Last(); got != first+10 {
		t.Errorf("%d things were said", got-first)
	}
	for _, p := range []struct {
		c command.Command
		post
	}{
		{&command.Slow{Room: state.Lobby, Seconds: 30}, post{token: token, body: "the first", status: 200}},
		{&command.Unlock{Who: "1.2.3.4"}, post{token: token, body: "the second", status: 429, says: "slow", retry: true}},
		{&command.Sanction{Kind: users.Mute, Name: "CiHook", Why: "too loud"}, post{token: token, body: "x", status: 403, says: "muted: too loud"}},
		{&command.Sanction{Kind: users.Mute, Name: "DenBot", Room: "Den"}, post{token: "den", body: "x", status: 403, says: "muted."}},
		{&command.Sanction{Kind: users.Ban, Name: "DenBot", Room: "Den"}, post{token: "den", body: "x", status: 403, says: "banned."}},
		{&command.DropHook{Name: "cihook"}, post{token: token, body: "x", status: 404, says: "no such hook"}},
		{&command.DeleteAccount{Name: "alice"}, post{token: "den", body: "x", status: 404, says: "no such hook"}}, // with whom the room ends
	} {
		if _, isUnlock := p.c.(*command.Unlock); !isUnlock {
			s.do(t, p.c)
		}
		p.send(t, l)
	}
}

// A hook that is too fast is told when to come back, and keeps no other one from it.
func TestPace(t *testing.T) {
	t.Parallel()
	_, l := begin(t, Rate{PerSecond: 0.001, Burst: 3})
	for range 3 {
		post{token: token, body: "hello", status: 200}.send(t, l)
	}
	post{token: token, body: "hello", status: 429, says: "Too many", retry: true}.send(t, l)
	post{token: "den", body: "hello", status: 200}.send(t, l)
}

// Who tries tokens is slowed down, and hooks that were used are not.
func TestGuessing(t *testing.T) {
	t.Parallel()
	_, l := begin(t, Rate{})
	post{token: token, body: "hello", status: 200}.send(t, l)
	l.paces.unknown.SetLimit(0) // no time goes by
	for i := range unknownBurst - 1 {
		if wait := l.paces.take(fmt.Sprint(i)); wait > 0 {
			t.Fatalf("the token %d has to wait for %s", i, wait)
		}
	}
	post{token: "guessed", body: "hello", status: 429, retry: true}.send(t, l)
	post{token: token, body: "hello", status: 200}.send(t, l)
	if len(l.paces.known) != 1 {
		t.Errorf("%d tokens are remembered", len(l.paces.known))
	}
}

// While the storage fails nothing is said.
func TestStorageFails(t *testing.T) {
	t.Parallel()
	s, l := begin(t, Rate{})
	for _, err := range []error{log.ErrFailing, log.ErrBusy} {
		s.err = err
		post{token: token, body: "hello", status: 503, says: "cannot keep that now", retry: true}.send(t, l)
	}
	s.err = nil
	post{token: token, body: "hello", status: 200}.send(t, l)
}

// A listener ends although the server does not answer.
func TestCloseEndsWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := &stated{hangs: true}
	l, err := Listen(Config{Address: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)}, s)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		post{token: token, body: "hello", status: 503, says: "It is not known", retry: true}.send(t, l)
	}()
	for s.mu.TryLock() { // until it is asked
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	<-done
}

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	const anywhere = "--hooks-anywhere"
	for addr, refused := range map[string]string{
		"127.0.0.1:9997": "", "localhost:0": "", "[::1]:9997": "", "unix:/run/hooks": "",
		"0.0.0.0:9997": anywhere, ":9997": anywhere, "192.0.2.1:1": anywhere, "example.org:1": anywhere,
		"9997": "no address", "": "no address", "unix": "no address", "unix:": "the path is missing", "unix:@hooks": "every user of this machine", "127.0.0.1:abc": "no such port",
	} {
		if err := CheckAddress(addr, false); (err == nil) != (refused == "") || err != nil && !strings.Contains(err.Error(), refused) {
			t.Errorf("%q: %v", addr, err)
		}
		if err := CheckAddress(addr, true); (err == nil) != (refused == "" || refused == anywhere) {
			t.Errorf("%q anywhere: %v", addr, err)
		}
	}
}
