package protocol

import (
	"strings"
	"testing"
	"unicode/utf8"

	"parley/protocol/printable"
)

func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{
		"alice": true, "hi alice": true, "@Alice?": true, "alice's": true, "ALICE: hi": true, "(alice)": true, "-alice-": true, "hi\nalice\n": true, "\talice": true,
		"malice and alice": true, "alicealice alice": true, "blåbær, alice": true, "😀alice😀": true,
		"al\u200bice": true, "a\u00adlice": true, "\u2067alice": true, // as they are shown

		"": false, "a": false, "alic": false, "malice": false, "alice2": false, "2alice": false, "alice_x": false, "ålice": false, "æalice": false,
		"alicé": false, "alice\u0301": false, "al ice": false, "al\nice": false, "аlice": false, "x\u200balice": false, "alice\u200bx": false, "ALIſE": false,
	} {
		if got := Mentions(text, "alice"); got != want {
			t.Errorf("Mentions(%q) = %v", text, got)
		}
	}
	for _, name := range []string{"x", "7", "Alice99"} {
		if !Mentions("hi "+strings.ToUpper(name)+"!", name) || Mentions("hi "+name+"z", name) {
			t.Errorf("%s is not found as it should be", name)
		}
	}
	if Mentions("anything", "") || Mentions("", "") {
		t.Error("nobody is mentioned")
	}
}

// A text with a name in it mentions that name, and so it does in other letter cases; what
// is printed of a text mentions whom the text does.
func FuzzMentions(f *testing.F) {
	f.Add("hi ", "?", "alice")
	f.Add("x", "\u200b", "K")
	f.Add("\x1b[1m", "\u0301", "a")
	f.Fuzz(func(t *testing.T, before, after, name string) {
		if CheckName(name) != nil || !utf8.ValidString(before+after) {
			t.Skip("is refused before")
		}
		if !Mentions(before+" "+name+" "+after, name) && CheckText(before, MaxText) == nil {
			t.Errorf("%q is not mentioned between %q and %q", name, before, after)
		}
		text := before + name + after
		got := Mentions(text, name)
		for what, same := range map[string]bool{"upper case": Mentions(text, strings.ToUpper(name)), "lower case": Mentions(text, strings.ToLower(name)), "printed": Mentions(printable.Text(text), name)} {
			if same != got {
				t.Errorf("%q mentions %q: %v; %s: %v", text, name, got, what, same)
			}
		}
	})
}
