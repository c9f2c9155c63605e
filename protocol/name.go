package protocol

// CheckName returns nil for a name that a user may have: one to MaxName ASCII
// letters and digits and nothing else, not even a newline at the end.
func CheckName(name string) *Error {
	switch {
	case name == "":
		return Errorf(BadName, "A name is missing: log in with a name of letters and digits.")
	case len(name) > MaxName:
		return Errorf(BadName, "That name is too long: at most %d letters and digits.", MaxName)
	}
	for i := range len(name) {
		switch c := name[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		default:
			return Errorf(BadName, "That name is not allowed: only the letters A-Z and a-z and the digits 0-9.")
		}
	}
	return nil
}
