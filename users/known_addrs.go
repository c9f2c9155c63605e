package users

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// KnownAddrs are the addresses from which somebody has logged in to an account with its
// password, the newest first: for each the number of the day, a colon and its AddrMark, with
// a space between two. It is what is kept. There are MaxKnown at most.
type KnownAddrs string

// MaxKnown is how many addresses are known of an account: home, work, a phone's, and two of a
// journey.
const MaxKnown = 5

// AddrMark returns what is kept of an address that is known: half of an HMAC-SHA256 with the
// account's own hash of its password as the key (RFC 2104). So the same address is not the same
// for two accounts, and nobody reads one out of a file. Who has the hash as well can try all
// IPv4 addresses, as they can try passwords. Another password makes all unknown: who knew the
// old one may have logged in.
func AddrMark(hash, addr string) string {
	mac := hmac.New(sha256.New, []byte(hash))
	mac.Write([]byte(addr))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// Day returns the number of a day, in UTC, since 1970.
func Day(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// Has reports whether there is a mark.
func (k KnownAddrs) Has(mark string) bool {
	for entry := range strings.FieldsSeq(string(k)) {
		if _, m, _ := strings.Cut(entry, ":"); m == mark {
			return true
		}
	}
	return false
}

// With returns them with a mark that was seen on a day: the oldest give way.
func (k KnownAddrs) With(mark string, day int64) KnownAddrs {
	all := []string{strconv.FormatInt(day, 10) + ":" + mark}
	for entry := range strings.FieldsSeq(string(k)) {
		if _, m, _ := strings.Cut(entry, ":"); m != mark && len(all) < MaxKnown {
			all = append(all, entry)
		}
	}
	return KnownAddrs(strings.Join(all, " "))
}

// Since returns those that were seen on a day or later.
func (k KnownAddrs) Since(day int64) KnownAddrs {
	var all []string
	for entry := range strings.FieldsSeq(string(k)) {
		d, _, _ := strings.Cut(entry, ":")
		if n, err := strconv.ParseInt(d, 10, 64); err == nil && n >= day {
			all = append(all, entry)
		}
	}
	return KnownAddrs(strings.Join(all, " "))
}
