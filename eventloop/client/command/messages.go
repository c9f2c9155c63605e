package command

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// maxMessages is how many of the newest messages can be completed by their numbers: as many
// of one's own, and as many of all.
const maxMessages = 20

// messages are the numbers of what was said last. One goroutine notes them, another one may
// search meanwhile: no list is changed that it may see.
type messages struct{ list atomic.Pointer[[]message] }

// A message is one by its number in the server's log.
type message struct {
	id  uint64
	own bool
}

// LearnMessage notes the number of a message that can be named from now on.
func (c *Completion) LearnMessage(id uint64, own bool) {
	list := c.without(id)
	at, _ := slices.BinarySearchFunc(list, id, func(m message, id uint64) int {
		if m.id > id {
			return -1
		}
		return 1
	})
	list = slices.Insert(list, at, message{id, own})
	kept, all, mine := list[:0], 0, 0
	for _, m := range list { // the newest first
		all++
		if m.own {
			mine++
		}
		if all <= maxMessages || m.own && mine <= maxMessages {
			kept = append(kept, m)
		}
	}
	c.messages.list.Store(&kept)
}

// ForgetMessage notes that a message is gone; 0: that all numbers mean something else now.
func (c *Completion) ForgetMessage(id uint64) {
	var list []message
	if id != 0 {
		list = c.without(id)
	}
	c.messages.list.Store(&list)
}

// without returns a new list of the others.
func (c *Completion) without(id uint64) []message {
	return slices.DeleteFunc(slices.Clone(*c.messages.list.Load()), func(m message) bool { return m.id == id })
}

// matchMessages returns the numbers that begin with word, the newest first.
func (c *Completion) matchMessages(own bool, word string) (found []string) {
	mark := ""
	if strings.HasPrefix(word, "#") {
		mark = "#"
	}
	for _, m := range *c.messages.list.Load() {
		if digits := mark + strconv.FormatUint(m.id, 10); (m.own || !own) && strings.HasPrefix(digits, word) {
			found = append(found, digits)
		}
	}
	return found[:min(len(found), maxMessages)]
}

// matchWhere completes what says where to look.
func (c *Completion) matchWhere(word string, first bool) []string {
	for _, filter := range []string{"from:", "with:", "in:"} {
		if !hasPrefixFold(word, filter) {
			continue
		}
		value := word[len(filter):]
		found := c.names.beginning(value)
		if filter == "in:" {
			found = matching(c.rooms.Load().in, value)
		} else if value == "" {
			return nil
		}
		for i := range found {
			found[i] = filter + found[i]
		}
		return found
	}
	if first && word != "" {
		return append(matching(c.rooms.Load().in, strings.TrimPrefix(word, "#")), matching([]string{"after", "around", "before"}, word)...)
	}
	return c.matchNames(word, "")
}
