package identity

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var today = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func TestKeyIsMadeOnceAndKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	first, err := Open(folder, rand.Reader, today)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open(folder, bytes.NewReader(nil), today.AddDate(30, 0, 0))
	if err != nil || second.Fingerprint() != first.Fingerprint() {
		t.Fatalf("the second time: %v, %v", second, err)
	}
	leaf := first.Certificate().Leaf
	if f := first.Fingerprint(); !isFingerprint(f) || len(f) != 50 || f != Fingerprint(leaf) {
		t.Errorf("fingerprint %q", f)
	}
	if err := leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature); err != nil || leaf.NotAfter.Year() < 9999 || !leaf.NotBefore.Equal(today.AddDate(0, 0, -1)) {
		t.Errorf("certificate from %v until %v: %v", leaf.NotBefore, leaf.NotAfter, err)
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, keyFile): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	other, err := Open(t.TempDir(), rand.Reader, today)
	if err != nil || other.Fingerprint() == first.Fingerprint() {
		t.Errorf("another folder has the same key; %v", err)
	}
}

func TestManyAtOnceGetOneKey(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	var prints [20]string
	var all sync.WaitGroup
	for i := range prints {
		all.Go(func() {
			id, err := Open(folder, rand.Reader, today)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = id.Fingerprint()
		})
	}
	all.Wait()
	for _, p := range prints {
		if p != prints[0] {
			t.Fatalf("keys %q and %q", p, prints[0])
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.new")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestKeyFilesThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(key string) error
		says string
	}{
		{"open to others", func(key string) error { return os.Chmod(key, 0o644) }, "chmod 600"},
		{"empty", func(key string) error { return os.WriteFile(key, nil, 0o600) }, "is damaged"},
		{"text", func(key string) error { return os.WriteFile(key, []byte("hello"), 0o600) }, "is damaged"},
		{"cut off", func(key string) error { return os.Truncate(key, 60) }, "is damaged"},
		{"no key within", func(key string) error {
			return os.WriteFile(key, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600)
		}, "is damaged"},
		{"folder open to others", func(key string) error { return os.Chmod(filepath.Dir(key), 0o777) }, "chmod 700"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "keys")
			if _, err := Open(folder, rand.Reader, today); err != nil {
				t.Fatal(err)
			}
			if err := c.harm(filepath.Join(folder, keyFile)); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(folder, rand.Reader, today); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
		})
	}
	folder := filepath.Join(t.TempDir(), "keys")
	if _, err := Open(folder, strings.NewReader("short"), today); err == nil {
		t.Error("a key was made without randomness")
	}
	if _, err := os.Stat(filepath.Join(folder, keyFile)); err == nil {
		t.Error("and kept")
	}
}

// A key that cannot get its place is not left beside it.
func TestAKeyThatCannotBeKept(t *testing.T) {
	folder := closedFolder(t)
	path := filepath.Join(folder, "taken")
	if err := os.MkdirAll(filepath.Join(path, "by a folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := newKey(path, rand.Reader); err == nil || !strings.Contains(err.Error(), "keeping the key") {
		t.Errorf("error %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.new")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}
