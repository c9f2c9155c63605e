package users

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var invitationStart = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// Each step is at a second: what is done, and what comes of it. What lapses is
// looked at before.
func TestInvitations(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps string
	}{
		{"accepted", "0 ask ann bob: 1 | 1 accept ann bob: 1 | 1 accept ann bob: not invited | 60 nothing: none"},
		{"names in any case", "0 ask ann bob: 1 | 1 accept ANN Bob: 1"},
		{"the asker cannot accept", "0 ask ann bob: 1 | 1 accept bob ann: not invited"},
		{"withdrawn and asked again", "0 ask ann bob: 1 | 1 accept ann bob: 1 | 2 ask ann bob: 2"},
		{"twice", "0 ask ann bob: 1 | 1 ask ann bob: invited | 1 ask bob ann: invited"},
		{"oneself", "0 ask ann Ann: oneself"},
		{"declined, and then a pause for who asked", "0 ask ann bob: 1 | 5 decline ann bob: 1 | 5 pause ann bob: 30s | 34 pause ann BOB: 1s | 35 pause ann bob: 0s | 6 pause bob ann: 0s"},
		{"declined twice", "0 decline ann bob: not invited | 0 pause ann bob: 0s"},
		{"lapses on time", "0 ask ann bob: 1 | 30 ask carl bob: 2 | 59 nothing: none | 60 nothing: 1 | 60 accept ann bob: not invited | 60 pause ann bob: 30s | 89 nothing: none | 90 nothing: 2"},
		{"a pause can become longer", "0 ask ann bob: 1 | 0 decline ann bob: 1 | 1 ask ann bob: 2 | 20 decline ann bob: 2 | 31 pause ann bob: 19s"},
		{"leaving", "0 ask ann bob: 1 | 1 ask carl ann: 2 | 2 ask carl bob: 3 | 3 leave ANN: 1,2 | 4 leave ann: none | 60 nothing: none | 62 nothing: 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := NewInvitations(time.Minute, 30*time.Second)
			end := invitationStart.Add(time.Hour)
			for step := range strings.SplitSeq(tt.steps, " | ") {
				do, want, _ := strings.Cut(step, ": ")
				if got := invitationStep(v, strings.Fields(do)); got != want {
					t.Errorf("%s: %s, want %s", do, got, want)
				}
			}
			v.Lapse(end)
			v.Lapse(end.Add(time.Hour))
			if _, ok := v.NextLapse(); ok || v.Len() != 0 || len(v.pending)+len(v.queue)+len(v.pauses)+len(v.paused) != 0 {
				t.Errorf("left over: %+v", v)
			}
		})
	}
}

func invitationStep(v *Invitations, words []string) string {
	second, _ := time.ParseDuration(words[0] + "s")
	now := invitationStart.Add(second)
	lapsed := sessionsOf(v.Lapse(now))
	var i Invitation
	var err error
	switch words[1] {
	case "nothing":
		return lapsed
	case "ask":
		i, err = v.Invite(Offer{Name: words[2]}, Session{}, words[3], now)
	case "accept":
		i, err = v.Answer(words[2], words[3])
	case "decline":
		i, err = v.Decline(words[2], words[3], now)
	case "pause":
		return v.Wait(words[2], words[3], now).String()
	case "leave":
		return sessionsOf(v.Leave(words[2]))
	}
	for err2, word := range map[error]string{ErrInvited: "invited", ErrNotInvited: "not invited", ErrSelf: "oneself"} {
		if errors.Is(err, err2) {
			return word
		}
	}
	return fmt.Sprint(i.Session)
}

func sessionsOf(list []Invitation) string {
	var numbers []string
	for _, i := range list {
		numbers = append(numbers, fmt.Sprint(i.Session))
	}
	if numbers == nil {
		return "none"
	}
	return strings.Join(numbers, ",")
}

// The time of the next lapse is the earliest of what is to be done.
func TestNextLapse(t *testing.T) {
	v := NewInvitations(time.Minute, 30*time.Second)
	if _, ok := v.NextLapse(); ok {
		t.Error("something is to be done when nobody was invited")
	}
	at := func(want time.Duration) {
		t.Helper()
		if next, ok := v.NextLapse(); !ok || !next.Equal(invitationStart.Add(want)) {
			t.Errorf("next is %v, %v, want %v", next.Sub(invitationStart), ok, want)
		}
	}
	_, _ = v.Invite(Offer{Name: "ann"}, Session{}, "bob", invitationStart)
	_, _ = v.Invite(Offer{Name: "ann"}, Session{}, "carl", invitationStart.Add(time.Second))
	at(60 * time.Second)
	_, _ = v.Decline("ann", "carl", invitationStart.Add(2*time.Second))
	at(32 * time.Second)
	_, _ = v.Invite(Offer{Name: "Carl"}, Session{}, "ann", invitationStart.Add(2*time.Second))
	_, _ = v.Invite(Offer{Name: "dora"}, Session{}, "ann", invitationStart.Add(2*time.Second))
	for name, want := range map[string][2]int{"ANN": {1, 2}, "bob": {0, 1}, "carl": {1, 0}, "eve": {}} {
		if by, to := v.Count(name); by != want[0] || to != want[1] {
			t.Errorf("by %s wait %d, to %s %d, want %v", name, by, name, to, want)
		}
	}
	if v.Len() != 3 {
		t.Errorf("%d wait", v.Len())
	}
}
