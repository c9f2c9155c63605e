package admin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/state"
)

func TestEveryCommandReachesTheServerAndItsOutcomeTheOwner(t *testing.T) {
	srv, dir := new(fake), folder(t)
	listen(t, dir, srv)
	c := dial(t, dir)
	for _, tt := range []struct {
		command command.Command
		want    error
		says    string
	}{
		{command: addAccount("Alice")},
		{command: addAccount("aLICE"), want: users.ErrRegistered},
		{command: &command.SetHash{Name: "alice", Hash: passwords.Dummy}},
		{command: &command.SetHash{Name: "alice", Was: "another", Hash: passwords.Dummy}, want: state.ErrStale},
		{command: &command.SetRole{Name: "alice", Role: users.Owner}},
		{command: &command.SetRole{Name: "alice", Role: users.Owner}, want: state.ErrNotSo},
		{command: &command.SetRole{Name: "alice"}},
		{command: &command.SetRole{Name: "bob", Role: users.Moderator}, want: state.ErrGuest},
		{command: &command.DeleteAccount{Name: "alice"}},
		{command: &command.DeleteAccount{Name: "alice"}, want: users.ErrUnknownUser},
		{command: &command.Unlock{Who: "2001:db8::1"}, says: state.ErrGone.Error()},
		{command: &command.Unlock{Who: "alice"}, says: state.ErrGone.Error()},
	} {
		refused, err := c.Propose(tt.command)
		if err != nil {
			t.Fatal(err)
		}
		if !errors.Is(refused[0], tt.want) && tt.says == "" || tt.says != "" && (refused[0] == nil || refused[0].Error() != tt.says) {
			t.Errorf("%+v: got %v, want %v%s", tt.command, refused[0], tt.want, tt.says)
		}
		if got := srv.proposed[len(srv.proposed)-1]; !reflect.DeepEqual(got, tt.command) {
			t.Errorf("%+v comes as %+v", tt.command, got)
		}
	}
	for _, wrong := range []command.Command{&command.Sweep{}, &command.SetRole{Name: "alice", Room: "den"}, &command.SetRole{Name: "alice", By: command.By{Name: "bob"}}} {
		if _, err := c.Propose(wrong); err == nil {
			t.Errorf("the owner has proposed %+v", wrong)
		}
	}
}

func TestABatchIsProposedAtOnceAndInOrder(t *testing.T) {
	calls := 0
	srv := &fake{hold: func(context.Context) error { calls++; return nil }}
	c := Within(srv)
	defer c.Close()
	var batch []command.Command
	for i := range MaxCommands - 1 {
		batch = append(batch, &command.AddAccount{Name: fmt.Sprintf("%032d", i), Hash: strings.Replace(passwords.Dummy, "m=19456", "m=65536", 1)})
	}
	batch = append(batch, batch[7])
	refused, err := c.Propose(batch...)
	if err != nil {
		t.Fatal(err)
	}
	for i, why := range refused {
		if (why != nil) != (i == MaxCommands-1) {
			t.Errorf("command %d: %v", i, why)
		}
	}
	if calls != 1 || !reflect.DeepEqual(srv.proposed, batch) {
		t.Errorf("%d calls, %d commands", calls, len(srv.proposed))
	}
	if _, err := c.Propose(append(batch, addAccount("more"))...); err == nil || calls != 1 || errors.Is(err, ErrUnsure) {
		t.Errorf("one more than a request may have: %v", err)
	}
}

func TestAListHasAllAccountsInOrder(t *testing.T) {
	for _, n := range []int{0, 1, pageSize, pageSize + 1, 2*pageSize + 500} {
		srv := &fake{online: []string{"A2"}}
		for i := n - 1; i >= 0; i-- {
			srv.kept.Accounts = append(srv.kept.Accounts, users.Account{Name: fmt.Sprint(string("aB"[i%2]), i), Hash: passwords.Dummy, Registered: time.Unix(int64(i), 0), LastSeen: time.Unix(1, 5)})
		}
		c := Within(srv)
		all, err := c.Accounts()
		if err != nil || len(all) != n {
			t.Fatalf("%d of %d accounts, %v", len(all), n, err)
		}
		for i, a := range all {
			if i > 0 && users.Fold(all[i-1].Name) >= users.Fold(a.Name) {
				t.Fatalf("%s comes before %s", all[i-1].Name, a.Name)
			}
			if at := time.Unix(a.Registered.Unix(), 0); a.Name[1:] != fmt.Sprint(at.Unix()) || !a.LastSeen.Equal(time.Unix(1, 5)) || a.Online != (a.Name == "a2") {
				t.Fatalf("%+v", a)
			}
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAnAccountIsShownWithAllThatIsKeptOfIt(t *testing.T) {
	at := time.Unix(1_800_000_000, 7).UTC()
	lockout := users.Lockout{Key: "alice", Failures: 1, Level: 2, Until: at, First: at, Last: at}
	srv := &fake{online: []string{"ALICE"}, kept: state.Kept{
		Accounts: []users.Account{{Name: "bob", Hash: "secret"}, {Name: "Alice", Hash: "secret", Registered: at}},
		Blocks:   []users.Block{{Blocker: "alice", Blocked: "Zoe"}, {Blocker: "bob", Blocked: "alice"}, {Blocker: "Alice", Blocked: "bob"}},
		Lockouts: []users.Lockout{{Key: "addr:192.0.2.1"}, {Key: "bob"}, lockout, {Key: "alice/"}, {Key: "alice/addr:192.0.2.1", Until: at}, {Key: "alices/addr:192.0.2.1"}},
		Unseen:   []state.Unseen{{Number: 1, Person: "alice"}, {Number: 2, Person: "bob", From: "alice"}, {Number: 3, Person: "alice"}},
	}}
	c := Within(srv)
	defer c.Close()
	want := Details{Account: Account{Name: "Alice", Registered: at, Online: true}, Blocks: []string{"bob", "Zoe"}, Lockout: &lockout, From: []users.Lockout{{Key: "alice/addr:192.0.2.1", Until: at}, {Key: "alice/"}}, Waiting: 2}
	if got, err := c.Account("alice"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.Account("nobody"); !errors.Is(err, users.ErrUnknownUser) {
		t.Errorf("nobody: %v", err)
	}
}

func TestTheAuditLogIsReadInPages(t *testing.T) {
	at := time.Unix(1_800_000_000, 0).UTC()
	srv := &fake{kept: state.Kept{Rooms: []state.Room{{Name: "Den"}}}}
	for i := range 2*maxActs + 50 {
		srv.acts = append(srv.acts, state.Act{Number: uint64(i + 7), Time: at, Act: "ban", By: "alice", Name: "bob", Addr: "10.0.0.0/8", Room: "Den", Message: 3,
			Why: strings.Repeat("\n", 4<<10), Set: "on", Until: at.Add(time.Hour)})
	}
	c := Within(srv)
	defer c.Close()
	for _, n := range []int{0, 1, maxActs, maxActs + 1, 2*maxActs + 50, 10_000} {
		acts, err := c.Acts("", "", n)
		if err != nil || len(acts) != min(n, len(srv.acts)) {
			t.Fatalf("%d of %d acts, %v", len(acts), n, err)
		}
		for i, a := range acts {
			want := srv.acts[len(srv.acts)-len(acts)+i]
			if got := (state.Act{Number: a.Number, Time: a.Time, Act: a.Act, By: a.By, Name: a.Name, Addr: a.Address, Room: a.Room, Message: a.Message, Why: a.Why, Set: a.Set, Until: a.Until}); got != want {
				t.Fatalf("act %d is %+v, want %+v", i, got, want)
			}
		}
	}
	srv.filters = nil
	for room, want := range map[string]string{"": "", "dEN": "Den", "Gone": "Gone"} {
		if _, err := c.Acts(room, "bob", 1); err != nil || srv.filters[len(srv.filters)-1] != (state.ActFilter{Room: want, Name: "bob"}) {
			t.Errorf("%q: %+v, %v", room, srv.filters, err)
		}
	}
	srv.acts = nil
	if acts, err := c.Acts("", "", 5); err != nil || len(acts) != 0 {
		t.Errorf("of none %v, %v", acts, err)
	}
}

func TestAnErrorOfTheServerIsToldInItsWords(t *testing.T) {
	c := Within(&fake{err: errors.New("the disk is full: \xff")})
	defer c.Close()
	if _, err := c.Propose(addAccount("alice")); err == nil || !strings.HasPrefix(err.Error(), "the disk is full") || errors.Is(err, ErrUnsure) {
		t.Errorf("a command: %v", err)
	}
	if _, err := c.Accounts(); err == nil || !strings.HasPrefix(err.Error(), "the disk is full") {
		t.Errorf("a list: %v", err)
	}
	if _, err := c.Account("alice"); err == nil || !strings.HasPrefix(err.Error(), "the disk is full") {
		t.Errorf("one account: %v", err)
	}
	for _, room := range []string{"", "den"} {
		if _, err := c.Acts(room, "", 1); err == nil || !strings.HasPrefix(err.Error(), "the disk is full") {
			t.Errorf("acts: %v", err)
		}
	}
}

func TestTwoCommandsAtOnceDoNotWaitForEachOther(t *testing.T) {
	dir, first, second := folder(t), make(chan struct{}), make(chan struct{})
	srv := new(fake)
	srv.hold = func(context.Context) error {
		srv.mu.Lock()
		srv.hold = nil // of the second
		srv.mu.Unlock()
		close(first)
		<-second
		return nil
	}
	listen(t, dir, srv)
	done := make(chan error)
	go func() {
		_, err := dial(t, dir).Propose(addAccount("alice"))
		done <- err
	}()
	<-first
	if refused, err := dial(t, dir).Propose(addAccount("bob")); err != nil || refused[0] != nil {
		t.Errorf("the second: %v, %v", refused, err)
	}
	close(second)
	if err := <-done; err != nil {
		t.Errorf("the first: %v", err)
	}
}
