package outgoing

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// secret is that of all hooks here.
var secret = users.HookSecret([]byte("a key of thirty-two bytes or so.."))

// A world is a server's state and store, and the sender that reads it.
type world struct {
	t     *testing.T
	state *state.State
	disk  *store.Store
	cfg   Config
	log   *lines

	forgets *atomic.Bool // what the sender has to keep is not kept

	mu     sync.Mutex // the sender proposes
	sender *Sender    // nil: none runs
}

// lines is what was logged.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const (
	alice = "alice"
	bob   = "bob"
)

// begin has alice and bob be there, both in the room Den.
func begin(t *testing.T) *world {
	t.Helper()
	disk, err := store.Open(store.Memory, store.Options{Random: strings.NewReader(strings.Repeat("random", 100)), Sync: store.SyncNone})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, state: state.New(state.Kept{}, noon), disk: disk, log: &lines{}}
	w.cfg = Config{Source: disk, Propose: w.propose, Post: func(f func()) { f() }, Log: slog.New(slog.NewTextHandler(w.log, nil)), Timeout: time.Second, Pause: time.Millisecond}
	t.Cleanup(func() {
		w.end()
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, name := range []string{alice, bob} {
		w.do(&command.Enter{Session: command.Session{Number: uint64(i + 1)}, Name: name, Token: "token of " + name, Hash: "h"})
	}
	w.do(&command.CreateRoom{By: w.by(alice), Room: "Den"})
	w.do(&command.JoinRoom{By: w.by(bob), Room: "Den"})
	return w
}

func (w *world) by(name string) command.By {
	number := uint64(1)
	if name == bob {
		number = 2
	}
	return command.By{Name: name, Session: command.Session{Number: number}}
}

// try carries out a command, keeps what comes of it and wakes who sends, as a server does.
func (w *world) try(c command.Command) state.Result {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var rows state.Rows
	r := w.state.Apply(noon.Add(time.Duration(w.state.Last())*time.Second), c, &rows)
	if err := w.disk.Commit(&rows); err != nil {
		w.t.Fatal(err)
	}
	if w.sender == nil {
		return r
	}
	switch {
	case r.Hook != nil || len(r.RoomsEnded) > 0:
		w.sender.Wake("")
	case r.Message != nil:
		w.sender.Wake(r.Message.Room)
	case r.Change != nil:
		w.sender.Wake(r.Change.Of.Room)
	}
	return r
}

func (w *world) do(c command.Command) state.Result {
	w.t.Helper()
	r := w.try(c)
	if r.Err != nil {
		w.t.Fatalf("%T: %v", c, r.Err)
	}
	return r
}

func (w *world) propose(_ context.Context, all []command.Command) (results []state.Result, _ error) {
	for _, c := range all {
		results = append(results, w.try(c))
	}
	return results, nil
}

// start has somebody send, who goes on from what is kept.
func (w *world) start() {
	cfg := w.cfg
	w.forgets = new(atomic.Bool)
	forgets := w.forgets
	cfg.Propose = func(ctx context.Context, all []command.Command) ([]state.Result, error) {
		if _, is := all[0].(*command.HooksSent); is && forgets.Load() {
			return nil, nil
		}
		return w.cfg.Propose(ctx, all)
	}
	s := New(cfg)
	w.mu.Lock()
	w.sender = s
	w.mu.Unlock()
	s.Send("LOG")
	s.Start()
}

func (w *world) end() {
	w.mu.Lock()
	s := w.sender
	w.sender = nil
	w.mu.Unlock()
	if s != nil {
		s.Close()
	}
}

// delivered waits until so many events count as delivered.
func (w *world) delivered(n uint64) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		got, _, _ := w.sender.Counts()
		if got == n {
			return
		}
		if got > n || time.Now().After(end) {
			w.t.Fatalf("%d events are delivered, want %d", got, n)
		}
	}
}

// crash ends who sends without keeping how far they are.
func (w *world) crash() {
	w.forgets.Store(true)
	w.end()
}

func (w *world) hook(name, room, url string) {
	w.t.Helper()
	w.do(&command.AddOutgoingHook{Name: name, Room: room, URL: url, Secret: secret, Hash: "h"})
}

func (w *world) say(room, text string) (number uint64) {
	w.t.Helper()
	return w.do(&command.Message{By: w.by(alice), Room: room, Text: text}).Number
}

// find returns the facts about a message as it is now.
func (w *world) find(number uint64) command.Target {
	m, _, err := w.disk.Find(context.Background(), number)
	if err != nil || m == nil {
		w.t.Fatalf("message %d: %v %v", number, m, err)
	}
	return m.Target(w.state.Last())
}

// A receiver is where a hook sends to. It answers what how says, nil: 200, and notes what it has
// acknowledged.
type receiver struct {
	t    *testing.T
	name string // of what it does
	hook string // of whose events
	web  *httptest.Server
	how  func(w http.ResponseWriter, r *http.Request, n int) (acknowledged bool) // of the request n, the first is 1

	mu  sync.Mutex
	n   int
	got []received
	new chan struct{}
}

// A received is an event with its id.
type received struct {
	id string
	event
}

func receive(t *testing.T, how func(http.ResponseWriter, *http.Request, int) bool) *receiver {
	r := &receiver{t: t, how: how, new: make(chan struct{}, 1)}
	r.web = httptest.NewServer(r)
	t.Cleanup(r.web.Close)
	return r
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // was hung up
	}
	e := received{id: req.Header.Get("webhook-id")}
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", e.id, req.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); req.Header.Get("webhook-signature") != want {
		r.t.Errorf("the signature is %q, want %q", req.Header.Get("webhook-signature"), want)
	}
	if err := json.Unmarshal(body, &e.event); err != nil || req.Header.Get("Content-Type") != "application/json" || req.Method != "POST" {
		r.t.Errorf("%s %s: %v", req.Method, body, err)
	}
	r.mu.Lock()
	r.n++
	n := r.n
	r.mu.Unlock()
	if r.how != nil && !r.how(w, req, n) {
		return
	}
	r.mu.Lock()
	r.got = append(r.got, e)
	r.mu.Unlock()
	signal(r.new)
}

// tries returns how many requests there were.
func (r *receiver) tries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// wait returns what was acknowledged once there is so much.
func (r *receiver) wait(n int) []received {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		got := r.got
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-r.new:
		case <-deadline:
			r.t.Fatalf("%d events of %d have come: %s", len(got), n, summary(got))
		}
	}
}

// summary says what has come, a line for each event.
func summary(all []received) string {
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "%s %s %s %d", e.id, e.Type, e.Data.Room, e.Data.ID)
		for _, word := range []string{e.Data.From, e.Data.Text} {
			if word != "" {
				b.WriteString(" " + word)
			}
		}
		if e.Data.UpTo > 0 {
			fmt.Fprintf(&b, " up to %d", e.Data.UpTo)
		}
		if e.Data.Removed != nil {
			fmt.Fprintf(&b, " removed by %s: %s", e.Data.Removed.By, e.Data.Removed.Why)
		}
		for _, reaction := range e.Data.Reactions {
			fmt.Fprintf(&b, " %s of %v", reaction.Word, reaction.By)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// expect compares what has come.
func (r *receiver) expect(want ...string) {
	r.t.Helper()
	if got := summary(r.wait(len(want))); got != strings.Join(want, "\n")+"\n" {
		r.t.Errorf("it has got\n%s, want\n%s", got, strings.Join(want, "\n"))
	}
}
