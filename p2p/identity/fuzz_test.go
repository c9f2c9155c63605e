package identity

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The file of servers is read as it is written.
func FuzzServers(f *testing.F) {
	f.Add(serversTitle + "\nlocalhost:9998 one id\n")
	f.Add("a b c\r\na d e\n# a comment\n\n")
	f.Add("a b c d")
	f.Fuzz(func(t *testing.T, text string) {
		b := newBook()
		if err := b.parseServers(text); err != nil {
			return
		}
		written := b.serversText()
		again := newBook()
		if err := again.parseServers(string(written)); err != nil || !bytes.Equal(again.serversText(), written) || len(again.servers) != len(b.servers) {
			t.Errorf("%q became %q, and %q; %v", text, written, again.serversText(), err)
		}
	})
}

// A file of a key is that key, or none; a damaged one is not replaced.
func FuzzKey(f *testing.F) {
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		f.Fatal(err)
	}
	whole := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	f.Add(whole)
	f.Add(whole[:len(whole)-5])
	f.Add(append([]byte("x\n"), whole...))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(folder, keyFile)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		id, err := Open(folder, nil, time.Unix(1764188400, 0)) // which makes a new key of nothing
		if kept, lost := os.ReadFile(path); lost != nil || !bytes.Equal(kept, text) {
			t.Errorf("%q became %q: %v", text, kept, lost)
		}
		if err != nil {
			return
		}
		message := []byte("message")
		key := id.certificate.PrivateKey.(ed25519.PrivateKey)
		if !ed25519.Verify(id.certificate.Leaf.PublicKey.(ed25519.PublicKey), message, ed25519.Sign(key, message)) {
			t.Errorf("%q is no key", text)
		}
	})
}
