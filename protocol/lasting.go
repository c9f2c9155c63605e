package protocol

import (
	"strconv"
	"strings"
	"time"
)

// MaxLasting is for how long a ban or a mute may hold that ends by itself: ten years.
const MaxLasting = 3650 * 24 * time.Hour

// forEver is what one may type in place of how long something lasts, to say that it does
// not end by itself.
const forEver = "forever"

// lastingUnits are the units of how long something lasts, the longest first.
var lastingUnits = []struct {
	letter string
	is     time.Duration
	others []string // what else people write, which is told to be wrong and not taken for a reason
}{
	{"d", 24 * time.Hour, []string{"day", "days", "w", "wk", "wks", "week", "weeks", "mo", "month", "months", "y", "yr", "yrs", "year", "years"}},
	{"h", time.Hour, []string{"hr", "hrs", "hour", "hours"}},
	{"m", time.Minute, []string{"min", "mins", "minute", "minutes"}},
	{"s", time.Second, []string{"sec", "secs", "second", "seconds", "ms"}},
}

// ParseLasting reads for how long a ban or a mute is to hold: whole numbers with the units
// d, h, m and s, the longest first, such as 90s, 10m, 2h, 7d or 1h30m. 0 is for ever, which
// may be typed as "forever". A word that is nothing of that is none; one that was meant so
// and is wrong is an error: it must not be taken for a reason, with which it would be for
// ever.
func ParseLasting(word string) (lasts time.Duration, is bool, err *Error) {
	folded := strings.ToLower(word)
	if folded == forEver {
		return 0, true, nil
	}
	if folded == "" || folded[0] < '0' || folded[0] > '9' {
		return 0, false, nil
	}
	next := 0 // the longest unit that may come
	for rest := folded; rest != ""; {
		digits, unit, behind := cutUnit(rest)
		i, known := findUnit(unit)
		switch {
		case digits == "" || i < 0 && unit != "":
			return 0, false, nil // such as 3rd
		case !known || i < next:
			return 0, true, wrongLasting(word)
		}
		n, bad := strconv.ParseInt(digits, 10, 64)
		if bad != nil || n > int64((MaxLasting-lasts)/lastingUnits[i].is) {
			return 0, true, Errorf(BadRequest, "%.32q is too long: at most %dd. Leave it out for what is not to end by itself.", word, MaxLasting/(24*time.Hour))
		}
		lasts += time.Duration(n) * lastingUnits[i].is
		rest, next = behind, i+1
	}
	if lasts == 0 {
		return 0, true, Errorf(BadRequest, "%.32q is no time at all. Leave it out for what is not to end by itself.", word)
	}
	return lasts, true, nil
}

func wrongLasting(word string) *Error {
	return Errorf(BadRequest, "%.32q does not say for how long. Write it like 90s, 10m, 2h, 7d or 1h30m, or leave it out for ever.", word)
}

// cutUnit cuts the first number and what stands behind it up to the next one.
func cutUnit(s string) (digits, unit, rest string) {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	digits, s = s[:n], s[n:]
	if n = strings.IndexAny(s, "0123456789"); n < 0 {
		n = len(s)
	}
	return digits, s[:n], s[n:]
}

// findUnit returns which unit a word is, -1 if none, and whether it is written as it is to be.
func findUnit(word string) (i int, known bool) {
	for i, u := range lastingUnits {
		if u.letter == word {
			return i, true
		}
		for _, other := range u.others {
			if other == word {
				return i, false
			}
		}
	}
	return -1, false
}
