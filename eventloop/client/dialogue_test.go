package client

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDialogues plays the scripts of testdata/dialogues; stage explains them.
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			play(t, file, string(script))
		})
	}
}

// play plays the chats of one script, each under a line of === and its title.
// Lines that begin with # are comments.
func play(t *testing.T, file, script string) {
	line := 0
	for i, chat := range strings.Split(script, "\n===") {
		title, body, _ := strings.Cut(chat, "\n")
		first := line + 2
		line += strings.Count(chat, "\n") + 1
		if i == 0 {
			continue // what the file is about
		}
		t.Run(strings.TrimSpace(title), func(t *testing.T) {
			playChat(t, file, first, body)
		})
	}
}

func playChat(t *testing.T, file string, first int, body string) {
	var s *stage
	for i, line := range strings.Split(body, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if options, ok := strings.CutPrefix(line, "config> "); ok {
			s = newStage(t, strings.Fields(options)...)
			continue
		}
		if s == nil {
			s = newStage(t)
		}
		s.where = fmt.Sprintf("%s:%d", file, first+i)
		s.do(line)
	}
	s.where = fmt.Sprintf("%s:%d", file, first+strings.Count(strings.TrimRight(body, "\n"), "\n")+1)
	s.quiet()
}
