package users

import (
	"slices"
	"testing"
)

func TestReserved(t *testing.T) {
	r := NewReserved([]string{"Principal", "server"})
	for name, want := range map[string]Reservation{
		"server": ForServer, "SERVER": ForServer, "ChatServer": ForServer, "history": ForServer, "admin": ForServer,
		"Everyone": ForEverybody, "all": ForEverybody, "None": ForNobody, "NULL": ForNobody, "undefined": ForNobody, "PRINCIPAL": ForOwner,
	} {
		if got, ok := r.Lookup(name); !ok || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "alice", "servers", "allan", "nona", "info2"} {
		if why, ok := r.Lookup(name); ok {
			t.Errorf("%q is reserved: %s", name, why)
		}
	}
	for why, names := range reservations {
		for _, name := range names {
			if name != Fold(name) || r[name] != why {
				t.Errorf("%q can never be found, or stands twice", name)
			}
		}
	}
	if got := r.Of([]Account{{Name: "Server"}, {Name: "alice"}, {Name: "all"}}); !slices.Equal(got, []string{"all", "Server"}) {
		t.Errorf("of the accounts are reserved %v", got)
	}
}
