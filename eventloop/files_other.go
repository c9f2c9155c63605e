//go:build !unix

package eventloop

import "errors"

// raiseFileLimit returns a number of connections that the system can be
// expected to bear: there is no limit of open files to read.
func raiseFileLimit() (int, error) { return 16384, nil }

// closeWrite cannot end one half of a socket here: the caller closes it.
func closeWrite(int) error { return errors.ErrUnsupported }
