package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"parley/p2p/ownfile"
)

// A Place is the folder of one user on one server. One process has it at a time.
type Place struct {
	Name   string // of the user; "" is not known
	Folder string
	lock   lock
}

// A lock is that of a file, see [flock.Flock].
type lock interface {
	Path() string
	TryLock() (bool, error)
	Stat() (fs.FileInfo, error) // of the file that it has open
	Close() error               // gives it to others
}

const (
	lockFile = "lock"
	urlFile  = "url.json"
	lastFile = "last.json"
	wayFile  = "open.html"

	maxSmall = 4 << 10 // bytes of such a file

	// takeTime is how long a process that has the folder may take to say where its page is:
	// it has just begun.
	takeTime  = 3 * time.Second
	takePause = 20 * time.Millisecond
)

// A TakenError says that another process has the place, and where its page is.
type TakenError struct{ URL string }

func (e *TakenError) Error() string {
	return "another process keeps the page of this server: " + e.URL
}

// FolderOf is where what is kept of a server stands, below a folder for all of them. The
// address is HOST:PORT, or the path of a Unix socket.
func FolderOf(all, address string) string {
	return filepath.Join(all, fileName(address))
}

// fileName makes one of what may have the separators of paths in it.
func fileName(s string) string { return strings.NewReplacer("/", "_", `\`, "_", ":", "_").Replace(s) }

// LastName is who was logged in last on the server of a folder; "" if that is not known.
func LastName(server string) string {
	var last struct{ Name string }
	b, err := ownfile.Read(filepath.Join(server, lastFile), "a name", maxSmall)
	if err != nil || json.Unmarshal(b, &last) != nil {
		return ""
	}
	return last.Name
}

// keepLast notes who was logged in last.
func keepLast(server, name string) error {
	b, err := json.Marshal(struct{ Name string }{name})
	if err != nil {
		return err
	}
	return ownfile.Replace(filepath.Join(server, lastFile), b)
}

// userFolder is where what is kept of a user stands; the name is "" if it is not known yet.
func userFolder(server, name string) string {
	return filepath.Join(server, "user-"+fileName(strings.ToLower(name)))
}

// Take takes the place of a user on the server of a folder, which is made. The name is "" if
// it is not known yet. If another process has it, the error is a *TakenError.
func Take(ctx context.Context, server, name string) (*Place, error) {
	folder := userFolder(server, name)
	p := &Place{name, folder, flock.New(filepath.Join(folder, lockFile), flock.SetPermissions(0o600))}
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	held := false // by another process
	for {
		got, err := p.tryLock()
		passes := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) // it was there when that was looked at
		if got || err != nil && !passes {
			return p, err
		}
		held = held || err == nil
		if url := p.runningURL(); url != "" {
			return nil, &TakenError{url}
		}
		select {
		case <-time.After(takePause):
		case <-ctx.Done():
			if !held {
				return nil, err
			}
			return nil, fmt.Errorf("another process has %s, and does not say where its page is", folder)
		}
	}
}

// tryLock makes the folder and locks it. It reports false if another process has it. If one has just taken it away, it
// reports false, too, or fs.ErrNotExist or fs.ErrExist.
func (p *Place) tryLock() (bool, error) {
	got, err := false, os.MkdirAll(p.Folder, 0o700)
	if err == nil {
		got, err = p.lock.TryLock()
	}
	if err != nil {
		return false, fmt.Errorf("taking the folder of the page: %w", err)
	}
	if !got {
		return false, nil
	}
	mine, err := p.lock.Stat()
	is, failed := os.Stat(p.lock.Path())
	if err == nil && failed == nil && os.SameFile(mine, is) {
		return true, nil
	}
	return false, p.lock.Close() // of a file that is gone: others lock another one
}

type location struct{ URL string }

// Serves notes where the page is, in a file for its owner only.
func (p *Place) Serves(url string) error {
	b, err := json.Marshal(location{url})
	if err != nil {
		return err
	}
	if err := ownfile.Replace(filepath.Join(p.Folder, urlFile), b); err != nil {
		return fmt.Errorf("keeping where the page is: %w", err)
	}
	return nil
}

func (p *Place) runningURL() string {
	b, err := ownfile.Read(filepath.Join(p.Folder, urlFile), "where the page is", maxSmall)
	var l location
	if err != nil || json.Unmarshal(b, &l) != nil || !isPage(l.URL) {
		return ""
	}
	return l.URL
}

// isPage reports whether a URL is one of Serves: it is shown, and a browser is sent there. With
// TLS it may be of any host, see Remote.
func isPage(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.String() != text || u.User != nil || u.Hostname() == "" {
		return false
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) { // a host and a query are parsed as they stand
		return false
	}
	if u.Scheme != "http" {
		return u.Scheme == "https"
	}
	at, err := netip.ParseAddrPort(u.Host)
	return err == nil && at.Addr().IsLoopback()
}

// Leave gives the place to others. If nothing is kept there, its folder is removed.
func (p *Place) Leave() error {
	var all error
	for _, name := range []string{urlFile, wayFile} {
		if err := os.Remove(filepath.Join(p.Folder, name)); !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	if p.HasKept() {
		return errors.Join(all, p.lock.Close())
	}
	gone := os.Remove(p.lock.Path()) == nil // before others can lock it
	all = errors.Join(all, p.lock.Close())
	if !gone && runtime.GOOS == "windows" { // where no open file is removed
		_ = os.Remove(p.lock.Path())
	}
	_ = os.Remove(p.Folder) // which is not empty if somebody else has begun there
	_ = os.Remove(filepath.Dir(p.Folder))
	return all
}

// WriteWay writes a file for its owner only that leads a browser to a URL, and returns its
// path.
func WriteWay(folder, url string) (path string, err error) {
	safe := html.EscapeString(url)
	path = filepath.Join(folder, wayFile)
	content := `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>parley</title>` +
		`<meta http-equiv="refresh" content="0;url=` + safe + `"><a href="` + safe + `">parley</a>` + "\n"
	if err := ownfile.Replace(path, []byte(content)); err != nil {
		return "", fmt.Errorf("writing the way to the page: %w", err)
	}
	return path, nil
}
