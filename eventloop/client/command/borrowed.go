package command

import "strings"

// A borrowed word is one of IRC or of another chat. It does what a command of
// ours does, or else the answer says what to do in its place.
type borrowed struct {
	command *Command // nil: there is none
	answer  string   // if there is none
	secret  bool     // what is typed behind it may be a password
}

// borrow puts the borrowed words into the table.
func (t *Table) borrow() {
	t.borrowed = make(map[string]*borrowed)
	for words, name := range map[string]string{
		"notice pm privmsg w whisper":   "dm",
		"r":                             "reply",
		"say":                           "msg",
		"online users who":              "names",
		"ignore":                        "block",
		"unignore":                      "unblock",
		"nick":                          "login",
		"afk":                           "away",
		"bye disconnect logoff signoff": "quit",
		"channels list":                 "rooms",
		"?":                             "help",
	} {
		for word := range strings.FieldsSeq(words) {
			t.borrowed[word] = &borrowed{command: t.byWord[name]}
		}
	}
	for words, answer := range map[string]string{
		"action me":      "There is no /me here, so nothing was sent. Say it as it is, for example: *waves*",
		"close":          "Each chat has another meaning for /close, so nothing was done. /leave leaves a room, /stopprivate ends a private session, and /lobby goes back to everybody.",
		"whowas":         "/whois NAME tells about a person. /whoelsesince SECONDS lists who was here.",
		"deop mode op":   "/role NAME moderator says who keeps order, /role NAME none that somebody does no more.",
		"ctcp":           "Programs ask each other nothing here. /whois NAME tells about a person, /ping asks whether the server is there.",
		"dcc":            "Files cannot be sent yet. /startprivate NAME asks for a private session, for words.",
		"connect server": "A chat stays with its server. /quit leaves it, and parley chat NAME@HOST goes to another one.",
		"set":            "/bell sets the bell. What else can be set is told by: parley chat --help",
		"version":        "Which version this is, is told by: parley --version",
		"q":              "Each chat has another meaning for /q, so nothing was done. /quit leaves, /dm NAME TEXT says something to one person.",
	} {
		for word := range strings.FieldsSeq(words) {
			t.borrowed[word] = &borrowed{answer: answer}
		}
	}
	for word := range strings.FieldsSeq("auth authserv identify nickserv ns oper pass password") {
		t.borrowed[word] = &borrowed{answer: noService, secret: true}
	}
}

const noService = "A password stands in no line here, so nothing was sent. /login NAME asks for it, /register makes a name yours, /passwd changes the password."

// services are whom chats of IRC tell passwords. Here nobody of that name is one.
var services = map[string]bool{"authserv": true, "nickserv": true}

// toService reports whether a text that is to be said, or said to one person,
// is for a service of IRC, with a password.
func toService(text string) bool {
	word, _ := CutWord(text)
	name, _, _ := strings.Cut(strings.ToLower(strings.Trim(word, "@:,")), "@")
	return services[name]
}
