package client

import (
	"strings"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
)

// A question is answered with y or n by the line that is typed next.
type question struct {
	prompt  string          // a few words, which the prompt shows
	request sending.Request // does what is asked about
	wrote   string          // what was written for it; see wrote.go
}

// askPerson shows what is asked about, and sends the request that does it if the person says y.
func (a *App) askPerson(words, prompt string, r sending.Request) {
	if a.question != nil {
		a.giveBack(nothingDone, a.question.wrote)
	}
	a.question = &question{prompt + " (y or n)", r, a.writtenFor(r)}
	a.questions++
	a.tell(timeline.Warning, "%s", words)
}

// answerQuestion takes a line for the answer. What is neither yes nor no was meant for
// something else: it is not sent.
func (a *App) answerQuestion(line string) {
	q := a.question
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		a.question, a.wrote = nil, q.wrote
		if !a.askFor(q.request) {
			a.giveBack(nothingDone, q.wrote)
		}
		a.wrote = ""
	case "", "n", "no":
		a.giveUpQuestion()
	default:
		a.question = nil
		a.refuse(strings.TrimSpace(line), "It was no y, so nothing was done.", " Press Up to get it back.")
		if !a.commands.IsSecret(line) && !a.reveals(line) {
			a.keyboard.Remember(a.to.typedLine(line), false)
		}
		a.giveBack(nothingDone, q.wrote)
	}
}

// giveUpQuestion forgets what was asked.
func (a *App) giveUpQuestion() {
	if a.question.wrote == "" {
		a.tell(timeline.Notice, nothingDone)
	}
	a.giveBack(nothingDone, a.question.wrote)
	a.question = nil
}

// typedLine returns a line as it does the same from anywhere: a command as it is.
func (r recipient) typedLine(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "/") {
		return line
	}
	return r.typed(line)
}
