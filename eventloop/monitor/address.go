package monitor

import "parley/eventloop/endpoint"

// CheckAddress returns nil for an address, "HOST:PORT" or "unix:PATH", that only this
// machine reaches. Where the operator wants it anywhere, it is nil for all.
func CheckAddress(addr string, anywhere bool) error {
	if anywhere {
		return nil
	}
	return endpoint.CheckLocal(addr, "9090", "it shows how the server does and lets the program be looked into: use 127.0.0.1:PORT or unix:PATH, or add --admin-anywhere")
}
