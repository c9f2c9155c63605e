package server

import (
	"regexp"
	"slices"
	"strings"
)

// A matcher is what somebody is to hear.
type matcher struct {
	says string // in words: "an error"
	is   func(s *stage, v *value) bool
}

func ofKind(says string, kinds ...string) matcher {
	return matcher{says, func(_ *stage, v *value) bool { return slices.Contains(kinds, v.kind()) }}
}

var (
	anError = ofKind("an error", "error")
	anInfo  = ofKind("an info", "info", "help")
	loginOK = ofKind("an info", "info", "login")
)

// saying is a message response with that content, whoever is said to have said it.
func saying(content string) matcher {
	return matcher{"it as a message response, unchanged", func(s *stage, v *value) bool { return isMessage(v) && v.content() == s.expand(content) }}
}

// response is a response of that kind with that content.
func response(kind, content string) matcher {
	return matcher{"it as a " + kind + " response, unchanged", func(s *stage, v *value) bool { return v.kind() == kind && v.content() == s.expand(content) }}
}

// isMessage reports whether it is what somebody has said. Some servers use the word of the
// request for the kind.
func isMessage(v *value) bool { return slices.Contains([]string{"message", "msg"}, v.kind()) }

// with is anything in which all the words are.
func with(words ...string) matcher {
	return matcher{"something with " + strings.Join(words, " and "), func(s *stage, v *value) bool {
		t := text(v.V)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(t, s.expand(w)) })
	}}
}

// limitWords are what servers say in an error if they were sent too much.
var limitWords = regexp.MustCompile(`(?i)too (many|fast|much|often|quick)|slow down|flood|spam|throttl|rate.?limit|wait \d`)

// isLimit reports whether a server says that it was sent too much.
func isLimit(v *value) bool { return v.kind() == "error" && limitWords.MatchString(text(v.V)) }
