package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A disk that is full when the folder is opened is said to be so, however far the opening comes;
// in one line that says what to do. When there is room again, it opens.
func TestAFullDiskAtTheStart(t *testing.T) {
	for _, size := range []int{4 << 10, 8 << 10, 16 << 10, 32 << 10, 40 << 10, 64 << 10, 96 << 10, 128 << 10, 192 << 10, 256 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			saysFull(t, smallDisk(t, size))
		})
	}
	t.Run("of a folder that there is", func(t *testing.T) {
		dir := smallDisk(t, 2<<20)
		s := mustOpen(t, dir)
		mustCommit(t, s, said(1))
		mustClose(t, s)
		ballast := filepath.Join(dir, "ballast")
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		f.Close()
		saysFull(t, dir)
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		same(t, "last", mustLoad(t, mustOpen(t, dir)).Last, 1)
	})
}

func saysFull(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(dir, options(SyncAlways))
	if err == nil {
		mustClose(t, s)
		t.Fatal("it was opened")
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "make room") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
}

// Why the system refuses decides what is advised.
func TestWhatIsAdvised(t *testing.T) {
	for why, says := range map[error]string{
		syscall.ENOSPC: "make room on its disk", syscall.EDQUOT: "if there is a quota", syscall.EROFS: "mount it", syscall.EACCES: "give it the folder",
	} {
		err := advise(t.TempDir(), classify(&fs.PathError{Op: "open", Path: "x", Err: why}))
		if !errors.Is(err, why) || !strings.Contains(err.Error(), says) || !Disk(err) {
			t.Errorf("%v: %v", why, err)
		}
	}
}
