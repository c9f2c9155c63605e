package main

import (
	"bufio"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// The program for a container needs no file but itself: it is built without C, and serves with
// the flags of the Containerfile where there is nothing else. The first build takes a minute.
func TestStaticProgram(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("containers are of Linux")
	}
	if testing.Short() {
		t.Skip("it takes a whole build")
	}
	program := filepath.Join(t.TempDir(), "parley")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	if err != nil || len(libraries) > 0 || file.Section(".interp") != nil {
		t.Errorf("it needs %v: %v", libraries, err)
	}
	data := t.TempDir()
	cmd := exec.Command(program, containerFlags(t)...)
	cmd.Env, cmd.Dir = []string{"PARLEY_DATA=" + data, "HOME=" + data}, data
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(stdout)
	for _, want := range []string{"", " with TLS"} {
		if lines.Scan(); !strings.HasPrefix(lines.Text(), "Parley is listening on ") || !strings.HasSuffix(lines.Text(), want) {
			t.Errorf("it says %q", lines.Text())
		}
	}
	check := exec.Command(program, "user", "list") // as the container's health is looked at
	check.Env = cmd.Env
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// containerFlags are those of the Containerfile, with ports of this machine's choice.
func containerFlags(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if list, is := strings.CutPrefix(line, "CMD ["); is {
			list = strings.NewReplacer(`"`, "", ",", " ", "]", "", "0.0.0.0:9998", "127.0.0.1:0", "0.0.0.0:9999", "127.0.0.1:0").Replace(list)
			return strings.Fields(list)
		}
	}
	t.Fatal("the Containerfile has no CMD")
	return nil
}

// What the server writes to in the container is its user's. COPY of a folder takes what is in it,
// and not its owner: without --chown it is root's, and no server starts.
func TestTheContainersDataIsItsUsers(t *testing.T) {
	b, err := os.ReadFile("Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, _ := strings.Cut(string(b), "FROM scratch\n")
	user := regexp.MustCompile(`(?m)^USER (\S+)$`).FindStringSubmatch(last)
	if user == nil || !strings.Contains(last, "\nCOPY --from=build --chown="+user[1]+" /image/ /\n") || !strings.Contains(string(b), "\nRUN mkdir -p /image/data && chmod 700 /image/data\n") || !strings.Contains(last, "PARLEY_DATA=/data ") {
		t.Errorf("the user %q has no folder for the data in %s", user, b)
	}
}
