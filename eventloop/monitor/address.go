package monitor

import "parley/eventloop/endpoint"

// CheckAddress returns nil for an address, "HOST:PORT" or "unix:PATH", that only this
// machine reaches, or where the operator wants it anywhere, for any.
func CheckAddress(addr string, anywhere bool) error {
	return endpoint.CheckAddress(addr, anywhere, "9090", "it shows how the server does and lets the program be looked into: use 127.0.0.1:PORT or unix:PATH, or add --admin-anywhere")
}
