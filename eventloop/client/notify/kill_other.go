//go:build !unix

package notify

import "os/exec"

// killWithChildren leaves it at killing the program: here it has no group.
func killWithChildren(*exec.Cmd) {}
