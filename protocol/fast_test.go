package protocol

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What programs send is taken, with white space wherever it may be.
func TestFast(t *testing.T) {
	tag := strings.Repeat("x", MaxTag)
	for _, frame := range []string{
		`{"request":"msg","content":"hi"}`,
		`{"request":"names","content":null}`,
		`{"request":"help"}`,
		`{"request":"dm","content":{"name":"bob","text":"hi"},"ref":"1"}`,
		`{"request":"logout","content":{}}`,
		`{"request":"msg","content":"hi","ref":"` + tag + `","id":"` + tag + `"}`,
		`{"content":"alice","request":"login","password":"blue horse","register":true,"extended":1}`,
		`{"request":"login","content":"alice","extended":true,"register":true}`,
		`{"request":"login","content":"alice","extended":1,"token":"` + tag + `","log":"` + tag + `","after":12}`,
		`{"after":0,"request":"login"}`,
	} {
		for _, blank := range []string{"", " ", "\t", "\r\n", "\n  "} {
			wide := strings.NewReplacer("{", blank+"{"+blank, "}", blank+"}"+blank, ":", blank+":"+blank, ",", blank+","+blank).Replace(frame)
			for _, slim := range []bool{true, false} {
				if r, ok := fast([]byte(wide), slim); !ok {
					t.Errorf("%q is left to jsontext: %+v", wide, r)
				}
			}
		}
	}
}

// What fast takes means what it means to jsontext.
func FuzzFast(f *testing.F) {
	for _, tt := range requestTests {
		f.Add([]byte(tt.frame))
	}
	f.Add([]byte("{\"request\":\"msg\",\"content\":\"a\n\"}"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, ok := fast(frame, false)
		if !ok {
			return
		}
		var p Parser
		want, err := p.parse(frame)
		if diff := cmp.Diff(want, r, unexported); err != nil || diff != "" {
			t.Errorf("%q: %v (-jsontext +fast):\n%s", frame, err, diff)
		}
		slim, ok := fast(frame, true)
		for _, v := range NewVerbs().List() {
			want, err := v.Parse(r.Content)
			got, err2 := v.Parse(slim.Content)
			if !ok || !slices.Equal(got, want) || (err == nil) != (err2 == nil) {
				t.Errorf("%s of %q: %q, %v, slim %q, %v", v.Name, frame, want, err, got, err2)
			}
		}
	})
}
