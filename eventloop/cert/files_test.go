package cert_test

import (
	"crypto/rand"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/eventloop/cert"
)

// A key with a passphrase cannot be used, and it is said what to do.
func TestAKeyWithAPassphrase(t *testing.T) {
	for what, block := range map[string]*pem.Block{
		"PKCS 8":    {Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("sealed")},
		"as of old": {Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: []byte("sealed")},
	} {
		own, err := cert.NewOwn(rand.Reader, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		certFile, keyFile := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
		shown := own.Config().Certificates
		if len(shown) == 0 {
			c, err := own.Config().GetCertificate(nil)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, *c)
		}
		for path, b := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: shown[0].Certificate[0]}, keyFile: block} {
			if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err = cert.NewFiles(certFile, keyFile, time.Now, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), "has a passphrase") || !strings.Contains(err.Error(), "openssl pkey -in "+keyFile) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
