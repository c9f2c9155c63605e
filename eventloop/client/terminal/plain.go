package terminal

import (
	"strings"
)

// A person may type at a terminal that the kernel edits, since it knows no escape
// sequences or since a screen reader speaks what is written. Each row is written
// once, and the prompt when it is asked.

// ask writes the prompt. One that only invites to type is left out where the
// terminal is plain for want of escape sequences, and short for a screen reader.
func (s *screen) ask() {
	if s.rich() || s.closed || !s.open || s.device.Echo == nil {
		return
	}
	question := string(s.prompt.runes)
	if strings.HasSuffix(question, invitation) {
		if !s.device.Spoken {
			return
		}
		question = invitation
	}
	if question != "" {
		s.asked = true
		s.write(question)
	}
}

// invitation is how a prompt ends that asks for nothing in particular.
const invitation = "> "

// answered notes that Enter was pressed. The kernel writes its newline unless
// nothing that is typed is shown.
func (s *screen) answered() {
	if s.asked && s.secret {
		s.write("\n")
	}
	s.asked = false
}

// leaveQuestion begins a new row if the prompt stands in the present one.
func (s *screen) leaveQuestion() {
	if s.asked {
		s.write("\n")
	}
	s.asked = false
}

// showPlainly writes blocks, and asks again what was asked.
func (s *screen) showPlainly(blocks []block) {
	columns, _ := s.size()
	if s.device.Spoken || s.device.Echo == nil {
		columns = unwrapped
	}
	text := ""
	for _, b := range blocks {
		text += joined(b.draw(columns))
	}
	if text == "" {
		return
	}
	question := s.asked && !strings.HasSuffix(string(s.prompt.runes), invitation)
	s.leaveQuestion()
	s.write(text)
	if question {
		s.ask()
	}
}

// unwrapped is a width that no row reaches.
const unwrapped = 1 << 20

// echo has the kernel show what is typed, or not.
func (s *screen) echo(on bool) {
	if !s.rich() && s.device.Echo != nil {
		s.device.Echo(on)
	}
}
