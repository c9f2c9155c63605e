//go:build !linux && !darwin

package eventloop

import "time"

// setPeerTimeout cannot be had here: TCP's own patience holds for a peer that
// acknowledges nothing, which can be a quarter of an hour.
func setPeerTimeout(int, time.Duration) {}
