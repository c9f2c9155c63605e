// Package notify runs a program of the person's choice when somebody mentions them or
// says something to them alone, so that a desktop, a phone or a lamp can tell it.
//
// The program is started as it is, without a shell, and is told in its environment what
// was said. One goroutine runs it, so neither a program that hangs nor a thousand
// mentions hold up the chat: a run lasts [MaxRun] at most, there is a pause between two
// runs, and of what waits meanwhile the oldest is left out.
package notify

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"parley/eventloop/client/timeline"
	"parley/protocol"
	"parley/protocol/printable"
)

const (
	// MaxRun is how long a run of the program may last before it is killed. It is to
	// hand over a note, not to do work.
	MaxRun = 2 * time.Second

	// Pause is how long is waited between two runs: nobody reads faster.
	Pause = time.Second

	maxWaiting = 5       // notes that wait for the program; of more, the oldest goes
	maxText    = 4 << 10 // bytes of a text that the program is told
	maxSender  = 100     // bytes of a sender; names are far below
	maxWords   = 200     // bytes of what the program says on standard error

	// outputDelay is how long is waited for the output of a program that has ended:
	// what it has left running may hold it open.
	outputDelay = 100 * time.Millisecond
)

// Config is what a Hook is made of. All must be set.
type Config struct {
	Command []string // the program and its arguments
	Environ []string // of the program, as KEY=VALUE; variables of Parley's own are taken out
	Server  string   // for PARLEY_SERVER
	After   func(time.Duration) <-chan time.Time
	Report  func(words string) // is called once, from another goroutine, if the program fails
}

// A Hook runs a program. Its goroutine runs until Stop.
type Hook struct {
	cfg      Config
	waiting  chan timeline.Entry
	stop     chan struct{}
	done     chan struct{}
	reported bool // the goroutine's
}

// Start returns a Hook that is ready.
func Start(cfg Config) *Hook {
	isOwn := func(variable string) bool { return strings.HasPrefix(strings.ToUpper(variable), "PARLEY_") }
	cfg.Environ = slices.DeleteFunc(slices.Clone(cfg.Environ), isOwn) // a password may be among them
	h := &Hook{cfg: cfg, waiting: make(chan timeline.Entry, maxWaiting), stop: make(chan struct{}), done: make(chan struct{})}
	go h.work()
	return h
}

// Changed has the program run if a change is one to tell. It does not wait. It is to be
// called by one goroutine, as a subscriber of a timeline is.
func (h *Hook) Changed(c timeline.Change) {
	if !c.Heard() || !c.Entry.Meant() {
		return
	}
	for {
		select {
		case h.waiting <- c.Entry:
			return
		default:
		}
		select {
		case <-h.waiting:
		default:
		}
	}
}

// Stop kills the program if it runs, and ends the goroutine.
func (h *Hook) Stop() {
	close(h.stop)
	<-h.done
}

func (h *Hook) work() {
	defer close(h.done)
	for {
		select {
		case <-h.stop:
			return
		case e := <-h.waiting:
			if err := h.run(e); err != nil && !h.reported {
				h.reported = true
				h.cfg.Report(fmt.Sprintf("The notification program %s has failed: %v. It is tried again with the next note; the setting notify names it. This is said once.", h.cfg.Command[0], err))
			}
		}
		select {
		case <-h.stop:
			return
		case <-h.cfg.After(Pause):
		}
	}
}

// run runs the program until it ends, its time is over, or Stop is called.
func (h *Hook) run(e timeline.Entry) error {
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	cmd := exec.CommandContext(ctx, h.cfg.Command[0], h.cfg.Command[1:]...)
	cmd.Env = append(slices.Clone(h.cfg.Environ), h.variables(e)...)
	var words beginning
	cmd.Stderr = &words
	cmd.WaitDelay = outputDelay
	killWithChildren(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err == nil || errors.Is(err, exec.ErrWaitDelay) {
			return nil
		}
		if words := printable.Line(string(words.text)); words != "" {
			return fmt.Errorf("%w: %s", err, words)
		}
		return err
	case <-h.cfg.After(MaxRun):
		kill()
		<-ended
		return fmt.Errorf("it was killed after %s", MaxRun)
	case <-h.stop:
		kill()
		<-ended
		return nil
	}
}

// variables tell the program what was said. All of it is safe for a terminal.
func (h *Hook) variables(e timeline.Entry) []string {
	conversation := map[timeline.Place]string{timeline.Lobby: "lobby", timeline.Direct: "direct", timeline.Private: "private", timeline.Room: "room"}[e.In.Place]
	room := ""
	switch e.In.Place {
	case timeline.Lobby:
		room = protocol.Lobby
	case timeline.Room:
		room = roomName(e.Room)
	}
	return []string{
		"PARLEY_SENDER=" + protocol.ToldApart(sender(e.Sender), e.Like),
		"PARLEY_TEXT=" + printable.Text(cut(e.Text, maxText)),
		"PARLEY_CONVERSATION=" + conversation,
		"PARLEY_ROOM=" + room,
		"PARLEY_SERVER=" + h.cfg.Server,
		"PARLEY_TIME=" + e.Came.Format(time.RFC3339),
	}
}

// sender is who speaks. What is no name is quoted.
func sender(name string) string {
	if protocol.CheckName(name) == nil {
		return name
	}
	return quoted(name)
}

// roomName is a room. What is no name is quoted.
func roomName(name string) string {
	if protocol.CheckRoom(name) == nil {
		return name
	}
	return quoted(name)
}

func quoted(name string) string {
	return `"` + strings.ReplaceAll(printable.Line(cut(name, maxSender)), `"`, "'") + `"`
}

// cut returns the beginning of a text.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// A beginning keeps the first maxWords bytes of what is written to it.
type beginning struct{ text []byte }

func (b *beginning) Write(p []byte) (int, error) {
	b.text = append(b.text, p[:min(len(p), maxWords-len(b.text))]...)
	return len(p), nil
}
