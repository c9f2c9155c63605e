package cert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"parley/p2p/ownfile"
)

// KeyFile is the name of the file that has a server's own key, in PEM.
const KeyFile = "tls-key.pem"

// Own is a certificate that the server has made itself. Clients know it by the
// fingerprint of the key, which is kept; the certificate is made anew at each start.
type Own struct {
	certificate tls.Certificate
}

// OpenOwn reads the key of a folder, which it makes if there is none: ECDSA with P-256,
// in a file for its owner only. rand is read only for that; now is when the certificate
// begins to be valid, less a day for clocks that are slow.
func OpenOwn(folder string, rand io.Reader, now time.Time) (*Own, error) {
	key, err := openKey(filepath.Join(folder, KeyFile), rand)
	if err != nil {
		return nil, err
	}
	return own(key, rand, now)
}

// NewOwn makes a key that is not kept.
func NewOwn(rand io.Reader, now time.Time) (*Own, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand)
	if err != nil {
		return nil, err
	}
	return own(key, rand, now)
}

// Config returns what a server speaks TLS with, 1.2 and above, that shows the
// certificate.
func (o *Own) Config() *tls.Config {
	return config(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &o.certificate, nil })
}

// Fingerprint returns what Fingerprint returns for the certificate.
func (o *Own) Fingerprint() string { return Fingerprint(o.certificate.Leaf) }

func own(key *ecdsa.PrivateKey, rand io.Reader, now time.Time) (*Own, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "parley"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, section 4.1.2.5: no end
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	return &Own{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}, nil
}

// openKey reads the key of a file, or makes one.
func openKey(path string, rand io.Reader) (*ecdsa.PrivateKey, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand); err == nil {
			err = writeKey(path, key)
		}
	}
	return key, err
}

// pemType is that of a key in PKCS #8.
const pemType = "PRIVATE KEY"

// readKey reads the key of a file that is for its owner only.
func readKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key for TLS: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the key for TLS: %w", err)
	}
	if m := info.Mode().Perm(); m&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("others can read or change %s, the key for TLS (its mode is %#o): close it with chmod 600 if nobody has, else delete it and tell your users of the new fingerprint", path, m)
	}
	var key any
	if block, _ := pem.Decode(text); block != nil && block.Type == pemType {
		key, _ = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	own, is := key.(*ecdsa.PrivateKey)
	if !is {
		return nil, fmt.Errorf("%s should be the key for TLS and is none: put it back from a backup, or delete it for a new key, whose fingerprint your users have to be told", path)
	}
	return own, nil
}

// writeKey puts a key into a file. Whoever reads sees all of it or no file.
func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err == nil {
		err = ownfile.Replace(path, pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}))
	}
	if err != nil {
		return fmt.Errorf("keeping the key for TLS: %w", err)
	}
	return nil
}
