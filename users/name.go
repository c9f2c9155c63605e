package users

import (
	"errors"
	"strings"
)

// ErrNameTaken is returned for a name that somebody has who is logged in.
var ErrNameTaken = errors.New("name taken")

// MaxName is how many bytes a name has at most.
const MaxName = 32

// ValidName reports whether a name is one that somebody may have: one to MaxName ASCII
// letters and digits.
func ValidName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		default:
			return false
		}
	}
	return 0 < len(name) && len(name) <= MaxName
}

// Fold returns what is the same for all spellings of a name. Names are ASCII.
func Fold(name string) string { return strings.ToLower(name) }

// compareNames orders names as people do, without regard to case.
func compareNames(a, b string) int { return strings.Compare(Fold(a), Fold(b)) }
