package client

import (
	"strings"

	"parley/eventloop/client/timeline"
)

// A question is answered with y or n by the line that is typed next.
type question struct {
	prompt string // a few words, which the prompt shows
	yes    func() // does what was asked about
}

// askPerson shows what is asked about, and does it if the person says y.
func (a *App) askPerson(words, prompt string, yes func()) {
	a.question = &question{prompt + " (y or n)", yes}
	a.questions++
	a.tell(timeline.Warning, "%s", words)
}

// answerQuestion takes a line for the answer. What is neither yes nor no was meant for
// something else: it is not sent.
func (a *App) answerQuestion(line string) {
	q := a.question
	a.question = nil
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		q.yes()
	case "", "n", "no":
		a.tell(timeline.Notice, "Nothing was done.")
	default:
		a.refuse(strings.TrimSpace(line), "It was no y, so nothing was done.", " Press Up to get it back.")
		if !a.commands.IsSecret(line) && !a.reveals(line) {
			a.keyboard.Remember(a.to.typedLine(line), false)
		}
	}
}

// giveUpQuestion forgets what was asked.
func (a *App) giveUpQuestion() {
	a.question = nil
	a.tell(timeline.Notice, "Nothing was done.")
}

// typedLine returns a line as it does the same from anywhere: a command as it is.
func (r recipient) typedLine(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "/") {
		return line
	}
	return r.typed(line)
}
