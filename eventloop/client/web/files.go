package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
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

// A file is one that is served.
type file struct {
	kind, tag string
	content   []byte
}

const index = "/index.html"

// filesOf reads the files of a page, which are small and few.
func filesOf(page fs.FS) (map[string]*file, error) {
	files := make(map[string]*file)
	err := fs.WalkDir(page, ".", func(name string, d fs.DirEntry, err error) error {
		kind := contentTypes[path.Ext(name)]
		if err != nil || d.IsDir() || kind == "" || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(page, name)
		sum := sha256.Sum256(content)
		files["/"+name] = &file{kind, `"` + hex.EncodeToString(sum[:16]) + `"`, content}
		return err
	})
	if err == nil && files[index] == nil {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return files, nil
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
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", f.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}
