package users

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// Relays with a window of 100 units, 10 to be passed on alone and a rate of 50
// per second. Steps are at a time in milliseconds: frames of credit and cost,
// and the credit that goes with them.
func TestRelays(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps string
	}{
		{"a payload", "0 ann bob 0 50: 0 | 0 bob ann 0 50: 0"},
		{"credit alone and with a payload", "0 ann bob 0 50: 0 | 0 bob ann 40 0: 40 | 0 bob ann 5 0: 0 | 0 bob ann 0 1: 5 | 0 bob ann 5 0: 0 | 0 bob ann 1 0: abused"},
		{"the window", "0 ann bob 0 60: 0 | 0 ann bob 0 40: 0 | 0 bob ann 0 100: 0 | 0 ann bob 0 1: abused | 0 bob ann 0 1: not relayed"},
		{"the window opens when credit is told", "0 ann bob 0 100: 0 | 0 bob ann 50 0: 50 | 0 ann bob 0 50: 0 | 0 ann bob 0 1: abused"},
		{"credit that waits does not open it", "0 ann bob 0 100: 0 | 0 bob ann 9 0: 0 | 0 ann bob 0 9: abused"},
		{"credit that waits for the rate does not open it", "0 ann bob 0 100: 0 | 0 bob ann 60 0: 60 | 0 ann bob 0 60: 0 | 0 bob ann 60 0: 0 | 0 ann bob 0 10: abused"},
		{"more credit than was sent", "0 ann bob 0 10: 0 | 0 bob ann 11 0: abused"},
		{"credit of one's own", "0 ann bob 0 10: 0 | 0 ann bob 10 0: abused"},
		{"less than none", "0 ann bob 0 50: 0 | 0 bob ann -1 0: abused"},
		{"faster than the rate", "0 ann bob 0 100: 0 | 0 bob ann 100 0: 100 | 0 ann bob 0 100: 0 | 0 bob ann 40 0: 0 | 0 bob ann 30 0: 0 | 1999 due: none | 2001 due: ann 70 | 2001 bob ann 30 0: 30 | 2001 due: none"},
		{"credit that waits goes with no payload", "0 ann bob 0 100: 0 | 0 bob ann 100 0: 100 | 0 ann bob 0 100: 0 | 0 bob ann 40 50: 0 | 2001 due: ann 40"},
		{"too little waits on when its time has come", "0 ann bob 0 100: 0 | 0 bob ann 100 0: 100 | 0 ann bob 0 100: 0 | 0 bob ann 9 1: 0 | 2001 due: none | 2001 bob ann 1 0: 10"},
		{"each has a rate", "0 ann bob 0 100: 0 | 0 bob ann 100 0: 100 | 0 ann bob 0 100: 0 | 0 bob ann 100 0: 0 | 0 bob ann 0 50: 0 | 0 ann bob 50 0: 50 | 2001 due: ann 100"},
		{"the larger name is the fast one", "0 bob ann 0 100: 0 | 0 ann bob 100 0: 100 | 0 bob ann 0 100: 0 | 0 ann bob 100 0: 0 | 2001 due: bob 100"},
		{"just enough goes by itself when its time has come", "0 ann bob 0 100: 0 | 0 bob ann 100 0: 100 | 0 ann bob 0 100: 0 | 0 bob ann 10 1: 0 | 2001 due: ann 10"},
		{"one rate for all relays of one", "0 ann bob 0 100: 0 | 0 ann carl 0 100: 0 | 0 bob ann 50 0: 0 | 0 carl ann 60 0: 0 | 2001 due: ann 50, Ann 60"},
		{"an end while credit waits", "0 ann bob 0 100: 0 | 0 ann carl 0 100: 0 | 0 bob ann 50 0: 0 | 0 leave ann: bob,carl,dora | 2001 due: none"},
		{"strangers", "0 bob carl 0 10: not relayed"},
		{"another session", "0 ann dora 0 10: not relayed"},
		{"another login", "0 ann/2 bob 0 10: not relayed | 0 bob/2 ann 0 10: not relayed | 0 ann bob 0 10: 0 | 0 bob/2 ann 10 0: not relayed | 0 bob ann 10 0: 10"},
		{"another login leaves", "0 leave ann/2: none | 0 leave bob/2: none | 0 ann bob 0 10: 0"},
		{"one login of two leaves", "0 open ann/2 carl: 0 | 0 leave ann: bob,dora | 0 ann bob 0 1: not relayed | 0 ann/2 carl 0 1: 0 | 0 carl ann 1 1: 1 | 0 leave ann/2: carl"},
		{"one rate for all logins of one", "0 open ann/2 carl: 0 | 0 ann bob 0 100: 0 | 0 ann/2 carl 0 100: 0 | 0 bob ann 50 0: 0 | 0 carl ann 60 0: 0 | 2001 due: ann 50, ann 60"},
		{"what there is no credit for", "0 ann bob 0 60: 0 | 0 Bob Ann 5 7: 5 | 0 uncredited ann bob: 55 | 0 uncredited BOB ANN: 7 | 0 bob ann 50 0: 50 | 0 uncredited ann bob: 5 | 0 uncredited bob carl: 0 | 0 leave ann: bob,carl,dora | 0 uncredited ann bob: 0"},
		{"leaving", "0 leave CARL: ann | 0 ann carl 0 1: not relayed | 0 leave carl: none | 0 ann bob 0 1: 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := NewRelays(RelayLimits{Window: 100, Credit: 10, Rate: 50})
			r.Open(1, party("ann"), party("bob"))
			r.Open(1, party("Carl"), party("Ann"))
			r.Open(2, party("dora"), party("ann"))
			for step := range strings.SplitSeq(tt.steps, " | ") {
				do, want, _ := strings.Cut(step, ": ")
				if got := relayStep(r, strings.Fields(do)); got != want {
					t.Errorf("%s: %s, want %s", do, got, want)
				}
			}
			for _, name := range []string{"ann", "bob", "carl", "dora"} {
				r.Leave(party(name))
				r.Leave(party(name + "/2"))
			}
			r.Due(invitationStart.Add(time.Hour))
			opened := uint64(strings.Count(tt.steps, " open "))
			if counts := r.Counts(); len(r.pairs)+len(r.senders)+len(r.addrs)+len(r.held) != 0 || counts.Open != 0 || counts.Ended != 3+opened {
				t.Errorf("left over: %+v", r)
			}
		})
	}
}

// One rate for all who come from an address, beside that of each, which is no matter here.
// Ann and Anton come from one address, Bob from another one, Carl from none that counts.
func TestRelaysOfOneAddress(t *testing.T) {
	for _, tt := range []struct{ name, steps string }{
		{"alone", "0 ann bob 0 100: 0 | 0 bob ann 100 0: 100 | 0 ann bob 0 100: 0 | 0 bob ann 40 0: 0 | 1999 due: none | 2001 due: ann 40"},
		{"together", "0 ann bob 0 100: 0 | 0 anton carl 0 100: 0 | 0 bob ann 50 0: 0 | 0 carl anton 60 0: 0 | 1999 due: none | 2001 due: ann 50, anton 60"},
		{"others do not concern them", "0 ann bob 0 100: 0 | 0 anton carl 0 100: 0 | 0 bob ann 0 100: 0 | 0 ann bob 50 0: 50 | 0 bob ann 50 0: 0"},
		{"who has no address", "0 carl anton 0 100: 0 | 0 anton carl 100 0: 100 | 0 carl anton 0 100: 0 | 1 anton carl 100 0: 100"},
		{"one who leaves leaves the other", "0 ann bob 0 100: 0 | 0 anton carl 0 100: 0 | 0 leave ann: bob | 0 carl anton 60 0: 0 | 2001 due: anton 60"},
		{"both of a relay", "0 open ann anton: 0 | 0 ann anton 0 100: 0 | 0 anton ann 0 100: 0 | 0 anton ann 10 0: 0 | 0 ann anton 20 0: 0 | 1999 due: none | 2001 due: ann 10, anton 20"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := NewRelays(RelayLimits{Window: 100, Credit: 10, Rate: 1 << 20, AddrRate: 50})
			r.Open(1, party("ann"), party("bob"))
			r.Open(1, party("carl"), party("anton"))
			for step := range strings.SplitSeq(tt.steps, " | ") {
				do, want, _ := strings.Cut(step, ": ")
				if got := relayStep(r, strings.Fields(do)); got != want {
					t.Errorf("%s: %s, want %s", do, got, want)
				}
			}
			for name := range relayAddrs {
				r.Leave(party(name))
			}
			if len(r.pairs)+len(r.senders)+len(r.addrs) != 0 {
				t.Errorf("left over: %+v", r)
			}
		})
	}
}

// relayAddrs are the addresses from which people come.
var relayAddrs = map[string]netip.Addr{"ann": netip.MustParseAddr("192.0.2.1"), "anton": netip.MustParseAddr("192.0.2.1"), "bob": netip.MustParseAddr("192.0.2.2")}

// party is somebody's session: "ann" is the first one, "ann/2" the second.
func party(s string) Party {
	name, number, several := strings.Cut(s, "/")
	p := Party{Name: name, Login: Session{Number: 1}, Addr: relayAddrs[name]}
	if several {
		_, _ = fmt.Sscan(number, &p.Login.Number)
	}
	return p
}

func relayStep(r *Relays, words []string) string {
	ms, _ := time.ParseDuration(words[0] + "ms")
	now := invitationStart.Add(ms)
	var list []string
	switch words[1] {
	case "due":
		for _, c := range r.Due(now) {
			list = append(list, fmt.Sprint(c.To.Name, " ", c.Units))
		}
	case "open":
		r.Open(1, party(words[2]), party(words[3]))
		return "0"
	case "uncredited":
		return fmt.Sprint(r.Uncredited(words[2], words[3]))
	case "leave":
		for _, e := range r.Leave(party(words[2])) {
			list = append(list, Fold(e.Other.Name))
		}
		return orNone(strings.Join(list, ","))
	default:
		var credit, cost int
		_, _ = fmt.Sscan(words[3]+" "+words[4], &credit, &cost)
		_, give, err := r.Pass(1, party(words[1]), words[2], credit, cost, now)
		switch {
		case errors.Is(err, ErrRelayAbused):
			return "abused"
		case errors.Is(err, ErrNotRelayed):
			return "not relayed"
		}
		return fmt.Sprint(give)
	}
	return orNone(strings.Join(list, ", "))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func TestRelayCounts(t *testing.T) {
	r := NewRelays(RelayLimits{Window: 100, Credit: 10, Rate: 50})
	r.Open(1, party("ann"), party("bob"))
	r.Open(2, party("ann"), party("carl"))
	_, _, _ = r.Pass(1, party("ann"), "bob", 0, 30, invitationStart)
	_, _, _ = r.Pass(2, party("carl"), "ann", 0, 20, invitationStart)
	_, _, _ = r.Pass(1, party("bob"), "ann", 20, 0, invitationStart) // is no frame
	_, _, _ = r.Pass(2, party("carl"), "ann", 0, 90, invitationStart)
	if got, want := r.Counts(), (RelayCounts{Open: 1, Ended: 1, Abused: 1, Frames: 2, Units: 50}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if r.Of("ANN") != 1 || r.Of("carl") != 0 || !r.Has("bob", "Ann") || r.Has("ann", "carl") {
		t.Error("what there is after the end of one is not right")
	}
	r.Open(3, party("bob"), party("ann")) // instead of the first
	if _, _, err := r.Pass(1, party("ann"), "bob", 0, 1, invitationStart); !errors.Is(err, ErrNotRelayed) || r.Of("ann") != 1 {
		t.Errorf("the old relay is still there: %v, %d", err, r.Of("ann"))
	}
}

// What is sent over time is what the rate allows and a window, however the
// frames come.
func TestRelayRate(t *testing.T) {
	limits := RelayLimits{Window: 1000, Credit: 40, Rate: 500}
	r := NewRelays(limits)
	r.Open(1, party("ann"), party("bob"))
	now, sent, room, empty := invitationStart, 0, limits.Window, 0
	for range 10_000 { // a sender that sends as soon as it may, a receiver that gives credit at once
		for room >= 100 {
			if _, _, err := r.Pass(1, party("ann"), "bob", 0, 100, now); err != nil {
				t.Fatal(err)
			}
			sent, room = sent+100, room-100
			_, give, err := r.Pass(1, party("bob"), "ann", 100, 0, now)
			if err != nil {
				t.Fatal(err)
			}
			room += give
		}
		next, ok := r.NextDue()
		if !ok || !next.After(now) {
			t.Fatalf("room %d, next at %v, %v", room, next, ok)
		}
		now = next
		due := r.Due(now)
		if len(due) == 0 {
			if empty++; empty > 1 { // once there may be: more was sent after the time was told
				t.Fatalf("at %v nothing is due again", now)
			}
		} else {
			empty = 0
		}
		for _, c := range due {
			room += c.Units
		}
		if most := int(now.Sub(invitationStart).Seconds()*limits.Rate) + 2*limits.Window; sent > most {
			t.Fatalf("%d units in %s, at most %d", sent, now.Sub(invitationStart), most)
		}
	}
	if least := int(now.Sub(invitationStart).Seconds() * limits.Rate); sent < least {
		t.Errorf("%d units in %s, of %d that the rate allows", sent, now.Sub(invitationStart), least)
	}
}
