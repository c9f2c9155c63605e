package load

import "testing"

// Somebody was told a message behind a gap, and leaves, while another one is told it, too: whoever is first, its
// number is its own.
func TestANumberIsPlausibleWhileOthersAreToldIt(t *testing.T) {
	t.Parallel()
	const n = 2_000
	l := newLedger(new(findings), []string{"ann"}, func(uint32) int64 { return n })
	for seq := uint32(1); seq <= n; seq++ {
		number, told := 3*uint64(seq), make(chan bool)
		go func() {
			l.compare(number, 1, 0, seq, nil)
			close(told)
		}()
		for over := false; !over; {
			select {
			case <-told:
				over = true
			default:
			}
			if !l.plausible(&odd{number, voice{0, seq, ""}}) {
				t.Fatalf("the number of message %d is taken for another one's", seq)
			}
		}
	}
}
