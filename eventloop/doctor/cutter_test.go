package doctor

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cut returns the values of a stream that comes in pieces, each behind what was before it.
func cut(pieces ...string) (list []string) {
	var c Cutter
	for _, p := range pieces {
		for _, v := range c.Push([]byte(p)) {
			list = append(list, string(v.Before)+"|"+string(v.Raw))
		}
	}
	return append(list, string(c.Behind()))
}

func TestCutter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want []string
	}{
		{[]string{`{"a":1}{"b":2}`}, []string{`|{"a":1}`, `|{"b":2}`, ""}},
		{[]string{"hi {\"a\":\"}\\\"{\"}\r\n", `[1,{"x":[]}] `}, []string{`hi |{"a":"}\"{"}`, "\r\n|" + `[1,{"x":[]}]`, " "}},
		{[]string{"{", `"a`, `":{}`, "}", "\n"}, []string{`|{"a":{}}`, "\n"}},
		{[]string{"} words", " and more"}, []string{"} words and more"}},
		{[]string{`"a { in a string that is no value"`}, []string{`"a `}}, // as every reader that looks for braces
	} {
		if diff := cmp.Diff(c.want, cut(c.in...)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.in, diff)
		}
	}
}

// However a stream is cut, the values are the same, and no byte is lost.
func FuzzCutter(f *testing.F) {
	f.Add([]byte(`x {"a":"\"}"} [1]`), 3)
	f.Add([]byte("}]{{\"\\"), 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n <= 0 {
			n = 1
		}
		var whole, pieces Cutter
		values := whole.Push(b)
		var again []Value
		for rest := b; len(rest) > 0; {
			k := min(n, len(rest))
			again = append(again, pieces.Push(rest[:k])...)
			rest = rest[k:]
		}
		if diff := cmp.Diff(values, again); diff != "" {
			t.Fatalf("(-whole +pieces)\n%s", diff)
		}
		var all []byte
		for _, v := range values {
			all = append(append(all, v.Before...), v.Raw...)
		}
		if all = append(append(all, whole.between...), whole.buf...); !bytes.Equal(all, b) {
			t.Fatalf("%q became %q", b, all)
		}
	})
}
