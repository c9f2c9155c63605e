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
