package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a disk of that many bytes. It skips the test where that is
// not allowed.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprint("size=", size)); err != nil {
		t.Skip("a small disk cannot be mounted here, which needs root:", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestSmallDisk writes until the disk is full, makes room, and goes on.
func TestSmallDisk(t *testing.T) {
	dir := smallDisk(t, 2<<20)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	var kept []uint64
	next := uint64(1)
	add := func() error {
		rows := said(next)
		rows.Messages[0].Text, rows.Count = strings.Repeat("x", 4096), 1
		err := s.Commit(&rows)
		if err == nil {
			kept = append(kept, next)
		}
		next++
		return err
	}
	var err error
	for err == nil && next < 10_000 {
		err = add()
	}
	if !errors.Is(err, ErrFull) || !Disk(err) {
		t.Fatal(err)
	}
	for range 3 { // it stays so
		if err := add(); !errors.Is(err, ErrFull) || !Disk(err) {
			t.Fatal(err)
		}
	}
	t.Logf("full after %d messages", len(kept))
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := add(); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, s)
	s = mustOpen(t, dir)
	var got []uint64
	for _, m := range newest(t, s) {
		got = append(got, m.Number)
	}
	same(t, "kept", got, kept)
	same(t, "requests", len(mustLoad(t, s).Requests), len(kept))
}

// TestReadOnlyDisk has a whole database on a disk that is read-only.
func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t, 2<<20)
	s := mustOpen(t, dir)
	mustCommit(t, s, said(1))
	mustClose(t, s)
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	mustFail(t, dir, ErrReadOnly)
	if _, err := Open(dir, options(SyncAlways)); !strings.Contains(err.Error(), "mount it so that it can be written") {
		t.Error(err)
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	same(t, "last", mustLoad(t, mustOpen(t, dir)).Last, 1)
}
