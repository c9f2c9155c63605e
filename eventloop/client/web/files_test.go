package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// What is served compressed is the same file, has its own tag, and is asked for only once.
func TestFilesAreServedCompressed(t *testing.T) {
	page, err := filesOf(Page())
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{page: page}
	get := func(path, accept, match string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", accept)
		r.Header.Set("If-None-Match", match)
		w := httptest.NewRecorder()
		s.serveFile(w, r)
		return w
	}
	plain, wire := 0, 0
	for name, f := range page {
		got := get(name, "gzip, deflate, br, zstd", "")
		wire += got.Body.Len()
		z, err := gzip.NewReader(got.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(content, f.content) || got.Header().Get("Content-Encoding") != "gzip" || got.Header().Get("Content-Type") != f.kind {
			t.Errorf("%s: other bytes or headers: %v %v", name, got.Header(), err)
		}
		plain += len(content)
		tag := got.Header().Get("ETag")
		if other := get(name, "", ""); other.Header().Get("ETag") == tag || other.Header().Get("Content-Encoding") != "" || !bytes.Equal(other.Body.Bytes(), f.content) || other.Header().Get("Vary") == "" {
			t.Errorf("%s: as it is, it is served with %v", name, other.Header())
		}
		if again := get(name, "gzip", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s: asked for again, it is sent again: %d", name, again.Code)
		}
	}
	t.Logf("%d bytes, compressed %d", plain, wire)
	if wire > plain/2 {
		t.Errorf("%d bytes are %d when they are compressed", plain, wire)
	}
}

func TestTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "GZIP;q=1.0": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000, *": false,
		"*": true, "*;q=0": false, "br": false, "gzipped": false, "identity;q=1, *;q=0": false, "gzip;q=much": false, "x-gzip": true,
	} {
		if got := takesGzip([]string{accept}); got != want {
			t.Errorf("%q takes gzip: %v", accept, got)
		}
	}
	if !takesGzip([]string{"br", "gzip"}) {
		t.Error("a second field is not read")
	}
}
