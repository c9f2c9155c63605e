package eventloop

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// CheckListen returns nil for what can be an address of Config: "HOST:PORT", "unix:PATH" where
// no TLS is spoken, or "systemd:NAME". Whether one can listen there is not looked at, nor
// whether there is such a host.
func CheckListen(addr string, tls bool) error {
	if name, is := strings.CutPrefix(addr, inheritedPrefix); is {
		if name == "" {
			return errors.New("the name is missing: it stands behind systemd:, as in systemd:chat")
		}
		return nil
	}
	if path, is := strings.CutPrefix(addr, "unix:"); is {
		if tls {
			return errUnixTLS
		}
		return checkSocketPath(path)
	}
	return CheckHostPort(addr)
}

// CheckForOwner returns nil for what can be an address of ListenForOwner.
func CheckForOwner(addr string) error {
	path, is := strings.CutPrefix(addr, "unix:")
	switch {
	case !is:
		return CheckHostPort(addr)
	case strings.HasPrefix(path, "@"):
		return fmt.Errorf("every user of this machine may connect to %s, since a name that begins with @ is no file and has no rights: use unix:PATH", addr)
	}
	return checkSocketPath(path)
}

// CheckHostPort returns nil for "HOST:PORT" where PORT is a number up to 65535 or the name of a
// service.
func CheckHostPort(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return explain(err)
	}
	return nil
}

func checkSocketPath(path string) error {
	switch {
	case path == "":
		return errors.New("the path is missing: it stands behind unix:, as in unix:/run/parley.sock")
	case len(path) > maxSocketPath:
		return fmt.Errorf("the path has %d bytes, and a socket's can have %d", len(path), maxSocketPath)
	}
	return nil
}
