package protocol

import "strings"

// or stands between the commands at the end of a sentence.
const or = ", or "

// WithCommands returns a sentence of the server that ends in what its reader can ask
// for, each as it is typed: "You are away. Use:" and "back" make "You are away. Use:
// back". The sentence ends in a colon. There is no full stop behind commands, and
// there is one behind everything else that somebody else has typed.
func WithCommands(sentence string, commands ...string) string {
	return sentence + " " + strings.Join(commands, or)
}

// CutCommands undoes what WithCommands has done. There are no commands in what was not
// made by it; whether their verbs are verbs is for the caller to see.
func CutCommands(content string) (sentence string, commands []string) {
	at := strings.LastIndex(content, ": ")
	if at < 0 || strings.HasSuffix(content, ".") || strings.Contains(content, "\n") {
		return content, nil
	}
	return content[:at+1], strings.Split(content[at+2:], or)
}
