package web

import (
	"encoding/json"
	"strings"
	"testing"
)

// words are a tree as one reads it, with what is a link or one's own name in brackets.
func words(t *testing.T, tree any) string {
	t.Helper()
	b, err := json.Marshal(tree)
	var all any
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read(all)
}

func read(tree any) string {
	switch tree := tree.(type) {
	case string:
		return tree
	case []any:
		spec, named := "", false
		if len(tree) > 0 {
			spec, named = tree[0].(string)
		}
		var all strings.Builder
		for _, kid := range tree[min(1, len(tree)):] {
			all.WriteString(read(kid))
		}
		switch {
		case !named:
			return read(append([]any{"list"}, tree...))
		case spec == "a", spec == "span.me":
			return "<" + all.String() + ">"
		}
		return all.String()
	}
	return ""
}

func TestLinksAndNamesAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"see https://a.example/x.":                           "see <https://a.example/x>.",
		"(https://a.example/a_(b))":                          "(<https://a.example/a_(b)>)",
		"javascript:alert(1) data:x ftp://y":                 "javascript:alert(1) data:x ftp://y",
		"https://":                                           "https://",
		"HTTPS://A.example and more":                         "<HTTPS://A.example> and more",
		"@alice and Alice, not malice or alice2":             "<@alice> and <Alice>, not malice or alice2",
		"alicealice alice":                                   "alicealice <alice>",
		"x@alice ßalice alice_ alice.":                       "x@<alice> ßalice alice_ <alice>.",
		"https://a.example/alice":                            "<https://a.example/alice>",
		"https://a.example/\u00abquoted\u00bb":               "<https://a.example/>\u00abquoted\u00bb",
		"https://a.example/\u3000wide":                       "<https://a.example/>\u3000wide",
		"https://x/" + strings.Repeat("y", longestLink):      "https://x/" + strings.Repeat("y", longestLink),
		"https://" + strings.Repeat(".", 1500) + " is empty": "https://" + strings.Repeat(".", 1500) + " is empty",
	} {
		if got := words(t, el("p", rich(text, "alice"))); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
	many := strings.Repeat("https://a.example/ ", mostLinks+5)
	if got := strings.Count(words(t, el("p", rich(many, ""))), "<"); got != mostLinks {
		t.Errorf("%d links of a text can be clicked", got)
	}
}

// Whatever stands in a text, it is shown whole, and a link is of the web.
func FuzzRich(f *testing.F) {
	f.Add("see https://a.example/(x). and @bob", "bob")
	f.Add("https://https://\x00bob\xffbob", "b")
	f.Fuzz(func(t *testing.T, text, me string) {
		text, me = strings.ToValidUTF8(text, ""), strings.ToValidUTF8(me, "")
		var whole strings.Builder
		for _, kid := range flat(rich(text, me)) {
			n, ok := kid.(node)
			if !ok {
				whole.WriteString(kid.(string))
				continue
			}
			whole.WriteString(n[len(n)-1].(string))
			if a, ok := n[1].(at); ok && !strings.HasPrefix(strings.ToLower(a["href"].(string)), "http") {
				t.Errorf("%q has a link to %q", text, a["href"])
			}
		}
		if whole.String() != text {
			t.Errorf("%q is shown as %q", text, whole.String())
		}
	})
}
