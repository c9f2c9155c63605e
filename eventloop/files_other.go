//go:build !unix

package eventloop

import (
	"errors"
	"net"
	"syscall"
)

// raiseFileLimit returns a number of connections that the system can be
// expected to bear: there is no limit of open files to read.
func raiseFileLimit() (int, error) { return 16384, nil }

// writeNow gives everything to gnet: its file cannot be written to here.
func writeNow(s *gnetSocket, b []byte) (int, error) {
	if s.half {
		return 0, errors.ErrUnsupported
	}
	_, err := s.conn.Write(b)
	return len(b), err
}

// closeWrite cannot end one half of a socket here: the caller closes it.
func closeWrite(int) error { return errors.ErrUnsupported }

func closeFile(int) {}

// sharePort cannot be had here.
func sharePort(*net.TCPListener) bool { return false }

const maxSocketPath = 107

// lockFolder is not needed here: an address is never taken over.
func lockFolder(string) (unlock func(), err error) { return func() {}, nil }

// isStale reports whether what a dial of a socket file said means that its server
// is gone.
func isStale(err error) bool { return errors.Is(err, syscall.Errno(10061)) } // WSAECONNREFUSED
