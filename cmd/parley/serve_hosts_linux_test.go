package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"parley/protocol"
)

const (
	// namespaceVariable says that a process is in a network namespace of the test's own.
	namespaceVariable = "PARLEY_TEST_NAMESPACE"

	// otherAddress is one there that is not loopback: who comes from there comes from another
	// host, for all that the server knows. Nobody reaches it from outside.
	otherAddress = "192.0.2.1"
)

// inNamespace reports whether the test runs in a network namespace of its own, which it does in
// another process that it starts.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(namespaceVariable) != "" {
		return true
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need ip (apt-get install iproute2)")
	}
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	ns := fmt.Sprintf("parley%dh", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
		t.Skipf("network namespaces cannot be made here: %s", out)
	}
	t.Cleanup(func() { exec.Command("ip", "netns", "del", ns).Run() })
	for _, args := range []string{"link set lo up", "link add eth type veth peer name far", "addr add " + otherAddress + "/24 dev eth", "link set far up", "link set eth up"} {
		if out, err := exec.Command("ip", append([]string{"-n", ns}, strings.Fields(args)...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", args, err, out)
		}
	}
	cmd := exec.Command("ip", "netns", "exec", ns, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), namespaceVariable+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// Passwords from other hosts are taken over TLS, and without it from guests nothing is asked
// and from nobody a password is taken, unless that is allowed.
func TestServePasswordsFromOtherHosts(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	const here = otherAddress + ":0"
	folder := t.TempDir()
	userDoes(t, folder, secret, "alice has an account", "add", "alice")
	for _, allowed := range []bool{false, true} {
		s := serveLogging(t, "--data", folder, "--listen", here, "--tls-listen", here, "--tls-self", fmt.Sprint("--plain-passwords=", allowed))
		s.until("listening on 127.0.0.1")
		_, plain, _ := strings.Cut(s.until("listening on "), "listening on ")
		secure := s.tlsAddress()
		want := protocol.TLSRequired
		if allowed {
			want = ""
		}
		if got := logIn(t, plain, "alice", secret); got.Code != want {
			t.Errorf("allowed: %v: a login without TLS is answered with %q", allowed, got.Code)
		}
		if got := logIn(t, plain, "guest", ""); got.Code != "" {
			t.Errorf("allowed: %v: a guest is answered with %q", allowed, got.Code)
		}
		welcome := dialSecurely(t, secure).ask(t, protocol.Request{Verb: "login", Content: protocol.Content{Text: "alice"}, Password: secret, Extended: true})
		if !strings.Contains(welcome, "Login successful") {
			t.Errorf("allowed: %v: a login over TLS is answered with %s", allowed, welcome)
		}
		s.signal(syscall.SIGTERM)
		if err := s.end(); err != nil {
			t.Error(err)
		}
	}
}
