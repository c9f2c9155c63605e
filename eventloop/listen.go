package eventloop

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
)

// resolve turns an address to listen on, "HOST:PORT" or "unix:PATH", into
// gnet's form and into the form that a person can connect to. A port of 0 is
// replaced by a free one.
//
// It also finds out whether the address is in use, which gnet would not: with
// SO_REUSEPORT two servers of one user could listen on the same port and share
// its clients, and an existing socket file is simply replaced.
func resolve(addr string) (gnetAddr, real string, err error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		return "unix://" + path, addr, checkSocketFile(path)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return "", "", fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	defer ln.Close()
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", "", fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return "", "", fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	real = net.JoinHostPort(host, port)
	return "tcp://" + real, real, nil
}

// checkSocketFile returns an error if there is something at path that must not
// be replaced: any file but the socket of a server that is gone.
func checkSocketFile(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot listen on unix:%s: %w", path, err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("cannot listen on unix:%s: there is a file of that name", path)
	}
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return fmt.Errorf("cannot listen on unix:%s: another server is listening there", path)
	}
	return nil
}
