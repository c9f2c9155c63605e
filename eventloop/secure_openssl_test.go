package eventloop_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"parley/eventloop"
)

// bytewise dials an address for all who come to the one that it returns, and passes on
// single bytes.
func bytewise(t testing.TB, addr string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(pieces{to, 1}, from)
		_ = to.(*net.TCPConn).CloseWrite()
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", addr)
			if err != nil {
				near.Close()
				continue
			}
			go pass(near, far)
			go pass(far, near)
		}
	}()
	return l.Addr().String()
}

// OpenSSL changes keys in the middle, and asks us to. crypto/tls cannot as a client.
func TestTLSKeyUpdate(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl")
	}
	r := runTLS(t, &hooks{received: echo}, eventloop.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, openssl, "s_client", "-tls1_3", "-connect", bytewise(t, r.addr))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout // one stream
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("%q did not come", want)
	}
	for i := range 5 {
		fmt.Fprintf(in, "before %d\n", i)
		until(fmt.Sprint("before ", i))
		fmt.Fprintln(in, "K") // new keys for both sides
		until("KEYUPDATE")
		fmt.Fprintf(in, "after %d\n", i)
		until(fmt.Sprint("after ", i))
	}
	fmt.Fprintln(in, "Q")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
