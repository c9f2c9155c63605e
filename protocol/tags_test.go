package protocol

import (
	"strings"
	"testing"
)

// What a client calls its request is sent back, and kept: it has no control characters either,
// and what is refused is not sent back.
func TestTagsHaveNoControlCharacters(t *testing.T) {
	for _, key := range []string{"ref", "id", "token", "log"} {
		for value, good := range map[string]bool{
			`a1`: true, `b\u00e5 \u2028`: true, `tab\tand\nnewline`: true, strings.Repeat("x", MaxTag): true,
			`\u001b[2J`: false, `a\u0000`: false, `\r`: false, `\u007f`: false, `\u0085`: false, "\x7f": false, "a\u0085": false, strings.Repeat("x", MaxTag+1): false,
		} {
			var p Parser
			r, err := p.Parse([]byte(`{"request":"ping","` + key + `":"` + value + `"}`))
			if (err == nil) != good || err != nil && err.Code != BadRequest {
				t.Errorf("%s %q: %v", key, value, err)
			}
			if !good && r.Ref+r.ID+string(r.Token)+r.Log != "" {
				t.Errorf("%s %q is refused and there: %+v", key, value, r)
			}
		}
	}
}

// What a client may have to send back, such as the token that a server has given, is asked before.
func FuzzIsTag(f *testing.F) {
	for _, s := range []string{"", "a1", "bå \u2028", "tab\tand\nnewline", "\x1b[2J", "a\u0085", "a\xff", strings.Repeat("x", MaxTag), strings.Repeat("\ufffd", 22), strings.Repeat("\xff", 22)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var p Parser
		r, err := p.Parse(AppendRequest(nil, Request{Verb: "login", Content: Content{Text: "alice"}, Token: s, Log: s}))
		if IsTag(s) && (err != nil || r.Token != s || r.Log != s) {
			t.Errorf("%q is a tag, and comes as %q: %v", s, r.Token, err)
		}
		if err == nil && r.Token == s && !IsTag(s) {
			t.Errorf("%q is no tag, and is accepted", s)
		}
	})
}
