package hooks

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"parley/protocol"
)

// What comes is a text that may be said, and the one that was sent; or it is said why not.
func FuzzReadText(f *testing.F) {
	for _, body := range []string{"hello", "two\nlines\n\r\n", `{"text":"from \u00e5 program"}`, `{"text":null}`, `{"text":"a","text":"b"}`, `{"TEXT":"a"}`, "[]", "\xff", "\x1b[2J", "",
		"\n", `{"text":"\ud800"}`, strings.Repeat("x", protocol.MaxText+1), strings.Repeat("[", 5000)} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, isJSON bool) {
		r := httptest.NewRequest(http.MethodPost, "/hooks/token", strings.NewReader(body))
		if isJSON {
			r.Header.Set("Content-Type", "application/json")
		}
		text, why := readText(httptest.NewRecorder(), r, protocol.MaxText)
		if why != nil {
			if text != "" || why.words == "" || why.status != http.StatusBadRequest && why.status != http.StatusRequestEntityTooLarge {
				t.Errorf("%q is refused with %+v, and is %q", body, why, text)
			}
			return
		}
		sent := body
		if isJSON {
			var all map[string]any
			if err := json.Unmarshal([]byte(body), &all); err != nil {
				t.Fatalf("%q is no JSON (%v), and is %q", body, err, text)
			}
			sent, _ = all["text"].(string)
		}
		if bad := protocol.CheckText(text, protocol.MaxText); bad != nil || text != strings.TrimRight(sent, "\r\n") {
			t.Errorf("%q is %q: %v", body, text, bad)
		}
	})
}
