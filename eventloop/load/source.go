package load

import "net"

const (
	// defaultPorts is how many there are where the system does not tell: what
	// RFC 6335 leaves for them, 49152 to 65535.
	defaultPorts = 16384

	// MaxSources is how many addresses Source knows.
	MaxSources = 250 * 250
)

// Source returns the loopback address, of so many, that connection i of a run is
// made from.
func Source(i, sources int) net.Addr {
	i %= sources
	return &net.TCPAddr{IP: net.IPv4(127, 0, byte(i/250), byte(1+i%250))}
}
