package server

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The addresses that are one: an address of IPv4 however it is written, a /64 of IPv6.
// Nobody has a Unix socket's, and loopback counts if the owner says so.
func TestWhatCountsAsOneAddress(t *testing.T) {
	for _, tt := range []struct{ addr, counted, withLoopback string }{
		{"192.0.2.1", "192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1:2::"},
		{"2001:db8:1:2:ffff::", "2001:db8:1:2::", "2001:db8:1:2::"},
		{"2001:db8:1:3::", "2001:db8:1:3::", "2001:db8:1:3::"},
		{"fe80::1%eth0", "fe80::", "fe80::"},
		{"127.0.0.1", "", "127.0.0.1"},
		{"127.9.9.9", "", "127.9.9.9"},
		{"::ffff:127.0.0.1", "", "127.0.0.1"},
		{"::1", "", "::"},
		{"", "", ""},
	} {
		var addr netip.Addr
		if tt.addr != "" {
			addr = netip.MustParseAddr(tt.addr)
		}
		for want, loopback := range map[*string]bool{&tt.counted: false, &tt.withLoopback: true} {
			got := (&AddressLimits{Loopback: loopback}).counted(addr)
			if got.IsValid() != (*want != "") || got.IsValid() && got.String() != *want {
				t.Errorf("%q counts as %v if loopback does: %t, want %q", tt.addr, got, loopback, *want)
			}
		}
	}
}

func TestQuotaIsRead(t *testing.T) {
	for text, want := range map[string]Quota{"32/10s": {32, 10 * time.Second}, "1/1h30m": {1, 90 * time.Minute}, "0": {}, "0/1s": {0, time.Second}} {
		q := Quota{7, time.Second}
		if err := q.UnmarshalText([]byte(text)); err != nil || q != want {
			t.Errorf("%s: %+v, %v", text, q, err)
		}
	}
	for _, text := range []string{"", "/", "32", "32/", "/10s", "-1/10s", "32/10", "32/-1s", "32/0s", "x/10s", "32/10s/5", "1e3/1s", "0/"} {
		q := Quota{7, time.Second}
		if err := q.UnmarshalText([]byte(text)); err == nil || q != (Quota{7, time.Second}) || !strings.Contains(err.Error(), "such as 32/10s") {
			t.Errorf("%s: %+v, %v", text, q, err)
		}
	}
}

// addressNamed is an address for a letter of a table.
func addressNamed(letter string) netip.Addr {
	return netip.AddrFrom4([4]byte{192, 0, 2, letter[0]})
}

// Of each address two may be there: a step is + and - with its letter, and what is said
// then is which of a and b are full.
func TestAddressCount(t *testing.T) {
	for _, tt := range []struct{ name, steps string }{
		{"up to the limit", "+a: | +a: a | -a: | +a: a"},
		{"addresses do not concern each other", "+a: | +b: | +a: a | +b: ab | -a: b"},
		{"one too many has to go first", "+a: | +a: a | +a: a | -a: a | -a:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newAddressCount(2)
			for step := range strings.SplitSeq(tt.steps, " | ") {
				do, want, _ := strings.Cut(step, ":")
				if addr := addressNamed(do[1:]); do[0] == '+' {
					c.add(addr)
				} else {
					c.remove(addr)
				}
				got := ""
				for _, letter := range []string{"a", "b"} {
					if c.full(addressNamed(letter)) {
						got += letter
					}
				}
				if got != strings.TrimSpace(want) {
					t.Errorf("%s: full are %q, want %q", do, got, want)
				}
			}
		})
	}
}

// What is nobody's is not counted, nor is anything without a limit.
func TestAddressCountOfNobody(t *testing.T) {
	limited, unlimited := newAddressCount(1), newAddressCount(0)
	for range 3 {
		limited.add(netip.Addr{})
		unlimited.add(addressNamed("a"))
	}
	if limited.full(netip.Addr{}) || unlimited.full(addressNamed("a")) || len(limited.counts)+len(unlimited.counts) != 0 {
		t.Errorf("%v, %v", limited.counts, unlimited.counts)
	}
	limited.remove(netip.Addr{})
	unlimited.remove(addressNamed("a"))
}

// At most three from one address within ten seconds: a step is a time in seconds and who
// comes then, and what is said is how many seconds they would have had to wait.
func TestAddressQuota(t *testing.T) {
	for _, tt := range []struct{ name, steps string }{
		{"up to the limit", "0 a: 0 | 0 a: 0 | 0 a: 0 | 0 a: 10 | 9 a: 1 | 10 a: 0"},
		{"each counts for ten seconds", "0 a: 0 | 4 a: 0 | 8 a: 0 | 9 a: 1 | 10 a: 0 | 10 a: 4 | 14 a: 0 | 14 a: 4 | 18 a: 0"},
		{"who was refused does not wait for longer", "0 a: 0 | 0 a: 0 | 0 a: 0 | 5 a: 5 | 9 a: 1 | 10 a: 0 | 10 a: 0 | 10 a: 0 | 10 a: 10"},
		{"addresses do not concern each other", "0 a: 0 | 0 a: 0 | 0 b: 0 | 0 a: 0 | 0 a: 10 | 0 b: 0 | 0 b: 0 | 0 b: 10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := newAddressQuota(Quota{3, 10 * time.Second}, 2)
			for step := range strings.SplitSeq(tt.steps, " | ") {
				do, want, _ := strings.Cut(step, ": ")
				second, letter, _ := strings.Cut(do, " ")
				now, _ := time.ParseDuration(second + "s")
				wait := q.wait(addressNamed(letter), now)
				if wait == 0 {
					q.add(addressNamed(letter), now)
				}
				if got := fmt.Sprint(wait.Seconds()); got != want {
					t.Errorf("%s: wait %s s, want %s", do, got, want)
				}
			}
		})
	}
}

func TestAddressQuotaOfNobody(t *testing.T) {
	limited, unlimited := newAddressQuota(Quota{1, time.Hour}, 10), newAddressQuota(Quota{}, 10)
	for range 3 {
		limited.add(netip.Addr{}, 0)
		unlimited.add(addressNamed("a"), 0)
	}
	if limited.wait(netip.Addr{}, 0) != 0 || unlimited.wait(addressNamed("a"), 0) != 0 || len(limited.addrs)+len(unlimited.addrs) != 0 {
		t.Errorf("%v, %v", limited.addrs, unlimited.addrs)
	}
}

// However many addresses come, so many are remembered: those that came last.
func TestAddressQuotaIsBounded(t *testing.T) {
	q := newAddressQuota(Quota{1, time.Hour}, 100)
	for i := range 10_000 {
		q.add(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), time.Duration(i))
	}
	if len(q.addrs) != 100 || q.order.Len() != 100 {
		t.Fatalf("%d addresses are remembered, and %d in order", len(q.addrs), q.order.Len())
	}
	for i := 9_900; i < 10_000; i++ {
		if q.wait(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 10_000) == 0 {
			t.Errorf("address %d is forgotten", i)
		}
	}
}

// An addressModel remembers all that has come, and looks at all of it.
type addressModel struct {
	quota Quota
	room  int
	came  map[netip.Addr][]time.Duration
}

func (m *addressModel) wait(addr netip.Addr, now time.Duration) time.Duration {
	counts := slices.DeleteFunc(slices.Clone(m.came[addr]), func(t time.Duration) bool { return t+m.quota.Per <= now })
	if len(counts) < m.quota.Most {
		return 0
	}
	return counts[len(counts)-m.quota.Most] + m.quota.Per - now
}

func (m *addressModel) add(addr netip.Addr, now time.Duration) {
	maps.DeleteFunc(m.came, func(_ netip.Addr, times []time.Duration) bool { return slices.Max(times)+m.quota.Per <= now })
	if _, known := m.came[addr]; !known && len(m.came) == m.room {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(m.came)), func(a, b netip.Addr) int { return int(slices.Max(m.came[a]) - slices.Max(m.came[b])) })
		delete(m.came, oldest)
	}
	m.came[addr] = append(m.came[addr], now)
}

// An addressQuota is as a model that remembers everything, and keeps no more than it needs.
func TestAddressQuotaIsAsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quota := Quota{rapid.IntRange(1, 4).Draw(t, "most"), time.Duration(rapid.IntRange(1, 20).Draw(t, "per"))}
		room := rapid.IntRange(1, 4).Draw(t, "room")
		q, m := newAddressQuota(quota, room), addressModel{quota, room, make(map[netip.Addr][]time.Duration)}
		now := time.Duration(0)
		letters := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				if len(q.addrs) != len(m.came) || q.order.Len() != len(m.came) {
					t.Fatalf("%d addresses are remembered and %d are in order, want %d", len(q.addrs), q.order.Len(), len(m.came))
				}
				for _, e := range q.addrs {
					if n := len(e.Value.(*arrivals).times); n > quota.Most {
						t.Fatalf("%d times are kept of one address", n)
					}
				}
			},
			"come": func(t *rapid.T) {
				now++ // so that the model knows which address is the oldest
				addr := addressNamed(letters.Draw(t, "who"))
				got, want := q.wait(addr, now), m.wait(addr, now)
				if got != want {
					t.Fatalf("%v waits for %d, want %d", addr, got, want)
				}
				if got == 0 {
					q.add(addr, now)
					m.add(addr, now)
				}
			},
			"pass": func(t *rapid.T) { now += time.Duration(rapid.IntRange(1, 15).Draw(t, "time")) },
		})
	})
}
