package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"parley/protocol"
)

// mountsVariable says that a process has mounts of its own.
const mountsVariable = "PARLEY_TEST_MOUNTS"

// withOwnMounts reports whether the test runs where it may mount and nobody else sees it
// (user_namespaces(7), mount_namespaces(7)), which it does in another process that it starts.
func withOwnMounts(t *testing.T) bool {
	t.Helper()
	ids := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	return withOwn(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, UidMappings: ids(os.Getuid()), GidMappings: ids(os.Getgid())})
}

// withOwn does so with other namespaces.
func withOwn(t *testing.T, namespaces *syscall.SysProcAttr) bool {
	t.Helper()
	if os.Getenv(mountsVariable) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mountsVariable+"=1")
	cmd.SysProcAttr = namespaces
	out, err := cmd.CombinedOutput()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skip("mounts of one's own are not allowed here:", err)
	}
	if strings.Contains(string(out), "--- SKIP: "+t.Name()) {
		t.Skipf("%s", out)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// A server whose disk becomes full, or does not take a byte more for another reason, says so once,
// refuses what it cannot keep, and goes on when there is room. What was acknowledged has been kept
// when it is killed: once, in order, and nothing that was refused.
func TestServeWithAFullDisk(t *testing.T) {
	if !withOwnMounts(t) {
		return
	}
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); errors.Is(err, os.ErrPermission) {
		t.Skip("a disk cannot be mounted here:", err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	ballast := filepath.Join(disk, "ballast")
	data := filepath.Join(disk, "data")
	admin := "unix:" + filepath.Join(shortFolder(t), "admin")
	s := serveIn(t, data, []string{"--flood", "off", "--admin", admin}, "127.0.0.1:0")
	d := diskTrial{t: t, alice: converse(t, s.addrs[0])}
	d.alice.login("alice")
	log := d.alice.answer("login").Log
	for _, tt := range []struct {
		name         string
		break_, mend func() error
	}{
		{"full", func() error { return fill(ballast) }, func() error { return os.Remove(ballast) }},
		{"no byte more", func() error { return limitFiles(s.Process.Pid, 0) }, func() error { return limitFiles(s.Process.Pid, unix.RLIM_INFINITY) }},
		{"full again", func() error { return fill(ballast) }, func() error { return os.Remove(ballast) }},
	} {
		d.say("before " + tt.name)
		if err := tt.break_(); err != nil {
			t.Fatal(tt.name, err)
		}
		d.fails(s.addrs[0])
		tried := metric(t, admin, "parley_commit_failures_total")
		for end := time.Now().Add(deadline); metric(t, admin, "parley_commit_failures_total") == tried; { // it is tried again
			if time.Now().After(end) {
				t.Fatal("the server does not try again")
			}
		}
		if err := tt.mend(); err != nil {
			t.Fatal(tt.name, err)
		}
		d.waits()
		d.say("after " + tt.name)
	}
	_ = s.Process.Kill()
	_ = s.Wait()
	for words, want := range map[string]int{"storage has failed; nothing new is told until it works again": 3, "the disk is full": 2, `"level":"ERROR"`: 3} {
		if n := strings.Count(s.log.String(), words); n != want {
			t.Errorf("the log says %d times %q, want %d: %s", n, words, want, s.log)
		}
	}
	if strings.Count(s.log.String(), "storage works again") < 2 { // the last one may not be written when it is killed
		t.Errorf("the log does not say that storage works again: %s", s.log)
	}
	s = serveIn(t, data, nil, "127.0.0.1:0")
	d.keptIn(s.addrs[0], log)
}

// keptIn checks that a server has kept what was acknowledged, once and in order, and nothing else.
func (d *diskTrial) keptIn(addr, log string) {
	d.t.Helper()
	bob := converse(d.t, addr)
	bob.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: "bob"}, Extended: true, Ref: "login", Log: log, HasAfter: true})
	bob.answer("login")
	var kept []string
	for r := range bob.came {
		if r.Data != nil && r.Data.Event == protocol.EventMessage {
			kept = append(kept, strings.TrimSuffix(r.Content, padding))
		}
		if r.Data != nil && r.Data.Event == protocol.EventResumed {
			break
		}
	}
	if !slices.Equal(kept, d.acknowledged) {
		d.t.Errorf("acknowledged were %q, kept are %q", d.acknowledged, kept)
	}
}

// fill makes a file that leaves no room on its disk.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for b := make([]byte, 4096); err == nil; {
		_, err = f.Write(b)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return nil
}

// limitFiles has a process write files of so many bytes at most: what is beyond that fails.
func limitFiles(pid int, bytes uint64) error {
	return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil)
}

// padding is behind what is to fill the disk.
var padding = strings.Repeat(" x", 2000)

// A diskTrial is somebody who talks while the disk fails and works.
type diskTrial struct {
	t            *testing.T
	alice        conversation
	open         []string // was asked for before the server knew that the disk fails
	acknowledged []string
	serial       int
}

// say says something that is to be kept.
func (d *diskTrial) say(text string) {
	d.t.Helper()
	d.alice.say(text)
	if got := d.alice.answer(text); got.Event != protocol.EventAccepted {
		d.t.Fatalf("%q is answered with %+v", text, got)
	}
	d.acknowledged = append(d.acknowledged, text)
}

// fails talks until the server refuses it. What it was asked for before it knew waits.
func (d *diskTrial) fails(addr string) {
	d.t.Helper()
	for refused := 0; refused < 3; d.serial++ {
		text := fmt.Sprint("text ", d.serial)
		r := d.ask(text)
		switch {
		case r.Ref != text:
			d.open = append(d.open, text)
		case r.Data.Event == protocol.EventAccepted:
			d.acknowledged = append(d.acknowledged, text)
		case r.Data.Code == protocol.Internal && strings.Contains(r.Content, "its storage has failed. Send it again later."):
			refused++
		default:
			d.t.Fatalf("%s is answered with %+v", text, r)
		}
	}
	if len(d.open) != 1 {
		d.t.Errorf("%q wait for the disk, and not one", d.open)
	}
	if got := logIn(d.t, addr, "bob", ""); got.Code != protocol.Internal {
		d.t.Errorf("a login is answered with %+v", got)
	}
}

// ask says something, and returns the answer, or that to a ping behind it: then there is none, since
// it cannot be kept. A ping that waits behind it is sent again.
func (d *diskTrial) ask(text string) protocol.Response {
	d.t.Helper()
	d.alice.send(protocol.Request{Verb: "msg", Content: protocol.Content{Text: text + padding}, Ref: text, ID: text})
	ping := "ping " + text
	d.alice.send(protocol.Request{Verb: "ping", Ref: ping})
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for late := time.After(deadline); ; {
		select {
		case r, ok := <-d.alice.came:
			if !ok || r.Ref == text || r.Ref == ping {
				return r
			}
		case <-again.C:
			d.alice.send(protocol.Request{Verb: "ping", Ref: ping})
		case <-late:
			d.t.Fatalf("no answer to %s", text)
		}
	}
}

// waits until what was asked for is kept after all.
func (d *diskTrial) waits() {
	d.t.Helper()
	for _, text := range d.open {
		if got := d.alice.answer(text); got.Event != protocol.EventAccepted {
			d.t.Fatalf("%s is answered with %+v", text, got)
		}
		d.acknowledged = append(d.acknowledged, text)
	}
	d.open = nil
}

// A server does not start whose log has no room for a line.
func TestLogFileWithoutRoom(t *testing.T) {
	status, says := does(t, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--log-file", "/dev/full", "--log-level", "error")
	if status != exitRefused || !strings.Contains(says, "--log-file: nothing can be kept there: write /dev/full: no space left on device; make room, or choose another file") {
		t.Errorf("exit status %d: %s", status, says)
	}
}
