package login

import (
	"fmt"
	"testing"

	"parley/users"
)

func TestTried(t *testing.T) {
	var m Machine
	for _, secret := range []string{"abc", " Sesame99 ", "open  sesame", "päßword", "¡olé!?"} {
		m.remember(secret)
	}
	for text, want := range map[string]bool{
		"":                           false,
		"abc":                        true,
		" ABC\t":                     true,
		"abc is short":               false,
		"two lines\nabc":             true,
		"two lines\r\nabc\r\n":       true,
		"sesame99":                   true,
		"it is sesame99, I think":    true,
		"key=Sesame99;":              true,
		"sesame999":                  false,
		"mysesame99":                 false,
		"sesame99x and SESAME99":     true,
		"sesame9":                    false,
		"say open  sesame to it":     true,
		"open sesame":                false, // not what was typed
		"päßword!":                   true,
		"xpäßword":                   false,
		"well¡olé!?well":             true, // ends in no letter, so nothing can belong to it
		"the \xff sesame99 \xff":     true,
		"a name that is no password": false,
	} {
		if got := m.Tried(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	m.Forget()
	if m.Tried("sesame99") {
		t.Error("it is known after the end")
	}
}

// What is remembered has an end, and the newest stay.
func TestTriedIsBounded(t *testing.T) {
	var m Machine
	for i := range maxTried + 1 {
		m.remember(fmt.Sprint("password", i))
	}
	if m.Tried("password0") || !m.Tried("password1") || !m.Tried(fmt.Sprint("password", maxTried)) || len(m.tried) != maxTried {
		t.Errorf("%q are remembered", m.tried)
	}
}

// The name of whom a password is asked for is no secret, though it was typed as one.
func TestNameIsNoSecret(t *testing.T) {
	m := Machine{question: &question{name: "carl"}}
	m.remember("Carl")
	m.remember("  ")
	if len(m.tried) != 0 {
		t.Errorf("%q are remembered", m.tried)
	}
}

func FuzzTried(f *testing.F) {
	f.Add("it is sesame99", "sesame99")
	f.Add("", "a\nb")
	f.Add("ẞ\xff", "\xff\xfe\xfd\xff\xfe\xfd")
	f.Fuzz(func(t *testing.T, text, secret string) {
		var m Machine
		m.remember(secret)
		if len(m.tried) > 0 && !m.Tried(secret) {
			t.Errorf("%q is not seen", secret)
		}
		m.Tried(text)
	})
}

// The rule that is said is that of Parley's own server.
func TestMinPassword(t *testing.T) {
	if minPassword != users.MinPassword {
		t.Errorf("%d is said, %d is the rule", minPassword, users.MinPassword)
	}
}
