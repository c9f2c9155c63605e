package admin

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func socketOf(dir string) string { return filepath.Join(dir, socketName) }

// missing checks that there is no socket.
func missing(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Lstat(socketOf(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

func TestWithoutAServerNobodyAnswers(t *testing.T) {
	dir := folder(t)
	if _, err := Dial(dir); err == nil {
		t.Error("somebody answers in an empty folder")
	}
	l := listen(t, dir, new(fake))
	works(t, dir)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	missing(t, dir)
	if _, err := Dial(dir); err == nil {
		t.Error("somebody answers when the server has ended")
	}
}

func TestTheSocketOfADeadServerIsReplaced(t *testing.T) {
	dir := folder(t)
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: socketOf(dir), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(dir); err == nil {
		t.Error("a dead server answers")
	}
	listen(t, dir, new(fake))
	works(t, dir)
}

func TestWhatIsNoSocketIsNotReplaced(t *testing.T) {
	dir := folder(t)
	if err := os.WriteFile(socketOf(dir), []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := Listen(dir, new(fake), slog.Default()); err == nil {
		_ = l.Close()
		t.Error("it listens")
	} else if !strings.Contains(err.Error(), socketName+" is in the way") {
		t.Error(err)
	}
	if text, err := os.ReadFile(socketOf(dir)); err != nil || string(text) != "precious" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

func TestALongPathIsNoHindranceOrIsExplained(t *testing.T) {
	dir := filepath.Join(folder(t), strings.Repeat("long/", 40))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(dir, new(fake), slog.Default())
	if runtime.GOOS != "linux" {
		if err == nil || !strings.Contains(err.Error(), "use a data folder with a shorter path") {
			t.Errorf("it listens: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	works(t, dir)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	missing(t, dir)
}

// The borders of what the system takes itself: a relative path is made absolute first.
func TestPathsAroundTheLimitAreReached(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere longer ones are refused")
	}
	base := folder(t)
	for size := maxPath - 2; size < maxPath+8; size++ {
		dir := filepath.Join(base, strings.Repeat("x", size-len(base)-len("//"+socketName)))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if len(socketOf(dir)) != size {
			t.Fatalf("the path has %d bytes, not %d", len(socketOf(dir)), size)
		}
		l := listen(t, dir, new(fake))
		works(t, dir)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Chdir(base)
	if err := os.Mkdir("@relative", 0o700); err != nil { // to the system a path with @ is no file
		t.Fatal(err)
	}
	listen(t, "@relative", new(fake))
	works(t, filepath.Join(base, "@relative"))
}

func TestTheFolderOfAServerCanBeMoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there it cannot")
	}
	base := folder(t)
	dir, moved := filepath.Join(base, "data"), filepath.Join(base, "moved")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := listen(t, dir, new(fake))
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	works(t, moved)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	listen(t, dir, new(fake))
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	works(t, dir) // its socket was not the old one's to remove
}

func TestAServerThatStopsSaysThatACommandMayBeDone(t *testing.T) {
	dir, begun := folder(t), make(chan struct{})
	srv := &fake{hold: func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}}
	l := listen(t, dir, srv)
	busy, idle := dial(t, dir), dial(t, dir)
	done := make(chan error)
	go func() {
		_, err := busy.Propose(addAccount("alice"))
		done <- err
	}()
	<-begun
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, ErrUnsure) || !strings.HasPrefix(err.Error(), "the server is stopping") {
		t.Errorf("what was under way: %v", err)
	}
	if _, err := idle.Accounts(); err == nil || errors.Is(err, ErrUnsure) {
		t.Errorf("what was asked afterwards: %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a second Close: %v", err)
	}
}

// More connections than are answered at once wait for one that ends.
func TestConnectionsTakeTurns(t *testing.T) {
	dir := folder(t)
	listen(t, dir, new(fake))
	var hung []*Client
	for range maxConns {
		c := dial(t, dir)
		if _, err := c.Accounts(); err != nil { // it has a place
			t.Fatal(err)
		}
		hung = append(hung, c)
	}
	next := dial(t, dir)
	if _, err := next.conn.Write([]byte(`{"list":true}` + "\n")); err != nil {
		t.Fatal(err)
	}
	_ = next.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := next.conn.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one more than there are places is answered: %v", err)
	}
	if err := hung[1].Close(); err != nil {
		t.Error(err)
	}
	if _, err := next.next(); err != nil {
		t.Errorf("it is not answered when there is a place: %v", err)
	}
}
