package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	c := NewCompletion()
	c.Learn("alice", "Albert", "bob", "ALICE", "no name", "æ", "")
	c.LearnPrivate([]string{"bo", "Carl"}, []string{"bob", "Bill", "eve"})
	tests := []struct {
		before, want string // candidates joined by |
		length       int
	}{
		{"/", "/accept |/away |/back|/bell |/block |/blocked|/decline |/dm |/help |/lobby|/login |/logout|/msg |/names|/passwd|/peers|/ping|/private |/query |/quit|/register|/reply |/startprivate |/stopprivate |/takeover|/trust |/unblock |/verify |/whoelse|/whoelsesince |/whois ", 1},
		{"/lo", "/lobby|/login |/logout", 3},
		{"  /na", "/names", 3},
		{"/NA", "/names", 3},
		{"/x", "", 2},
		{"/bell ", "all|mentions|off", 0},
		{"/bell m", "mentions", 1},
		{"/bell off m", "", 1},
		{"/help be", "bell", 2},
		{"/help w", "whoelse|whoelsesince|whois", 1},
		{"/help ", strings.Join(slices.Sorted(maps.Keys(commandNames())), "|"), 0},
		{"/dm al", "Albert |alice ", 2},
		{"/tell al", "Albert |alice ", 2},
		{"/dm bob al", "Albert|alice", 2},
		{"/dm bob ask al", "Albert|alice", 2},
		{"/dm ", "", 0},
		{"/whois b", "bob", 1},
		{"/block b", "bob", 1},
		{"/unblock al", "Albert|alice", 2},
		{"/whois bob al", "", 2},
		{"/whoelsesince 1", "", 1},
		{"/accept ", "Carl|bo", 0},
		{"/decline B", "bo", 1},
		{"/accept bo bo", "", 2},
		{"/p2p a", "Albert|alice", 1},
		{"/private b", "Bill|bob", 1},
		{"/private ", "Bill|bob|eve", 0},
		{"/private bob al", "Albert|alice", 2},
		{"/stopprivate e", "eve", 1},
		{"/verify b", "Bill|bob", 1},
		{"/trust al", "Albert|alice", 2},
		{"/reply al", "Albert: |alice: ", 2},
		{"/names a", "", 1},
		{"/login a", "", 1},
		{"/nope a", "", 0},
		{"/msg al", "Albert: |alice: ", 2},
		{"/msg ask al", "Albert|alice", 2},
		{"al", "Albert: |alice: ", 2},
		{"  b", "bob: ", 1},
		{"ask AL", "Albert|alice", 2},
		{"ask @al", "@Albert|@alice", 3},
		{"@b", "@bob: ", 2},
		{"blåbær al", "Albert|alice", 2},
		{"ålb", "", 3},
		{"//al", "", 4},
		{"", "", 0},
		{"ask ", "", 0},
		{"ask @", "", 1},
		{"na", "", 2},
		{"one\ntwo b", "bob", 1},
	}
	for _, test := range tests {
		got, length := c.Complete(test.before)
		if strings.Join(got, "|") != test.want || length != test.length {
			t.Errorf("Complete(%q) = %q, %d; want %q, %d", test.before, got, length, test.want, test.length)
		}
	}
}

func commandNames() map[string]bool {
	names := make(map[string]bool)
	for _, c := range NewTable().List() {
		names[c.Name] = true
	}
	return names
}

func TestNamesAreBounded(t *testing.T) {
	c := NewCompletion()
	for i := range maxNames + 10 {
		c.Learn(fmt.Sprintf("name%d", i))
	}
	if n := len(*c.names.Load()); n != maxNames {
		t.Errorf("%d names are kept", n)
	}
	if got, _ := c.Complete("name1009"); len(got) != 1 {
		t.Error("the newest name is forgotten")
	}
}
