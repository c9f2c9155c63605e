//go:build !unix

package client

import (
	"errors"
	"time"
)

const hangupTime = 0 * time.Second

// A terminal is a client and the terminal it runs in, which this system does not have.
type terminal struct{ screen *screen }

func start([]string, []string) (*terminal, error) {
	return nil, errors.New("a client is examined in a pseudo terminal, which this system has none of: run the doctor on Linux, macOS or another Unix")
}

func (t *terminal) done() <-chan struct{} { return nil }
func (t *terminal) press(string) error    { return nil }
func (t *terminal) ended() (string, bool) { return "", true }
func (t *terminal) hangUp() bool          { return true }
func (t *terminal) end() bool             { return false }
