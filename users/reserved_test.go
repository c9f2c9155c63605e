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
	for _, name := range []string{"", "alice", "allan", "nona"} {
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
	for _, name := range []string{"m0d", "adm1n", "5taff"} {
		if _, found := r.Lookalikes().Find(name, nil); !found {
			t.Errorf("%s looks like nothing", name)
		}
	}
	if got := r.Of([]Account{{Name: "Server"}, {Name: "alice"}, {Name: "all"}}); !slices.Equal(got, []string{"all", "Server"}) {
		t.Errorf("of the accounts are reserved %v", got)
	}
}

// Whom others would take for the server is more than a list: what is made of the same words, and
// of nothing else, is as misleading. People's names, which only begin or end like them, are free.
func TestNamesMadeOfTitles(t *testing.T) {
	for _, name := range []string{"mod", "staff", "sys", "sysadmin", "superuser", "console", "daemon", "service", "security",
		"warning", "response", "helpdesk", "official", "webmaster", "postmaster", "admins", "Administrators", "systems", "system1",
		"Server1", "theserver", "parleyserver", "ParleyServer", "ChatServer2", "ktnserver", "007server", "AdminTeam", "ModBot",
		"ServerAdmin", "SystemMessage", "TheRealAdmin", "mods2", "Parley2", "RootRoot", "OfficialParleySupport", "server"} {
		if !MadeOfTitles(name) {
			t.Errorf("%s is free", name)
		}
	}
	for _, name := range []string{"", "bot", "bot1", "chatbot", "robot", "bob", "Botond", "Modesty", "Serverin", "Stafford", "Talbot", "Abbot", "Rooth", "Hosty",
		"Helper", "Helpa", "Supporta", "Adminka", "Owners1x", "Sysoeva", "Modest", "Amod", "Theodor", "Thea", "Chatterjee", "Chat", "the",
		"Parleya", "ktn", "team1", "s", "1", "42", "Real", "Madrid", "Infomania", "Erroll", "Conrad", "Consuela", "Hostetler", "Rootes",
		"Messager", "Noticia", "Servet", "Servais", "Damon", "Daemona", "Servaas", "Securo", "Warne", "Masters", "Offic", "bota", "alice2", "all4", "room1"} {
		if MadeOfTitles(name) {
			t.Errorf("%s is refused", name)
		}
	}
}
