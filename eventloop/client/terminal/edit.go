package terminal

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// editor is the person's editor.
type editor struct {
	command string // with its options; "" for the usual one
	device  Device
	screen  *screen
	stop    <-chan struct{} // ends it
}

// edit has a text edited and returns what was saved, without the newlines at its
// end. If that fails the text is as it was, and the person is told why.
func (e editor) edit(text string) string {
	back, ok := e.screen.lend()
	if !ok {
		return text
	}
	if e.device.Quiet != nil {
		e.device.Quiet()
	}
	saved, err := e.run(text)
	back()
	if err != nil {
		row := fmt.Sprintf("! The editor %s failed: %v. Set VISUAL or EDITOR to another one.", e.name(), err)
		e.screen.show(0, func(columns int) []string {
			return fold(strings.Fields(string(paint([]rune(row)))), " ", columns)
		})
		return text
	}
	return saved
}

func (e editor) name() string { return cmp.Or(strings.TrimSpace(e.command), "vi") }

// run edits the text in a file of its own that nobody else can read.
func (e editor) run(text string) (saved string, err error) {
	folder, err := os.MkdirTemp("", "parley-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "message.txt")
	if text != "" {
		text += "\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-e.stop:
			cancel()
		case <-over:
		}
	}()
	if err := e.program(ctx, path).Run(); err != nil {
		return "", err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	saved = strings.NewReplacer("\r\n", "\n", "\t", tab).Replace(string(b))
	return strings.TrimRight(saved, "\n"), nil
}

// program is the editor with a file. A shell splits its command line, as for git
// and crontab.
func (e editor) program(ctx context.Context, path string) *exec.Cmd {
	name := e.name()
	cmd := exec.CommandContext(ctx, "sh", "-c", name+` "$1"`, name, path)
	if runtime.GOOS == "windows" {
		words := append(strings.Fields(name), path)
		cmd = exec.CommandContext(ctx, words[0], words[1:]...)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.device.In, e.device.Out, e.device.Out
	return cmd
}
