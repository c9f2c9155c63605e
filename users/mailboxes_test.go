package users_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/users"
)

// isGuest is true of names that begin with "guest", however they are spelled.
func isGuest(name string) bool { return strings.HasPrefix(users.Fold(name), "guest") }

// A left is how many messages a sender has left for dora, and what happens to one more.
type left struct {
	from string
	n    int
	want error
}

func TestMailboxLimits(t *testing.T) {
	for what, steps := range map[string][]left{
		"one sender leaves room for another": {
			{"guest1", users.MaxDirectsFrom, users.ErrSenderFull},
			{"guest2", 0, nil},
			{"ann", 0, nil},
		},
		"however the name is spelled": {
			{"Guest1", users.MaxDirectsFrom - 1, nil},
			{"gUEST1", 1, users.ErrSenderFull},
		},
		"a friend has a share, too": {
			{"ann", users.MaxDirectsFrom, users.ErrSenderFull},
			{"ben", 0, nil},
		},
		"guests are many and leave room for those with accounts": {
			{"guest1", users.MaxDirectsFrom, users.ErrSenderFull},
			{"guest2", users.MaxDirectsOfGuests - users.MaxDirectsFrom, users.ErrSenderFull},
			{"guest3", 0, users.ErrGuestsFull},
			{"ann", users.MaxDirectsFrom, users.ErrSenderFull},
			{"ben", 0, nil},
		},
		"those with accounts leave room for nobody": {
			{"ann", 50, users.ErrSenderFull},
			{"ben", 50, users.ErrSenderFull},
			{"cleo", 50, users.ErrSenderFull},
			{"dan", 49, nil},
			{"eve", 1, users.ErrMailboxFull},
			{"guest1", 0, users.ErrMailboxFull},
		},
	} {
		var m users.Mailboxes
		for _, s := range steps {
			m.Add("Dora", s.from, s.n)
			if err := m.Check("dora", s.from, isGuest); !errors.Is(err, s.want) {
				t.Errorf("%s: one more of %s: got %v, want %v", what, s.from, err, s.want)
			}
			if err := m.Check("fred", s.from, isGuest); err != nil {
				t.Errorf("%s: another mailbox: %v", what, err)
			}
		}
	}
}

// TestOneSenderIsNotHalfOfAMailbox holds the limits to what they are for.
func TestOneSenderIsNotHalfOfAMailbox(t *testing.T) {
	if 2*users.MaxDirectsFrom >= users.MaxDirects || users.MaxDirectsFrom+users.MaxDirectsOfGuests >= users.MaxDirects {
		t.Error("one sender, or one and all guests, must leave room for others")
	}
}

// What was read makes room, and what was not there is not counted off.
func TestMailboxesAreEmptied(t *testing.T) {
	var m users.Mailboxes
	m.Remove("dora", "guest1")
	for i := range 3 {
		m.Add("dora", fmt.Sprint("guest", i), users.MaxDirectsFrom-i)
	}
	for range users.MaxDirectsFrom {
		for i := range 3 {
			m.Remove("DORA", fmt.Sprint("Guest", i))
		}
	}
	if n := m.Len("dora"); n != 0 {
		t.Errorf("%d are left", n)
	}
	m.Add("dora", "guest1", users.MaxDirectsFrom)
	if err := m.Check("dora", "guest1", isGuest); !errors.Is(err, users.ErrSenderFull) {
		t.Errorf("full again: %v", err)
	}
	m.Forget("DORA")
	if err := m.Check("dora", "guest1", isGuest); err != nil || m.Len("dora") != 0 {
		t.Errorf("after the account was deleted: %v, %d wait", err, m.Len("dora"))
	}
}
