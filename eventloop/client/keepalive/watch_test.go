package keepalive

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func TestLook(t *testing.T) {
	for _, test := range []struct {
		name        string
		heard, sent time.Duration // ago
		want        Action
		again       time.Duration
	}{
		{name: "just heard and told", want: Wait, again: 30 * time.Second},
		{name: "silent for a while", heard: 20 * time.Second, sent: 5 * time.Second, want: Wait, again: 10 * time.Second},
		{name: "told nothing for a while", heard: 5 * time.Second, sent: 29 * time.Second, want: Wait, again: time.Second},
		{name: "silent", heard: 30 * time.Second, want: Ping, again: 30 * time.Second},
		{name: "told nothing", sent: 30 * time.Second, want: Ping, again: 30 * time.Second},
		{name: "silent for long", heard: 60 * time.Second, want: Ping, again: 15 * time.Second},
		{name: "almost dead", heard: deadAfter - 1, want: Ping, again: 1},
		{name: "dead", heard: deadAfter, want: GiveUp},
		{name: "dead, though it was told something", heard: deadAfter, sent: time.Second, want: GiveUp},
	} {
		var w Watch
		w.Heard(noon.Add(-test.heard))
		if got, again := w.Look(noon.Add(-test.sent), noon); got != test.want || again != test.again {
			t.Errorf("%s: %d, again after %s; want %d, %s", test.name, got, again, test.want, test.again)
		}
	}
}

// A server is told that a person is there often enough for its timeout, and at
// once when it has warned.
func TestActiveDue(t *testing.T) {
	for _, test := range []struct {
		name           string
		timeout, ahead time.Duration
		every          time.Duration
	}{
		{name: "no timeout is known", every: time.Minute},
		{name: "a long one", timeout: 30 * time.Minute, every: time.Minute},
		{name: "a short one", timeout: 90 * time.Second, every: 30 * time.Second},
		{name: "as long as the warning at least", ahead: 30 * time.Second, every: 10 * time.Second},
		{name: "the warning is shorter", timeout: 90 * time.Second, ahead: 30 * time.Second, every: 30 * time.Second},
	} {
		var w Watch
		w.LoggedIn(test.timeout, noon)
		if w.Warned() || w.ActiveDue(noon) {
			t.Errorf("%s: it is told right after the login", test.name)
		}
		if test.ahead > 0 {
			w.WarnedIdle(test.ahead)
			if !w.Warned() || !w.ActiveDue(noon) {
				t.Errorf("%s: it is not told after its warning", test.name)
			}
			w.ActiveSent(noon)
		}
		if w.Warned() || w.ActiveDue(noon.Add(test.every-1)) || !w.ActiveDue(noon.Add(test.every)) {
			t.Errorf("%s: it is not told after %s", test.name, test.every)
		}
	}
}

func TestPingOfAPerson(t *testing.T) {
	var w Watch
	if _, ok := w.Answered("", noon); ok || w.Awaited("") {
		t.Error("nobody has asked")
	}
	w.Asked("ping-2", noon)
	if _, ok := w.Answered("ping-1", noon); ok || w.Awaited("ping-1") || !w.Awaited("ping-2") {
		t.Error("an answer to another ping")
	}
	if took, ok := w.Answered("ping-2", noon.Add(time.Second)); !ok || took != time.Second {
		t.Errorf("it took %s, %t", took, ok)
	}
	if _, ok := w.Answered("ping-2", noon); ok {
		t.Error("it was answered twice")
	}
}
