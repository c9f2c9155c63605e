package command

import (
	"crypto/sha256"
	"encoding/hex"
)

// GuestPrefix begins the name of a person who is a guest, behind which is a TokenID. No
// account's name has it.
const GuestPrefix = "~"

// TokenID returns what is kept of a token: half of its SHA-256, from which nobody can
// tell the token. It is "" for "".
func TokenID(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}
