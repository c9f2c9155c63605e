package eventloop

import "testing"

// However a beginning is cut, it is found out what it is as soon as it can be, and no later
// piece makes anything else of it.
func FuzzHello(f *testing.F) {
	for _, s := range []string{"", "\x16", "\x16\x03\x01\x00\x02\x01\x00", "\x16\x03\x01\x00\x00", "GET / HTTP/1.1\r\n", "{}", "\x16\x02", "\x80\x2e\x01\x03\x01"} {
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		want := len(b) == 0 || b[0] == 22 && (len(b) == 1 || b[1] == 3)
		wantWhole := want && len(b) >= 5 && len(b)-5 >= int(b[3])*256+int(b[4])
		h := newHandshake()
		for rest := b; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			h.put(rest[:n])
			rest = rest[n:]
			whole, isTLS := h.hello()
			if want && !isTLS || whole && !wantWhole {
				t.Fatalf("after %d bytes of %q: whole %v, TLS %v", len(b)-len(rest), b, whole, isTLS)
			}
		}
		if whole, isTLS := h.hello(); whole != wantWhole || isTLS != want {
			t.Errorf("%q: whole %v, TLS %v", b, whole, isTLS)
		}
	})
}
