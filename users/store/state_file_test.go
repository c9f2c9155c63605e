package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"parley/users/store"
)

// A snapshot is replaced as a whole, leaves nothing beside it, and is for nobody else to read.
func TestASnapshotIsReplaced(t *testing.T) {
	dir := t.TempDir()
	if b, err := store.LoadState(dir); b != nil || err != nil {
		t.Fatalf("of none: %q, %v", b, err)
	}
	for _, want := range [][]byte{bytes.Repeat([]byte("long"), 1<<16), []byte("short")} {
		if err := store.KeepState(dir, want); err != nil {
			t.Fatal(err)
		}
		if got, err := store.LoadState(dir); !bytes.Equal(got, want) || err != nil {
			t.Fatalf("there are %d bytes, want %d: %v", len(got), len(want), err)
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 {
		t.Fatalf("there are %v: %v", all, err)
	}
	info, err := os.Stat(filepath.Join(dir, "parley.state"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("it is %v: %v", info.Mode(), err)
	}
	if err := store.KeepState(filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("it is kept where there is no folder")
	}
}
