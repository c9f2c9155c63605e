package users

import (
	"slices"
	"strings"
)

// A Reservation is why nobody may have a name. It ends a sentence that begins with
// the name.
type Reservation string

// The reasons. Clients show what has the sender "server" as the server's own words,
// whoever said it, and people believe more than that.
const (
	ForServer    Reservation = "others would take your words for the server's"
	ForEverybody Reservation = "others would think that it means everybody"
	ForNobody    Reservation = "others would think that it means nobody"
	ForOwner     Reservation = "the server's owner keeps it back"
)

// reservations are the names that are reserved everywhere.
var reservations = map[Reservation][]string{
	ForServer: {
		"server", "chatserver", "help", "error", "history", // senders of the 29 servers that were measured, and what clients know as such
		"info", "message", "notice", "system", "parley", // what else a response can be, or can be from
		"admin", "administrator", "host", "moderator", "operator", "owner", "root", "support", "sysop", // who would speak for it
	},
	ForEverybody: {"all", "anybody", "anyone", "broadcast", "channel", "everybody", "everyone", "here", "room"},
	ForNobody:    {"anonymous", "nil", "nobody", "none", "noone", "null", "undefined", "unknown"}, // None is what some clients send for nothing
}

// moreTitles are words that speak for a server, beside those that are reserved ForServer. There
// may be accounts with such names, who keep them.
var moreTitles = []string{
	"alert", "announcement", "console", "daemon", "helpdesk", "hostmaster", "mod", "official", "postmaster", "response",
	"security", "service", "staff", "superuser", "sys", "sysadmin", "warning", "webmaster",
}

// besideTitles are words that stand around them without changing who is meant. Who is called Bot
// only is a program of somebody's, as hooks are, and not the server.
var besideTitles = []string{"the", "real", "chat", "parley", "ktn", "team", "bot"}

// MadeOfTitles reports whether a name is made of nothing but words that speak for a server, also
// in the plural, what stands around them, and digits: others would take it for the server's,
// though it is none that is Reserved. Nobody new is to have such a name; accounts stay, and a
// server's owner may make more.
func MadeOfTitles(name string) bool {
	const (
		no    = iota
		plain // made of what stands around a title, so far
		titled
	)
	folded := Fold(name)
	made := make([]int, len(folded)+1) // of what the name is made up to there
	made[0] = plain
	for i := range len(folded) {
		if made[i] == no {
			continue
		}
		rest := folded[i:]
		if '0' <= rest[0] && rest[0] <= '9' {
			made[i+1] = max(made[i+1], made[i])
		}
		for _, word := range besideTitles {
			if end := i + len(word); strings.HasPrefix(rest, word) {
				made[end] = max(made[end], made[i])
			}
		}
		for _, words := range [][]string{reservations[ForServer], moreTitles} {
			for _, word := range words {
				if after, is := strings.CutPrefix(rest, word); is {
					made[i+len(word)] = titled
					if strings.HasPrefix(after, "s") {
						made[i+len(word)+1] = titled
					}
				}
			}
		}
	}
	return made[len(folded)] == titled
}

// Reserved are the names that nobody may have, by folded name: no guest and no
// account, since one that was made earlier misleads as well. It does not change.
type Reserved map[string]Reservation

// NewReserved returns the names that are reserved everywhere and those that a
// server's owner adds.
func NewReserved(more []string) Reserved {
	r := make(Reserved)
	for _, name := range more {
		r[Fold(name)] = ForOwner
	}
	for why, names := range reservations {
		for _, name := range names {
			r[name] = why
		}
	}
	return r
}

// Lookup returns why a name is reserved, and whether it is.
func (r Reserved) Lookup(name string) (Reservation, bool) {
	why, ok := r[Fold(name)]
	return why, ok
}

// Lookalikes returns all of them and the words of which names can be MadeOfTitles, for names
// that can be taken for one.
func (r Reserved) Lookalikes() *Lookalikes {
	l := new(Lookalikes)
	for _, name := range moreTitles {
		l.Put(name)
	}
	for name := range r {
		l.Put(name)
	}
	return l
}

// Of returns those of the names that are reserved, in alphabetical order.
func (r Reserved) Of(accounts []Account) (names []string) {
	for _, a := range accounts {
		if _, ok := r.Lookup(a.Name); ok {
			names = append(names, a.Name)
		}
	}
	slices.SortFunc(names, compareNames)
	return names
}
