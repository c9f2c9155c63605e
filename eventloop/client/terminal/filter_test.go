package terminal

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// nl is what a pasted newline becomes.
const nl = string(newlineRune)

func TestFilter(t *testing.T) {
	del := string(deleteRune)
	for _, test := range []struct{ name, in, want string }{
		{"text", "grün 中 🙂", "grün 中 🙂"},
		{"NUL", "a\x00b", "ab"},
		{"control characters without a use", "a\x0f\x11\x14\x16\x18\x1c\x1d\x1e\x1fb", "ab"},
		{"control characters with a use", "\x01\x03\x04\x17\x7f\t", "\x01\x03\x04\x17\x7f\t"},
		{"enter", "a\rb\r\nc\r\rd", "a\rb\rc\r\rd"},
		{"line breaks", "a\nb\x1b\rc\x1b\nd\n\ne", "a" + nl + "b" + nl + "c" + nl + "d" + nl + nl + "e"},
		{"home", "\x1b[1~\x1b[7~\x1b[H\x1bOH", "\x01\x01\x01\x01"},
		{"end", "\x1b[4~\x1b[8~\x1b[F\x1bOF", "\x05\x05\x05\x05"},
		{"arrows", "\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA\x1bOB\x1bOC\x1bOD", "\x10\x0e\x06\x02\x10\x0e\x06\x02"},
		{"word arrows", "\x1b[1;5C\x1b[1;3D", "\x1bf\x1bb"},
		{"delete", "\x1b[3~", del},
		{"alt", "\x1bb\x1bf\x1bd\x1b\x7f", "\x1bb\x1bf\x1bd\x1b\x7f"},
		{"alt and a key without a use", "\x1bx\x1b\x03\x1bé", "x\x03é"},
		{"escape twice", "\x1b\x1b[A", "\x10"},
		{"sequences without a use", "a\x1b[5~\x1b[?1;2c\x1b[24~\x1b[I\x1b[<0;1;2M\x1b[[Ab", "ab"},
		{"a sequence that is broken off", "\x1b[1\rx\x1b[\xc3\xa9", "\rxé"},
		{"a sequence without end", "\x1b[" + strings.Repeat("1", 40) + "~", "1111111111~"},
		{"a sequence at the end", "a\x1b[", "a"},

		{"paste", "\x1b[200~one\rtwo\x1b[201~\r", "one" + nl + "two\r"},
		{"paste with every newline", "\x1b[200~1\r\n2\n3\r4\n\r5\x1b[201~", "1" + nl + "2" + nl + "3" + nl + "4" + nl + nl + "5"},
		{"paste that ends in newlines", "\x1b[200~one\r\n\n\r\x1b[201~x\r", "onex\r"},
		{"paste of newlines", "\x1b[200~\n\n\x1b[201~", ""},
		{"paste with tabs", "\x1b[200~\ta\tb\x1b[201~", "    a    b"},
		{"paste with control characters", "\x1b[200~a\x00\x03\x04\x1b[31mb\x1b\x1b[A\x7f\x1b[201~", "a[31mb[A"},
		{"paste that looks like its end", "\x1b[200~\x1b[20\x1b[201\x1b[201~\x03", "[20[201\x03"},
		{"two pastes", "\x1b[200~a\n\x1b[201~\x1b[200~b\x1b[201~", "ab"},
		{"newline behind a paste that ends in one", "\x1b[200~a\r\x1b[201~\r", "a\r"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := filtered(&filter{question: yes}, []byte(test.in)); got != test.want {
				t.Errorf("%q became %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestFilterPlain(t *testing.T) {
	in := "a\tb\r\nc\x00\x03\x1b[200~d\n\x04\x12"
	if got, want := filtered(&filter{plain: true}, []byte(in)), "a    b\rc[200~d\r"; got != want {
		t.Errorf("%q became %q, want %q", in, got, want)
	}
}

func TestFilterPasteLimit(t *testing.T) {
	in := "\x1b[200~" + strings.Repeat("x", 3*maxPaste) + "\n\ny\x1b[201~z\r"
	got := filtered(&filter{}, []byte(in))
	if want := strings.Repeat("x", maxPaste) + "z\r"; got != want {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-10:])
	}
}

// TestFilterRun checks that text which comes at once is one key for the line editor,
// and what a person types is not.
func TestFilterRun(t *testing.T) {
	f := &filter{}
	if got, want := string(f.feed([]byte(strings.Repeat("中", minRun)+"\r"), time.Time{})), string(pasteRune)+"\r"+string(drawRune); got != want {
		t.Errorf("a run became %q", got)
	}
	if got := f.take(); got.text != strings.Repeat("中", minRun) || got.burst {
		t.Errorf("the run is %+v", got)
	}
	if got, want := string(f.feed([]byte("typed\r"), time.Time{})), "typed\r"+string(drawRune); got != want {
		t.Errorf("keys became %q", got)
	}
}

// filtered returns what comes of reads: what the line editor gets, with the pastes
// in their places.
func filtered(f *filter, reads ...[]byte) string {
	var got []byte
	for _, r := range reads {
		got = append(got, f.feed(r, time.Time{})...)
	}
	if f.open() {
		got = append(got, f.end()...)
	}
	var line strings.Builder
	for _, r := range string(got) {
		switch r {
		case drawRune:
		case pasteRune:
			line.WriteString(f.take().text)
		default:
			line.WriteRune(r)
		}
	}
	return line.String()
}

// FuzzFilter checks that it does not matter how the input is cut into reads, and
// that what readline cannot bear never reaches it.
func FuzzFilter(f *testing.F) {
	f.Add([]byte("a\x1b[200~b\r\nc\x1b[201~\x1b[1~d\r\n"), byte(3), false)
	f.Add([]byte("\x1b\x1b[20\x1b[200~\x1b[20\x1b[201~\x00\x14"), byte(7), false)
	f.Add([]byte("\x1b[[A\x1bOH\x1b[3~é\r\n"), byte(1), true)
	f.Fuzz(func(t *testing.T, in []byte, size byte, plain bool) {
		// A burst is what comes in one read, so there are none here.
		f1 := func() *filter { return &filter{plain: plain, question: yes} }
		whole := filtered(f1(), in)
		if single := filtered(f1(), parts(in, 1)...); single != whole && !bytes.Contains(in, []byte("\x03")) {
			t.Fatalf("byte by byte %q became %q, at once %q", in, single, whole)
		}
		n := int(size%16) + 2
		if parted := filtered(f1(), parts(in, n)...); parted != whole && !bytes.Contains(in, []byte("\x03")) {
			t.Fatalf("in parts of %d %q became %q, at once %q", n, in, parted, whole)
		}
		typed := filtered(&filter{plain: plain}, in)
		if bytes.Count([]byte(typed), []byte("\r")) > bytes.Count([]byte(whole), []byte("\r")) {
			t.Errorf("%q has more Enters as a burst: %q, %q", in, typed, whole)
		}
		for _, bad := range []string{"\x00", "\n", "\x14", "\x1b[", "\x1bO"} {
			if strings.Contains(whole, bad) {
				t.Errorf("%q became %q, which has %q", in, whole, bad)
			}
		}
		for _, r := range whole {
			if r == drawRune || r == pasteRune {
				t.Errorf("%q became %q", in, whole)
			}
		}
		if utf8.Valid(in) && len(in) < maxPaste && !utf8.ValidString(whole) {
			t.Errorf("%q became %q, which is no UTF-8", in, whole)
		}
	})
}

func yes() bool { return true }

// parts cuts b into parts of n bytes.
func parts(b []byte, n int) [][]byte { return slices.Collect(slices.Chunk(b, n)) }
