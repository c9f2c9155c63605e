package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"path/filepath"
	"time"

	"parley/p2p/ownfile"
)

// The files of a folder.
const (
	keyFile     = "identity.pem"
	pinsFile    = "peers.txt"
	serversFile = "servers.txt"
	lockName    = "lock"
)

// How many bytes the files may have. A key has about 120, a line of the others
// about 100.
const (
	maxKeyFile = 4 << 10
	maxBook    = 4 << 20
)

// An Identity is a person's key. It does not change.
type Identity struct {
	certificate tls.Certificate
	fingerprint string
}

// Open reads the key of a folder and makes both if they are missing. Two
// programs that do so at once get the same key. rand is read only for a new
// key; now is when the certificate begins to be valid, less a day for clocks
// that are slow. Errors are sentences that say what to do.
func Open(folder string, rand io.Reader, now time.Time) (*Identity, error) {
	if err := ownfile.MakeFolder(folder); err != nil {
		return nil, err
	}
	unlock, err := lock(folder)
	if err != nil {
		return nil, err
	}
	defer unlock()
	path := filepath.Join(folder, keyFile)
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = newKey(path, rand)
	}
	if err != nil {
		return nil, err
	}
	return fromKey(key, now)
}

// Certificate is self-signed and shows the key. It does not expire: peers look
// at the key alone.
func (id *Identity) Certificate() tls.Certificate { return id.certificate }

// Fingerprint returns what Fingerprint returns for the certificate.
func (id *Identity) Fingerprint() string { return id.fingerprint }

// Fingerprint returns "SHA256:" and the SHA-256 of the public key (the
// SubjectPublicKeyInfo) in base64 without padding, 50 characters in all.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

func fromKey(key ed25519.PrivateKey, now time.Time) (*Identity, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "parley"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, section 4.1.2.5: no end
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key) // ed25519 needs no randomness
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	return &Identity{
		certificate: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf},
		fingerprint: Fingerprint(leaf),
	}, nil
}

func readKey(path string) (ed25519.PrivateKey, error) {
	text, err := ownfile.Read(path, "the key of private sessions", maxKeyFile)
	var open *ownfile.OpenError
	if errors.As(err, &open) {
		return nil, fmt.Errorf("%w, or delete it and get a new key, which your peers will be warned of", open)
	}
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(text); block != nil && block.Type == "PRIVATE KEY" {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if key, ok := parsed.(ed25519.PrivateKey); ok && err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("the key file %s is damaged: put a copy of it back, or delete it and get a new key, which your peers will be warned of", path)
}

func newKey(path string, rand io.Reader) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := ownfile.Replace(path, text); err != nil {
		return nil, fmt.Errorf("keeping the key of private sessions: %w", err)
	}
	return key, nil
}
