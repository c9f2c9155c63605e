package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// contentTypes are of the files that are served, by how their names end; others are not. They
// are not taken from the system, which may have any.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".ico":  "image/x-icon",
}

// A file is one that is served: as it is, and compressed, which is made once.
type file struct {
	kind, tag       string
	content, zipped []byte
}

const index = "/index.html"

// filesOf reads the files of a page, which are small and few. The pictures of its tab are beside them.
func filesOf(page fs.FS) (map[string]*file, error) {
	files := make(map[string]*file)
	err := fs.WalkDir(page, ".", func(name string, d fs.DirEntry, err error) error {
		kind := contentTypes[path.Ext(name)]
		if err != nil || d.IsDir() || kind == "" || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(page, name)
		files["/"+name] = fileOf(kind, content)
		return err
	})
	for name, content := range favicons {
		files["/"+name] = fileOf(contentTypes[path.Ext(name)], []byte(content))
	}
	if err == nil && files[index] == nil {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return files, nil
}

func fileOf(kind string, content []byte) *file {
	sum := sha256.Sum256(content)
	return &file{kind, hex.EncodeToString(sum[:16]), content, zip(content)}
}

// serveFile serves a file of the page. A browser keeps it, and asks whether it is still the
// same (no-cache): the next process may have another one.
func (s *Site) serveFile(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	if name == "/" {
		name = index
	}
	f := s.page[name]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	content, tag := f.content, f.tag
	w.Header().Add("Vary", "Accept-Encoding")
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		content, tag = f.zipped, tag+"-gzip" // other bytes have another tag (RFC 9110, 8.8.3.3)
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// zip compresses what is served.
func zip(content []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil { // the level is valid, and a buffer takes all
		panic(err)
	}
	return b.Bytes()
}

// takesGzip reports whether a browser takes gzip, by its Accept-Encoding (RFC 9110, 12.5.3).
func takesGzip(accepts []string) bool {
	rest := false
	for _, coding := range strings.Split(strings.Join(accepts, ","), ",") {
		name, weight, weighed := strings.Cut(coding, ";")
		_, q, _ := strings.Cut(weight, "=")
		value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		wanted := !weighed || err == nil && value > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			rest = wanted
		}
	}
	return rest
}
