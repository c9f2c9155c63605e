package state

import (
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

// MaxHooks is how many hooks there can be.
const MaxHooks = 1000

// A Hook lets whoever has its token say things in one room, under the name of an account
// that nobody can log in with.
type Hook struct {
	Name  string    // of the account, as it was made
	Room  string    // Room.Name, or Lobby
	Token string    // the command.TokenID of the token
	Made  time.Time // when it was
}

// hooks are in the order of their folded names.
type hooks []Hook

func (h hooks) find(name string) (at int, is bool) {
	return slices.BinarySearchFunc(h, name, func(a Hook, name string) int { return compareFolded(a.Name, name) })
}

func compareFolded(a, b string) int {
	switch a, b = users.Fold(a), users.Fold(b); {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// of returns the hook that has an account; nil: none has.
func (h hooks) of(name string) *Hook {
	if i, is := h.find(name); is {
		return &h[i]
	}
	return nil
}

func (h hooks) sorted() []Hook { return h }

// put adds a hook.
func (h *hooks) put(v Hook) {
	i, is := h.find(v.Name)
	if is {
		(*h)[i] = v
		return
	}
	*h = slices.Insert(*h, i, v)
}

// hook carries out what is about hooks.
func (s *State) hook(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.AddHook:
		return s.addHook(at, c, rows)
	case *command.DropHook:
		return s.dropHook(at, c, rows)
	case *command.HookMessage:
		return s.hookMessage(at, c, rows)
	}
	return refused(ErrUnknown)
}

// Hook returns the hook that has an account.
func (s *State) Hook(name string) (Hook, bool) {
	if h := s.hooks.of(name); h != nil {
		return *h, true
	}
	return Hook{}, false
}

// addHook makes a hook, and its account.
func (s *State) addHook(at time.Time, c *command.AddHook, rows *Rows) Result {
	room, there := s.Room(c.Room)
	_, guest := s.presence.Find(c.Name)
	_, registered := s.Account(c.Name)
	switch {
	case !users.IsHookName(c.Name):
		return refused(ErrName)
	case !there:
		return refused(ErrNoRoom)
	case guest && !registered:
		return refused(users.ErrNameTaken)
	case len(s.hooks) >= MaxHooks:
		return refused(ErrFull)
	case c.Token == "" || slices.ContainsFunc(s.hooks, func(h Hook) bool { return h.Token == c.Token }):
		return refused(ErrNoHook)
	}
	r := s.addAccount(at, &command.AddAccount{Name: c.Name, Hash: c.Hash}, rows)
	if r.Err != nil {
		return r
	}
	h := Hook{Name: r.Name, Room: room.Name, Token: c.Token, Made: at}
	s.hooks.put(h)
	rows.hook(h, false)
	return r
}

// dropHook ends a hook, and its account with it.
func (s *State) dropHook(at time.Time, c *command.DropHook, rows *Rows) Result {
	if s.hooks.of(c.Name) == nil {
		return refused(ErrNoHook)
	}
	return s.deleteAccount(at, &command.DeleteAccount{Name: c.Name}, rows)
}

// forgetHook notes that the account of a hook, if it is one's, is gone.
func (s *State) forgetHook(name string, rows *Rows) {
	if i, is := s.hooks.find(name); is {
		rows.hook(s.hooks[i], true)
		s.hooks = slices.Delete(s.hooks, i, i+1)
	}
}

// endHooks ends the hooks of a room that is about to end.
func (s *State) endHooks(room string, rows *Rows) {
	for _, h := range slices.Clone(s.hooks) {
		if h.Room == room {
			account, _ := s.accounts.Lookup(h.Name)
			s.dropAccount(s.time, account, rows)
		}
	}
}

// hookMessage says something through a hook, as a message does: once under one id, and not
// where its name is muted or banned, nor faster than the room allows.
func (s *State) hookMessage(at time.Time, c *command.HookMessage, rows *Rows) Result {
	i := slices.IndexFunc(s.hooks, func(h Hook) bool { return h.Token == c.Token && c.Token != "" })
	if i < 0 {
		return refused(ErrNoHook)
	}
	h := s.hooks[i]
	who := Online{Name: h.Name, Person: users.Fold(h.Name), Account: true}
	q := s.asked(at, who.Person, c.ID, roomDigest, h.Room, c.Text)
	if before, err := s.requests.find(q); err != nil || before != 0 {
		return Result{Err: err, Number: before, Again: err == nil}
	}
	place := ""
	if h.Room != Lobby {
		place = h.Room
	}
	if v := s.sanctions.find(users.Ban, "", who.Name, who.Person, at); v != nil {
		return bannedBy(v)
	}
	if v := s.sanctions.find(users.Ban, place, who.Name, who.Person, at); v != nil && place != "" {
		return bannedBy(v)
	}
	return s.sayIn(at, who, s.rooms.find(h.Room), q, &Message{Text: c.Text}, rows)
}
