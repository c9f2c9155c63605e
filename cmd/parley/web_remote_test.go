//go:build unix

package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A webRemote is what a page for other machines takes: a certificate for chat.example, and a
// password.
type webRemote struct{ folder, certificate, key, password string }

func newWebRemote(t *testing.T) webRemote {
	t.Helper()
	r := webRemote{folder: t.TempDir()}
	writeCertificate(t, r.folder, "chat.example")
	r.certificate, r.key, r.password = filepath.Join(r.folder, "cert.pem"), filepath.Join(r.folder, "key.pem"), filepath.Join(r.folder, "password")
	r.sets(t, "correct horse battery\n", 0o600)
	return r
}

func (r webRemote) sets(t *testing.T, password string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(r.password, []byte(password), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(r.password, mode); err != nil {
		t.Fatal(err)
	}
}

func (r webRemote) flags() []string {
	return []string{"--web-cert", r.certificate, "--web-key", r.key, "--web-password-file", r.password}
}

// A page that others could reach without TLS or a password is not served, and what is missing
// is said.
func TestPageIsNotServedToOthersWithoutTLSAndAPassword(t *testing.T) {
	r := newWebRemote(t)
	refused := func(want string, args ...string) {
		t.Helper()
		cmd := parley(t, append([]string{"web", "alice@127.0.0.1:1", "--no-state"}, args...)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != exitUsage || !strings.Contains(strings.Join(strings.Fields(string(out)), " "), want) {
			t.Errorf("%v: %d, %s", args, got, out)
		}
	}
	for _, address := range []string{"0.0.0.0:0", "192.168.1.5:0", "[::]:0", ":0"} {
		refused("others can reach --web-listen "+address+", which takes TLS and a password: --web-cert FILE, --web-key FILE, --web-password-file FILE", "--web-listen", address)
	}
	open := []string{"--web-listen", "0.0.0.0:0"}
	refused("missing: --web-password-file FILE", append(open, r.flags()[:4]...)...)
	refused("missing: --web-cert FILE, --web-key FILE", append(open, r.flags()[4:]...)...)
	refused("missing: --web-key FILE", append(append(open, r.flags()[:2]...), r.flags()[4:]...)...)
	r.sets(t, "correct horse battery\n", 0o644)
	refused("others can read or change", append(open, r.flags()...)...)
	r.sets(t, "short\n", 0o600)
	refused("password", append(open, r.flags()...)...)
	r.sets(t, "\n", 0o600)
	refused("password", append(open, r.flags()...)...)
}

// With TLS and a password a page is served to other machines; what is printed, and what another
// process is told, has no secret in it.
func TestPageIsServedToOthersWithTLSAndAPassword(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	r := newWebRemote(t)
	state := t.TempDir()
	run := func() string {
		t.Helper()
		cmd := parley(t, append([]string{"web", "alice@" + srv.addrs[0], "--web-listen", "0.0.0.0:0"}, r.flags()...)...)
		cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+state)
		log := new(strings.Builder)
		cmd.Stderr = log
		stdout, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil {
			t.Fatalf("it says %q; %s", line, log)
		}
		return strings.TrimSpace(line)
	}
	url := run()
	if !strings.HasPrefix(url, "https://chat.example:") || !strings.HasSuffix(url, "/") || strings.Contains(url, "token") {
		t.Errorf("the page is at %q", url)
	}
	if again := run(); again != url {
		t.Errorf("another process is told %q", again)
	}
	certificate, err := os.ReadFile(r.certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "chat.example"}}
	t.Cleanup(transport.CloseIdleConnections)
	host := strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/")
	_, port, _ := strings.Cut(host, ":")
	for password, want := range map[string]int{"battery staple horse": http.StatusForbidden, "correct horse battery": http.StatusNoContent, "": http.StatusForbidden} {
		q, err := http.NewRequest("POST", "https://127.0.0.1:"+port+"/session", strings.NewReader(fmt.Sprintf(`{"password":%q}`, password)))
		if err != nil {
			t.Fatal(err)
		}
		q.Host = host
		q.Header.Set("Origin", "https://"+host)
		q.Header.Set("Content-Type", "application/json")
		answer, err := (&http.Client{Transport: transport, Timeout: deadline}).Do(q)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("the password %q is answered with %d, not %d", password, answer.StatusCode, want)
		}
	}
}
