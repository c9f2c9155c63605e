// Package passwords hashes passwords, and does so on workers of its own.
//
// A hash takes 50 ms and 19 MiB on purpose, so nothing that others wait for may
// call Hash or Verify: Workers do it, a fixed number of them behind a short
// queue, each with an Engine, which for a server is a Process of its own. Hash and
// Verify themselves are pure; salts come from the caller.
package passwords

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What a new hash costs: argon2id (RFC 9106) with what the OWASP Password Storage
// Cheat Sheet asks for at least. RFC 9106 section 4 would take 64 MiB or more; with
// 19 MiB two busy workers make a process peak at 87 MB, and two cores do 40
// logins a second. (AMD EPYC, 2 cores, Go 1.26.8, 2026-11-21)
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1 // lanes

	// SaltSize is the size in bytes of a salt: what RFC 9106 section 3.1
	// recommends for passwords. Salts are random, and one for every hash.
	SaltSize = 16

	// keySize is the size in bytes of the hash, as in RFC 9106 section 4.
	keySize = 32
)

// What a PHC string may ask for. The store has only what Hash made, but whoever
// can change a row in it must not be able to stop the server: at most this is
// 64 MiB and some 0.4 s, and the second choice of RFC 9106 (64 MiB, 3 passes,
// 4 lanes) is in it.
const (
	maxMemory  = 64 * 1024 // KiB
	maxTime    = 4
	maxThreads = 4
	minSalt    = 8 // bytes: the least that the reference implementation takes
	maxSalt    = 64
	minKey     = 16 // bytes: what cannot be guessed
	maxKey     = 64
	maxPHC     = 256 // bytes: more than any string within these bounds has
)

// ErrFormat is returned for a hash that is not an argon2id PHC string within
// what is allowed here.
var ErrFormat = errors.New("not a password hash that is known here")

// Dummy is a hash like any other, of a password nobody knows: its bytes are
// random. Verifying it costs what verifying a password costs, so that the time
// of an answer does not tell whether a name is registered.
const Dummy = "$argon2id$v=19$m=19456,t=2,p=1$uHTdxzm/VO1UxoNHx7P0vA$IUhdXWloQjyuFQYkPWQWlNIs6PsRUftjnLGSmTiJUhs"

// A phc is the parts of a PHC string:
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$key
type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

// base64 as PHC strings have it: without padding, and one way to write each value.
var encoding = base64.RawStdEncoding.Strict()

// Hash returns the PHC string for a password. It takes 50 ms.
func Hash(password string, salt [SaltSize]byte) string {
	p := phc{memory: memory, time: passes, threads: threads, salt: salt[:]}
	p.key = p.derive(password, keySize)
	return p.String()
}

// Verify reports whether hash is that of password, in 50 ms. If it is, rehash
// tells that it was made with other parameters than Hash uses, and that now,
// while the password is at hand, is the time to make another one. The error is
// ErrFormat.
func Verify(hash, password string) (ok, rehash bool, err error) {
	p, err := parse(hash)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(p.derive(password, len(p.key)), p.key) == 1
	return ok, ok && !p.current(), nil
}

// Check returns ErrFormat for what Verify could not use. It costs next to nothing.
func Check(hash string) error {
	_, err := parse(hash)
	return err
}

func (p *phc) derive(password string, size int) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.threads, uint32(size))
}

func (p *phc) current() bool {
	return p.memory == memory && p.time == passes && p.threads == threads && len(p.salt) == SaltSize && len(p.key) == keySize
}

func (p *phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.threads,
		encoding.EncodeToString(p.salt), encoding.EncodeToString(p.key))
}

// parse takes a PHC string apart. It takes what String writes and nothing else.
func parse(s string) (*phc, error) {
	if len(s) > maxPHC {
		return nil, ErrFormat
	}
	rest, ok := strings.CutPrefix(s, fmt.Sprintf("$argon2id$v=%d$", argon2.Version))
	parts := strings.Split(rest, "$")
	if !ok || len(parts) != 3 {
		return nil, ErrFormat
	}
	params := strings.Split(parts[0], ",")
	if len(params) != 3 {
		return nil, ErrFormat
	}
	m, okM := parameter(params[0], "m=", maxMemory)
	t, okT := parameter(params[1], "t=", maxTime)
	lanes, okP := parameter(params[2], "p=", maxThreads)
	salt, okSalt := decode(parts[1], minSalt, maxSalt)
	key, okKey := decode(parts[2], minKey, maxKey)
	// Argon2 has 8 KiB a lane at least, and would silently take more than m says.
	if !okM || !okT || !okP || !okSalt || !okKey || m < 8*lanes {
		return nil, ErrFormat
	}
	return &phc{memory: m, time: t, threads: uint8(lanes), salt: salt, key: key}, nil
}

// parameter reads a decimal from 1 to limit, without a sign or leading zeros.
func parameter(s, name string, limit uint64) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, name)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && n <= limit
}

func decode(s string, least, most int) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") { // which the decoder would skip
		return nil, false
	}
	b, err := encoding.DecodeString(s)
	return b, err == nil && least <= len(b) && len(b) <= most
}
