// Package known remembers which servers were met with TLS, and with which keys. They
// stand in a text file that may be edited, one line each:
//
//	HOST:PORT sha256:HEX
//
// HEX is the SHA-256 of the key as the certificate has it, its SubjectPublicKeyInfo
// (RFC 5280, section 4.1), which the server logs at its start in the same form. A server
// is the same in all spellings of its address. Lines that begin with # are kept. Several clients may run at once, so what depends on a key
// is decided under a lock, by the file as it is then. What cannot be read is an error
// and never an empty file: a server that is known must not be met as a new one.
package known

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"parley/p2p/identity"
	"parley/p2p/ownfile"
)

const (
	prefix  = "sha256:"
	maxFile = 4 << 20 // bytes; a line has about 100
)

// ParseFingerprint returns a fingerprint that somebody has typed as cert.Fingerprint
// writes it.
func ParseFingerprint(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	digits, ok := strings.CutPrefix(s, prefix)
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("%q is no fingerprint: it has the form %s and %d hexadecimal digits, as the server logs it at its start", s, prefix, 2*sha256.Size)
	}
	return s, nil
}

// Servers are those of one file.
type Servers struct{ path string }

// In returns the servers of a file, which need not be there.
func In(path string) *Servers { return &Servers{path} }

// Path is that of the file.
func (s *Servers) Path() string { return s.path }

// Fingerprint returns that of a server, HOST:PORT, and "" if it is not known.
func (s *Servers) Fingerprint(server string) (string, error) {
	lines, err := s.read()
	if err != nil {
		return "", err
	}
	_, fingerprint, err := s.find(lines, identity.Address(server))
	return fingerprint, err
}

// Meet notes that a server has shown that it has a key, and returns the fingerprint that
// was known of it before: "" if none was. Another one than before takes its place only if
// it is vouched for by something else.
func (s *Servers) Meet(server, fingerprint string, vouched bool) (before string, err error) {
	if server = identity.Address(server); len(strings.Fields(server)) != 1 || strings.HasPrefix(server, "#") {
		return "", fmt.Errorf("%q cannot stand in %s", server, s.path)
	}
	if err := ownfile.MakeFolder(filepath.Dir(s.path)); err != nil {
		return "", err
	}
	unlock, err := ownfile.Lock(s.path + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	lines, err := s.read()
	if err != nil {
		return "", err
	}
	at, before, err := s.find(lines, server)
	if err != nil || before == fingerprint || before != "" && !vouched {
		return before, err
	}
	line := server + " " + fingerprint
	if before == "" {
		lines = append(lines, line)
	} else {
		lines[at] = line
	}
	if err := ownfile.Replace(s.path, []byte(strings.Join(lines, "\n")+"\n")); err != nil {
		return "", fmt.Errorf("keeping the key of %s: %w", server, err)
	}
	return before, nil
}

// read returns the lines of the file. There is none, too, where what should be its folder is
// something else.
func (s *Servers) read() ([]string, error) {
	text, err := ownfile.Read(s.path, "the keys of servers", maxFile)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && len(text) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), err
}

// find returns which line is about a server, and its fingerprint: "" if none is. A line
// that means nothing may have been about any server.
func (s *Servers) find(lines []string, server string) (at int, fingerprint string, err error) {
	for i, line := range lines {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 2 {
			return 0, "", fmt.Errorf("%s:%d: a line is HOST:PORT %sHEX: correct it or remove it", s.path, i+1, prefix)
		}
		stands, err := ParseFingerprint(fields[1])
		switch {
		case err != nil:
			return 0, "", fmt.Errorf("%s:%d: %w: correct it or remove the line", s.path, i+1, err)
		case identity.Address(fields[0]) != server:
		case fingerprint != "":
			return 0, "", fmt.Errorf("%s:%d: %s stands there twice: remove one of the lines", s.path, i+1, server)
		default:
			at, fingerprint = i, stands
		}
	}
	return at, fingerprint, nil
}
