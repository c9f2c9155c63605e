package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

func TestWordListIsTheOneOfBIP39(t *testing.T) {
	const published = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
	if sum := sha256.Sum256([]byte(english)); hex.EncodeToString(sum[:]) != published {
		t.Errorf("the SHA-256 of the list is %x", sum)
	}
	if n := len(strings.Fields(english)); n != 1<<wordBits {
		t.Errorf("%d words", n)
	}
}

func TestWords(t *testing.T) {
	secret := make([]byte, 32)
	words := Words(secret, "SHA256:a", "SHA256:b")
	// Computed with python3: hmac-sha256 for HKDF by hand, and the list.
	if want := strings.Fields(wordsOfZeroes); !slices.Equal(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
	secret[31] = 1
	for _, other := range [][]string{
		Words(secret, "SHA256:a", "SHA256:b"),
		Words(make([]byte, 32), "SHA256:b", "SHA256:a"),
		Words(make([]byte, 32), "SHA256:a", "SHA256:c"),
	} {
		if slices.Equal(other, words) {
			t.Errorf("the same words for something else: %q", words)
		}
	}
}

const wordsOfZeroes = "wrap merry people process bounce keen"
