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
	var id [2 * sha256.Size / 2]byte // which costs no memory, unlike hex.EncodeToString
	return string(hex.AppendEncode(id[:0], sum[:sha256.Size/2]))
}
