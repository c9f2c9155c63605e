package cert

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// lookInterval is how often it is looked at most whether files have changed.
const lookInterval = time.Second

// Files are a certificate and its key in two files, in PEM. They are read again when
// they have changed, which is looked at when a handshake begins. Files that cannot be
// used leave what was there before, which is logged. The methods may be called from any
// goroutine.
type Files struct {
	paths [2]string // of the certificate, which may have those of its issuers behind it, and of its key
	clock func() time.Time
	log   *slog.Logger

	mu      sync.Mutex // handshakes run beside each other
	current *tls.Certificate
	seen    [2]fs.FileInfo // when they were read
	looked  time.Time
}

// NewFiles reads the files.
func NewFiles(certificate, key string, clock func() time.Time, log *slog.Logger) (*Files, error) {
	f := &Files{paths: [2]string{certificate, key}, clock: clock, log: log}
	if err := f.read(f.look()); err != nil {
		return nil, err
	}
	return f, nil
}

// Config returns what a server speaks TLS with, 1.2 and above, that shows the
// certificate.
func (f *Files) Config() *tls.Config { return config(f.certificate) }

// Reload reads the files, changed or not.
func (f *Files) Reload() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reread(f.look())
}

func (f *Files) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock()
	if since := now.Sub(f.looked); since < 0 || since >= lookInterval {
		f.looked = now
		if found := f.look(); !same(found, f.seen) {
			f.reread(found)
		}
	}
	return f.current, nil
}

// reread reads the files and says what came of it.
func (f *Files) reread(found [2]fs.FileInfo) {
	if err := f.read(found); err != nil {
		f.log.Error("the certificate is not changed", "error", err)
	}
}

// look returns what is known of the files, nil of one that cannot be looked at.
func (f *Files) look() (found [2]fs.FileInfo) {
	for i, path := range f.paths {
		found[i], _ = os.Stat(path) // reading says what is wrong
	}
	return found
}

// same reports whether nothing has changed. Files that are written in place have another
// time or size; those that are replaced, or reached through a link that is set anew, are
// others.
func same(a, b [2]fs.FileInfo) bool {
	for i := range a {
		switch {
		case a[i] == nil || b[i] == nil:
			if a[i] != b[i] {
				return false
			}
		case !os.SameFile(a[i], b[i]) || !a[i].ModTime().Equal(b[i].ModTime()) || a[i].Size() != b[i].Size():
			return false
		}
	}
	return true
}

// read reads the files, of which that was known before. What changes meanwhile is seen
// the next time.
func (f *Files) read(found [2]fs.FileInfo) error {
	f.seen = found
	read, err := tls.LoadX509KeyPair(f.paths[0], f.paths[1])
	if err != nil && hasPassphrase(f.paths[1]) {
		return fmt.Errorf("the key in %s has a passphrase, which nobody is asked for: take it off, into a file that only you may read, with: openssl pkey -in %s -out FILE", f.paths[1], f.paths[1])
	}
	if err != nil {
		return fmt.Errorf("the certificate in %s and the key in %s cannot be used: %w", f.paths[0], f.paths[1], err)
	}
	leaf := read.Leaf
	f.current = &read
	f.log.Info("TLS has a certificate", "names", leaf.DNSNames, "until", leaf.NotAfter, "fingerprint", Fingerprint(leaf))
	if f.clock().After(leaf.NotAfter) {
		f.log.Warn("the certificate is no longer valid, and clients refuse it: renew it", "file", f.paths[0], "until", leaf.NotAfter)
	}
	return nil
}

// hasPassphrase reports whether a file has a key that is encrypted: as PKCS #8 (RFC 5958), or in
// the older way of RFC 1421.
func hasPassphrase(path string) bool {
	rest, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return false
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.HasSuffix(block.Headers["Proc-Type"], ",ENCRYPTED") {
			return true
		}
	}
}
