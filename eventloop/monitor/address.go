package monitor

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// CheckAddress returns nil for an address, "HOST:PORT" or "unix:PATH", that only this
// machine reaches: a Unix socket, or the host localhost or an address of loopback. Where
// the operator wants it anywhere, it is nil for all.
func CheckAddress(addr string, anywhere bool) error {
	if anywhere || strings.HasPrefix(addr, "unix:") {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is no address: it is HOST:PORT, such as 127.0.0.1:9090, or unix:PATH", addr)
	}
	if IsLocal(host) {
		return nil
	}
	return fmt.Errorf("%s may be reached from other machines, and it shows how the server does and lets the program be looked into: use 127.0.0.1:PORT or unix:PATH, or add --admin-anywhere", addr)
}

// IsLocal reports whether a host is this machine and nothing else.
func IsLocal(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
