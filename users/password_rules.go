package users

import (
	_ "embed"
	"errors"
	"strings"
)

// Bounds of a password, in bytes.
const (
	// MinPassword is what NIST SP 800-63B section 5.1.1.2 asks for at least.
	MinPassword = 8

	// MaxPassword has room for any sentence (the same section wants 64 characters
	// to be allowed), and what is hashed on behalf of strangers has an end.
	MaxPassword = 256
)

// Why a password is refused. Each says what to do, for the person who reads it.
var (
	ErrPasswordShort  = errors.New("that password is too short: take at least 8 letters, digits or signs, such as a few words in a row")
	ErrPasswordLong   = errors.New("that password is too long: take at most 256 bytes")
	ErrPasswordIsName = errors.New("that password is your name: take one that others do not know")
	ErrPasswordCommon = errors.New("that password is one of the commonest and guessed first: take another, such as a few words in a row")
)

// commonPasswords are the commonest of MinPassword bytes and more, one a line, in
// lower case and in order. There is no point in a longer list while a login is
// blocked after a few wrong passwords.
//
//go:embed common_passwords.txt
var commonPasswords string

// CheckPassword returns nil for a password that the user of that name may choose.
// It is for new passwords: one that exists stays good if the rules change.
func CheckPassword(name, password string) error {
	switch {
	case len(password) < MinPassword:
		return ErrPasswordShort
	case len(password) > MaxPassword:
		return ErrPasswordLong
	case strings.EqualFold(password, name):
		return ErrPasswordIsName
	case isCommon(password):
		return ErrPasswordCommon
	}
	return nil
}

func isCommon(password string) bool {
	wanted := strings.ToLower(password)
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSuffix(line, "\n") == wanted {
			return true
		}
	}
	return false
}
