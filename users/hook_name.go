package users

import "strings"

// hookEndings are how names of hooks end.
var hookEndings = []string{"hook", "bot"}

// IsHookName reports whether a hook may have a name: it ends in "Hook" or "Bot", so that
// nobody takes for a person what a program says, in whatever client they read it.
func IsHookName(name string) bool {
	folded := Fold(name)
	for _, ending := range hookEndings {
		if strings.HasSuffix(folded, ending) && len(folded) > len(ending) {
			return true
		}
	}
	return false
}
