package cert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file of a key is that key, or an error; a damaged one is not replaced.
func FuzzKey(f *testing.F) {
	folder := f.TempDir()
	path := filepath.Join(folder, KeyFile)
	at := time.Unix(1764188400, 0)
	if _, err := OpenOwn(folder, rand.New(rand.NewSource(1)), at); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(append([]byte("x\n"), whole...))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := openKey(path, nil) // which makes a new key of nothing
		if kept, lost := os.ReadFile(path); lost != nil || !bytes.Equal(kept, text) {
			t.Errorf("%q became %q: %v", text, kept, lost)
		}
		if err != nil {
			return
		}
		digest := sha256.Sum256(text)
		signature, err := key.Sign(rand.New(rand.NewSource(1)), digest[:], nil)
		if err != nil || !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			t.Errorf("%q is no key: %v", text, err)
		}
	})
}

// A certificate that was kept is one for the key and the names, or is none.
func FuzzCertificate(f *testing.F) {
	cfg := ACMEConfig{Folder: f.TempDir(), Names: []string{"chat.example"}, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return time.Unix(1764188400, 0) }}
	a, err := OpenACME(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"))
	f.Add(certificateFor(f, a.key, "chat.example"))
	f.Add(certificateFor(f, a.key, "other.example"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := a.parse(text)
		if err != nil {
			return
		}
		if public, ok := c.Leaf.PublicKey.(*ecdsa.PublicKey); !ok || !public.Equal(&a.key.PublicKey) || c.Leaf.VerifyHostname("chat.example") != nil {
			t.Errorf("%q is taken", text)
		}
	})
}

// certificateFor returns a certificate of a key for a name, in PEM.
func certificateFor(t testing.TB, key *ecdsa.PrivateKey, name string) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Unix(1800000000, 0)}
	der, err := x509.CreateCertificate(rand.New(rand.NewSource(1)), template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
