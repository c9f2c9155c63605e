package protocol

import (
	"strings"
	"unicode/utf8"
)

// or stands between the commands at the end of a sentence.
const or = ", or "

// WithCommands returns a sentence of the server that ends in what its reader can ask
// for, each as it is typed: "You are away. Use:" and "back" make "You are away. Use:
// back". The sentence ends in a colon. There is no full stop behind commands, and
// everything else that somebody has typed ends as a sentence does: [EndSentence].
func WithCommands(sentence string, commands ...string) string {
	return sentence + " " + strings.Join(commands, or)
}

// CutCommands undoes what WithCommands has done. There are no commands in what was not
// made by it; whether their verbs are verbs is for the caller to see.
func CutCommands(content string) (sentence string, commands []string) {
	at := strings.LastIndex(content, ": ")
	if at < 0 || endsSentence(content) || strings.Contains(content, "\n") {
		return content, nil
	}
	return content[:at+1], strings.Split(content[at+2:], or)
}

// EndSentence ends a sentence that ends in what somebody has typed: with a full stop, unless
// that has one itself, or a question mark, an exclamation mark or an ellipsis.
func EndSentence(text string) string {
	if endsSentence(text) {
		return text
	}
	return text + "."
}

// endsSentence reports whether a sentence is over behind a text.
func endsSentence(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?…", last)
}
