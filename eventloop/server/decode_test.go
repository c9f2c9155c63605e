package server

import (
	"fmt"
	"slices"
	"testing"

	"parley/protocol"
)

// FuzzDecode has what comes cut anywhere: the requests in it are the same, with errors in the same
// places. How many of them there are in a row depends on what comes at once.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"{\n{\"request\":\"help\"}\n", "{\"a\"\n{\"request\":\"help\"}", "hello {\"request\":\"help\"}\n\n", "\ufeff{\"request\":\"names\"} \n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", `[1] {"request":"msg","content":"{\n"}` + "\n{", "\n\n{}\n", "{{{{\n\n",
	} {
		f.Add([]byte(text), uint8(1))
		f.Add([]byte(text), uint8(5))
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		whole, parts := decodeIn(text, len(text)), decodeIn(text, int(size))
		if !slices.Equal(whole, parts) {
			t.Errorf("of %q come %q, in pieces of %d bytes %q", text, whole, size, parts)
		}
	})
}

// decodeIn returns what is made of a text that comes in pieces of a size, with one error for those
// that are in a row.
func decodeIn(text []byte, size int) (got []string) {
	sh := &shard{parser: protocol.Parser{Slim: true}}
	k := &link{scanner: *protocol.NewScanner(64)}
	for size = max(size, 1); len(text) > 0; {
		piece := text[:min(size, len(text))]
		text = text[len(piece):]
		sh.decode(k, piece, func(in input) {
			switch {
			case in.err == nil:
				got = append(got, fmt.Sprintf("%+v", in.request))
			case len(got) == 0 || got[len(got)-1] != "error":
				got = append(got, "error")
			}
		})
	}
	return got
}
