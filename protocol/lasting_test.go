package protocol

import (
	"strings"
	"testing"
	"time"
)

func TestParseLasting(t *testing.T) {
	const day = 24 * time.Hour
	for word, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "10m": 10 * time.Minute, "2h": 2 * time.Hour, "7d": 7 * day, "1s": time.Second,
		"1h30m": 90 * time.Minute, "1d12h": 36 * time.Hour, "1d2h3m4s": day + 2*time.Hour + 3*time.Minute + 4*time.Second,
		"10M": 10 * time.Minute, "0h5m": 5 * time.Minute, "007d": 7 * day, "3650d": MaxLasting, "forever": 0, "ForEver": 0,
	} {
		if got, is, err := ParseLasting(word); got != want || !is || err != nil {
			t.Errorf("%s: %v, %v, %v", word, got, is, err)
		}
	}
	for _, word := range []string{"", "spam", "3rd", "2nd", "4chan", "s", "m10", "-5m", "1.5h", "10m!", "5x", "１０m", "1h30x"} {
		if got, is, err := ParseLasting(word); got != 0 || is || err != nil {
			t.Errorf("%q is no time: %v, %v, %v", word, got, is, err)
		}
	}
	for _, word := range []string{"10", "0", "0s", "0d0h", "10min", "2hours", "1w", "30m1h", "5m5m", "1h30", "3651d", "3650d1s", "99999999999999999999d", "9223372036854775807s", "1y"} {
		got, is, err := ParseLasting(word)
		if got != 0 || !is || err == nil {
			t.Errorf("%q is wrong: %v, %v, %v", word, got, is, err)
		} else if !strings.Contains(err.Text, "eave it out") || !strings.Contains(err.Text, word[:min(len(word), 32)]) {
			t.Errorf("%q: %s", word, err.Text)
		}
	}
}

// What is taken is in its limits, and what is none is not told to be wrong.
func FuzzParseLasting(f *testing.F) {
	for _, word := range []string{"90s", "1d2h3m4s", "forever", "3rd", "10", "0s", "3651d", "1h30"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		lasts, is, err := ParseLasting(word)
		if lasts < 0 || lasts > MaxLasting || !is && (lasts != 0 || err != nil) || err != nil && lasts != 0 {
			t.Errorf("%q: %v, %v, %v", word, lasts, is, err)
		}
		if is && err == nil && lasts == 0 && !strings.EqualFold(word, forEver) {
			t.Errorf("%q is for ever", word)
		}
	})
}
