package web

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
)

var something = client.Kept{
	Name: "alice", In: true, Log: "log1", Token: "abc", After: 7, Whole: true, Settings: map[string]string{"theme": "dark"},
	Talks: []client.KeptTalk{{In: timeline.With(timeline.Room, "dev"), Name: "Dev", Cursor: 3, Draft: "half a\nline", Entries: []timeline.Entry{
		{ID: 3, In: timeline.With(timeline.Room, "dev"), Sender: "bob", Text: "two \x1b\u202e", Number: 5, Times: timeline.Times{At: time.Unix(1764188400, 0).UTC()},
			Marks: timeline.Marks{Reactions: []timeline.Reaction{{Word: "+1", Names: []string{"carl"}}}}},
	}}},
}

func TestWhatIsKeptComesBack(t *testing.T) {
	server := t.TempDir()
	folder := filepath.Join(server, "user-alice")
	if k, err := ReadKept(folder); k != nil || err != nil || LastName(server) != "" {
		t.Fatalf("of nothing there is %v (%v)", k, err)
	}
	if err := WriteKept(server, something); err != nil {
		t.Fatal(err)
	}
	if name := LastName(server); name != "alice" {
		t.Errorf("%q was last", name)
	}
	k, err := ReadKept(folder)
	if err != nil || !reflect.DeepEqual(*k, something) {
		t.Errorf("it is\n%+v, not\n%+v (%v)", k, something, err)
	}
	info, err := os.Stat(filepath.Join(folder, keptFile))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
}

// What is no such file is moved away, and nothing of it is lost.
func TestWhatCannotBeReadIsMovedAway(t *testing.T) {
	for _, content := range []string{"", "{", `{"Version":99}`, `{"Version":1,"Kept":{"Talks":7}}`} {
		folder := t.TempDir()
		path := filepath.Join(folder, keptFile)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := ReadKept(folder)
		aside, _ := os.ReadFile(path + ".unread")
		if k != nil || err == nil || string(aside) != content {
			t.Errorf("%q: %v, %v, and beside it %q", content, k, err, aside)
		}
		if k, err := ReadKept(folder); k != nil || err != nil {
			t.Errorf("%q is not out of the way: %v (%v)", content, k, err)
		}
	}
}

// A Keeper writes a while after something has happened, once, and tells once that it cannot.
func TestKeeper(t *testing.T) {
	s := newStand(t)
	server := filepath.Join(t.TempDir(), "server")
	folder := filepath.Join(server, "user-alice")
	if err := os.WriteFile(server, nil, 0o600); err != nil { // in the way
		t.Fatal(err)
	}
	clock, failed := make(chan time.Time), make(chan error, 9)
	k := s.Keep(server, func(d time.Duration) <-chan time.Time {
		if d != keepPause {
			t.Errorf("it waits %s", d)
		}
		return clock
	}, func(err error) { failed <- err })
	defer k.Stop()
	pass := func() {
		t.Helper()
		s.says(1, "one")
		s.says(2, "two")
		clock <- time.Time{}
		q := <-s.Asks()
		if q.Kind != client.AskKept {
			t.Fatalf("it asks %s", q.Kind)
		}
		q.Answer(client.Answer{Kept: &something})
	}
	pass()
	if err := <-failed; !strings.Contains(err.Error(), "keeping the chat") {
		t.Error(err)
	}
	if err := os.Remove(server); err != nil {
		t.Fatal(err)
	}
	pass()
	pass() // the one before is done when this one is asked
	if kept, err := ReadKept(folder); err != nil || kept.Name != "alice" {
		t.Errorf("%+v (%v)", kept, err)
	}
}

// One process at a time has a place; another one is told where the page is.
func TestOneProcessHasAPlace(t *testing.T) {
	server := FolderOf(t.TempDir(), "localhost:9998")
	p, err := Take(t.Context(), server, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Serves("http://127.0.0.1:7777/#token=abc"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(p.Folder, urlFile))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of the file with the token is %v (%v)", info.Mode(), err)
	}
	var taken *TakenError
	if _, err := Take(t.Context(), server, "alice"); !errors.As(err, &taken) || taken.URL != "http://127.0.0.1:7777/#token=abc" {
		t.Errorf("another process is told %v", err)
	}
	other, err := Take(t.Context(), server, "bob")
	if err != nil {
		t.Errorf("another user is told %v", err)
	} else if err := other.Leave(); err != nil {
		t.Error(err)
	}
	if err := p.Leave(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(p.Folder, urlFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file with the token is still there (%v)", err)
	}
	if p, err = Take(t.Context(), server, "alice"); err != nil {
		t.Fatal(err)
	}
	_ = p.Leave()
}

// Of a name of which nothing is kept, such as one that the server has refused, no folder stays.
func TestAPlaceWithNothingLeavesNoFolder(t *testing.T) {
	home := t.TempDir()
	server := FolderOf(home, "localhost:9998")
	p, err := Take(t.Context(), server, "alice")
	if err != nil {
		t.Fatal(err)
	}
	late, err := Take(t.Context(), server, "carl")
	if err != nil {
		t.Fatal(err)
	}
	refused := client.Kept{Name: "carl", Settings: map[string]string{"met": "yes"}}
	if err := errors.Join(WriteKept(server, something), WriteKept(server, refused), p.Leave(), late.Leave()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(home, "*", "user-*")); len(left) != 1 || left[0] != p.Folder {
		t.Errorf("the folders are %v (%v)", left, err)
	}
	if err := os.RemoveAll(p.Folder); err != nil {
		t.Fatal(err)
	}
	if p, err = Take(t.Context(), server, ""); err == nil { // who never gave a name
		err = errors.Join(os.Remove(filepath.Join(server, lastFile)), WriteKept(server, client.Kept{}), p.Leave())
	}
	if left, e := os.ReadDir(home); err != nil || e != nil || len(left) > 0 {
		t.Errorf("%v are left (%v, %v)", left, err, e)
	}
}

// What is set before a name is given is there the next time.
func TestSettingsOfNobodyAreKept(t *testing.T) {
	server := FolderOf(t.TempDir(), "localhost:9998")
	p, err := Take(t.Context(), server, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteKept(server, client.Kept{Settings: map[string]string{"theme": "dark"}}), p.Leave()); err != nil {
		t.Fatal(err)
	}
	if k, err := ReadKept(p.Folder); err != nil || k == nil || k.Settings["theme"] != "dark" {
		t.Errorf("it is %+v (%v)", k, err)
	}
}

// That it cannot be told whether something is kept is told when it cannot be written, too.
func TestWhatCannotBeLookedAtIsNotLeftOut(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("below a file there is nothing, as far as is told")
	}
	server := t.TempDir()
	p := &Place{Folder: userFolder(server, "carl")}
	if err := os.WriteFile(p.Folder, nil, 0o600); err != nil { // no folder
		t.Fatal(err)
	}
	if err := WriteKept(server, client.Kept{Name: "carl"}); err == nil || !p.HasKept() {
		t.Errorf("that something is kept is %v, and writing it fails with %v", p.HasKept(), err)
	}
}

// A folder that cannot be made is told as that, and not as one of another process.
func TestAPlaceThatCannotBeMade(t *testing.T) {
	server := t.TempDir()
	if err := os.Symlink(filepath.Join(server, "gone"), userFolder(server, "alice")); err != nil {
		t.Skip("there are no links here: ", err)
	}
	over, cancel := context.WithCancel(t.Context()) // as if it had waited
	cancel()
	if _, err := Take(over, server, "alice"); !errors.Is(err, fs.ErrExist) || strings.Contains(err.Error(), "another process") {
		t.Errorf("of a link to nothing it tells: %v", err)
	}
	p, err := Take(t.Context(), server, "bob")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Leave()
	if _, err := Take(over, server, "bob"); err == nil || !strings.Contains(err.Error(), "another process has") {
		t.Errorf("of a folder that another process has it tells: %v", err)
	}
}

// A lock of a file that was taken away meanwhile is none: others lock another one.
func TestAPlaceThatWasTakenAwayIsNotHad(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no open file can be taken away")
	}
	p, err := Take(t.Context(), FolderOf(t.TempDir(), "localhost:9998"), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(p.lock.Path()), os.WriteFile(p.lock.Path(), nil, 0o600)); err != nil { // that of others
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		if got, err := p.tryLock(); got != want || err != nil {
			t.Errorf("that it has the place is %v (%v), not %v", got, err, want)
		}
	}
	if err := p.Leave(); err != nil {
		t.Error(err)
	}
}

// watched is a lock, behind which others come at once.
type watched struct {
	lock
	come func()
}

func (w watched) Close() error {
	err := w.lock.Close()
	w.come()
	return err
}

// Who comes as soon as somebody leaves gets the place, and nobody else has it then.
func TestAPlaceThatIsLeftIsTakenByOne(t *testing.T) {
	server := FolderOf(t.TempDir(), "localhost:9998")
	p, err := Take(t.Context(), server, "alice")
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context()) // nobody waits
	cancel()
	var next *Place
	p.lock = watched{p.lock, func() { next, err = Take(over, server, "alice") }}
	if left := p.Leave(); left != nil || err != nil {
		t.Fatalf("it is left (%v) and taken (%v)", left, err)
	}
	if _, err := Take(over, server, "alice"); err == nil {
		t.Error("two processes have the place")
	}
	if err := next.Leave(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(p.Folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder with nothing stays (%v)", err)
	}
}
