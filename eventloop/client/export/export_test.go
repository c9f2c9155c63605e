package export

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"parley/eventloop/client"
)

// await returns what has become of what was asked for.
func await(t *testing.T, f *Files) client.Saved {
	t.Helper()
	return <-f.Saved()
}

func TestExport(t *testing.T) {
	folder := t.TempDir()
	f := Start(folder)
	f.Open("mine.jsonl", false)
	s := await(t, f)
	path := filepath.Join(folder, "mine.jsonl")
	if s.Err != nil || s.Name != path {
		t.Fatalf("%+v", s)
	}
	for _, text := range []string{"one\n", "two\n"} {
		f.Write(text)
		if s := await(t, f); s.Err != nil {
			t.Fatalf("%+v", s)
		}
	}
	f.Close(true)
	if s := await(t, f); s.Err != nil || !s.Closed || s.Name != path {
		t.Fatalf("%+v", s)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "one\ntwo\n" {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	// A file that is there is not written to.
	f.Open("mine.jsonl", false)
	if s := await(t, f); s.Err == nil || !strings.Contains(s.Err.Error(), "exists") {
		t.Errorf("%+v", s)
	}
	f.Open("mine.jsonl", true)
	if s := await(t, f); s.Err != nil || s.Name != filepath.Join(folder, "mine-2.jsonl") {
		t.Errorf("%+v", s)
	}
	// What is not whole is not kept.
	f.Write("half")
	await(t, f)
	f.Close(false)
	if s := await(t, f); s.Err != nil || !s.Closed {
		t.Errorf("%+v", s)
	}
	f.Open(filepath.Join(folder, "nowhere", "x"), false)
	if s := await(t, f); s.Err == nil {
		t.Errorf("%+v", s)
	}
	// Nor is what is under way at the end.
	f.Open("late.jsonl", false)
	await(t, f)
	f.Write("half")
	f.Stop()
	var names []string
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if strings.Join(names, " ") != "mine.jsonl" {
		t.Errorf("there are %q", names)
	}
}
