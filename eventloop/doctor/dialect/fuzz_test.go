package dialect

import (
	"slices"
	"testing"

	"parley/eventloop/doctor"
)

// Whatever a client sends, what is taken for a request of it is made of its bytes, and the words of
// the specification only are taken for one.
func FuzzReadRequest(f *testing.F) {
	for _, sent := range []string{
		`{"request":"login","content":"alice"}`, `{"REQUEST":"MSG","Content":null}`, `{"type":"msg","text":"hello"}`, `{"content":"names","request":"names"}`, `["login","alice"]`,
		`{"request":{"request":"login"},"content":["a"]}`, `{"request":"login","request":"logout"}`, `{"":"","a":{"b":[1,2,{"c":"d"}]}}`, `{"request":"login"`, `{]`, "{}\x00{}", `{"request":"\ud800"}`,
	} {
		f.Add([]byte(sent))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		var cutter doctor.Cutter
		for _, v := range cutter.Push(sent) {
			q := readRequest(v)
			if q.Broken != (v.V == nil) || q.Verb != "" && !slices.Contains(Verbs, q.Verb) {
				t.Fatalf("%q is %+v", v.Raw, q)
			}
			for _, key := range []string{q.VerbKey, q.TextKey} {
				if key != "" && !slices.Contains(q.Keys, key) {
					t.Fatalf("%q has no key %q but %q", v.Raw, key, q.Keys)
				}
			}
		}
	})
}
