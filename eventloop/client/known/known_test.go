package known

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"parley/eventloop/cert"
)

// a and b are two fingerprints.
var (
	a = prefix + strings.Repeat("a1", sha256.Size)
	b = prefix + strings.Repeat("b2", sha256.Size)
)

// written returns the servers of a file with a text.
func written(t *testing.T, text string) *Servers {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley", "known_servers")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return In(path)
}

// What is met, and what the file has afterwards.
func TestMeet(t *testing.T) {
	comment := "# mine\n\n"
	for _, tt := range []struct {
		name, file, server, shows string
		vouched                   bool
		before, after             string
	}{
		{"nothing is known", "", "h:1", a, false, "", "h:1 " + a + "\n"},
		{"nothing is known, and it is vouched for", "", "h:1", a, true, "", "h:1 " + a + "\n"},
		{"the same", "h:1 " + a + "\n", "h:1", a, false, a, "h:1 " + a + "\n"},
		{"the same in other letters", "H:1 " + strings.ToUpper(a), "h:1", a, false, a, "H:1 " + strings.ToUpper(a)},
		{"another", "h:1 " + a + "\n", "h:1", b, false, a, "h:1 " + a + "\n"},
		{"another that is vouched for", "h:1 " + a + "\ni:1 " + a + "\n", "H:1", b, true, a, "h:1 " + b + "\ni:1 " + a + "\n"},
		{"another port", "h:1 " + a, "h:2", b, false, "", "h:1 " + a + "\nh:2 " + b + "\n"},
		{"what somebody has written", comment + "h:1\t" + a + " \r\n", "[2001:DB8:0::1]:2", b, false, "", comment + "h:1\t" + a + " \r\n[2001:db8::1]:2 " + b + "\n"},
		{"another spelling", "127.0.0.1:1 " + a, "localhost.:1", b, false, a, "127.0.0.1:1 " + a},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := written(t, tt.file)
			before, err := s.Meet(tt.server, tt.shows, tt.vouched)
			if before != tt.before || err != nil {
				t.Errorf("before it was %q (%v), not %q", before, err, tt.before)
			}
			if text, err := os.ReadFile(s.Path()); string(text) != tt.after || err != nil {
				t.Errorf("the file is %q (%v), not %q", text, err, tt.after)
			}
		})
	}
}

// A file that is not there is made for its owner only, and found again.
func TestMeetMakesTheFile(t *testing.T) {
	s := In(filepath.Join(t.TempDir(), "state", "parley", "known_servers"))
	if got, err := s.Fingerprint("h:1"); got != "" || err != nil {
		t.Errorf("it knows %q (%v)", got, err)
	}
	if _, err := s.Meet("h:1", a, false); err != nil {
		t.Fatal(err)
	}
	if got, err := In(s.Path()).Fingerprint("H:1"); got != a || err != nil {
		t.Errorf("it knows %q (%v)", got, err)
	}
	info, err := os.Stat(s.Path())
	if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the mode is %v (%v)", info.Mode(), err)
	}
}

// What cannot be understood is nobody's, and stays as it is: the server may be known in it.
func TestFileThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"h:1\n":                               ":1: a line is HOST:PORT sha256:HEX",
		"# x\nh:1 " + a + " x\n":              ":2: a line is HOST:PORT sha256:HEX",
		"h:1 sha256:12\n":                     `:1: "sha256:12" is no fingerprint`,
		"i:1 " + a[:len(a)-1] + "g":           "is no fingerprint",
		"h:1 " + a + "\n\nH:1 " + b + "\n":    ":3: h:1 stands there twice",
		strings.Repeat("#", maxFile) + "\n\n": "too large",
	} {
		s := written(t, text)
		_, err := s.Fingerprint("h:1")
		_, met := s.Meet("h:1", a, true)
		for _, err := range []error{err, met} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), s.Path()) {
				t.Errorf("%.40q: %v, want %s", text, err, want)
			}
		}
		if after, err := os.ReadFile(s.Path()); string(after) != text || err != nil {
			t.Errorf("%.40q has become %.80q (%v)", text, after, err)
		}
	}
	for _, server := range []string{"", "two words:1", "# h:1", "h\n:1", "a\u2003b:1"} {
		if _, err := written(t, "").Meet(server, a, true); err == nil {
			t.Errorf("%q stands in the file", server)
		}
	}
}

// Others must not decide whom one believes.
func TestFileOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	s := written(t, "h:1 "+a+"\n")
	if err := os.Chmod(s.Path(), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Fingerprint("h:1"); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("%q, %v", got, err)
	}
}

// Clients that meet servers at the same time lose nothing of each other, and of those that
// meet one server one is first.
func TestMeetAtOnce(t *testing.T) {
	s := written(t, "")
	var work sync.WaitGroup
	firsts := make(chan string, 20)
	for i := range cap(firsts) {
		work.Go(func() {
			other := In(s.Path())
			if _, err := other.Meet(fmt.Sprintf("h%d:1", i), a, false); err != nil {
				t.Error(err)
			}
			fingerprint := prefix + fmt.Sprintf("%064x", i)
			if before, err := other.Meet("all:1", fingerprint, false); err != nil {
				t.Error(err)
			} else if before == "" {
				firsts <- fingerprint
			}
		})
	}
	work.Wait()
	first := <-firsts
	if got, err := s.Fingerprint("all:1"); got != first || err != nil || len(firsts) > 0 {
		t.Errorf("%q is known (%v), and %q was first, with %d more", got, err, first, len(firsts))
	}
	text, err := os.ReadFile(s.Path())
	if n := bytes.Count(text, []byte("\n")); n != cap(firsts)+1 || err != nil {
		t.Errorf("there are %d lines (%v)", n, err)
	}
}

// The fingerprint is what openssl makes of the public key:
//
//	openssl pkey -in key.pem -pubout -outform DER | sha256sum
func TestFingerprint(t *testing.T) {
	block, _ := pem.Decode([]byte(certificate))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if got := cert.Fingerprint(c); got != ofCertificate {
		t.Errorf("it is %s, not %s", got, ofCertificate)
	}
	if got, err := ParseFingerprint(" " + strings.ToUpper(ofCertificate)); got != ofCertificate || err != nil {
		t.Errorf("it is %s (%v)", got, err)
	}
	for _, bad := range []string{"", a[len(prefix):], prefix, a + "00", a[:len(a)-2], "sha1:" + a[len(prefix):], a[:len(a)-1] + "x"} {
		if got, err := ParseFingerprint(bad); err == nil {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

// Whatever stands in the file, a server that was met is known, or there is an error and
// the file is as it was.
func FuzzServers(f *testing.F) {
	for _, text := range []string{"", "h:1 " + a + "\n", "# x\r\n\nh:1\t" + b, "h:1 x", "\x00", "h:1 " + a + "\nh:1 " + b} {
		f.Add(text, true)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, vouched bool) {
		s := In(filepath.Join(dir, "known_servers"))
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := s.Meet("h:1", a, vouched)
		if err != nil {
			if after, _ := os.ReadFile(s.Path()); string(after) != text {
				t.Errorf("%q has become %q", text, after)
			}
			return
		}
		want := a
		if before != "" && !vouched {
			want = before
		}
		if got, err := s.Fingerprint("h:1"); got != want || err != nil {
			t.Errorf("%q: %q is known (%v), not %q", text, got, err, want)
		}
	})
}

// certificate is one that openssl has made.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUNBax5/hHGlAuYwWPKOvDRmvDjZYwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGcGFybGV5MCAXDTI2MTEyNjEzMjkwOVoYDzIxMjYxMTAyMTMy
OTA5WjARMQ8wDQYDVQQDDAZwYXJsZXkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAT8Ne/o8aZkq+cBaU2MGEr5jHqebqjCP7iTXChOSCRIypnlwxhZKyWym+oedec1
urGq76VTdWvB2vz6xCTtU4Oio1MwUTAdBgNVHQ4EFgQUjb4uSbE93N36kOGDoZOM
B6hnihcwHwYDVR0jBBgwFoAUjb4uSbE93N36kOGDoZOMB6hnihcwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAi6c93/tZxO2qzQBmmamSSbKamGDS
s7w3Zbb9LsId9QYCIDU5fLxxly7o8YVL9gMNP5OxZaP6cevy4dWS7hVqa3rp
-----END CERTIFICATE-----
`

const ofCertificate = "sha256:ab0fc983fa2647c38b1cf0682684b69e1179d5925b1397433ea79c47a6494e4e"

// Where the folder is a file, no server is known, and none can be kept.
func TestAFileInPlaceOfTheFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "parley")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := In(filepath.Join(folder, "known_servers"))
	if before, err := s.Fingerprint("localhost:9999"); before != "" || err != nil {
		t.Errorf("%q, %v", before, err)
	}
	if _, err := s.Meet("localhost:9999", a, false); err == nil {
		t.Error("it is kept")
	}
}
