package monitor

import (
	"strings"
	"testing"
)

func TestCheckAddress(t *testing.T) {
	for addr, refused := range map[string]string{
		"127.0.0.1:9090":            "",
		"127.1.2.3:0":               "",
		"localhost:9090":            "",
		"LocalHost:9090":            "",
		"[::1]:9090":                "",
		"[::ffff:127.0.0.1]:9090":   "",
		"unix:/run/parley/admin":    "",
		"unix:@parley":              "every user of this machine",
		"unix:":                     "the path is missing",
		"127.0.0.1:abc":             "127.0.0.1:abc: there is no such port",
		"127.0.0.1:99999":           "invalid port",
		"0.0.0.0:9090":              "--admin-anywhere",
		":9090":                     "--admin-anywhere",
		"[::]:9090":                 "--admin-anywhere",
		"192.0.2.1:9090":            "--admin-anywhere",
		"[fe80::1%lo]:9090":         "--admin-anywhere",
		"example.com:9090":          "--admin-anywhere",
		"localhost.evil.com:9090":   "--admin-anywhere",
		"127.0.0.1.evil.com:9090":   "--admin-anywhere",
		"[::ffff:192.0.2.1]:9090":   "--admin-anywhere",
		"9090":                      "such as 127.0.0.1:9090",
		"127.0.0.1":                 "such as 127.0.0.1:9090",
		"::1:9090":                  "such as 127.0.0.1:9090",
		"/run/parley/admin":         "such as 127.0.0.1:9090",
		"http://127.0.0.1:9090/foo": "such as 127.0.0.1:9090",
		"":                          "such as 127.0.0.1:9090",
	} {
		err := CheckAddress(addr, false)
		if refused == "" && err != nil || refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%q: %v, want what contains %q", addr, err, refused)
		}
		if err := CheckAddress(addr, true); (err == nil) != (refused == "" || refused == "--admin-anywhere") {
			t.Errorf("%q, anywhere: %v", addr, err)
		}
	}
}
