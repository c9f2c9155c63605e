package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley/eventloop/client"
)

// What is kept is read as it was written, or moved away and said: the next process begins
// without it.
func FuzzKeptFile(f *testing.F) {
	b, err := json.Marshal(kept{keptVersion, something})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	for _, text := range []string{``, `null`, `{"Version":2}`, `{"Version":1}`, `{"version":1,"KEPT":{"name":"../../x"}}`,
		`{"Version":1,"Kept":{"After":-1}}`, `{"Version":1,"Kept":{"Talks":[{"Cursor":18446744073709551615,"Entries":[{"ID":1,"At":"x"}]}]}}`} {
		f.Add([]byte(text))
	}
	server := f.TempDir()
	folder := userFolder(server, "alice")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(folder, keptFile)
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := ReadKept(folder)
		if err != nil {
			aside, lost := os.ReadFile(path + ".unread")
			if k != nil || lost != nil || !bytes.Equal(aside, text) || !strings.Contains(err.Error(), ".unread") {
				t.Errorf("%q is %+v, %v, and beside it is %q", text, k, err, aside)
			}
			return
		}
		written, err := json.Marshal(kept{keptVersion, *k})
		if err != nil {
			t.Fatalf("%q is read as %+v, and not written: %v", text, k, err)
		}
		if err := os.WriteFile(path, written, 0o600); err != nil {
			t.Fatal(err)
		}
		if again, err := ReadKept(folder); err != nil || !reflect.DeepEqual(again, k) {
			t.Errorf("%q is read as %+v, and again as %+v, %v", text, k, again, err)
		}
		if where := userFolder(server, k.Name); filepath.Dir(where) != server {
			t.Errorf("of %q it is written into %s", k.Name, where)
		}
	})
}

// The small files say a name and an address, or nothing: of a server that was never reached, or
// of a process that is gone.
func FuzzSmallFiles(f *testing.F) {
	for _, text := range []string{`{"Name":"alice"}`, `{"URL":"http://127.0.0.1:1/#token=x"}`, `{"URL":"https://chat.example:7777/"}`, `{"URL":"https://"}`, `{"URL":"https://a@b/"}`, `{"URL":"http://chat.example:7777/"}`, `{"URL":"javascript:alert(1)"}`, `{"URL":"http://127.0.0.1:1/\u001b[2J"}`, `{"URL":7}`, ``, `[]`} {
		f.Add([]byte(text))
	}
	p := Place{Folder: f.TempDir()}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{lastFile, urlFile} {
			if err := os.WriteFile(filepath.Join(p.Folder, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if !json.Valid(text) && (LastName(p.Folder) != "" || p.runningURL() != "") {
			t.Errorf("%q is read as %q and %q", text, LastName(p.Folder), p.runningURL())
		}
		url := p.runningURL()
		if url == "" {
			return
		}
		local := strings.HasPrefix(url, "http://127.") || strings.HasPrefix(url, "http://[::")
		if !local && !strings.HasPrefix(url, "https://") || strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q sends a browser to %q", text, url)
		}
	})
}

// Nobody comes in without the token, which is read from no more than so many bytes, and only of
// a request that this page makes. What is no file of the page is not served.
func FuzzRequests(f *testing.F) {
	d := newDoor(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7777}, bytes.Repeat([]byte("t"), secretSize), bytes.Repeat([]byte("s"), secretSize))
	page, err := filesOf(page)
	if err != nil {
		f.Fatal(err)
	}
	s := &Site{hub: newHub("run"), page: page, asks: make(chan client.Ask), door: d}
	handler := s.handler()
	post := func(head, body string) []byte {
		return fmt.Appendf(nil, "POST /session HTTP/1.1\r\nHost: 127.0.0.1:7777\r\n%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
	}
	const head = "Origin: http://127.0.0.1:7777\r\nContent-Type: application/json\r\n"
	token := `{"token":"` + d.token + `"}`
	for _, b := range [][]byte{post(head, token), post(head, token+"x"), post(head, strings.Repeat(" ", maxToken)+token), post("", token), post(head, `{"token":null}`), post(head, `[]`),
		post(head+"Sec-Fetch-Site: cross-site\r\n", token), []byte("GET / HTTP/1.1\r\nHost: localhost:7777\r\n\r\n"), []byte("GET /../notes.md HTTP/1.1\r\nHost: localhost:7777\r\n\r\n"),
		[]byte("GET /main.js HTTP/1.1\r\nHost: evil.example\r\n\r\n"), []byte("GET /session HTTP/1.1\r\nHost: 127.0.0.1:7777\r\nCookie: parley-7777=" + d.secret + "\r\n\r\n"),
		[]byte("GET /events?run=run&after=1 HTTP/1.1\r\nHost: 127.0.0.1:7777\r\nOrigin: http://127.0.0.1:7777\r\nCookie: parley-7777=x\r\n\r\n")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(request)))
		if err != nil {
			return
		}
		said, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		body := bytes.NewReader(said)
		r.Body = io.NopCloser(body)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q is answered with %v", request, w.Header())
		}
		if read := len(said) - body.Len(); read > maxToken+1 {
			t.Errorf("%d bytes are read of %q", read, request)
		}
		in := len(w.Result().Cookies()) > 0
		if in != (w.Code == http.StatusNoContent && r.Method == http.MethodPost) {
			t.Errorf("%q is answered with %d and %v", request, w.Code, w.Header())
		}
		if in && (!hasToken(said, d.token) || r.Header.Get("Origin") != "http://"+r.Host || !d.hosts[r.Host]) {
			t.Errorf("%q lets in", request)
		}
		if strings.Contains(w.Body.String(), "not served") || !d.hosts[r.Host] && w.Code < 300 {
			t.Errorf("%q is served %q", request, w.Body)
		}
	})
}

// hasToken reports whether a text is an object with that token.
func hasToken(text []byte, token string) bool {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return false
	}
	for key, value := range object {
		if strings.EqualFold(key, "token") && value == any(token) {
			return true
		}
	}
	return false
}
