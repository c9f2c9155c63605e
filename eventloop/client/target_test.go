package client

import (
	"errors"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]string{ // name network address label
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
	} {
		got, err := ParseTarget(in)
		if s := strings.Join([]string{got.Name, got.Network, got.Address, got.Label}, " "); s != want || err != nil {
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
		strings.Repeat("a", 33) + "@localhost": "too long",
	} {
		_, err := ParseTarget(in)
		var e *Error
		if !errors.As(err, &e) || e.Reason != BadUse || !strings.Contains(e.Text, want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}
