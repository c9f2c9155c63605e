package identity

import (
	"crypto/hkdf"
	"crypto/sha256"
	_ "embed"
	"strings"
)

// english is the word list of BIP 39 (bitcoin/bips, bip-0039/english.txt):
// 2,048 words that differ in their first four letters.
//
//go:embed english.txt
var english string

const (
	wordCount = 6
	wordBits  = 11 // 2,048 words
)

// Words returns six words, 66 bits, that depend on a secret of one connection
// that only its two ends know and on both keys. Smaller is the fingerprint of
// the person whose name is the smaller one. They come of HKDF-SHA256 (RFC 5869)
// without salt, whose info is both fingerprints.
func Words(exporterSecret []byte, smaller, larger string) []string {
	const size = (wordCount*wordBits + 7) / 8
	bits, err := hkdf.Key(sha256.New, exporterSecret, nil, "parley-p2p-words "+smaller+" "+larger, size)
	if err != nil {
		panic(err) // of a size that SHA-256 cannot give; it is constant
	}
	list := strings.Fields(english)
	words := make([]string, wordCount)
	for i := range words {
		n := 0
		for bit := i * wordBits; bit < (i+1)*wordBits; bit++ {
			n = n<<1 | int(bits[bit/8]>>(7-bit%8)&1)
		}
		words[i] = list[n]
	}
	return words
}
