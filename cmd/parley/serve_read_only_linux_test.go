package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A server whose disk becomes read-only, as ext4 does when it finds an error (errors=remount-ro of
// ext4(5)), says so and refuses what it cannot keep. Such a disk can be written to only when it was
// mounted anew, which needs an end of the server: then all that was acknowledged is there.
func TestServeWithAReadOnlyDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("to mount ext4 needs root")
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("ext4 needs mkfs.ext4 (apt-get install e2fsprogs)")
	}
	if !withOwn(t, &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}) {
		return
	}
	disk, image := t.TempDir(), filepath.Join(t.TempDir(), "image")
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, 32<<20)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, disk).CombinedOutput(); err != nil {
		t.Skipf("a disk in a file cannot be mounted here: %s", out)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	data := filepath.Join(disk, "data")
	s := serveLogging(t, "--data", data, "--flood", "off")
	_, addr, _ := strings.Cut(s.until("Parley is listening on "), "Parley is listening on ")
	d := diskTrial{t: t, alice: converse(t, addr)}
	d.alice.login("alice")
	log := d.alice.answer("login").Log
	d.say("before")
	if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); !errors.Is(err, syscall.EBUSY) {
		t.Fatalf("a disk with files that are open for writing is made read-only: %v", err) // nothing would be tried
	}
	d.say("and still")
	if out, err := exec.Command("mount", "-o", "remount,abort", disk).CombinedOutput(); err != nil {
		t.Skipf("this kernel does not let a disk fail (mount -o remount,abort): %v: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(disk, "try"), nil, 0o600); !errors.Is(err, syscall.EROFS) {
		t.Fatalf("writing to a disk that is read-only: %v", err)
	}
	d.fails(addr)
	s.until("storage has failed; nothing new is told until it works again")
	s.signal(syscall.SIGKILL)
	_ = s.end()
	for _, args := range [][]string{{"umount", disk}, {"mount", "-o", "loop", image, disk}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", args[0], err, out)
		}
	}
	d.keptIn(serveIn(t, data, nil, "127.0.0.1:0").addrs[0], log)
}
