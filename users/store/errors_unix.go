//go:build unix

package store

import "syscall"

// fullErrors are the errors of the system that say that a disk, or what a user may have of it, is
// full.
func fullErrors() []error { return []error{syscall.ENOSPC, syscall.EDQUOT} }

// readOnlyErrors are those that say that a disk can only be read.
func readOnlyErrors() []error { return []error{syscall.EROFS} }
