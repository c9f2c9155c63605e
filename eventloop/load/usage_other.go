//go:build !linux

package load

import "errors"

// ProcessUsage is only known on Linux.
func ProcessUsage(int) (Usage, error) {
	return Usage{}, errors.New("what another process uses is only known on Linux: leave --pid out")
}
