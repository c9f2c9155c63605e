package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The acts that have another form than "alice has banned bob from den until then: why."
const (
	actRole     = "role"
	actAnnounce = "announce"
	actLockdown = "lockdown"
	actSlow     = "slow"
	actKeep     = "keep"
)

// Lockdown is on or off.
const (
	On  = "on"
	Off = "off"
)

// NoRole is how one writes that a person has no role.
const NoRole = "none"

// actWords are what somebody has done to a person, and the word in front of the room.
var actWords = map[string]struct{ done, in string }{
	"kick":   {"kicked", "from"},
	"ban":    {"banned", "from"},
	"unban":  {"unbanned", "in"},
	"mute":   {"muted", "in"},
	"unmute": {"unmuted", "in"},
	"report": {"reported", "in"},
	"remove": {"removed", "in"},
}

// Sentence tells of an act to the person of a name: they are called "you" in it. "" is
// anybody. Others are called as shown says; nil: by their names. It ends as a sentence does: [EndSentence].
func (a Act) Sentence(to string, shown func(name string) string) string {
	for _, name := range [...]*string{&a.By, &a.Name} {
		if *name != "" && shown != nil && (to == "" || !strings.EqualFold(*name, to)) {
			*name = shown(*name)
		}
	}
	by := a.by(to)
	switch a.Act {
	case actAnnounce:
		return by + " announced: " + EndSentence(a.Why)
	case actRole:
		return by + " " + a.role(to) + a.why()
	case actLockdown:
		if a.Set == Off {
			return by + " ended the lockdown of the server" + a.why()
		}
		return by + " locked the server: no new guests, and nobody can register" + a.why()
	case actSlow:
		return by + " " + a.slow() + a.why()
	case actKeep:
		return by + " set " + a.keep() + a.why()
	}
	words, known := actWords[a.Act]
	text := by + " " + words.done + " " + a.whom(to)
	if !known {
		text, words.in = by+" used "+a.Act, "in"
		if a.Name != "" {
			text += " for " + a.whom(to)
		}
	}
	if a.Room != "" {
		text += " " + words.in + " " + InWords(a.Room)
	}
	if !a.Until.IsZero() {
		text += " until " + ActTime(a.Until)
	}
	return text + a.why()
}

// ActTime writes when something is, by the server's clock.
func ActTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// InWords returns what a room is called in a sentence.
func InWords(room string) string {
	if room == Lobby {
		return "the lobby"
	}
	return room
}

func (a *Act) by(to string) string {
	switch {
	case a.By == "":
		return "The server's owner has"
	case strings.EqualFold(a.By, to):
		return "You have"
	}
	return a.By + " has"
}

// whom says what an act is about.
func (a *Act) whom(to string) string {
	name := a.Name
	if to != "" && strings.EqualFold(name, to) {
		name = "you"
	}
	switch {
	case a.Message != 0 && name != "":
		return fmt.Sprintf("message %d of %s", a.Message, name)
	case a.Message != 0:
		return fmt.Sprintf("message %d", a.Message)
	case name == "" && a.Address != "":
		return "all who come from " + a.Address
	case name == "" && (a.Act == "ban" || a.Act == "unban"):
		return "all who come from an address" // which is not kept any longer than the ban
	case name == "":
		return "somebody"
	}
	return name
}

// why says why, if somebody has said so, and ends the sentence.
func (a *Act) why() string {
	if a.Why == "" {
		return "."
	}
	return ": " + EndSentence(a.Why)
}

func (a *Act) role(to string) string {
	of, in := "the server", "for the whole server"
	if a.Room != "" {
		of, in = InWords(a.Room), "in "+InWords(a.Room)
	}
	if a.Set == "" || a.Set == NoRole {
		return "taken away the role of " + a.whom(to) + " " + in
	}
	return "made " + a.whom(to) + " " + a.Set + " of " + of
}

func (a *Act) slow() string {
	seconds, err := strconv.Atoi(a.Set)
	if err != nil || seconds == 0 {
		return "made " + a.room() + " slow no more"
	}
	return fmt.Sprintf("made %s slow: each person can say something every %d s", a.room(), seconds)
}

// room is what the room is called that is made slow: on the wire no room is the lobby.
func (a *Act) room() string {
	if a.Room == "" {
		return InWords(Lobby)
	}
	return InWords(a.Room)
}

// keep says how much is kept of a room from now on. Of what is 0 is kept what the server says.
func (a *Act) keep() string {
	var days, messages int
	if n, _ := fmt.Sscanf(a.Set, "%d days, %d messages", &days, &messages); n != 2 {
		return "how much " + a.room() + " keeps"
	}
	var what []string
	if days > 0 {
		what = append(what, amount(days, "day"))
	}
	if messages > 0 {
		what = append(what, amount(messages, "message"))
	}
	if what == nil {
		what = []string{"what the server says"}
	}
	return a.room() + " to keep " + strings.Join(what, " and ")
}

// amount says how many there are.
func amount(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// actTitles stand above lists of acts.
var actTitles = map[string]string{EventBans: "Who is banned or muted", EventReports: "Reports, the newest first", EventAudit: "What was done, the newest first"}

// line tells of an act in a list of what was done.
func (a Act) line(likes Likes) string {
	line := ActTime(a.Time) + ": " + a.Sentence("", likes.ToldApart)
	if a.ID == 0 { // of a sanction
		return line
	}
	return fmt.Sprintf("%d, %s", a.ID, line)
}
