//go:build unix

package notify

import (
	"os/exec"
	"syscall"
)

// killWithChildren makes a program that is killed take along what it has started.
func killWithChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
