//go:build linux || darwin

package terminal

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"parley/eventloop/client"
)

// helper says, in the environment, that the test binary is to be a program that
// reads lines; see TestProcess.
const helper = "TERMINAL_TEST_HELPER"

// TestProcess runs a program whose controlling terminal this is, so that keys
// could become signals.
func TestProcess(t *testing.T) {
	if os.Getenv(helper) != "" {
		readLines(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestProcess$")
	c.Env = append(os.Environ(), helper+"=1")
	master, err := pty.StartWithSize(c, &pty.Winsize{Rows: 10, Cols: 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	late := time.AfterFunc(deadline, func() { _ = c.Process.Kill() })
	defer late.Stop()

	v := newVT(40, 10)
	b := make([]byte, 4096)
	pressed := false
	for n := 0; err == nil; n, err = master.Read(b) { // ends with the program
		v.feed(b[:n])
		if v.paste && !pressed { // the mode is raw
			pressed = true
			// Ctrl-C ends nothing. Nor does Ctrl-Z, as there is no shell to go on in.
			if _, err := master.WriteString("a\x03\x03half\x1a typed\r\x04"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the program: %v", err)
	}
	want := "1 \"a\"\n1 \"\"\n0 \"half typed\"\n2 \"\"\nPASS"
	if got := v.String(); !strings.HasPrefix(got, want) || v.paste {
		t.Errorf("the screen is\n%s\nwant\n%s", got, want)
	}
}

func readLines(t *testing.T) {
	tm, err := Open(Config{Device: Files(os.Stdin, os.Stdout, environment("TERM=xterm")), Prompt: "> "})
	if err != nil {
		t.Fatal(err)
	}
	defer tm.Close()
	for {
		tm.Next()
		in := <-tm.Input()
		tm.Print(fmt.Sprintf("%d %q\n", in.Kind, in.Text))
		if in.Kind == client.InputEnd {
			return
		}
	}
}
