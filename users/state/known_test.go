package state_test

import (
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// Addresses of the dialogues about wrong passwords.
const (
	home   = "addr:203.0.113.7"
	office = "addr:203.0.113.9"
	abroad = "addr:2001:db8::/64"
)

// A lenientWorld has the default rule for wrong passwords, and keeps what is to be kept.
type lenientWorld struct {
	t       *testing.T
	state   *state.State
	table   *state.Table
	limits  command.Limits
	now     time.Time
	session uint64
}

func newLenientWorld(t *testing.T) *lenientWorld {
	w := &lenientWorld{t: t, table: state.NewTable(), now: start, limits: command.Limits{Accounts: 9, Sessions: 9, Lockouts: users.DefaultLockoutLimits(), GuestGrace: time.Minute}}
	w.restart()
	w.must(&command.AddAccount{Name: "Alice", Hash: "h1"})
	return w
}

func (w *lenientWorld) restart() {
	w.state = state.New(w.table.Kept(), w.now)
	w.must(&w.limits)
}

func (w *lenientWorld) apply(c command.Command) state.Result {
	var rows state.Rows
	r := w.state.Apply(w.now, c, &rows)
	w.table.Put(&rows)
	return r
}

func (w *lenientWorld) must(c command.Command) {
	w.t.Helper()
	if r := w.apply(c); r.Err != nil {
		w.t.Fatalf("%T: %v", c, r.Err)
	}
}

// enter logs Alice in, with the right password, and out.
func (w *lenientWorld) enter(addr string) error {
	w.session++
	account, _ := w.state.Account("alice")
	session := command.Session{Number: w.session}
	r := w.apply(&command.Enter{Session: session, Name: "Alice", Addr: addr, Verified: account.Hash, Token: "t"})
	if r.Err == nil {
		w.must(&command.Leave{By: command.By{Name: "alice", Session: session}})
	}
	return r.Err
}

// guess uses up what may be guessed from addresses that are not known.
func (w *lenientWorld) guess() {
	for i := range w.limits.Lockouts.NameFailures + w.limits.Lockouts.NameReserve {
		w.apply(&command.WrongPassword{Name: "alice", Addr: "addr:10.0.0." + string(rune('0'+i%10)) + string(rune('0'+i/10%10))})
		w.apply(&command.WrongPassword{Name: "alice", Addr: "addr:2001:db8:0:" + string(rune('a'+i%6)) + string(rune('0'+i%10)) + "::/64"})
	}
}

// letIn says from which of some addresses Alice is let in while her name is blocked.
func (w *lenientWorld) letIn(want ...string) {
	w.t.Helper()
	w.guess()
	for addr, name := range map[string]string{home: "home", office: "office", abroad: "abroad", "": "socket"} {
		known := strings.Contains(" "+strings.Join(want, " ")+" ", " "+name+" ")
		if got := w.state.Locked("Alice", addr, w.now) == 0; got != known {
			w.t.Errorf("is let in from %s: %v", name, got)
		}
	}
}

func TestWhereAnAccountIsKnown(t *testing.T) {
	w := newLenientWorld(t)
	w.letIn()
	if err := w.enter(home); err == nil {
		t.Error("somebody logs in from an address that is not known while the name is blocked")
	}
	w.letIn()
	w.must(&command.Unlock{Who: "alice"})
	if err := w.enter(home); err != nil {
		t.Fatal(err)
	}
	w.letIn("home")
	if err := w.enter(home); err != nil {
		t.Errorf("from a known address: %v", err)
	}
	w.restart()
	w.letIn("home")
	w.must(&command.Unlock{Who: "alice"})
	if err := w.enter(""); err != nil {
		t.Fatal(err)
	}
	w.letIn("home", "socket")
}

// Nobody but the account has anything of it: not a name without one, nor a guest.
func TestOnlyAnAccountIsKnown(t *testing.T) {
	w := newLenientWorld(t)
	if r := w.apply(&command.Enter{Session: command.Session{Number: 99}, Name: "Bob", Addr: home, Token: "t"}); r.Err != nil {
		t.Fatal(r.Err)
	}
	for range 3 {
		w.apply(&command.WrongPassword{Name: "bob", Addr: home})
	}
	for range 3 {
		w.now = w.now.Add(w.state.Locked("bob", home, w.now))
		for range 3 {
			w.apply(&command.WrongPassword{Name: "bob", Addr: home})
		}
	}
	if wait := w.state.Locked("bob", home, w.now); wait != 8*time.Minute {
		t.Errorf("a guest's fourth block is %v", wait)
	}
	if !strings.Contains(dump(w.state), `known ""`) {
		t.Error("something is known")
	}
	w.must(&command.Register{By: command.By{Name: "bob", Session: command.Session{Number: 99}}, Hash: "h2"})
	account, _ := w.state.Account("bob")
	if !account.Known.Has(users.AddrMark("h2", home)) {
		t.Errorf("who has registered is known as %q", account.Known)
	}
}

// With another password all are forgotten but those where somebody is logged in.
func TestAnotherPasswordForgetsAddresses(t *testing.T) {
	w := newLenientWorld(t)
	_, _ = w.enter(home), w.enter(office)
	by := command.By{Name: "alice", Session: command.Session{Number: 50}}
	w.must(&command.Enter{Session: by.Session, Name: "Alice", Addr: abroad, Verified: "h1", Token: "t"})
	w.letIn("home", "office", "abroad")
	w.must(&command.SetHash{Name: "alice", Was: "h1", Hash: "h2"})
	w.letIn("abroad")
	if account, _ := w.state.Account("alice"); len(strings.Fields(string(account.Known))) != 1 {
		t.Errorf("what is useless is kept: %q", account.Known)
	}
	w.must(&command.Leave{By: by})
	w.letIn("abroad")
}

func TestAddressesAreForgottenInTime(t *testing.T) {
	w := newLenientWorld(t)
	w.must(&command.Enter{Session: command.Session{Number: 60}, Name: "Bob", Addr: home, Hash: "h", Token: "t"}) // keeps the server busy
	_ = w.enter(home)
	const day = 24 * time.Hour
	for range w.limits.Lockouts.KnownDays - 1 {
		w.now = w.now.Add(day)
		for _, c := range w.state.Due(w.now) {
			w.must(c)
		}
	}
	_ = w.enter(office)
	w.letIn("home", "office")
	w.must(&command.Unlock{Who: "alice"})
	w.now = w.now.Add(2 * day)
	due, is := w.state.NextDue()
	if !is || due.After(w.now) {
		t.Fatalf("the next thing to do is at %v, %v", due, is)
	}
	for _, c := range w.state.Due(w.now) {
		w.must(c)
	}
	account, _ := w.state.Account("alice")
	if kept := w.table.Kept().Accounts[0]; kept.Known != account.Known || account.Known != account.Known.Since(users.Day(w.now)-30) || account.Known == "" {
		t.Errorf("known is %q, and kept %q", account.Known, kept.Known)
	}
	w.letIn("office")
}

// The strict rule needs no addresses: none stays, not on the disk either.
func TestTheStrictRuleKeepsNoAddresses(t *testing.T) {
	w := newLenientWorld(t)
	_ = w.enter(home)
	w.limits.Lockouts.Lenient = false
	w.restart()
	_ = w.enter(office)
	if kept := w.table.Kept().Accounts[0]; kept.Known != "" {
		t.Errorf("kept is %q", kept.Known)
	}
	for range 3 {
		w.apply(&command.WrongPassword{Name: "alice", Addr: abroad})
	}
	if wait := w.state.Locked("alice", home, w.now); wait != time.Minute {
		t.Errorf("the name is blocked for %v", wait)
	}
}
