package cert

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
)

// Fingerprint returns "sha256:" and the SHA-256 of the public key (the
// SubjectPublicKeyInfo) in hexadecimal, 71 characters in all. It stays the same as long
// as the key does, whatever certificate that has.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// config returns what a server speaks TLS with that has its certificate from get.
func config(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: get}
}
