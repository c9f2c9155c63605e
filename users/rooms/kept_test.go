package rooms_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/users/rooms"
)

// A keptRoom is a KeptLog whose messages wait until they are let through.
type keptRoom struct {
	log     *rooms.KeptLog
	waiting []func(error) // to be written
	full    bool
	told    []string // who said something, of what became of it
}

func newKeptRoom(last uint64) *keptRoom {
	var newest []rooms.Message
	if last > 0 {
		newest = []rooms.Message{{ID: last, Text: "old"}}
	}
	r := new(keptRoom)
	r.log = rooms.NewKeptLog("test", last, newest, rooms.NewRequests(), 3, r.write)
	return r
}

func (r *keptRoom) write(_ rooms.Message, _ string, done func(error)) error {
	if r.full {
		return errors.New("too much waits")
	}
	r.waiting = append(r.waiting, done)
	return nil
}

// Steps: what is said, with a request behind a slash, and its number; "safe" and
// "fails" of the oldest write, and who is told; "newest", what can be told of.
func TestKeptLog(t *testing.T) {
	for _, tt := range []struct {
		name  string
		last  uint64
		steps string
	}{
		{"a new log begins with 1", 0, "hi: 1 | ho: 2 | newest: hi ho | safe: 1 | safe: 2 | newest: hi ho"},
		{"one that goes on leaves out what may have been told", 7, "newest: old | hi: 65544 | ho: 65545 | newest: old hi ho"},
		{"what was not kept is told no more", 0, "hi: 1 | ho: 2 | fails: lost 1 | newest: ho | safe: 2 | newest: ho"},
		{"after a failure nothing is told before it is safe", 0, "hi: 1 | fails: lost 1 | troubled: true | ho: 2 | newest: none | safe: 2 | newest: ho | troubled: false | ha: 3 | newest: ho ha"},
		{"a failure in trouble takes nothing away", 0, "hi: 1 | safe: 1 | ho: 2 | fails: lost 2 | ha: 3 | fails: lost 3 | newest: hi | troubled: true"},
		{"what there is no room for has no number", 0, "hi: 1 | full: | ho: busy | newest: hi | room: | ho: 2"},
		{"a retry is told of the first", 0, "hi/a: 1 | hi/a: 1 again | newest: hi | safe: 1 1 | hi/a: 1 again 1 | ho: 2"},
		{"a retry of what was not kept is a new message", 0, "hi/a: 1 | hi/a: 1 again | fails: lost 1 lost 1 | hi/a: 2 | safe: 2 | newest: hi"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newKeptRoom(tt.last)
			for step := range strings.SplitSeq(tt.steps, " | ") {
				do, want, _ := strings.Cut(step, ":")
				if got := r.step(do); got != strings.TrimSpace(want) {
					t.Fatalf("%s: %s, want%s", do, got, want)
				}
			}
		})
	}
}

// step does something and returns what came of it.
func (r *keptRoom) step(do string) string {
	r.told = nil
	switch do {
	case "safe":
		r.settle(nil)
	case "fails":
		r.settle(errors.New("the disk is full"))
	case "full", "room":
		r.full = do == "full"
	case "troubled":
		return fmt.Sprint(r.log.Troubled())
	case "newest":
		for _, m := range r.log.Newest(3) {
			r.told = append(r.told, m.Text)
		}
		if r.told == nil {
			return "none"
		}
	default:
		text, request, _ := strings.Cut(do, "/")
		r.told = append([]string{r.say(text, request)}, r.told...)
	}
	return strings.Join(r.told, " ")
}

// settle ends the oldest write.
func (r *keptRoom) settle(err error) {
	done := r.waiting[0]
	r.waiting = r.waiting[1:]
	done(err)
}

func (r *keptRoom) say(text, request string) string {
	m, fresh, err := r.log.Append(rooms.Message{Sender: "Alice", Time: noon, Text: text}, request, func(m rooms.Message, err error) {
		word := fmt.Sprint(m.ID)
		if errors.Is(err, rooms.ErrNotKept) {
			word = "lost " + word
		}
		r.told = append(r.told, word)
	})
	switch {
	case errors.Is(err, rooms.ErrBusy):
		return "busy"
	case fresh:
		return fmt.Sprint(m.ID)
	}
	return fmt.Sprint(m.ID, " again")
}
