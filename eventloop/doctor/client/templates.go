package client

import (
	"fmt"
	"slices"
	"strings"
)

// An Act is something that a person does with a client.
type Act string

// The acts. Before is what is typed before the client connects.
const (
	Before Act = "before"
	Login  Act = "login"
	Msg    Act = "msg"
	Names  Act = "names"
	Help   Act = "help"
	Logout Act = "logout"
)

// acts are all of them, in the order in which they are done.
var acts = []Act{Before, Login, Msg, Names, Help, Logout}

// Templates say what is typed for each act: {name} and {text} stand for what is said, \n
// for the Enter key between two lines. An empty one means that the client has no such
// command. An act that is not there is not known yet.
type Templates map[Act]string

// ParseTemplates reads templates such as login=/login {name}.
func ParseTemplates(list []string) (Templates, error) {
	t := Templates{}
	for _, s := range list {
		act, template, is := strings.Cut(s, "=")
		if !is || !slices.Contains(acts, Act(act)) {
			return nil, fmt.Errorf("%q is not of the form ACT=WORDS, where ACT is one of before, login, msg, names, help, logout", s)
		}
		need := map[Act]string{Login: "{name}", Msg: "{text}"}[Act(act)]
		if !strings.Contains(template, need) && (template != "" || Act(act) == Login) {
			return nil, fmt.Errorf("%q has no %s in it: that stands for what is typed there", s, need)
		}
		t[Act(act)] = template
	}
	return t, nil
}

// lines are what is typed for an act, by lines.
func (t Templates) lines(act Act, name, text string) []string {
	filled := strings.NewReplacer("{name}", name, "{text}", text).Replace(strings.ReplaceAll(t[act], `\n`, "\n"))
	return strings.Split(filled, "\n")
}

// asksName reports whether the client asks for a name before all else: it has no
// commands before the login.
func (t Templates) asksName() bool { return strings.HasPrefix(t[Login], "{name}") }

// missing are the acts that are not known yet.
func (t Templates) missing() (list []Act) {
	for _, act := range acts {
		if _, known := t[act]; !known && act != Before {
			list = append(list, act)
		}
	}
	return list
}

// String returns the templates as flags.
func (t Templates) String() string {
	var list []string
	for _, act := range acts {
		if template, known := t[act]; known {
			list = append(list, fmt.Sprintf("--type '%s=%s'", act, strings.ReplaceAll(template, "'", `'\''`)))
		}
	}
	return strings.Join(list, " ")
}
