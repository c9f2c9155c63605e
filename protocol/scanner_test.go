package protocol

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scan pushes a stream, cut into pieces, through one Scanner. It returns what
// comes out in its order: frames as they are, errors as "! code".
func scan(t testing.TB, max int, pieces ...string) []string {
	t.Helper()
	s := NewScanner(max)
	out := []string{}
	for _, piece := range pieces {
		for b := []byte(piece); len(b) > 0; {
			frame, n, err := s.Scan(b)
			if frame == nil && err == nil && n < len(b) {
				t.Fatalf("Scan stopped at byte %d of %q without a reason", n, b)
			}
			if err != nil {
				out = append(out, "! "+string(err.Code))
			}
			if frame != nil {
				out = append(out, string(frame))
			}
			if len(frame) > max || s.Pending() > max {
				t.Fatalf("frame of %d bytes, %d pending, at most %d allowed", len(frame), s.Pending(), max)
			}
			b = b[n:]
		}
	}
	return out
}

// cut cuts a stream in front of the given places.
func cut(stream string, places ...int) []string {
	var pieces []string
	done := 0
	for _, p := range places {
		pieces = append(pieces, stream[done:p])
		done = p
	}
	return append(pieces, stream[done:])
}

// bytewise cuts a stream into single bytes.
func bytewise(stream string) []string {
	pieces := make([]string, len(stream))
	for i := range pieces {
		pieces[i] = stream[i : i+1]
	}
	return pieces
}

const (
	bad   = "! bad_json"
	large = "! too_large"
	help  = `{"request":"help","content":null}`
)

func TestScanner(t *testing.T) {
	tests := []struct {
		name   string
		stream string
		want   []string
	}{
		// Framing: the standard has none, so every client has its own.
		{"nothing", "", nil},
		{"white space only", " \r\n\t\n", nil},
		{"object and nothing behind it", help, []string{help}},
		{"glued", help + `{"request":"names"}` + help, []string{help, `{"request":"names"}`, help}},
		{"a line each", help + "\n" + help + "\n", []string{help, help}},
		{"CRLF", help + "\r\n" + help + "\r\n", []string{help, help}},
		{"white space before and between", " \t\n" + help + " \r\n\t " + help, []string{help, help}},
		{"pretty-printed", "{\n    \"request\": \"msg\",\n    \"content\": {\n        \"text\": \"hi\"\n    }\n}\n" + help,
			[]string{"{\n    \"request\": \"msg\",\n    \"content\": {\n        \"text\": \"hi\"\n    }\n}", help}},
		{"unfinished", help + `{"request":"he`, []string{help}},
		{"empty object and array", "{}[]", []string{"{}", "[]"}},
		{"array", `[{"a":[1,2]},"x"]` + help, []string{`[{"a":[1,2]},"x"]`, help}},
		{"every kind of value", `{"a":[1,-2.5e+3,true,false,null,"",{},[]],"b":{"c":"d"}}`,
			[]string{`{"a":[1,-2.5e+3,true,false,null,"",{},[]],"b":{"c":"d"}}`}},

		// Strings may hold anything but raw control characters.
		{"brackets in a string", `{"content":"a}{][ smile :-}"}` + help, []string{`{"content":"a}{][ smile :-}"}`, help}},
		{"brackets in a key", `{"a}{":1}` + help, []string{`{"a}{":1}`, help}},
		{"escaped quotes and backslashes", `{"content":"say \"hi\" \\"}` + help, []string{`{"content":"say \"hi\" \\"}`, help}},
		{"UTF-8", `{"content":"blåbærsyltetøy 你好 😀"}`, []string{`{"content":"blåbærsyltetøy 你好 😀"}`}},
		{"bytes that are no UTF-8 are for the decoder", "{\"content\":\"\xff\xfe\"}", []string{"{\"content\":\"\xff\xfe\"}"}},
		{"DEL is no control character of JSON", "{\"content\":\"\x7f\"}", []string{"{\"content\":\"\x7f\"}"}},

		{"words and escapes that are none are for the decoder", `{"a":[azAZ09],"b":"\ "}` + help, []string{`{"a":[azAZ09],"b":"\ "}`, help}},

		// After bad input it goes on at the next newline ...
		{"words, then a line", "hello there\n" + help, []string{bad, help}},
		{"two lines of words", "hello\nthere\n" + help, []string{bad, bad, help}},
		{"newline in a string", `{"request":"msg","content":"two` + "\n" + help, []string{bad, help}},
		{"newline behind a backslash", `{"content":"two\` + "\n" + help, []string{bad, help}},
		{"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", []string{bad, bad}},
		{"number", "42\n" + help, []string{bad, help}},
		{"string", `"login"` + "\n" + help, []string{bad, help}},
		{"null", "null\n" + help, []string{bad, help}},

		// ... or where the brackets of the bad object are balanced ...
		{"value missing, then glued", `{"request":"msg","content":}` + help, []string{bad, help}},
		{"key missing, then glued", `{"request":"msg",}` + help, []string{bad, help}},
		{"key without quotes, then glued", `{request:"msg"}` + help, []string{bad, help}},
		{"number for a key, then glued", `{5:"msg"}` + help, []string{bad, help}},
		{"comma missing, then glued", `{"a":"b" "c":"d"}` + help, []string{bad, help}},
		{"comma at the end of an array, then glued", `{"a":[1,]}` + help, []string{bad, help}},
		{"colon missing, then glued", `{"a" "b"}` + help, []string{bad, help}},
		{"single quotes, then glued", `{'request':'help'}` + help, []string{bad, help}},
		{"brackets in a string of a bad object", `{"a":!,"b":"}\"}"}` + help, []string{bad, help}},
		{"control character in a string, then glued", "{\"content\":\"a\x00b}\"}" + help, []string{bad, help}},
		{"tab in a string, then glued", "{\"content\":\"a\tb\"}" + help, []string{bad, help}},
		{"control character behind a backslash", "{\"content\":\"a\\\x01}\"}" + help, []string{bad, help}},
		{"wrong bracket, end of line", `{"a":]` + "\n" + help, []string{bad, help}},
		{"wrong bracket closes", `{"a":]` + help, []string{bad, help}},
		{"wrong closing bracket", `{"a":[1}` + "\n" + help, []string{bad, help}},
		{"closing bracket without an object", "}" + help + "]" + help, []string{bad, help, bad, help}},

		// ... or at the next '{' behind words.
		{"words glued", "hello" + help, []string{bad, help}},
		{"number glued", "42" + help, []string{bad, help}},
		{"byte order mark", "\ufeff" + help, []string{bad, help}},
		{"words with an array", `say [{"a":1}]` + help, []string{bad, help}},

		// A '{' at the beginning of a line begins a frame where the one before
		// it cannot go on with it.
		{"cut off behind the brace", "{\n" + help, []string{bad, help}},
		{"cut off in a key", `{"requ` + "\n" + help, []string{bad, help}},
		{"cut off behind a key", `{"request"` + "\n" + help, []string{bad, help}},
		{"cut off behind a value", `{"request":"msg"` + "\n" + help, []string{bad, help}},
		{"cut off in a number", `{"request":12` + "\r\n" + help, []string{bad, help}},
		{"cut off behind a comma", `{"request":"msg",` + "\n" + help, []string{bad, help}},
		{"cut off twice", `{"request":"msg",` + "\n" + `{"request":"msg",` + "\n" + help, []string{bad, bad, help}},
		{"within a line it does not", `{"a":"b" {"request":"help"}}` + help, []string{bad, help}},
		{"indented it does not", "{\"a\":\"b\"\n {\"request\":\"help\"}\n" + help, []string{bad, help}},
		{"two levels deep", `{"content":{"text":"hi"` + "\n" + help, []string{bad, help}},

		// Where a value is awaited the next line can be that value, so that it
		// is lost together with the frame that was cut off; the one after it is not.
		{"cut off behind a colon", `{"content":` + "\n" + help + "\n" + help, []string{bad, help}},
		{"cut off behind a bracket", "[\n" + help + "\n" + help, []string{bad, help}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := append([]string{}, tt.want...)
			if diff := cmp.Diff(want, scan(t, MaxFrame, tt.stream)); diff != "" {
				t.Errorf("in one piece (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, scan(t, MaxFrame, bytewise(tt.stream)...)); diff != "" {
				t.Errorf("one byte at a time (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScannerNesting(t *testing.T) {
	nested := func(depth int) string {
		return `{"a":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + "}"
	}
	bomb := nested(20000)
	for _, tt := range []struct {
		name   string
		stream string
		want   []string
	}{
		{"as deep as allowed", nested(MaxDepth) + help, []string{nested(MaxDepth), help}},
		{"one too deep", nested(MaxDepth+1) + help, []string{large, help}},
		{"bomb", bomb + help, []string{large, help}},
		{"bomb that never closes", bomb[:20000] + "\n" + help, []string{large, help}},
		{"bomb of lines", strings.Repeat("{\"a\":\n", MaxDepth) + help + "\n" + help, []string{large, help, help}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, scan(t, MaxFrame, tt.stream)); diff != "" {
				t.Errorf("in one piece (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, scan(t, MaxFrame, bytewise(tt.stream)...)); diff != "" {
				t.Errorf("one byte at a time (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScannerSize(t *testing.T) {
	const max = 40
	// text returns a frame of the given size.
	text := func(size int) string {
		return `{"content":"` + strings.Repeat("x", size-len(`{"content":""}`)) + `"}`
	}
	for _, tt := range []struct {
		name   string
		stream string
		want   []string
	}{
		{"as large as allowed", text(max) + help, []string{text(max), help}},
		{"one byte too large", text(max+1) + help, []string{large, help}},
		{"long string", text(1000) + help, []string{large, help}},
		{"long string that ends with the line", text(1000)[:900] + "\n" + help, []string{large, help}},
		{"brackets behind the limit", text(max) + text(max + 30)[:max] + `}]\"}{"}` + help, []string{text(max), large, help}},
		{"escaped quote over the limit", text(max + 1)[:max-1] + `\"}"}` + help, []string{large, help}},
		{"escaped quote at the limit", text(max + 1)[:max-2] + `\"}"}` + help, []string{large, help}},
		{"many values", "[" + strings.Repeat("1,", 500) + "1]" + help, []string{large, help}},
		{"white space inside", `{"a":` + strings.Repeat(" ", max) + "1}" + help, []string{large, help}},
		{"white space between does not count", strings.Repeat(" ", 10*max) + help, []string{help}},
		{"words do not count", strings.Repeat("x", 10*max) + help, []string{bad, help}},
		{"cut off at the limit, then a line", text(max)[:max-1] + "\n" + help, []string{large, help}},
		{"cut off at the limit where a value is awaited", `{"a":` + strings.Repeat(" ", max-6) + "\n" + help, []string{large, help}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, scan(t, max, tt.stream)); diff != "" {
				t.Errorf("in one piece (-want +got):\n%s", diff)
			}
			for i := range tt.stream {
				if diff := cmp.Diff(tt.want, scan(t, max, cut(tt.stream, i)...)); diff != "" {
					t.Errorf("cut at byte %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

func TestScannerSaysWhereItStands(t *testing.T) {
	s := NewScanner(100)
	for _, step := range []struct {
		in             string
		idle, skipping bool
	}{
		{" \n", true, false}, {`{"a`, false, false}, {`\`, false, false}, {`\":1}`, true, false},
		{"words", false, true}, {"\n", true, false}, {`{"a":!"`, false, true}, {`\`, false, true}, {`""}`, true, false},
	} {
		for b := []byte(step.in); len(b) > 0; {
			_, n, _ := s.Scan(b)
			b = b[n:]
		}
		if s.Idle() != step.idle || s.Skipping() != step.skipping {
			t.Errorf("after %q: idle %v, skipping %v", step.in, s.Idle(), s.Skipping())
		}
	}
}

// An unfinished frame must not cost more than it says.
func TestScannerKeepsOnlyTheUnfinishedFrame(t *testing.T) {
	s := NewScanner(MaxFrame)
	steps := []struct {
		in      string
		pending int
	}{
		{"  \n", 0},
		{help, 0},
		{help + `{"a"`, 4},
		{`:1`, 6},
		{"}", 0},
		{`{"content":"` + strings.Repeat("x", MaxFrame), 0}, // given up, not kept
		{strings.Repeat("x", MaxFrame), 0},
		{"\n" + help + "{", 1},
	}
	for _, step := range steps {
		for b := []byte(step.in); len(b) > 0; {
			_, n, _ := s.Scan(b)
			b = b[n:]
		}
		if s.Pending() != step.pending {
			t.Errorf("after %.20q: %d bytes pending, want %d", step.in, s.Pending(), step.pending)
		}
	}
}

// Another limit holds from then on, also for the frame that has begun. A frame of exactly that
// many bytes passes, in one piece or byte by byte; what stands around it does not count.
func TestScannerLimit(t *testing.T) {
	frame := `{"request":"msg","content":"hello"}`
	for _, pieces := range [][]string{{frame}, bytewise(frame), {frame[:1], frame[1:]}, {frame[:len(frame)-1], "}"}} {
		for most, want := range map[int]string{len(frame): frame, len(frame) - 1: large} {
			s := NewScanner(MaxFrame)
			got := ""
			for i, piece := range pieces {
				if i == len(pieces)-1 {
					s.Limit(most)
				}
				if frame, _, err := s.Scan([]byte(piece)); err != nil {
					got = "! " + string(err.Code)
					checkError(t, err, TooLarge, fmt.Sprintf("at most %d bytes in one piece", most))
				} else if frame != nil {
					got = string(frame)
				}
			}
			if got != want {
				t.Errorf("%d pieces, at most %d bytes: %q, want %q", len(pieces), most, got, want)
			}
		}
	}
}

// A frame that came in pieces is memory of its own: the caller's buffer is used
// again for the next read.
func TestScannerGivesUpItsBuffer(t *testing.T) {
	s := NewScanner(MaxFrame)
	names := `{"request":"names"}` // shorter than what append makes room for
	var first []byte
	for i := range names {
		buf := []byte(names[i : i+1])
		first, _, _ = s.Scan(buf)
		buf[0] = 'x'
	}
	s.Scan([]byte(`{"request":"help"`))
	s.Scan([]byte("}"))
	if string(first) != names {
		t.Errorf("frame became %q", first)
	}
}

func TestScannerAllocatesNothingForAWholeFrame(t *testing.T) {
	s := NewScanner(MaxFrame)
	b := []byte(help)
	if n := testing.AllocsPerRun(100, func() { s.Scan(b) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleScanner() {
	s := NewScanner(MaxFrame)
	b := []byte(`{"request":"login","content":"alice"}{"request":"help"}` + "\nhello\n" + `{"request":`)
	for len(b) > 0 {
		frame, n, err := s.Scan(b)
		switch {
		case err != nil:
			fmt.Println(err.Code)
		case frame != nil:
			fmt.Printf("%s\n", frame)
		}
		b = b[n:]
	}
	fmt.Println(s.Pending(), "bytes of the next frame")
	// Output:
	// {"request":"login","content":"alice"}
	// {"request":"help"}
	// bad_json
	// 11 bytes of the next frame
}

// What skipOrdinary finds in eight bytes at once is what it finds one by one.
func TestSkipOrdinary(t *testing.T) {
	for _, around := range []byte{'a', ' ', '!', '#', '[', ']', 0x7f, 0x80, 0xa2, 0xdc, 0xff} {
		for at := range 20 {
			for c := range 256 {
				b := bytes.Repeat([]byte{around}, 20)
				b[at] = byte(c)
				want := len(b)
				if c < ' ' || c == '"' || c == '\\' {
					want = at
				}
				if got := skipOrdinary(b, 0); got != want {
					t.Fatalf("%q: %d, want %d", b, got, want)
				}
				if got := skipOrdinary(string(b[at:]), 0); got != want-at {
					t.Fatalf("%q: %d, want %d", b[at:], got, want-at)
				}
			}
		}
	}
}
