package protocol

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// stamp is the time that most frames below carry, as other servers write it.
const stamp = "20-11-2026 23:45:41"

// The values below are what a person would be shown.

func info(sender, content string) Response {
	return Response{Stamp: stamp, Sender: sender, Kind: KindInfo, Content: content}
}

func message(sender, content string) Response {
	return Response{Stamp: stamp, Sender: sender, Kind: KindMessage, Content: content}
}

// line is a history entry that is plain text: who said it and when is part of it.
func line(content string) Response { return Response{Kind: KindMessage, Content: content} }

func history(sender string, entries ...Response) Response {
	return Response{Stamp: stamp, Sender: sender, Kind: KindHistory, History: entries}
}

func at(seconds int64, stamp string) Response {
	return Response{Time: time.Unix(seconds, 0), Stamp: stamp, Sender: "server", Kind: KindInfo, Content: "hi"}
}

// plain returns a response whose content is raw JSON.
func plain(sender, kind, content string) string {
	return `{"timestamp":"` + stamp + `","sender":"` + sender + `","response":"` + kind + `","content":` + content + `}`
}

// stamped returns a response whose timestamp is raw JSON.
func stamped(timestamp string) string {
	return `{"timestamp":` + timestamp + `,"sender":"server","response":"info","content":"hi"}`
}

// quoted returns s as a JSON string.
func quoted(s string) string { return string(appendUTF8(nil, s)) }

// Two entries of a history in the two forms that are used most.
var (
	annaObject = plain("anna", "message", `"hi"`)
	bertObject = plain("bert", "message", `"ho\nand more"`)
	annaBert   = []Response{message("anna", "hi"), message("bert", "ho\nand more")}
)

// decodeTests are the manners of public servers, and some that were not seen yet.
var decodeTests = []struct {
	name  string
	frame string
	want  Response
}{
	// Keys and kinds.
	{"the standard", plain("anna", "message", `"hi"`), message("anna", "hi")},
	{"error", plain("server", "error", `"no"`), Response{Stamp: stamp, Sender: "server", Kind: KindError, Content: "no"}},
	{"capital keys", `{"Timestamp":"` + stamp + `","Sender":"anna","Response":"message","Content":"hi"}`, message("anna", "hi")},
	{"capital kinds", plain("anna", "Message", `"hi"`), message("anna", "hi")},
	{"kind with white space", plain("anna", ` MESSAGE\n`, `"hi"`), message("anna", "hi")},
	{"msg", plain("anna", "msg", `"hi"`), message("anna", "hi")},
	{"kind login", plain("server", "login", `"hi"`), info("server", "hi")},
	{"kind logout", plain("server", "logout", `"hi"`), info("server", "hi")},
	{"kind names", plain("server", "names", `"anna, bert"`), info("server", "anna, bert")},
	{"kind help", plain("server", "help", `"hi"`), info("server", "hi")},
	{"a user's name for a kind", plain("server", "anna", `"hi"`), info("server", "hi")},
	{"empty kind", plain("server", "", `"hi"`), info("server", "hi")},
	{"no kind", `{"timestamp":"` + stamp + `","sender":"server","content":"hi"}`, info("server", "hi")},
	{"kind null", `{"timestamp":"` + stamp + `","sender":"server","response":null,"content":"hi"}`, info("server", "hi")},
	{"kind a number", `{"timestamp":"` + stamp + `","sender":"server","response":7,"content":"hi"}`, info("server", "hi")},
	{"nothing", `{}`, Response{Kind: KindInfo}},
	{"no sender", `{"timestamp":"` + stamp + `","response":"info","content":"hi"}`, info("", "hi")},
	{"no timestamp", `{"sender":"anna","response":"message","content":"hi"}`, Response{Sender: "anna", Kind: KindMessage, Content: "hi"}},
	{"no content", `{"timestamp":"` + stamp + `","sender":"anna","response":"message"}`, message("anna", "")},
	{"unknown keys", `{"room":"lobby","meta":{"id":7,"tags":[]},` + plain("anna", "message", `"hi"`)[1:], message("anna", "hi")},
	{"a key in two letter cases", `{"Content":"no","CONTENT":"no","content":"hi","cONTENT":"no",` + plain("anna", "message", `"hi"`)[1:], message("anna", "hi")},

	// Senders.
	{"name for sender", `{"timestamp":"` + stamp + `","name":"anna","response":"message","content":"hi"}`, message("anna", "hi")},
	{"username for sender", `{"timestamp":"` + stamp + `","username":"anna","response":"message","content":"hi"}`, message("anna", "hi")},
	{"sender null", `{"timestamp":"` + stamp + `","sender":null,"response":"info","content":"hi"}`, info("", "hi")},
	{"sender a list", `{"timestamp":"` + stamp + `","sender":["Server"],"response":"info","content":"hi"}`, info("Server", "hi")},
	{"sender an empty list", `{"timestamp":"` + stamp + `","sender":[],"response":"info","content":"hi"}`, info("", "hi")},

	{"sender None", plain("None", "info", `"hi"`), info("", "hi")},
	{"user for sender, text for content", `{"date":"` + stamp + `","user":"anna","response":"message","text":"hi"}`, message("anna", "hi")},

	// Contents.
	{"list of objects with names", plain("server", "info", `[{"name":"anna","id":1},{"Username":"bert"},{"nick":"carl"},{"id":4}]`), info("server", `anna, bert, carl, {"id":4}`)},
	{"list of names", plain("server", "info", `["anna","bert"]`), info("server", "anna, bert")},
	{"content null", plain("server", "info", `null`), info("server", "")},
	{"content a number", plain("anna", "message", `7.50`), message("anna", "7.50")},
	{"content true", plain("anna", "message", `true`), message("anna", "true")},
	{"content an object", plain("server", "info", `{"users":["anna"]}`), info("server", `{"users":["anna"]}`)},
	{"lists in a list", plain("server", "info", `["anna",["bert",1],null,[]]`), info("server", `anna, ["bert",1], , []`)},
	{"text is kept as it is", plain("anna", "message", `"  {odd} \"\\ blåbær \ud83d\ude00\n"`), message("anna", "  {odd} \"\\ blåbær 😀\n")},
	{"text that looks like JSON", plain("anna", "message", quoted(annaObject)), message("anna", annaObject)},
	{"bytes that are no UTF-8", plain("anna", "message", "\"a\xffb\""), message("anna", "a\ufffdb")},
	{"lone surrogate", plain("anna", "message", `"a\ud800b"`), message("anna", "a\ufffdb")},

	// Timestamps: RFC 3339 and seconds since 1970 are understood, of the rest the text is kept.
	{"RFC 3339", stamped(`"2026-11-21T09:30:00Z"`), at(1795253400, "2026-11-21T09:30:00Z")},
	{"RFC 3339 elsewhere", stamped(`"2026-11-21T10:30:00+01:00"`), at(1795253400, "2026-11-21T10:30:00+01:00")},
	{"seconds", stamped(`1795217784`), at(1795217784, "1795217784")},
	{"seconds as a float", stamped(`1795217784.0`), at(1795217784, "1795217784.0")},
	{"seconds with an exponent", stamped(`1.795217784e9`), at(1795217784, "1.795217784e9")},
	{"seconds as a string", stamped(`"1795217784"`), at(1795217784, "1795217784")},
	{"time of day", stamped(`"23:38:55"`), Response{Stamp: "23:38:55", Sender: "server", Kind: KindInfo, Content: "hi"}},
	{"year", stamped(`"2026"`), Response{Stamp: "2026", Sender: "server", Kind: KindInfo, Content: "hi"}},
	{"not a number", stamped(`"NaN"`), Response{Stamp: "NaN", Sender: "server", Kind: KindInfo, Content: "hi"}},
	{"infinite", stamped(`"inf"`), Response{Stamp: "inf", Sender: "server", Kind: KindInfo, Content: "hi"}},
	{"milliseconds are not seconds", stamped(`1795217784000`), Response{Stamp: "1795217784000", Sender: "server", Kind: KindInfo, Content: "hi"}},
	{"timestamp null", stamped(`null`), Response{Sender: "server", Kind: KindInfo, Content: "hi"}},
	{"time for timestamp", `{"time":"` + stamp + `","sender":"anna","response":"message","content":"hi"}`, message("anna", "hi")},

	// Histories.
	{"list of strings of JSON", plain("server", "history", "["+quoted(annaObject)+","+quoted(bertObject)+"]"), history("server", annaBert...)},
	{"list of objects", plain("server", "history", "["+annaObject+","+bertObject+"]"), history("server", annaBert...)},
	{"list of {username, message, timestamp}", plain("server", "history", `[{"username":"anna","message":"hi","timestamp":"`+stamp+`"}]`),
		history("server", message("anna", "hi"))},
	{"list of lines", plain("server", "history", `["anna: hi","bert: ho"]`), history("server", line("anna: hi"), line("bert: ho"))},
	{"text", plain("server", "history", `"anna: hi\nbert: ho\r\n\n"`), history("server", line("anna: hi"), line("bert: ho"))},
	{"text by one of the server's other names", plain("[Server]", "history", `"anna: hi"`), history("[Server]", line("anna: hi"))},
	{"one response per entry", plain("anna", "history", `"hi"`), history("anna", message("anna", "hi"))},
	{"bare array", "[" + annaObject + "," + bertObject + "]", Response{Kind: KindHistory, History: annaBert}},
	{"bare array of strings", "[" + quoted(annaObject) + "]", Response{Kind: KindHistory, History: annaBert[:1]}},
	{"empty bare array", "[]", Response{Kind: KindHistory}},
	{"empty", plain("server", "history", `[]`), history("server")},
	{"blank", plain("server", "history", `""`), history("server")},
	{"blank within", plain("server", "history", `[""," ",{},null,[],"null"]`), history("server")},
	{"a string of nothing", plain("server", "history", `"[]"`), history("server")},
	{"a string of no object", plain("server", "history", `"{}"`), history("server")},
	{"None", plain("server", "history", `"None"`), history("server")},
	{"a user who says None", plain("anna", "history", `"None"`), history("anna", message("anna", "None"))},
	{"a user who says nothing", plain("anna", "history", `""`), history("anna")},
	{"no object", plain("server", "history", `{}`), history("server")},
	{"triples", plain("server", "history", `[["`+stamp+`","anna","hi"],[1795253400,"bert","ho"]]`),
		history("server", message("anna", "hi"), Response{Time: time.Unix(1795253400, 0), Stamp: "1795253400", Sender: "bert", Kind: KindMessage, Content: "ho"})},
	{"triples with the time behind", plain("server", "history", `[["anna","hi","`+stamp+`"]]`), history("server", message("anna", "hi"))},
	{"triples as strings", plain("server", "history", `["[\"`+stamp+`\", \"anna\", \"hi\"]"]`), history("server", message("anna", "hi"))},
	{"one triple", plain("server", "history", `["`+stamp+`","anna","hi"]`), history("server", message("anna", "hi"))},
	{"three texts", plain("server", "history", `[["a: hi","9:05 b: ho","c: 9:05"]]`), history("server", line("a: hi"), line("9:05 b: ho"), line("c: 9:05"))},
	{"objects with other keys", plain("server", "history", `[{"from":"anna","body":"hi","time":"`+stamp+`"},{"user":"bert","text":"ho\nand more","date":"`+stamp+`"}]`),
		history("server", annaBert...)},
	{"entries of nobody", plain("server", "history", `[{"sender":"None","content":"hi"}]`), history("server", line("hi"))},
	{"history null", plain("server", "history", `null`), history("server")},
	{"history without content", `{"timestamp":"` + stamp + `","sender":"server","response":"history"}`, history("server")},
	{"string of JSON", plain("server", "history", quoted("["+annaObject+","+bertObject+"]")), history("server", annaBert...)},
	{"string of JSON in the user's own name", plain("me", "history", quoted("["+annaObject+"]")), history("me", annaBert[:1]...)},
	{"string of a list of strings", plain("server", "history", quoted("["+quoted(annaObject)+"]")), history("server", annaBert[:1]...)},
	{"string of a string", plain("server", "history", quoted(quoted("["+annaObject+"]"))), history("server", annaBert[:1]...)},
	{"string of one object", plain("server", "history", quoted(annaObject)), history("server", annaBert[:1]...)},
	{"one object", plain("server", "history", annaObject), history("server", annaBert[:1]...)},
	{"strings of strings", plain("server", "history", "["+quoted(quoted(annaObject))+"]"), history("server", annaBert[:1]...)},
	{"list in a list", plain("server", "history", "[["+annaObject+"],["+bertObject+"]]"), history("server", annaBert...)},
	{"histories in a history", plain("server", "history", "["+plain("anna", "history", `"hi"`)+"]"), history("server", annaBert[:1]...)},
	{"entries of kind msg", plain("server", "history", "["+plain("anna", "msg", `"hi"`)+"]"), history("server", message("anna", "hi"))},
	{"entries of the server keep their kind", plain("server", "history", "["+plain("[Server]", "info", `"anna connected"`)+","+annaObject+"]"),
		history("server", info("[Server]", "anna connected"), message("anna", "hi"))},
	{"capital keys in what the server said", plain("server", "history", `[{"Timestamp":"`+stamp+`","Sender":"Server","Response":"Info","Content":"hi"}]`),
		history("server", info("Server", "hi"))},
	{"entries of odd kinds are messages", plain("server", "history", "["+plain("anna", "lobby", `"hi"`)+"]"), history("server", message("anna", "hi"))},
	{"capital keys in entries", plain("server", "history", `[{"Timestamp":"`+stamp+`","Sender":"anna","Response":"message","Content":"hi"}]`),
		history("server", message("anna", "hi"))},
	{"numbers among the entries", plain("server", "history", `[7,null,"x"]`), history("server", line("7"), line("x"))},
	{"a line in square brackets", plain("server", "history", `["[23:45] anna: hi","[1]]","{}}","\"hi\" said anna"]`),
		history("server", line("[23:45] anna: hi"), line("[1]]"), line("{}}"), line(`"hi" said anna`))},
	{"lines that are JSON by accident", plain("server", "history", `["{\"a\":\"<b>\"}",{"c":1}]`), history("server", line(`{"a":"<b>"}`), line(`{"c":1}`))},
	{"texts in square brackets", plain("anna", "history", `"[sic]"`), history("anna", message("anna", "[sic]"))},
	{"a text that is JSON by accident", plain("anna", "history", `"[1]"`), history("anna", message("anna", "[1]"))},
	{"a text that is an object by accident", plain("anna", "history", `"{}"`), history("anna", message("anna", "{}"))},

	// Our own additions.
	{"ref and data", `{"ref":"7","data":{"event":"login","id":18446744073709551615,"name":"anna","names":["anna","bert"],"log":"a1","code":"busy","x":1},` + plain("server", "info", `"hi"`)[1:],
		Response{Stamp: stamp, Sender: "server", Kind: KindInfo, Content: "hi", Ref: "7",
			Data: &Data{Event: "login", ID: 1<<64 - 1, Name: "anna", Names: []string{"anna", "bert"}, Log: "a1", Code: Busy}}},
	{"somebody else's data", `{"ref":7,"data":{"room":"lobby"},` + plain("server", "info", `"hi"`)[1:], info("server", "hi")},
	{"data that is a text", `{"data":"x",` + plain("server", "info", `"hi"`)[1:], info("server", "hi")},
	{"data of other types", `{"data":{"event":"x","id":-1,"name":1,"names":"a","log":[],"code":{}},` + plain("server", "info", `"hi"`)[1:],
		Response{Stamp: stamp, Sender: "server", Kind: KindInfo, Content: "hi", Data: &Data{Event: "x"}}},
}

func TestDecodeResponse(t *testing.T) {
	for _, tt := range decodeTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := DecodeResponse([]byte(tt.frame))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tt.frame, diff)
			}
		})
	}
}

func TestDecodeResponseErrors(t *testing.T) {
	for _, tt := range []struct {
		frame string
		code  Code
	}{
		{``, BadJSON},
		{`{"response":}`, BadJSON},
		{`{"response":"info"`, BadJSON},
		{`{"response":"info"}{`, BadJSON},
		{`{'response':'info'}`, BadJSON},
		{`7`, BadRequest},
		{`"hello"`, BadRequest},
		{`null`, BadRequest},
	} {
		_, err := DecodeResponse([]byte(tt.frame))
		if err == nil || err.Code != tt.code || !strings.HasPrefix(err.Text, "The server sent something") {
			t.Errorf("%s: %v, want %s", tt.frame, err, tt.code)
		}
	}
}

// A history may stand as a string within a string; where that goes on without
// an end, what is left is shown as the text that it is.
func TestDecodeResponseNestedStrings(t *testing.T) {
	content := "[" + annaObject + "]"
	for i := range 10 {
		content = quoted(content)
		r, err := DecodeResponse([]byte(plain("server", "history", content)))
		if err != nil || len(r.History) == 0 {
			t.Fatalf("%d strings: %v, %v", i+1, r, err)
		}
		if understood := r.History[0].Sender == "anna"; understood != (i < maxHistoryNesting) {
			t.Errorf("%d strings: %v", i+1, r.History)
		}
	}
}

func TestDecodeWords(t *testing.T) {
	for line, want := range map[string]string{
		`"Welcome \u00e5"`:     "Welcome å",
		" HTTP/1.1 400 Bad \r": "HTTP/1.1 400 Bad",
		`{'response': 'info'}`: `{'response': 'info'}`,
		"\xff\xfe":             "\ufffd",
		`"half`:                `"half`,
		`7`:                    `7`,
	} {
		if got := DecodeWords([]byte(line)); got != want {
			t.Errorf("%q says %q, not %q", line, got, want)
		}
	}
}

// Fractions of seconds are kept as exactly as a float64 holds them.
func TestDecodeResponseFractions(t *testing.T) {
	r, err := DecodeResponse([]byte(stamped("1795217784.5923674")))
	if err != nil {
		t.Fatal(err)
	}
	want := time.Unix(1795217784, 592367400)
	if d := r.Time.Sub(want).Abs(); d > time.Microsecond {
		t.Errorf("%v off", d)
	}
}

// A history may stand within another as JSON in a string, or in a list, a few times
// only: then what is deeper is shown as the text that it is.
func TestNestedHistories(t *testing.T) {
	entry := `{"sender":"alice","response":"message","content":"hi"}`
	for what, wrap := range map[string]func(string) string{
		"strings": func(s string) string { return `[` + strconv.Quote(s) + `]` },
		"lists":   func(s string) string { return `[` + s + `]` },
		"histories": func(s string) string {
			return strconv.Quote(`{"sender":"server","response":"history","content":[` + s + `]}`)
		},
	} {
		content, depth := entry, 0
		for ; depth < 20; depth++ {
			r, err := DecodeResponse([]byte(plain("server", "history", "["+content+"]")))
			if err != nil {
				t.Fatalf("%s, %d deep: %v", what, depth, err)
			}
			if len(r.History) != 1 || r.History[0].Sender != "alice" {
				break
			}
			content = wrap(content)
		}
		if want := map[string]int{"strings": 4, "lists": 5, "histories": 5}[what]; depth != want {
			t.Errorf("%s are read up to %d deep, want %d", what, depth, want)
		}
	}
}

// What a server says of seconds is as much as a duration can be.
func TestSecondsAreADuration(t *testing.T) {
	for text, want := range map[string]int{"60": 60, "0": 0, "18446744074": maxSeconds, "9e99": 0, "99999999999999999999": maxSeconds, "-5": -5, "-99999999999999999999": -maxSeconds} {
		r, err := DecodeResponse([]byte(`{"response":"error","data":{"event":"error","seconds":` + text + `}}`))
		if err != nil || r.Data.Seconds != want {
			t.Errorf("%s: %d, want %d; %v", text, r.Data.Seconds, want, err)
		}
	}
}
