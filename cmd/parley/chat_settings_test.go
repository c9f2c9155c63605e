package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTimeFormats(t *testing.T) {
	at := time.Date(2026, 8, 3, 13, 5, 9, 0, time.UTC)
	for format, want := range map[string]string{"24h": "13:05", "24h-seconds": "13:05:09", "12h": "01:05 PM", "none": ""} {
		f := personFlags{TimeFormat: format, followFlags: followFlags{Highlight: []string{" outage", "deploy"}}}
		layout, err := f.layout(false)
		if got := at.Format(layout.Clock); got != want || err != nil {
			t.Errorf("%s: %q, %v", format, got, err)
		}
		if diff := cmp.Diff([]string{"outage", "deploy"}, layout.Highlight); diff != "" {
			t.Error(diff)
		}
	}
	for _, flag := range child(newParser(t), "chat").Flags {
		for _, format := range flag.EnumSlice() {
			if _, ok := clocks[format]; flag.Name == "time-format" && !ok {
				t.Errorf("there is no layout for %q", format)
			}
		}
	}
}

// What cannot be meant is refused, with the place where it stands.
func TestPersonFlagsAreWrong(t *testing.T) {
	for _, tt := range []struct{ config, args, says string }{
		{config: "{\"chat\": {\n\"theme\": {\"time\": \"red\",\n  \"mention\": \"rde\"}}}", says: `:3:14: "theme" for chat: --theme: mention: "rde"`},
		{config: "{\"chat\": {\n\"theme\": {\n\"menton\": \"red\"}}}", says: `:3:11: "theme" for chat: --theme: there is no "menton"`},
		{config: "{\"chat\": {\n\"time-format\": \"13h\"}}", says: `:2:16: "time-format" for chat is "13h"; it can be 24h, 24h-seconds, 12h or none`},
		{config: "{\"chat\": {\n\"presence\": \"clever\"}}", says: `:2:13: "presence" for chat is "clever"; it can be all, smart or none`},
		{config: "{\"chat\": {\n\"notify\": [\" \", \"x\"]}}", says: `:2:11: "notify" for chat: --notify begins`},
		{config: "{\"chat\": {\n\"notify\": {}}}", says: `:2:11: "notify" for chat is an object; it can be a list of texts`},
		{config: "{\"chat\": {\n\"highlight\": [\"\"]}}", says: `:2:14: "highlight" for chat: --highlight has a word that is blank`},
		{config: "{\"chat\": {\n\"chat-log-private\": true}}", says: `:2:21: "chat-log-private" for chat: --chat-log-private needs`},
		{config: "{}", args: "--theme time=pink", says: `parley: chat: --theme: time: "pink" is`},
		{config: "{}", args: "--time-format 25h", says: "--time-format"},
	} {
		t.Run(tt.says, func(t *testing.T) {
			out, status := runWith(t, tt.config, append([]string{"chat", "alice@localhost:1"}, strings.Fields(tt.args)...)...)
			if status != exitUsage || !strings.Contains(out, tt.says) {
				t.Errorf("exit status %d: %s", status, out)
			}
		})
	}
}

// ~ is the folder that the environment says is one's own, as in a shell.
func TestHomeInPaths(t *testing.T) {
	home, here := t.TempDir(), t.TempDir()
	t.Chdir(here)
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home) // on Windows
	for path, want := range map[string]string{
		"~/chats/of today": filepath.Join(home, "chats", "of today"),
		"~":                home,
		"~alice/chats":     filepath.Join(here, "~alice", "chats"),
		"chats/~":          filepath.Join(here, "chats", "~"),
		noHistory:          "",
	} {
		if got := (&personFlags{HistoryFile: path}).historyFile(nil); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
