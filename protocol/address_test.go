package protocol

import "testing"

func TestParseAddress(t *testing.T) {
	for word, want := range map[string]string{
		"203.0.113.7": "203.0.113.7/32", "203.0.113.7/24": "203.0.113.0/24", "0.0.0.0/0": "0.0.0.0/0",
		"2001:db8::1": "2001:db8::1/128", "2001:DB8:0:0::1/32": "2001:db8::/32", "::ffff:203.0.113.7": "203.0.113.7/32",
		"::ffff:203.0.113.7/120": "203.0.113.0/24", "::/0": "::/0",
	} {
		if got, err := ParseAddress(word); err != nil || got.String() != want || !IsAddress(word) {
			t.Errorf("%s: %v, %v", word, got, err)
		}
	}
	for _, word := range []string{"", "bob", "203.0.113", "203.0.113.7/33", "203.0.113.7/-1", "203.0.113.7:80", "[::1]", "fe80::1%eth0", "fe80::1%eth0/64", "::ffff:203.0.113.7/95", "1.2.3.4/08", "a.b", "/24"} {
		if got, err := ParseAddress(word); err == nil {
			t.Errorf("%q is %v", word, got)
		}
	}
	for _, name := range []string{"bob", "10", "deadbeef", ""} {
		if IsAddress(name) {
			t.Errorf("%q may be a name", name)
		}
	}
}

// What is an address is one however it is written, and what is read can be read again.
func FuzzParseAddress(f *testing.F) {
	for _, word := range []string{"203.0.113.7", "::ffff:203.0.113.7/120", "2001:db8::/32", "fe80::1%a", "1.2.3.4/33"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		prefix, err := ParseAddress(word)
		if err != nil {
			return
		}
		again, err := ParseAddress(prefix.String())
		if err != nil || again != prefix || prefix != prefix.Masked() || !IsAddress(word) {
			t.Errorf("%q is %v, and that is %v, %v", word, prefix, again, err)
		}
	})
}
