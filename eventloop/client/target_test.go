package client

import (
	"errors"
	"strings"
	"testing"

	"parley/protocol"
)

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]string{ // name network address label, and tls if it is to be
		"":                          " tcp localhost:9998 localhost",
		"localhost":                 " tcp localhost:9998 localhost",
		"alice@localhost":           "alice tcp localhost:9998 localhost",
		"alice@example.org:1234":    "alice tcp example.org:1234 example.org:1234",
		"example.org:9998":          " tcp example.org:9998 example.org",
		":1234":                     " tcp localhost:1234 localhost:1234",
		"alice@[::1]":               "alice tcp [::1]:9998 ::1",
		"[::1]:1234":                " tcp [::1]:1234 [::1]:1234",
		"[fe80::1%eth0]:1234":       " tcp [fe80::1%eth0]:1234 [fe80::1%eth0]:1234",
		"10.0.0.1":                  " tcp 10.0.0.1:9998 10.0.0.1",
		"unix:/run/parley.sock":     " unix /run/parley.sock parley.sock",
		"bob@unix:/tmp/a@b/c.sock":  "bob unix /tmp/a@b/c.sock c.sock",
		"unix:chat":                 " unix chat chat",
		"alice@unix:relative/x.sck": "alice unix relative/x.sck x.sck",

		"parleys://":                         " tcp localhost:9999 localhost tls",
		"parleys://example.org":              " tcp example.org:9999 example.org tls",
		"parleys://example.org/":             " tcp example.org:9999 example.org tls",
		"parleys://alice@example.org:9999":   "alice tcp example.org:9999 example.org tls",
		"parleys://alice@example.org:9998":   "alice tcp example.org:9998 example.org:9998 tls",
		"parleys://[::1]":                    " tcp [::1]:9999 ::1 tls",
		"parleys://bob@[fe80::1%eth0]:1234/": "bob tcp [fe80::1%eth0]:1234 [fe80::1%eth0]:1234 tls",
	} {
		got, err := ParseTarget(in)
		s := strings.Join([]string{got.Name, got.Network, got.Address, got.Label}, " ")
		if got.TLS {
			s += " tls"
		}
		if s != want || err != nil {
			t.Errorf("%q is %q (%v), not %q", in, s, err, want)
		}
	}
	for in, want := range map[string]string{
		"al!ce@localhost":                      "letters",
		"@localhost":                           "name",
		"alice@":                               "host",
		"alice@bob@host":                       "not a host",
		"http://example.org":                   "not a port",
		"host/path":                            "not a host",
		"two words":                            "not a host",
		"localhost:":                           "port",
		"localhost:x":                          "port",
		"localhost:0":                          "port",
		"localhost:65536":                      "port",
		"[::1":                                 "brackets",
		"[::1]x":                               "brackets",
		"[nonsense]":                           "brackets",
		"[::1]:":                               "port",
		"::1":                                  "[::1]",
		"alice@2001:db8::1":                    "[2001:db8::1]",
		"unix:":                                "path",
		"alice@unix:":                          "path",
		"parleys://unix:/run/parley.sock":      "does not leave this machine",
		"parleys://alice@":                     "host",
		"parleys://host/path":                  "not a host",
		"parleys://host:":                      "port",
		"alice@parleys://host:9999":            "parleys://alice@host:9999",
		strings.Repeat("a", 33) + "@localhost": "too long",
	} {
		_, err := ParseTarget(in)
		var e *Error
		if !errors.As(err, &e) || e.Reason != BadUse || !strings.Contains(e.Text, want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// --tls makes of a target what parleys:// does.
func TestTargetWithTLS(t *testing.T) {
	for _, address := range []string{"", "alice@example.org", "alice@example.org:9998", "[::1]:1234", "bob@:9999"} {
		plain, err := ParseTarget(address)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plain.WithTLS()
		want, wrong := ParseTarget(tlsPrefix + address)
		if got != want || err != nil || wrong != nil {
			t.Errorf("%q: %+v (%v), not %+v (%v)", address, got, err, want, wrong)
		}
		if again, err := ParseTarget(got.secureWords(got.Name)); err != nil || again.Address != got.Address || again.Name != got.Name || !again.TLS {
			t.Errorf("%q is typed as %s, which is %+v (%v)", address, got.secureWords(got.Name), again, err)
		}
	}
}

// A server that had TLS is looked for at the port that was given, else at both usual ones.
func TestTargetThatMayHaveTLS(t *testing.T) {
	for address, want := range map[string]string{
		"alice@example.org":      "parleys://alice@example.org:9999 parleys://alice@example.org:9998",
		"alice@example.org:9998": "parleys://alice@example.org:9998 parleys://alice@example.org:9998",
		"[::1]:1234":             "parleys://[::1]:1234 parleys://[::1]:1234",
	} {
		plain, err := ParseTarget(address)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, secure := range plain.Secured() {
			got = append(got, secure.secureWords(secure.Name))
		}
		if words := strings.Join(got, " "); words != want {
			t.Errorf("%q: %s, not %s", address, words, want)
		}
	}
}

// Behind commas stand other machines of the same server.
func TestParseTargets(t *testing.T) {
	for in, want := range map[string]string{
		"alice@one,two:1234,[::1]":  "alice@one:9998 alice@two:1234 alice@[::1]:9998",
		"one,two":                   "@one:9998 @two:9998",
		"parleys://alice@one,two/":  "alice@one:9999 alice@two:9999",
		"alice@one":                 "alice@one:9998",
		"alice@unix:/run/one,two":   "alice@/run/one,two",
		"unix:/run/one,two@three":   "@/run/one,two@three",
		"alice@one,":                "BadUse A host is missing",
		"alice@,two":                "BadUse A host is missing",
		"alice@one,two words,three": `BadUse "two words" is not a host`,
		"al!ce@one,two":             "BadUse",
		"alice@one,bob@two":         "BadUse",
	} {
		got, err := ParseTargets(in)
		var words []string
		for _, one := range got {
			words = append(words, one.Name+"@"+one.Address)
			if one.Others != len(got)-1 || one.TLS != strings.HasPrefix(in, tlsPrefix) {
				t.Errorf("%q: %+v", in, one)
			}
		}
		s := strings.Join(words, " ")
		var e *Error
		if errors.As(err, &e) && e.Reason == BadUse {
			s = "BadUse " + e.Text
		}
		if s != want && !(strings.HasPrefix(want, "BadUse") && strings.HasPrefix(s, want)) {
			t.Errorf("%q is %s (%v), not %s", in, s, err, want)
		}
	}
}

// Whatever is typed as whom to connect to, what it is taken for has an address, and is taken for
// the same when it is typed as that.
func FuzzTargets(f *testing.F) {
	for _, typed := range []string{"", "localhost", "alice@localhost:1", "[::1]:9998", "alice@[fe80::1%eth0]", "unix:/run/x", "alice@unix:x", "parleys://alice@example.org/", "alice@a,b:1,[::1]", "parleys://a,b", ",", "a@", "@b", ":", "[", "a:0", "a:65536", "parleys://unix:x", "a\x00b", "\xff"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		targets, err := ParseTargets(typed)
		var why *Error
		if err != nil {
			if !errors.As(err, &why) || why.Error() == "" {
				t.Fatalf("%q: %v", typed, err)
			}
			return
		}
		for _, target := range targets {
			if target.Address == "" || target.Label == "" && target.Network != "unix" || target.Name != "" && protocol.CheckName(target.Name) != nil {
				t.Fatalf("%q is %+v", typed, target)
			}
			if target.host == "unix" { // a host of that name has no form with its port
				continue
			}
			again := target.Address
			switch {
			case target.Network == "unix":
				again = "unix:" + again
			case target.TLS:
				again = tlsPrefix + again
			}
			if same, err := ParseTarget(again); err != nil || same.Address != target.Address || same.Network != target.Network || same.TLS != target.TLS {
				t.Fatalf("%q is %+v, and %q is %+v, %v", typed, target, again, same, err)
			}
		}
	})
}
