package terminal

import "strings"

// A person may type at a terminal that the kernel edits, since it knows no escape
// sequences or since a screen reader speaks what is written. Each row is written
// once, and the prompt when it is asked.

// invitation is how a prompt ends that asks for nothing in particular.
const invitation = "> "

// question is the prompt as it is written, "" for none. One that only invites to
// type is left out where there are no escape sequences, and short for a screen
// reader.
func (s *screen) question() string {
	if s.rich() || s.closed || !s.open || s.device.Echo == nil {
		return ""
	}
	prompt := string(s.prompt.runes)
	switch {
	case !strings.HasSuffix(prompt, invitation):
		return prompt
	case s.device.Spoken:
		return invitation
	}
	return ""
}

// ask writes the prompt.
func (s *screen) ask() {
	s.asked = s.question()
	s.write(s.asked)
}

// answered notes that a line has ended. The kernel writes the newline of Enter,
// unless nothing that is typed is shown, but none for Ctrl-C and Ctrl-D.
func (s *screen) answered(by ending) {
	switch {
	case s.secret:
	case by == byEnter:
		s.asked = ""
	case by == byInterrupt && !s.rich() && s.device.Echo != nil:
		s.asked = "" // ^C stands behind it
		s.write("\n")
	}
	s.leaveQuestion()
}

// An ending is how a line ended.
type ending uint8

const (
	byEnter ending = iota
	byInterrupt
	byEnd
)

// leaveQuestion begins a new row if the prompt stands in the present one.
func (s *screen) leaveQuestion() {
	if s.asked != "" {
		s.write("\n")
	}
	s.asked = ""
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
	question := s.asked
	s.leaveQuestion()
	s.write(text)
	if question != invitation {
		s.ask()
	}
}

// unwrapped is a width that no row reaches.
const unwrapped = 1 << 20

// interrupts has Ctrl-C end the line that the kernel edits, or be a signal.
func (s *screen) interrupts(on bool) {
	if !s.rich() && s.device.Interrupts != nil {
		s.device.Interrupts(on)
	}
}

// echo has the kernel show what is typed, or not.
func (s *screen) echo(on bool) {
	if !s.rich() && s.device.Echo != nil {
		s.device.Echo(on)
	}
}
