package users

import "strings"

// A Role is what a person may do beside others: of the whole server, or in a room.
type Role string

// The roles, the highest first.
const (
	Owner     Role = "owner"
	Moderator Role = "moderator"
	NoRole    Role = ""
)

// ValidRole reports whether a role is one of them.
func ValidRole(r Role) bool { return r == Owner || r == Moderator || r == NoRole }

// String returns how a role is said and typed: "none" if it is none.
func (r Role) String() string {
	if r == NoRole {
		return "none"
	}
	return string(r)
}

// ParseRole returns the role that is meant by a word.
func ParseRole(word string) (r Role, ok bool) {
	switch r = Role(strings.ToLower(word)); {
	case r == "none":
		return NoRole, true
	case r == NoRole:
		return NoRole, false
	}
	return r, ValidRole(r)
}

// A Penalty is what a sanction does to somebody.
type Penalty string

// The penalties.
const (
	Ban  Penalty = "ban"  // may not be there
	Mute Penalty = "mute" // may say nothing
)
