package protocol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// requestTests say what a frame means. An error is told by its code and by a
// part of its sentence: what the person who reads it has to do.
var requestTests = []struct {
	name  string
	frame string
	want  Request
	code  Code
	says  string
}{
	{name: "text", frame: `{"request":"login","content":"alice"}`,
		want: Request{Verb: "login", Content: Content{Text: "alice"}}},
	{name: "content first", frame: `{"content":"hi","request":"msg"}`,
		want: Request{Verb: "msg", Content: Content{Text: "hi"}}},
	{name: "pretty-printed", frame: "{\n  \"request\": \"msg\",\n  \"content\": \"hi\"\n}",
		want: Request{Verb: "msg", Content: Content{Text: "hi"}}},
	{name: "keys and verb in any letter case", frame: `{"Request":"LogIn","CONTENT":"Alice"}`,
		want: Request{Verb: "login", Content: Content{Text: "Alice"}}},
	{name: "text is kept as it is", frame: `{"request":"msg","content":"  \"two\"\n\twords\\ "}`,
		want: Request{Verb: "msg", Content: Content{Text: "  \"two\"\n\twords\\ "}}},
	{name: "UTF-8 and escapes", frame: `{"request":"msg","content":"blåbær bl\u00e5b\u00e6r \ud83d\ude00"}`,
		want: Request{Verb: "msg", Content: Content{Text: "blåbær blåbær 😀"}}},
	{name: "escaped NUL is a character", frame: `{"request":"msg","content":"a\u0000b"}`,
		want: Request{Verb: "msg", Content: Content{Text: "a\x00b"}}},

	// No argument.
	{name: "content absent", frame: `{"request":"names"}`, want: Request{Verb: "names"}},
	{name: "content null", frame: `{"request":"names","content":null}`, want: Request{Verb: "names"}},
	{name: "content empty", frame: `{"request":"names","content":""}`, want: Request{Verb: "names"}},
	{name: "content None", frame: `{"request":"names","content":"None"}`,
		want: Request{Verb: "names", Content: Content{Text: "None"}}},

	// Objects, from programs. What a field of another type than text means is for the verb to say.
	{name: "object", frame: `{"request":"msg","content":{"to":"bob","text":"hi"}}`,
		want: Request{Verb: "msg", Content: Content{Fields: map[string]string{"to": "bob", "text": "hi"}}}},
	{name: "empty object", frame: `{"request":"msg","content":{}}`,
		want: Request{Verb: "msg", Content: Content{Fields: map[string]string{}}}},
	{name: "fields in any letter case", frame: `{"request":"msg","content":{"Text":"Hi"}}`,
		want: Request{Verb: "msg", Content: Content{Fields: map[string]string{"text": "Hi"}}}},
	{name: "fields of other types", frame: `{"request":"msg","content":{"a":[1,{"b":2}],"c":null,"d":true,"e":-1.5,"text":"hi"}}`,
		want: Request{Verb: "msg", Content: Content{Fields: map[string]string{"text": "hi"}, odd: map[string]odd{"a": {is: "a list"}, "d": {is: "true or false"}, "e": {is: "a number"}}}}},
	{name: "an object for a field", frame: `{"request":"msg","content":{"text":{}}}`,
		want: Request{Verb: "msg", Content: Content{Fields: map[string]string{}, odd: map[string]odd{"text": {is: "an object"}}}}},

	// Numbers as they are written: digits alone may be one that a verb asks for.
	{name: "numbers", frame: `{"request":"read","content":{"a":0,"b":18446744073709551616,"c":-0,"d":1.0,"e":1e3}}`,
		want: Request{Verb: "read", Content: Content{Fields: map[string]string{}, odd: map[string]odd{"a": {"a number", "0"}, "b": {"a number", "18446744073709551616"},
			"c": {is: "a number"}, "d": {is: "a number"}, "e": {is: "a number"}}}}},
	{name: "a number with a zero before it", frame: `{"request":"read","content":{"id":01}}`, code: BadJSON, says: "not valid JSON"},

	// Other types of content are for the verb to refuse.
	{name: "number", frame: `{"request":"msg","content":-7.5e3}`,
		want: Request{Verb: "msg", Content: Content{wrong: "a number"}}},
	{name: "list", frame: `{"request":"msg","content":["a",{"b":[]}]}`,
		want: Request{Verb: "msg", Content: Content{wrong: "a list"}}},
	{name: "true", frame: `{"request":"msg","content":true}`,
		want: Request{Verb: "msg", Content: Content{wrong: "true or false"}}},

	// Keys.
	{name: "of a key that comes twice the last one counts", frame: `{"request":"names","request":"help","content":"a","Content":"b"}`,
		want: Request{Verb: "help", Content: Content{Text: "b"}}},
	{name: "of a content that comes twice nothing is mixed", frame: `{"request":"msg","content":{"text":"a"},"content":null}`,
		want: Request{Verb: "msg"}},
	{name: "of a field that comes twice the last one counts", frame: `{"request":"msg","content":{"text":"a","Text":"b","to":"c","to":1,"x":2,"X":"y"}}`,
		want: Request{Verb: "msg", Content: Content{Fields: map[string]string{"text": "b", "x": "y"}, odd: map[string]odd{"to": {"a number", "1"}}}}},
	{name: "unknown keys", frame: `{"foo":[1,{"a":null}],"request":"msg","content":"hi","bar":{},"":0}`,
		want: Request{Verb: "msg", Content: Content{Text: "hi"}}},
	{name: "extended", frame: `{"request":"login","content":"alice","extended":1,"ref":"7","id":"a-1"}`,
		want: Request{Verb: "login", Content: Content{Text: "alice"}, Extended: true, Ref: "7", ID: "a-1"}},
	{name: "extended true", frame: `{"request":"login","extended":true}`, want: Request{Verb: "login", Extended: true}},
	{name: "not extended", frame: `{"request":"login","extended":0}`, want: Request{Verb: "login"}},
	{name: "extended null", frame: `{"request":"login","extended":null,"register":null,"takeover":null}`, want: Request{Verb: "login"}},
	{name: "register and takeover", frame: `{"request":"login","register":true,"takeover":1}`, want: Request{Verb: "login", Register: true, Takeover: true}},
	{name: "not to register", frame: `{"request":"login","register":true,"register":false,"takeover":0}`, want: Request{Verb: "login"}},
	{name: "password null", frame: `{"request":"login","password":null}`, want: Request{Verb: "login"}},
	{name: "extended an object", frame: `{"request":"login","extended":{"a":["1"]}}`, code: BadRequest, says: `"extended" must be true or false, without quotes.`},
	{name: "extended a string", frame: `{"request":"login","extended":"1"}`, code: BadRequest, says: `"extended" must be`},
	{name: "extended another number", frame: `{"request":"login","extended":2}`, code: BadRequest, says: `"extended" must be`},
	{name: "register a string", frame: `{"request":"login","register":"true"}`, code: BadRequest, says: `"register" must be`},
	{name: "register a list", frame: `{"Register":[true],"request":"login"}`, code: BadRequest, says: `"register" must be`},
	{name: "takeover a string", frame: `{"request":"login","takeover":"false"}`, code: BadRequest, says: `"takeover" must be`},
	{name: "a wrong type before a right one", frame: `{"request":"login","register":"true","register":true}`, code: BadRequest, says: `"register" must be`},
	{name: "password a number", frame: `{"request":"login","password":5}`, code: BadRequest, says: `"password" must be a string`},
	{name: "password false", frame: `{"request":"login","password":false}`, code: BadRequest, says: `"password" must be a string`},
	{name: "ref false", frame: `{"request":"msg","ref":false}`, code: BadRequest, says: `"ref" must be a string`},
	{name: "ref and id null", frame: `{"request":"msg","ref":null,"id":null}`, want: Request{Verb: "msg"}},
	{name: "ref as long as allowed", frame: `{"request":"msg","ref":"` + strings.Repeat("x", MaxTag) + `"}`,
		want: Request{Verb: "msg", Ref: strings.Repeat("x", MaxTag)}},
	{name: "ref too long", frame: `{"request":"msg","ref":"` + strings.Repeat("x", MaxTag+1) + `"}`,
		code: BadRequest, says: `"ref" is too long: at most 64 bytes`},
	{name: "id too long", frame: `{"request":"msg","id":"` + strings.Repeat("å", MaxTag/2+1) + `"}`,
		code: BadRequest, says: `"id" is too long: at most 64 bytes`},
	{name: "ref a number", frame: `{"request":"msg","ref":7}`, code: BadRequest, says: `"ref" must be a string`},
	{name: "id an object", frame: `{"request":"msg","id":{}}`, code: BadRequest, says: `"id" must be a string`},

	// Resuming.
	{name: "resuming", frame: `{"request":"login","content":"alice","token":"t","log":"l","after":12}`,
		want: Request{Verb: "login", Content: Content{Text: "alice"}, Token: "t", Log: "l", After: 12, HasAfter: true}},
	{name: "after a string of digits", frame: `{"request":"login","After":"12"}`, want: Request{Verb: "login", After: 12, HasAfter: true}},
	{name: "after nothing is not after no number", frame: `{"request":"login","after":0}`, want: Request{Verb: "login", HasAfter: true}},
	{name: "after the largest number", frame: `{"after":18446744073709551615,"request":"login"}`, want: Request{Verb: "login", After: 1<<64 - 1, HasAfter: true}},
	{name: "resuming null", frame: `{"request":"login","token":null,"log":null,"after":null}`, want: Request{Verb: "login"}},
	{name: "of after the last one counts", frame: `{"request":"login","after":7,"after":null}`, want: Request{Verb: "login"}},
	{name: "after too large", frame: `{"request":"login","after":18446744073709551616}`, code: BadRequest, says: `"after" must be a whole number, such as 12.`},
	{name: "after below zero", frame: `{"request":"login","after":-1}`, code: BadRequest, says: `"after" must be`},
	{name: "after a fraction", frame: `{"request":"login","after":1.5}`, code: BadRequest, says: `"after" must be`},
	{name: "after a word", frame: `{"request":"login","after":"all"}`, code: BadRequest, says: `"after" must be`},
	{name: "after an empty string", frame: `{"request":"login","after":""}`, code: BadRequest, says: `"after" must be`},
	{name: "after a list", frame: `{"request":"login","after":[1]}`, code: BadRequest, says: `"after" must be`},
	{name: "after with a zero before it", frame: `{"request":"login","after":01}`, code: BadJSON, says: "not valid JSON"},
	{name: "token a number", frame: `{"request":"login","token":5}`, code: BadRequest, says: `"token" must be a string`},
	{name: "token too long", frame: `{"request":"login","token":"` + strings.Repeat("x", MaxTag+1) + `"}`, code: BadRequest, says: `"token" is too long`},
	{name: "log an object", frame: `{"request":"login","log":{}}`, code: BadRequest, says: `"log" must be a string`},
	{name: "log too long", frame: `{"request":"login","log":"` + strings.Repeat("x", MaxTag+1) + `"}`, code: BadRequest, says: `"log" is too long`},

	// No request.
	{name: "nothing", frame: "", code: BadRequest, says: "That is not a request"},
	{name: "number for a frame", frame: `5"request""msg"5`, code: BadRequest, says: "That is not a request"},
	{name: "array", frame: `[1,2,3]`, code: BadRequest, says: `Send an object, such as {"request":"help","content":null}`},
	{name: "empty object for a request", frame: `{}`, code: BadRequest, says: `"request" is missing: it names what to do`},
	{name: "request null", frame: `{"request":null,"content":null}`, code: BadRequest, says: `"request" is missing`},
	{name: "request empty", frame: `{"request":"","content":""}`, code: BadRequest, says: `"request" is missing`},
	{name: "request a number", frame: `{"request":5,"content":"x"}`, code: BadRequest, says: `"request" must be a string`},
	{name: "request an object", frame: `{"request":{"a":1},"content":"x"}`, code: BadRequest, says: `"request" must be a string`},
	{name: "request a list", frame: `{"request":["msg"],"content":"x"}`, code: BadRequest, says: `"request" must be a string`},
	{name: "request true", frame: `{"request":true}`, code: BadRequest, says: `"request" must be a string`},

	// No JSON, though the scanner found its end.
	{name: "invalid UTF-8", frame: "{\"request\":\"msg\",\"content\":\"\xff\xfe\"}", code: BadJSON, says: "text must be UTF-8"},
	{name: "invalid UTF-8 in a key", frame: "{\"request\":\"msg\",\"\xff\":1}", code: BadJSON, says: "text must be UTF-8"},
	{name: "invalid UTF-8 in a field", frame: "{\"request\":\"msg\",\"content\":{\"text\":\"\xff\"}}", code: BadJSON, says: "text must be UTF-8"},
	{name: "invalid UTF-8 in an unknown key", frame: "{\"request\":\"msg\",\"x\":[\"\xff\"]}", code: BadJSON, says: "text must be UTF-8"},
	{name: "lone surrogate", frame: `{"request":"msg","content":"a\ud800b"}`, code: BadJSON, says: "text must be UTF-8"},
	{name: "raw NUL", frame: "{\"request\":\"msg\",\"content\":\"a\x00b\"}", code: BadJSON, says: "not valid JSON"},
	{name: "unknown literal", frame: `{"request":"msg","content":None}`, code: BadJSON, says: "not valid JSON"},
	{name: "bad number", frame: `{"request":"msg","content":01}`, code: BadJSON, says: "not valid JSON"},
	{name: "bad escape", frame: `{"request":"msg","content":"\x"}`, code: BadJSON, says: "not valid JSON"},
	{name: "cut off", frame: `{"request":"msg","content":"hi"`, code: BadJSON, says: "not valid JSON"},
	{name: "something behind it", frame: `{"request":"msg"}{}`, code: BadJSON, says: "not valid JSON"},
}

// unexported has contents compared with all that is in them.
var unexported = cmp.AllowUnexported(Content{}, odd{})

func TestParse(t *testing.T) {
	var p Parser // one for all: what it keeps of one frame must not show in the next
	for _, tt := range requestTests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := p.Parse([]byte(tt.frame))
			if tt.code != "" {
				checkError(t, err, tt.code, tt.says)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, unexported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// checkError compares an error's code and a part of its sentence.
func checkError(t *testing.T, err *Error, code Code, says string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", code)
	}
	if err.Code != code || !strings.Contains(err.Text, says) {
		t.Errorf("error %s %q, want %s %q", err.Code, err.Text, code, says)
	}
}

// The frame is the network buffer, which the next read fills again.
func TestRequestDoesNotReferToFrame(t *testing.T) {
	frame := []byte(`{"request":"msg","content":{"text":"hello"},"ref":"r","id":"i"}`)
	var p Parser
	got, err := p.Parse(frame)
	if err != nil {
		t.Fatal(err)
	}
	for i := range frame {
		frame[i] = 'x'
	}
	want := Request{Verb: "msg", Content: Content{Fields: map[string]string{"text": "hello"}}, Ref: "r", ID: "i"}
	if diff := cmp.Diff(want, got, unexported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAppendRequest(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    Request
		want string
	}{
		{"no argument", Request{Verb: "names"}, `{"request":"names","content":null}`},
		{"text", Request{Verb: "msg", Content: Content{Text: "say \"hi\" \\ {ok}\n"}}, `{"request":"msg","content":"say \"hi\" \\ \u007bok\u007d\n"}`},
		{"ASCII only", Request{Verb: "msg", Content: Content{Text: "blåbær 😀"}}, `{"request":"msg","content":"bl\u00e5b\u00e6r \ud83d\ude00"}`},
		{"extended", Request{Verb: "login", Content: Content{Text: "alice"}, Extended: true, Ref: "7", ID: "a"},
			`{"request":"login","content":"alice","extended":1,"ref":"7","id":"a"}`},
		{"resuming", Request{Verb: "login", Content: Content{Text: "alice"}, Extended: true, Token: "t", Log: "l", After: 12, HasAfter: true},
			`{"request":"login","content":"alice","extended":1,"token":"t","log":"l","after":12}`},
		{"from the beginning", Request{Verb: "login", Content: Content{Text: "alice"}, HasAfter: true},
			`{"request":"login","content":"alice","after":0}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want+"\n", string(AppendRequest(nil, tt.r))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "Z", "0", "alice", "Alice99", "azAZ09", strings.Repeat("x", MaxName)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, tt := range []struct{ name, says string }{
		{"", "log in with a name"},
		{strings.Repeat("x", MaxName+1), "at most 32"},
		{"evil\n", "only the letters"},
		{"bad name", "only the letters"},
		{"bad_name", "only the letters"},
		{"bad-name", "only the letters"},
		{"blåbær", "only the letters"},
		{"a\x00", "only the letters"},
	} {
		checkError(t, CheckName(tt.name), BadName, tt.says)
	}
}

func TestErrorIs(t *testing.T) {
	err := Errorf(BadName, "%s is no name.", "x y")
	if err.Error() != "x y is no name." || !err.Is(&Error{Code: BadName}) || err.Is(&Error{Code: NameTaken}) {
		t.Errorf("%+v", err)
	}
}
