package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is for what must happen; a test that meets it has failed.
const deadline = 20 * time.Second

var page = fstest.MapFS{
	"index.html":   {Data: []byte("<!doctype html><title>page</title>")},
	"main.js":      {Data: []byte("export {};")},
	"notes.md":     {Data: []byte("not served")},
	".hidden.html": {Data: []byte("not served")},
}

// A stand is a Site without a chat: the test is the chat.
type stand struct {
	*Site
	t    *testing.T
	base string // the URL of the page without the token
}

func newStand(t *testing.T) *stand {
	t.Helper()
	l, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Listener: l, Page: page, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	base, _, _ := strings.Cut(s.URL(), "/#")
	return &stand{s, t, base}
}

func (s *stand) token() string {
	_, token, _ := strings.Cut(s.URL(), "#token=")
	return token
}

// says has somebody say something.
func (s *stand) says(id int, text string) {
	s.Changed(timeline.Change{Entry: timeline.Entry{ID: timeline.ID(id), In: timeline.Conversation{Place: timeline.Lobby}, Sender: "bob", Text: text}})
}

// A browser has the cookies of one person, and at most one tab.
type browser struct {
	t       *testing.T
	base    string
	client  *http.Client
	cookies []*http.Cookie
	conn    *websocket.Conn
}

func newBrowser(t *testing.T, base string) *browser {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: t, base: base, client: &http.Client{Transport: transport, Timeout: deadline}}
}

// enters exchanges a token, and returns the status.
func (b *browser) enters(token string) int {
	b.t.Helper()
	body, _ := json.Marshal(map[string]string{"token": token})
	r := b.do("POST", "/session", string(body), "Content-Type", "application/json", "Origin", b.base)
	b.cookies = r.Cookies()
	return r.StatusCode
}

// do makes a request with headers and the cookies, whose body is read.
func (b *browser) do(method, path, body string, headers ...string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(content))
	return answer
}

// opens opens a tab, which goes on behind an event of a run if that is not "".
func (b *browser) opens(run string, after uint64) {
	b.t.Helper()
	conn, status := b.dial(fmt.Sprintf("/events?run=%s&after=%d", run, after), "Origin", b.base)
	if conn == nil {
		b.t.Fatalf("the WebSocket is refused: %d", status)
	}
	b.conn = conn
	b.t.Cleanup(func() { conn.CloseNow() })
}

// dial opens a WebSocket; nil: it was refused with that status.
func (b *browser) dial(path string, headers ...string) (*websocket.Conn, int) {
	header := make(http.Header)
	opts := &websocket.DialOptions{HTTPHeader: header, HTTPClient: b.client}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			opts.Host = headers[i+1]
		}
		header.Set(headers[i], headers[i+1])
	}
	for _, c := range b.cookies {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, strings.Replace(b.base, "http", "ws", 1)+path, opts)
	if err != nil {
		if answer == nil {
			b.t.Fatal(err)
		}
		return nil, answer.StatusCode
	}
	conn.SetReadLimit(-1)
	return conn, answer.StatusCode
}

// frame returns the next frame of the tab.
func (b *browser) frame() Frame {
	b.t.Helper()
	f, err := b.next()
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

func (b *browser) next() (f Frame, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	_, content, err := b.conn.Read(ctx)
	if err == nil {
		err = json.Unmarshal(content, &f)
	}
	return f, err
}

func (b *browser) asks(q string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, []byte(q)); err != nil {
		b.t.Fatal(err)
	}
}

// said is a frame in words.
func said(f Frame) string {
	switch f.Type {
	case TypeEntry:
		return fmt.Sprintf("%d %s", f.N, f.Entry.Text)
	case TypeAnswer:
		return fmt.Sprintf("answer %d %t %s", f.ID, f.Answer.OK, f.Answer.Error)
	case TypeShow:
		b, _ := json.Marshal(f.Facts["self"])
		return fmt.Sprintf("self %s", b)
	}
	return fmt.Sprintf("%s %d", f.Type, f.N)
}

func (b *browser) expects(want ...string) {
	b.t.Helper()
	for _, w := range want {
		if got := said(b.frame()); got != w {
			b.t.Fatalf("it is %q, not %q", got, w)
		}
	}
}

// entered is a browser that was let in.
func (s *stand) entered() *browser {
	s.t.Helper()
	b := newBrowser(s.t, s.base)
	if status := b.enters(s.token()); status != http.StatusNoContent {
		s.t.Fatalf("the token is answered with %d", status)
	}
	return b
}

var logged = client.Model{Name: "alice", Phase: client.LoggedIn, To: timeline.Conversation{Place: timeline.Lobby}}

func TestTabsGoOnWhereTheyWere(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	s.says(1, "one")
	b := s.entered()
	b.opens("", 0)
	first := b.frame()
	if said(first) != "snapshot 1" || !strings.Contains(string(first.Facts["self"]), `"alice"`) || first.Facts["settings"] == nil {
		t.Fatalf("the snapshot is %+v", first)
	}
	s.says(2, "two")
	b.expects("2 two")
	b.conn.CloseNow()
	s.says(3, "three")
	away := logged
	away.Away, away.AwayWhy = true, "lunch"
	s.Watch(away)
	s.Watch(away) // nothing has changed
	b.opens(first.Run, 2)
	b.expects("3 three")
	b.asks(`{"id":1,"ask":"look","view":{"in":"lobby"}}`)
	b.expects(`self {"name":"alice","account":false,"away":true,"why":"lunch"}`, "answer 1 true ")
	for _, other := range []struct {
		run   string
		after uint64
	}{{"another", 2}, {first.Run, 99}, {"", 0}} {
		b.opens(other.run, other.after)
		b.expects("snapshot 3")
	}
}

// Two tabs are told the same; an answer goes to the one that has asked, among the events where
// it was made.
func TestAnswersStandAmongTheEvents(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	x, y := s.entered(), s.entered()
	x.opens("", 0)
	y.opens("", 0)
	x.expects("snapshot 0")
	y.expects("snapshot 0")
	x.asks(`{"id":7,"ask":"say","in":"lobby","text":"hi","number":3,"entry":4,"count":5,"on":true}`)
	q := <-s.Asks()
	if q.Kind != client.AskSay || q.In.Place != timeline.Lobby || q.Text != "hi" || q.Number != 3 || q.Entry != 4 || q.Count != 5 || !q.On {
		t.Errorf("it is asked %+v", q)
	}
	s.says(1, "before")
	q.Answer(client.Answer{Error: "no\x1b[31m\u202e way"})
	s.says(2, "behind")
	x.expects("1 before", "answer 7 false Not sent. no way", "2 behind")
	y.expects("1 before", "2 behind")
	y.asks(`{"id":8,"ask":"open","in":"room:Dev"}`)
	if q := <-s.Asks(); q.In != timeline.With(timeline.Room, "dev") || q.InName != "Dev" {
		t.Errorf("it is asked %+v", q)
	}
	for id, bad := range []string{
		`"ask":"say","text":"to whom?"`, `"ask":"say","in":"room:","text":"x"`, `"ask":"say","in":"lobby:x","text":"x"`, `"ask":"say","in":"again","text":"x"`,
		`"ask":"say","in":"everybody","text":"x"`, `"ask":"kept"`, `"ask":"kept","in":"lobby"`,
	} {
		y.asks(fmt.Sprintf(`{"id":%d,%s}`, id+10, bad))
		y.expects(fmt.Sprintf("answer %d false %sThere is no such conversation.", id+10, pick(strings.Contains(bad, "say"), "Not sent. ", "")))
	}
	for id, late := range []string{`"ask":"draft","in":"lobby","text":"late"`, `"ask":"offer","in":"lobby","name":"away"`, `"ask":"look","view":{"in":"lobby"}`} {
		y.asks(fmt.Sprintf(`{"id":%d,"run":"of another chat",%s}`, id+30, late))
		y.expects(fmt.Sprintf("answer %d false %s", id+30, wordsAnother))
	}
	y.asks(`{"id":40,"ask":"line","in":"lobby","text":"/private bob to nobody"}`)
	y.expects("answer 40 false Nobody hears this: there is no private session with bob, the draft stays here.")
	y.asks(fmt.Sprintf(`{"id":41,"run":%q,"ask":"draft","in":"lobby","text":"late"}`, s.hub.run)) // which waits while one chat ends and another begins
	s.untilAsked()
	if err := s.Anew(); err != nil {
		t.Fatal(err)
	}
	s.Watch(logged)
	x.expects("snapshot 0")
	y.expects("snapshot 0", "answer 41 false "+wordsAnother)
	y.asks(`{"ask":"open","in":"lobby"}`)
	if _, err := y.next(); websocket.CloseStatus(err) != closeNoAsk {
		t.Errorf("an ask without an id ends with %v", err)
	}
	s.Over()
	x.opensNot()
	if _, err := x.next(); websocket.CloseStatus(err) != closeOver {
		t.Errorf("the end of the chat is told as %v", err)
	}
}

// untilAsked waits until a tab has asked something that is not answered.
func (s *stand) untilAsked() {
	s.t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); runtime.Gosched() {
		s.hub.mu.Lock()
		for _, t := range s.hub.tabs {
			if len(t.asked) > 0 {
				s.hub.mu.Unlock()
				return
			}
		}
		s.hub.mu.Unlock()
	}
	s.t.Fatal("nothing is asked")
}

// opensNot expects that another tab is sent away.
func (b *browser) opensNot() {
	b.t.Helper()
	conn, _ := b.dial("/events", "Origin", b.base)
	if conn == nil {
		b.t.Fatal("it is refused before it is a WebSocket, so the page would not learn why")
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
		b.t.Errorf("it ends with %v", err)
	}
}

// A tab that stands still holds up nobody, costs no more than what is kept for all, and gets a
// snapshot when it is back.
func TestAStalledTabIsLeftBehind(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	stalled, awake := s.entered(), s.entered()
	stalled.opens("", 0)
	first := stalled.frame()
	awake.opens("", 0)
	awake.frame()
	long := strings.Repeat("x", 60_000)
	const lines = 3 * maxBytes / 120_000 // the text stands in a line, and in its tree
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	for i := range lines {
		s.says(i+1, long) // which would wait here for ever if it waited for the tab
		if _, frame, err := awake.conn.Read(ctx); err != nil || !bytes.HasPrefix(frame, fmt.Appendf(nil, `{"type":"entry","n":%d,`, i+1)) {
			t.Fatalf("line %d is %.60q (%v)", i, frame, err)
		}
	}
	s.hub.mu.Lock()
	if s.hub.bytes > maxBytes || len(s.hub.events) > maxEvents {
		t.Errorf("%d bytes of %d events are kept", s.hub.bytes, len(s.hub.events))
	}
	s.hub.mu.Unlock()
	for {
		_, err := stalled.next()
		if cut := errors.Is(err, io.ErrUnexpectedEOF); err != nil && !cut && websocket.CloseStatus(err) != closeBehind { // cut: a frame took too long
			t.Fatalf("it ends with %v", err)
		} else if err != nil {
			break
		}
	}
	stalled.opens(first.Run, first.N)
	stalled.expects(fmt.Sprintf("snapshot %d", lines))
}

func TestThereAreNotTooManyTabs(t *testing.T) {
	s := newStand(t)
	s.Watch(logged)
	b := s.entered()
	for range maxTabs {
		b.opens("", 0)
		b.frame()
	}
	b.opensNot()
	b.conn.Close(websocket.StatusNormalClosure, "")
	for { // until the Site has seen that one is gone
		b.opens("", 0)
		if _, err := b.next(); err == nil {
			return
		} else if websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
			t.Fatal(err)
		}
	}
}
