package users_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/users"
)

func TestKeysOfAddresses(t *testing.T) {
	for _, c := range []struct {
		addr, prefix string
		in           bool
	}{
		{"1.2.3.4", "1.2.3.4/32", true},
		{"1.2.3.4", "1.2.0.0/16", true},
		{"1.2.3.4", "0.0.0.0/0", true},
		{"1.2.3.4", "::/0", false},
		{"1.2.3.4", "1.2.3.5/32", false},
		{"::ffff:1.2.3.4", "1.2.3.4/32", true},
		{"2001:db8::7", "2001:db8::/64", true},
		{"2001:db8::7", "2001:db8::/32", true},
		{"2001:db8:0:1::7", "2001:db8::/64", false},
		{"2001:db8::7", "0.0.0.0/0", false},
	} {
		key := users.AddrKey(netip.MustParseAddr(c.addr))
		if got := users.KeyIn(key, netip.MustParsePrefix(c.prefix)); got != c.in {
			t.Errorf("%s in %s: %t", c.addr, c.prefix, got)
		}
		if users.AddrKey(users.KeyAddr(key)) != key {
			t.Errorf("%s is %q, and that %v", c.addr, key, users.KeyAddr(key))
		}
	}
	for _, key := range []string{"", "1.2.3.4", "addr:", "addr:x"} {
		if users.KeyIn(key, netip.MustParsePrefix("0.0.0.0/0")) || users.KeyAddr(key).IsValid() {
			t.Errorf("%q is an address", key)
		}
	}
}

func TestWhoIsOnlineFromAnAddress(t *testing.T) {
	p := users.NewPresence()
	arrive := func(name, person, addr string, n uint64) {
		p.Arrive(users.Online{Name: name, Person: person, Session: users.Session{Number: n}}, addr, start)
	}
	arrive("Zoe", "~z", "addr:1.2.3.4", 1)
	arrive("bob", "~b", "addr:1.2.9.9", 2)
	arrive("Anna", "anna", "", 3)
	arrive("carl", "~b", "addr:9.9.9.9", 4)
	p.Beside(users.Online{Name: "anna", Session: users.Session{Number: 5}}, "addr:1.2.3.4", start)
	from := func(prefix string) (names []string) {
		for _, o := range p.From(netip.MustParsePrefix(prefix)) {
			names = append(names, o.Name)
		}
		return names
	}
	for prefix, want := range map[string][]string{"1.2.3.4/32": {"Anna", "Zoe"}, "1.2.0.0/16": {"Anna", "bob", "Zoe"}, "9.0.0.0/8": {"carl"}, "8.0.0.0/8": nil} {
		if diff := cmp.Diff(want, from(prefix)); diff != "" {
			t.Errorf("from %s: %s", prefix, diff)
		}
	}
	p.End("anna", users.Session{Number: 5})
	if diff := cmp.Diff([]string{"Zoe"}, from("1.2.3.4/32")); diff != "" {
		t.Error("when the session is over: ", diff)
	}
}
