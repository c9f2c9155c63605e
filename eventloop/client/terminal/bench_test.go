//go:build linux || darwin

package terminal

import (
	"fmt"
	"strings"
	"testing"

	"parley/eventloop/client"
)

// BenchmarkPaste pastes a text into a line on a screen of 80×24, with what a
// terminal says of a paste and without. The bytes that are drawn are for each byte
// of the text.
func BenchmarkPaste(b *testing.B) {
	for _, bracketed := range []bool{true, false} {
		for _, size := range []int{1000, 2000, 4000, 8000} {
			b.Run(fmt.Sprintf("bracketed=%v/%d", bracketed, size), func(b *testing.B) {
				s := open(b, at(wraps, 80, 24))
				text := strings.Repeat("0123456789", size/10)
				keys := text
				if bracketed {
					keys = "\x1b[200~" + text + "\x1b[201~"
				}
				b.ResetTimer()
				drawn := 0
				for b.Loop() {
					s.Next()
					s.press(keys + "\x01") // its beginning is seen when all of it has come
					s.until("all of it", func(v *vt) bool { return strings.Contains(v.String(), "> 0123") && v.column == 2 })
					s.press("\r")
					s.gets(client.InputLine, text)
					s.mu.Lock()
					drawn += len(s.screen.all)
					s.screen.all = nil
					s.mu.Unlock()
				}
				b.ReportMetric(float64(drawn)/float64(b.N*size), "drawn/byte")
			})
		}
	}
}
