package store

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// What Windows says of a disk that is full, or that can only be read, is understood.
func TestWhatWindowsSaysOfADisk(t *testing.T) {
	for why, tt := range map[windows.Errno]struct {
		ours error
		says string
	}{
		windows.ERROR_DISK_FULL:           {ErrFull, "make room on its disk"},
		windows.ERROR_HANDLE_DISK_FULL:    {ErrFull, "make room on its disk"},
		windows.ERROR_DISK_QUOTA_EXCEEDED: {ErrFull, "if there is a quota"},
		windows.ERROR_WRITE_PROTECT:       {ErrReadOnly, "mount it"},
		windows.ERROR_ACCESS_DENIED:       {ErrReadOnly, "give it the folder"},
	} {
		err := advise(t.TempDir(), classify(&fs.PathError{Op: "open", Path: "x", Err: why}))
		if !errors.Is(err, tt.ours) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v: %v", why, err)
		}
	}
}
