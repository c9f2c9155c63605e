package store

import "golang.org/x/sys/windows"

// fullErrors are the errors of the system that say that a disk, or what a user may have of it, is
// full. syscall.ENOSPC is none that Windows returns.
func fullErrors() []error {
	return []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL, windows.ERROR_DISK_QUOTA_EXCEEDED}
}

// readOnlyErrors are those that say that a disk can only be read.
func readOnlyErrors() []error { return []error{windows.ERROR_WRITE_PROTECT} }
