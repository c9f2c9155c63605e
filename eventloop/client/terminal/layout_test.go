package terminal

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestNewPrompt(t *testing.T) {
	for _, test := range []struct{ in, text, seen string }{
		{"", "", ""},
		{"#go> ", "#go> ", "#go> "},
		{"\x1b[1;32mann\x1b[0m> ", "\x1b[1;32mann\x1b[0m> \x1b[0m", "ann> "},
		{"中🙂> ", "中🙂> ", "中🙂> "},
		{"a\x1b", "a", "a"},
		{"a\x1b[2Jb\rc\nd\x07\u009be\u202e", "a[2Jbcde", "a[2Jbcde"},
		{"\x1b\x1b[31m", "\x1b[31m\x1b[0m", ""},
		{"\U0001F468\u200d\U0001F469\ufe0f\U0001F3FD", "\U0001F468\U0001F469", "\U0001F468\U0001F469"},
	} {
		p := newPrompt(test.in)
		if p.text != test.text || string(p.runes) != test.seen {
			t.Errorf("%q became %q, seen %q, want %q, %q", test.in, p.text, string(p.runes), test.text, test.seen)
		}
	}
}

func TestCleanTitle(t *testing.T) {
	if got := cleanTitle("a\x1b]0;x\a\u009cb\nc"); got != "a]0;xbc" {
		t.Errorf("title %q", got)
	}
	if got := cleanTitle(strings.Repeat("ä", 500)); got != strings.Repeat("ä", maxTitle) {
		t.Errorf("title of %d bytes", len(got))
	}
}

func TestEncodeDecode(t *testing.T) {
	text := "one\n\n  two 🙂"
	if got := decode(encode(text)); got != text {
		t.Errorf("%q came back as %q", text, got)
	}
	if got := encode("a\nb\r\x1bc\u0085" + string(deleteRune)); got != "a"+nl+"bc" {
		t.Errorf("encoded as %q", got)
	}
}

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		before, behind string
		room           int
		want           string // with | for the cursor
	}{
		{"abc", "def", 6, "abc|def"},
		{"abcdefgh", "", 4, "…fgh|"},
		{"", "abcdefgh", 4, "|abc…"},
		{"abcdefgh", "ijklmnop", 8, "…defgh|i…"},
		{"a", "bcdefgh", 4, "a|bc…"},
		{"中文中文", "", 5, "…中文|"},
		{"中文中文", "", 4, "…文|"},
	} {
		before, behind := window([]rune(test.before), []rune(test.behind), test.room)
		if got := string(before) + "|" + string(behind); got != test.want {
			t.Errorf("%s|%s in %d is %s, want %s", test.before, test.behind, test.room, got, test.want)
		}
	}
}

// TestScreen draws at random and compares with a screen on which the lines were
// printed and the line drawn once.
func TestScreen(t *testing.T) {
	alphabet := []rune("abc 中文🙂e\u0301\u200d" + nl)
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		columns, rows := 2+random.IntN(12), 3+random.IntN(10)
		v, s := testScreen(columns, rows)
		s.begin("")
		var line []rune
		pos := 0
		for range 60 {
			switch random.IntN(8) {
			case 0:
				s.show(0, text(strings.Repeat("printed", random.IntN(3))))
			case 1:
				s.setPrompt(strings.Repeat("p", random.IntN(columns+3)) + "\x1b[1m>")
			case 2:
				pos = random.IntN(len(line) + 1)
			case 3:
				line = slices.Clone(line[:pos])
			default:
				line = slices.Insert(slices.Clone(line), pos, alphabet[random.IntN(len(alphabet))])
				pos++
			}
			s.update(line, pos, "")

			once, fresh := testScreen(columns, rows)
			fresh.fit(false)
			fresh.prompt, fresh.open, fresh.line, fresh.pos = s.prompt, true, line, pos
			once.feed([]byte(fresh.draw()))
			drawn := v.screen[max(0, v.row-once.row):]
			for i := range once.row + 1 {
				if !slices.Equal(drawn[i].cells, once.screen[i].cells) || v.column != once.column {
					t.Fatalf("seed %d, %d×%d: the screen is\n%s\ncursor in %d; the line alone\n%s\ncursor in %d",
						seed, columns, rows, v, v.column, once, once.column)
				}
			}
		}
		s.end(byEnter)
		if v.column != 0 || v.line(v.row) != "" || strings.ContainsAny(v.String(), ">中🙂↵") {
			t.Fatalf("seed %d, %d×%d: left behind\n%s", seed, columns, rows, v)
		}
		if len(v.unknown) > 0 {
			t.Fatalf("unknown sequences: %q", v.unknown)
		}
	}
}

// TestScreenClosed checks that what the other goroutines still do is not seen.
func TestScreenClosed(t *testing.T) {
	v, s := testScreen(20, 5)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	s.begin("")
	s.update([]rune("line"), 4, "")
	s.setPrompt("prompt")
	s.setTitle("title")
	s.suspend()
	s.clear()
	s.redraw()
	s.resized()
	s.continued()
	s.end(byEnter)
	if got := string(v.all); got != pasteOn+pasteOff {
		t.Errorf("written: %q", got)
	}
}

func TestList(t *testing.T) {
	if got := list([]string{"ann", "b\x1bo\nb"})(80); !slices.Equal(got, []string{"ann  bob"}) {
		t.Errorf("list %q", got)
	}
	if got := list([]string{"/join ", "中文字", "a candidate wider than the screen"})(9); !slices.Equal(got, []string{"/join", "中文字", "a candid…"}) {
		t.Errorf("list %q", got)
	}
	want := strings.Repeat("x  ", maxListed) + "… 7 more"
	if got := list(slices.Repeat([]string{"x"}, maxListed+7))(1000); !slices.Equal(got, []string{want}) {
		t.Errorf("list %q", got)
	}
}

// text is a block of one row that nothing wraps.
func text(row string) func(int) []string {
	return func(int) []string { return []string{row} }
}

// testScreen returns a screen and what is seen of it.
func testScreen(columns, rows int) (*vt, *screen) {
	v := newVT(columns, rows)
	return v, &screen{clock: systemClock{}, device: Device{
		Out:  tty{v},
		Raw:  func() (func() error, error) { return func() error { return nil }, nil },
		Size: func() (int, int) { return v.columns, v.rows },
	}}
}

// tty makes CR LF of LF on the way to a screen, as the kernel does.
type tty struct{ v *vt }

func (w tty) Write(b []byte) (int, error) {
	w.v.feed([]byte(strings.ReplaceAll(string(b), "\n", "\r\n")))
	return len(b), nil
}
