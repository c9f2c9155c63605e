package cert_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/eventloop/cert"
)

var start = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// A stage has files, a clock and a log.
type stage struct {
	*testing.T
	cert, key string
	now       time.Time
	log       bytes.Buffer
}

func newStage(t *testing.T) *stage {
	folder := t.TempDir()
	return &stage{T: t, cert: filepath.Join(folder, "cert.pem"), key: filepath.Join(folder, "key.pem"), now: start}
}

func (s *stage) open() (*cert.Files, error) {
	return cert.NewFiles(s.cert, s.key, func() time.Time { return s.now }, slog.New(slog.NewTextHandler(&s.log, nil)))
}

// issue makes a certificate for a name, valid for a day, and its key.
func (s *stage) issue(name string) (certificate, key []byte) {
	s.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: start.Add(-time.Hour), NotAfter: start.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		s.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		s.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// write writes a file in place, and makes sure that its time is another one.
func (s *stage) write(path string, b []byte) {
	s.Helper()
	before, _ := os.Stat(path)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		s.Fatal(err)
	}
	if before != nil {
		if err := os.Chtimes(path, before.ModTime().Add(time.Second), before.ModTime().Add(time.Second)); err != nil {
			s.Fatal(err)
		}
	}
}

func (s *stage) writeBoth(certificate, key []byte) {
	s.Helper()
	s.write(s.cert, certificate)
	s.write(s.key, key)
}

// shown does a handshake and returns the certificate.
func (s *stage) shown(server *tls.Config) *x509.Certificate {
	s.Helper()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	done := make(chan error, 1)
	go func() { done <- tls.Server(there, server).Handshake() }()
	c := tls.Client(here, &tls.Config{InsecureSkipVerify: true, SessionTicketsDisabled: true})
	if err := c.Handshake(); err != nil {
		s.Fatal(err)
	}
	go func() { _, _ = here.Read(make([]byte, 1000)) }() // tickets
	if err := <-done; err != nil {
		s.Fatal(err)
	}
	return c.ConnectionState().PeerCertificates[0]
}

// Files that have changed are shown from the next second on, in whatever way they did.
func TestFilesThatChange(t *testing.T) {
	s := newStage(t)
	s.writeBoth(s.issue("first"))
	f, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	config := f.Config()
	expect := func(when, want string) {
		t.Helper()
		if got := s.shown(config).DNSNames[0]; got != want {
			t.Errorf("%s: %s is shown, want %s", when, got, want)
		}
	}
	expect("at first", "first")
	s.writeBoth(s.issue("second"))
	expect("within a second", "first")
	s.now = s.now.Add(time.Second)
	expect("a second later", "second")

	certificate, key := s.issue("third")
	s.write(s.cert, certificate) // and not yet the key
	s.now = s.now.Add(time.Second)
	expect("with one file of two", "second")
	if got := strings.Count(s.log.String(), "level=ERROR"); got != 1 || !strings.Contains(s.log.String(), "private key does not match public key") {
		t.Errorf("%d errors: %s", got, &s.log)
	}
	s.now = s.now.Add(time.Second)
	expect("with one file of two, later", "second")
	if got := strings.Count(s.log.String(), "level=ERROR"); got != 1 {
		t.Errorf("%d errors: %s", got, &s.log)
	}
	s.write(s.key, key)
	s.now = s.now.Add(time.Second)
	expect("with both", "third")

	for _, path := range []string{s.cert, s.key} {
		if err := os.Rename(path, path+".old"); err != nil {
			t.Fatal(err)
		}
	}
	s.now = s.now.Add(time.Second)
	expect("without files", "third")
	certificate, key = s.issue("fourth")
	for path, b := range map[string][]byte{s.cert: certificate, s.key: key} { // of the same size and time as those before
		old, err := os.Stat(path + ".old")
		if err != nil {
			t.Fatal(err)
		}
		s.write(path, b)
		if err := os.Chtimes(path, old.ModTime(), old.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	s.now = s.now.Add(time.Second)
	expect("with others in their place", "fourth")
	for _, name := range []string{"others", "strike"} { // of one size and time, and never missing
		certificate, key = s.issue(name)
		for path, b := range map[string][]byte{s.cert: certificate, s.key: key} {
			s.write(path+".new", append(b, bytes.Repeat([]byte("\n"), 2000-len(b))...))
			if err := errors.Join(os.Chtimes(path+".new", start, start), os.Rename(path+".new", path)); err != nil {
				t.Fatal(err)
			}
		}
		s.now = s.now.Add(time.Second)
		expect("with others that look the same", name)
	}
	s.now = s.now.Add(-time.Hour) // somebody sets the clock
	s.writeBoth(s.issue("fifth"))
	expect("with a clock that was set back", "fifth")
}

func TestReload(t *testing.T) {
	s := newStage(t)
	s.writeBoth(s.issue("first"))
	f, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	s.writeBoth(s.issue("second"))
	f.Reload()
	if got := s.shown(f.Config()).DNSNames[0]; got != "second" {
		t.Errorf("%s is shown", got)
	}
	s.write(s.cert, []byte("nothing of use"))
	f.Reload()
	if got := s.shown(f.Config()).DNSNames[0]; got != "second" || !strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("%s is shown: %s", got, &s.log)
	}
}

// What cannot be used is an error at the start that names the files.
func TestFilesThatCannotBeUsed(t *testing.T) {
	s := newStage(t)
	certificate, key := s.issue("first")
	other, _ := s.issue("other")
	for name, files := range map[string][2][]byte{
		"none": {nil, nil}, "no key": {certificate, nil}, "no certificate": {nil, key}, "empty": {{}, {}}, "no PEM": {[]byte("x"), key},
		"the wrong way round": {key, certificate}, "another key": {other, key},
	} {
		for i, path := range []string{s.cert, s.key} {
			os.Remove(path)
			if files[i] != nil {
				s.write(path, files[i])
			}
		}
		if _, err := s.open(); err == nil || !strings.Contains(err.Error(), s.cert) || !strings.Contains(err.Error(), s.key) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCertificateThatIsNoLongerValid(t *testing.T) {
	s := newStage(t)
	s.writeBoth(s.issue("first"))
	s.now = start.Add(25 * time.Hour)
	if _, err := s.open(); err != nil || !strings.Contains(s.log.String(), "level=WARN msg=\"the certificate is no longer valid") {
		t.Errorf("%v: %s", err, &s.log)
	}
}

// The server's own key stays, and with it the fingerprint, whatever the certificate.
func TestOwn(t *testing.T) {
	folder := t.TempDir()
	first, err := cert.OpenOwn(folder, rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, cert.KeyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the file: %v, %v", info, err)
	}
	if files, err := os.ReadDir(folder); len(files) != 1 || err != nil {
		t.Errorf("files: %v, %v", files, err)
	}
	again, err := cert.OpenOwn(folder, rand.Reader, start.Add(time.Hour))
	if err != nil || again.Fingerprint() != first.Fingerprint() {
		t.Errorf("%v, and the fingerprint is another one", err)
	}
	s := newStage(t)
	shown := s.shown(again.Config())
	sum := sha256.Sum256(shown.RawSubjectPublicKeyInfo)
	if want := "sha256:" + hex.EncodeToString(sum[:]); first.Fingerprint() != want || !regexp.MustCompile("^sha256:[0-9a-f]{64}$").MatchString(want) {
		t.Errorf("the fingerprint is %s, want %s", first.Fingerprint(), want)
	}
	if key, is := shown.PublicKey.(*ecdsa.PublicKey); !is || key.Curve != elliptic.P256() {
		t.Errorf("the key is %T", shown.PublicKey)
	}
	other, err := cert.NewOwn(rand.Reader, start)
	if err != nil || other.Fingerprint() == first.Fingerprint() {
		t.Errorf("%v, or two servers have one key", err)
	}
}

// A key that is damaged, or open to others, is not replaced and not used.
func TestOwnKeyThatCannotBeUsed(t *testing.T) {
	s := newStage(t)
	certificate, _ := s.issue("x")
	for name, text := range map[string]string{"empty": "", "no PEM": "x", "a certificate": string(certificate), "half": "-----BEGIN PRIVATE KEY-----\nMIGH", "another kind": ed25519Key} {
		folder := t.TempDir()
		path := filepath.Join(folder, cert.KeyFile)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := cert.OpenOwn(folder, rand.Reader, start); err == nil || !strings.Contains(err.Error(), path+" should be the key") {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(path); string(b) != text || err != nil {
			t.Errorf("%s: the file is changed, %v", name, err)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	folder := t.TempDir()
	if _, err := cert.OpenOwn(folder, rand.Reader, start); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, cert.KeyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := cert.OpenOwn(folder, rand.Reader, start); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("open to others: %v", err)
	}
	if _, err := cert.OpenOwn(filepath.Join(folder, "none"), rand.Reader, start); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("without a folder: %v", err)
	}
}

// ed25519Key is a key that is none of ours.
const ed25519Key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n"
