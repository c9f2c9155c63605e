package client

import (
	"strings"

	"parley/p2p"
)

// A fitting says with which people a command about private sessions can do
// something.
type fitting struct {
	fits func(p p2p.State) bool
	none string // what to do if there is nobody
	many string // what is so of several
}

var (
	asksOne = fitting{
		fits: func(s p2p.State) bool { return s == p2p.Asked },
		none: "Nobody asks for a private session. /startprivate NAME asks somebody.",
		many: "ask for a private session",
	}
	isUnderWay = fitting{
		fits: func(s p2p.State) bool { return s == p2p.Asking || s == p2p.Connecting || s == p2p.Open },
		none: "There is no private session to end. /peers lists them.",
		many: "can be meant",
	}
	isOpen = fitting{
		fits: func(s p2p.State) bool { return s == p2p.Open },
		none: "There is no private session whose keys can be compared. /startprivate NAME asks for one.",
		many: "are in a private session with you",
	}
)

// only returns the name of the only one that a command can be about. If there are
// several, or nobody, that is said, and "" returned.
func (a *App) only(command string, f fitting) string {
	var names []string
	for _, p := range a.private.sessions.Peers() {
		if f.fits(p.State) {
			names = append(names, p.Name)
		}
	}
	switch len(names) {
	case 0:
		a.tell(ToneError, "%s", f.none)
		return ""
	case 1:
		return names[0]
	}
	a.tell(ToneError, "Several %s: %s. Type /%s and one of the names, such as /%s %s.", f.many, strings.Join(names, ", "), command, command, names[0])
	return ""
}

// withOnly returns what runs a command that does one thing with one name, which can
// be left out while there is only one that it can be.
func withOnly(command string, f fitting, do func(a *App, name string)) handler {
	named := withName(command, do)
	return func(a *App, name string) {
		if name == "" {
			name = a.only(command, f)
		}
		if name != "" {
			named(a, name)
		}
	}
}

// verifyOnly shows the words of the only session without a name. That they are the
// same is noted only of a name: the session may be another one than that whose words
// were compared.
func verifyOnly(a *App, arg string) {
	if arg == "" {
		arg = a.only("verify", isOpen)
	}
	if _, open := a.private.sessions.Lookup("yes"); strings.EqualFold(arg, "yes") && !open {
		a.tell(ToneError, "Type with whom you have compared the words, too: /verify NAME yes")
		return
	}
	if arg != "" {
		a.cmdVerify(arg)
	}
}
