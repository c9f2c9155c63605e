package dialect

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"parley/eventloop/doctor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when everything is said.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 500e6, time.UTC)

// What a server of a dialect says, byte by byte.
func TestResponse(t *testing.T) {
	const head = `{"timestamp":"24-11-2026 12:00:00","sender":"server","response":`
	for name, want := range map[string]string{
		Plain:               head + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"newline":           head + `"info","content":"bl\u00e5 {\ud83d\ude00}"}` + "\n",
		"crlf":              head + `"info","content":"bl\u00e5 {\ud83d\ude00}"}` + "\r\n",
		"lone-newline":      head + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"utf8":              head + `"info","content":"blå {😀}"}`,
		"escape-braces":     head + `"info","content":"bl\u00e5 \u007b\ud83d\ude00\u007d"}`,
		"title-case":        head + `"Info","content":"bl\u00e5 {\ud83d\ude00}"}` + "\n",
		"extra-string":      head + `"info","content":"bl\u00e5 {\ud83d\ude00}","room":"lobby"}`,
		"epoch-int":         strings.Replace(head, `"24-11-2026 12:00:00"`, "1795521600", 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"epoch-float":       strings.Replace(head, `"24-11-2026 12:00:00"`, "1795521600.5", 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"epoch-str":         strings.Replace(head, `"24-11-2026 12:00:00"`, `"1795521600"`, 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"iso":               strings.Replace(head, `"24-11-2026 12:00:00"`, `"2026-11-24T12:00:00Z"`, 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"timestamp-null":    strings.Replace(head, `"24-11-2026 12:00:00"`, "null", 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"timestamp-missing": `{"sender":"server","response":"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"sender-null":       strings.Replace(head, `"server"`, "null", 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"sender-list":       strings.Replace(head, `"server"`, `["Server"]`, 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"sender-name":       strings.Replace(head, `"sender"`, `"name"`, 1) + `"info","content":"bl\u00e5 {\ud83d\ude00}"}`,
		"indent":            "{\n    \"timestamp\": \"24-11-2026 12:00:00\",\n    \"sender\": \"server\",\n    \"response\": \"info\",\n    \"content\": \"bl\\u00e5 {\\ud83d\\ude00}\"\n}",
	} {
		d, _ := Find(name)
		h := d.Over(DefaultHabits())
		if diff := cmp.Diff(want, string(h.Response("info", "blå {😀}", h.Sender, noon))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What was said before, in each form.
func TestHistory(t *testing.T) {
	past := []Said{{"anna", "one"}, {"bert", "two"}}
	message := func(p Said) string {
		return `{"timestamp":"24-11-2026 12:00:00","sender":"` + p.Name + `","response":"message","content":"` + p.Text + `"}`
	}
	history := func(content string) string {
		return `{"timestamp":"24-11-2026 12:00:00","sender":"server","response":"history","content":` + content + `}`
	}
	objects := "[" + message(past[0]) + "," + message(past[1]) + "]"
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	for name, want := range map[string][]string{
		"history-strings":      {history("[" + quoted(message(past[0])) + "," + quoted(message(past[1])) + "]")},
		"objects":              {history(objects)},
		"objects-username":     {history(`[{"username":"anna","message":"one","timestamp":"24-11-2026 12:00:00"},{"username":"bert","message":"two","timestamp":"24-11-2026 12:00:00"}]`)},
		"history-triples":      {history(`[["24-11-2026 12:00:00","anna","one"],["24-11-2026 12:00:00","bert","two"]]`)},
		"history-lines":        {history(`["anna: one","bert: two"]`)},
		"history-text":         {history(`"anna: one\nbert: two\n"`)},
		"history-json-text":    {history(quoted(objects))},
		"history-per-entry":    {strings.Replace(message(past[0]), "message", "history", 1), strings.Replace(message(past[1]), "message", "history", 1)},
		"history-replay":       {message(past[0]), message(past[1])},
		"history-array":        {objects},
		"history-none":         nil,
		"history-empty":        {history("[]")},
		"history-blank":        {history(`""`)},
		"history-blank-replay": {history(`""`), message(past[0]), message(past[1])},
		"history-empty-replay": {history("[]"), message(past[0]), message(past[1])},
	} {
		d, is := Find(name)
		if !is {
			t.Errorf("there is no %s", name)
		}
		var got []string
		for _, b := range d.Over(DefaultHabits()).history(past, noon) {
			got = append(got, string(b))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Each dialect says what it is, and is another one than the plain server.
func TestTable(t *testing.T) {
	names := map[string]bool{}
	plain := DefaultHabits()
	for _, d := range All() {
		if names[d.Name] || d.Does == "" || d.World == "" || !strings.HasSuffix(d.Change, ".") {
			t.Errorf("%+v", d)
		}
		names[d.Name] = true
		same := cmp.Equal(d.Over(DefaultHabits()), plain)
		if want := d.Name == Plain || d.Name == "history-strings"; same != want {
			t.Errorf("%s is as the plain server: %v", d.Name, same)
		}
	}
}

// What a client sends is read with all forgiveness, and what is odd is kept.
func TestRequest(t *testing.T) {
	for raw, want := range map[string]Request{
		`{"request": "msg", "content": "hi"}`:          {Verb: "msg", Word: "msg", Text: "hi", Content: "hi", VerbKey: "request", TextKey: "content"},
		`{"Content": "hi", "Request": "msg"}`:          {Verb: "msg", Word: "msg", Text: "hi", Content: "hi", VerbKey: "Request", TextKey: "Content"},
		`{"request": "message", "content": "names"}`:   {Verb: "msg", Word: "message", Text: "names", Content: "names", VerbKey: "request", TextKey: "content"},
		`{"command": "LOGIN", "name": "ann", "v": 1}`:  {Verb: "login", Word: "LOGIN", Text: "ann", Content: "ann", VerbKey: "command", TextKey: "name"},
		`{"request": "help"}`:                          {Verb: "help", Word: "help", VerbKey: "request"},
		`{"request": "names", "content": null}`:        {Verb: "names", Word: "names", VerbKey: "request", TextKey: "content"},
		`{"request": "login", "content": {"name": 1}}`: {Verb: "login", Word: "login", Content: map[string]any{"name": 1.0}, VerbKey: "request", TextKey: "content"},
		`{"request": "fly", "content": ""}`:            {Word: "fly", Content: "", VerbKey: "request", TextKey: "content"},
	} {
		var cutter doctor.Cutter
		got := readRequest(cutter.Push([]byte(raw))[0])
		got.Raw, got.Keys = nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

// talk is one connection to a server.
type talk struct {
	t *testing.T
	net.Conn
}

// says writes a segment.
func (c talk) says(b string) {
	c.t.Helper()
	if _, err := c.Write([]byte(b)); err != nil {
		c.t.Fatal(err)
	}
}

// hears reads one segment.
func (c talk) hears(parts ...string) {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 1<<16)
	n, err := c.Read(buf)
	for _, part := range parts {
		if err != nil || !strings.Contains(string(buf[:n]), part) {
			c.t.Fatalf("came %q and %v, not %q", buf[:n], err, part)
		}
	}
}

func listen(t *testing.T, name string) (*Server, talk) {
	t.Helper()
	d, _ := Find(name)
	s, err := Listen(d.Over(DefaultHabits()), NewSource(1).Words(), 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return s, talk{t, c}
}

// A session with the plain server.
func TestServer(t *testing.T) {
	s, c := listen(t, Plain)
	w := s.Words()
	c.says(`{"request":"names","content":null}`)
	c.hears(`"error"`, w.NotLoggedIn)
	c.says(`{"request":"login","content":"not a name"}`)
	c.hears(`"error"`)
	c.says(`{"request":"login",`)
	time.Sleep(50 * time.Millisecond) // a segment of its own
	c.says(`"content":"ann"} junk {"request":"help","content":null}`)
	c.hears(w.Hello)
	c.hears(`"history"`, w.Past[0].Text, w.Past[1].Text)
	c.hears(w.Help)
	c.says(`{"request":"msg","content":"hi"}`)
	c.hears(`"sender":"ann","response":"message","content":"hi"`)
	go s.Talk(Said{"bob", "one"}, Said{"bob", "two"})
	c.hears("one")
	c.hears("two")
	c.says(`{"request":"names","content":null}` + "\n")
	c.hears("ann, "+w.Others[0], w.Others[1])
	c.says("{'request': 'help'}")
	c.hears(`"error"`)
	c.says(`{"request":"logout","content":null}`)
	c.hears(w.Bye)
	c.Close()
	if !s.Gone(context.Background()) {
		t.Error("it does not see that the client is gone")
	}
	anything := func(*Request) bool { return true }
	if q, is := s.Await(context.Background(), anything); !is || q.Verb != "names" {
		t.Errorf("the first request is %+v", q)
	}
	s.Forget()
	if q, is := s.Await(context.Background(), anything); is {
		t.Errorf("%+v is waited for again", q)
	}
	list := s.Requests()
	if len(list) != 8 {
		t.Fatalf("there are %d requests", len(list))
	}
	if q := list[2]; q.Reads != 2 || q.Together || q.Text != "ann" {
		t.Errorf("the login is %+v", q)
	}
	if q := list[3]; q.Reads != 1 || !q.Together || string(q.Before) != " junk " {
		t.Errorf("the help is %+v", q)
	}
	if q := list[5]; string(q.After) != "\n" {
		t.Errorf("the request for names is %+v", q)
	}
	if q := list[6]; !q.Broken {
		t.Error("what is no JSON is not told")
	}
	if len(s.Trace(0)) < 16 {
		t.Errorf("the trace is %v", s.Trace(0))
	}
}

// Two responses together, one in two, and a logout that is answered by the end.
func TestSegments(t *testing.T) {
	s, c := listen(t, "login-glued")
	c.says(`{"request":"login","content":"ann"}`)
	c.hears(s.Words().Hello, `"history"`)
	s, c = listen(t, "glued")
	c.says(`{"request":"login","content":"ann"}`)
	c.hears(s.Words().Hello)
	c.hears(`"history"`)
	s.Talk(Said{"bob", "one"}, Said{"bob", "two"})
	c.hears("one", "two")
	s, c = listen(t, "split")
	c.says(`{"request":"help","content":null}`)
	c.hears(`{"timestamp"`)
	c.hears("msg <message>")
	_, c = listen(t, "logout-close")
	c.says(`{"request":"logout","content":null}`)
	if n, err := c.Read(make([]byte, 10)); err == nil {
		t.Errorf("%d bytes came", n)
	}
	s.Close()
}
