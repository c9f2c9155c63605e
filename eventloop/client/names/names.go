// Package names finds the names of people in what any server sends: Parley's own
// says where they are, other servers write them as they like. It is pure.
package names

import (
	"strings"

	"parley/protocol"
)

// IsServer reports whether a sender is one of the names that servers use for
// themselves. "" is one.
func IsServer(sender string) bool {
	switch strings.ToLower(strings.Trim(sender, "[] ")) {
	case "", protocol.ServerName, "chatserver":
		return true
	}
	return false
}

// In returns what may be names in a plain server's answer to names: "alice, bob", a
// line for each, or a list as some programming language prints it.
func In(content string) []string {
	content = content[strings.LastIndexByte(content, ':')+1:]
	return strings.FieldsFunc(content, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n[](){}'\"", r) })
}

// Lists reports whether content is a plain server's answer to names: one's own name
// is in it, or it is a list of single words. "bob has come" is neither.
func Lists(content, self string) bool {
	if protocol.FindWord(content, self) >= 0 {
		return true
	}
	parts := strings.FieldsFunc(content[strings.LastIndexByte(content, ':')+1:], func(r rune) bool { return r == ',' || r == '\n' || r == ';' })
	for _, p := range parts {
		if len(In(p)) != 1 {
			return false
		}
	}
	return len(parts) > 1
}
