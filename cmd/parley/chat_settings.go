package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/alecthomas/kong"
	"github.com/mattn/go-runewidth"

	"parley/eventloop/client"
	"parley/eventloop/client/chatlog"
	"parley/eventloop/client/export"
	"parley/eventloop/client/notify"
	"parley/eventloop/client/view"
)

const (
	// noHistory is the name of a history file that is none.
	noHistory = "off"

	// defaultHistory is where the history file is in the folder for the state of programs.
	defaultHistory = "parley/history"
)

// followFlags are what a person may have otherwise of a chat, at a terminal and in a page.
type followFlags struct {
	Highlight []string `group:"What you see and hear" help:"Words that ring and stand out as your own name does." example:"[\"deploy\", \"outage\"]" placeholder:"WORD"`
	Presence  string   `group:"What you see and hear" help:"Whose coming and going is shown: ${enum}. smart means that of people who have spoken in the last 10 minutes." enum:"all, smart, none" default:"all"`
	Notify    []string `group:"What you see and hear" help:"Run this program, without a shell, when somebody mentions you or says something to you alone. Repeat the flag for each of its arguments. It finds PARLEY_SENDER, PARLEY_TEXT, PARLEY_CONVERSATION (lobby, room, direct or private), PARLEY_ROOM, PARLEY_SERVER and PARLEY_TIME in its environment, and has 2 s. In a script it is not run." sep:"none" example:"[\"sh\", \"-c\", \"notify-send -- \\\"$PARLEY_SENDER\\\" \\\"$PARLEY_TEXT\\\"\"]" placeholder:"PROGRAM"`

	ChatLog        string `group:"What is kept" help:"Write what is said to text files in this folder, one for each conversation with each server, but not what is said in private sessions. Without it, and in a script, nothing is written." example:"\"~/chats\"" placeholder:"FOLDER"`
	ChatLogPrivate bool   `group:"What is kept" help:"Write what is said in private sessions there, too. It is not encrypted on the disk."`
}

// personFlags are what a person may have otherwise at a terminal: what is shown and kept.
type personFlags struct {
	followFlags `embed:""`

	TimeFormat string            `group:"What you see and hear" help:"The time before each text: ${enum}." enum:"24h, 24h-seconds, 12h, none" default:"24h"`
	Theme      map[string]string `group:"What you see and hear" help:"How something looks. WHAT is text, time, sender, self, mention, info, error, notice, rule, mark, direct, room, presence or announcement. LOOK is none, or one or more of: a colour (black, red, green, yellow, blue, magenta, cyan, white, or bright and one of these), bold, dim, italic, underline, reverse. Such as: --theme 'mention=bold bright red'. The rest stays as it is." example:"{\"mention\": \"bold bright red\", \"time\": \"none\"}" placeholder:"WHAT=LOOK"`

	HistoryFile  string `group:"What is kept" help:"The file that keeps what you type, so that the Up key brings it back the next time; off keeps nothing. Passwords are never kept. Without it: ${history}." placeholder:"FILE|off"`
	HistoryAlone bool   `group:"What is kept" help:"Keep there what you type for one person alone, too."`
}

// Validate checks what the parser cannot.
func (f *personFlags) Validate() error {
	if _, err := view.NewTheme(f.Theme); err != nil {
		return fmt.Errorf("--theme: %w", err)
	}
	return f.followFlags.Validate()
}

// Validate checks what the parser cannot.
func (f *followFlags) Validate() error {
	for _, word := range f.Highlight {
		if strings.TrimSpace(word) == "" {
			return errors.New("--highlight has a word that is blank")
		}
	}
	if len(f.Notify) > 0 && strings.TrimSpace(f.Notify[0]) == "" {
		return errors.New("--notify begins with the name of a program, which is blank")
	}
	if f.ChatLogPrivate && f.ChatLog == "" {
		return errors.New("--chat-log-private needs --chat-log FOLDER")
	}
	return nil
}

// clocks are the time formats, as layouts of package time.
var clocks = map[string]string{"24h": "15:04", "24h-seconds": "15:04:05", "12h": "03:04 PM", "none": ""}

// words are those to highlight.
func (f *followFlags) words() (words []string) {
	for _, word := range f.Highlight {
		words = append(words, strings.TrimSpace(word))
	}
	return words
}

// layout is how what is said is laid out.
func (f *personFlags) layout(colours bool) (view.Layout, error) {
	theme, err := view.NewTheme(maps.Clone(f.Theme))
	return view.Layout{
		Location: time.Local, Clock: clocks[f.TimeFormat], Highlight: f.words(), Theme: theme, Colours: colours,
		EastAsian: runewidth.IsEastAsian(),
	}, err
}

// historyFile returns the path of the history file, "" for none.
func (f *personFlags) historyFile(p *process) string {
	switch f.HistoryFile {
	case noHistory:
		return ""
	case "":
		path, err := xdg.StateFile(defaultHistory)
		if err != nil {
			p.log.Warn("what you type is not kept for the next time", "error", err)
		}
		return path
	}
	return expandHome(f.HistoryFile)
}

// expandHome returns an absolute path, with the person's own folder for a ~ at its
// beginning: a config file has no shell. kong.ExpandPath does not ask for $HOME.
func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	home, err := os.UserHomeDir()
	if ok && err == nil && (rest == "" || os.IsPathSeparator(rest[0])) {
		return filepath.Join(home, rest)
	}
	return kong.ExpandPath(path)
}

// maxReports is how much those who work for a chat have to report: each says one thing.
const maxReports = 2

// equip gives a chat private sessions, those who follow it and a place for exports, until the
// function is called that it returns.
func (f *followFlags) equip(p *process, cfg *client.Config, private *privateFlags) (stop func()) {
	var closePrivate func()
	cfg.Private, closePrivate = private.private(p, *cfg)
	stopWorkers := f.startWorkers(p, cfg)
	files := export.Start("")
	cfg.Saver = files
	return func() {
		files.Stop()
		stopWorkers()
		closePrivate()
	}
}

// startWorkers starts those who follow a chat of a person beside the screen: the chat
// log and the notification program. They end when the function is called that it returns.
func (f *followFlags) startWorkers(p *process, cfg *client.Config) (stop func()) {
	if cfg.Mode != client.Interactive {
		return func() {}
	}
	reports := make(chan string, maxReports)
	cfg.Reports = reports
	report := func(words string) { reports <- words }
	var stops []func()
	if len(f.Notify) > 0 {
		hook := notify.Start(notify.Config{
			Command: f.Notify, Environ: os.Environ(), Server: cfg.Target.Label, After: time.After, Report: report,
		})
		cfg.Subscribers = append(cfg.Subscribers, hook.Changed)
		stops = append(stops, hook.Stop)
	}
	if f.ChatLog != "" {
		log := chatlog.Start(chatlog.Config{
			Folder: expandHome(f.ChatLog), Server: serverAddress(cfg.Target), Private: f.ChatLogPrivate, Location: time.Local, Report: report,
		})
		cfg.Subscribers = append(cfg.Subscribers, log.Changed)
		stops = append(stops, func() {
			if lost := log.Stop(); lost > 0 {
				p.log.Warn("not all that was said is in the chat log", "missing", lost)
			}
		})
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}
