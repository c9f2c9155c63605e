package state

import (
	"slices"
	"time"

	"parley/users"
	"parley/users/command"
)

const (
	// MaxHooks is how many hooks there can be.
	MaxHooks = 1000

	// MaxOutgoingHooks is how many of them may be outgoing ones: each has a connection of its
	// own, so that a receiver that hangs keeps no other one waiting.
	MaxOutgoingHooks = 16
)

// A Hook is between one room and a program. An incoming one lets whoever has its token say
// things there, an outgoing one has what is said there sent to a URL. It has the name of an
// account that nobody can log in with.
type Hook struct {
	Name  string    // of the account, as it was made
	Room  string    // Room.Name, or Lobby
	Token string    // the command.TokenID of the token; "" of an outgoing one
	Made  time.Time // when it was

	// Of an outgoing one:
	URL     string // "": it is an incoming one
	Secret  string // with which what is sent is signed
	Number  uint64 // no other hook has it; what was said behind it is sent
	Stopped bool   // nothing is sent any more

	// Sent is up to which number its receiver has acknowledged all; 0: nothing is known of that.
	// It is not encoded then, so that nodes which do not know it come to the same sum.
	Sent uint64 `cbor:",omitzero"`
}

// Outgoing reports whether what is said in the room is sent to a URL.
func (h *Hook) Outgoing() bool { return h.URL != "" }

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

// outgoing returns how many outgoing ones there are.
func (h hooks) outgoing() (n int) {
	for i := range h {
		if h[i].Outgoing() {
			n++
		}
	}
	return n
}

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
	case *command.AddOutgoingHook:
		return s.addOutgoingHook(at, c, rows)
	case *command.StopHook:
		return s.stopHook(c, rows)
	case *command.HooksSent:
		return s.hooksSent(c, rows)
	}
	return refused(ErrUnknown)
}

// Hooks returns all hooks, in the order of their folded names. Nobody is to change them.
func (s *State) Hooks() []Hook { return s.hooks }

// Hook returns the hook that has an account.
func (s *State) Hook(name string) (Hook, bool) {
	if h := s.hooks.of(name); h != nil {
		return *h, true
	}
	return Hook{}, false
}

// Forwarded returns the names of the hooks by which what is said in a room is sent to other
// programs, in order; nil if it is not.
func (s *State) Forwarded(room string) (names []string) {
	for i := range s.hooks {
		if h := &s.hooks[i]; h.Room == room && h.Outgoing() && !h.Stopped {
			names = append(names, h.Name)
		}
	}
	return names
}

// addHook makes an incoming hook, and its account.
func (s *State) addHook(at time.Time, c *command.AddHook, rows *Rows) Result {
	if c.Token == "" || slices.ContainsFunc(s.hooks, func(h Hook) bool { return h.Token == c.Token }) {
		return refused(ErrNoHook)
	}
	return s.makeHook(at, Hook{Name: c.Name, Room: c.Room, Token: c.Token}, c.Hash, rows)
}

// addOutgoingHook makes an outgoing hook, and its account.
func (s *State) addOutgoingHook(at time.Time, c *command.AddOutgoingHook, rows *Rows) Result {
	if c.URL == "" || c.Secret == "" {
		return refused(ErrNoHook)
	}
	return s.makeHook(at, Hook{Name: c.Name, Room: c.Room, URL: c.URL, Secret: c.Secret}, c.Hash, rows)
}

// makeHook makes a hook of a room however that is spelled, and an account with the hash of a
// password.
func (s *State) makeHook(at time.Time, h Hook, hash string, rows *Rows) Result {
	room, there := s.Room(h.Room)
	_, guest := s.presence.Find(h.Name)
	_, registered := s.Account(h.Name)
	switch {
	case !users.IsHookName(h.Name):
		return refused(ErrName)
	case !there:
		return refused(ErrNoRoom)
	case guest && !registered:
		return refused(users.ErrNameTaken)
	case len(s.hooks) >= MaxHooks, h.Outgoing() && s.hooks.outgoing() >= MaxOutgoingHooks:
		return refused(ErrHooksFull)
	}
	r := s.addAccount(at, &command.AddAccount{Name: h.Name, Hash: hash}, rows)
	if r.Err != nil {
		return r
	}
	h.Name, h.Room, h.Made = r.Name, room.Name, at
	if h.Outgoing() {
		h.Number = s.next()
	}
	s.hooks.put(h)
	rows.hook(h, false)
	r.Hook = &h
	return r
}

// stopHook has an outgoing hook send nothing any more.
func (s *State) stopHook(c *command.StopHook, rows *Rows) Result {
	h := s.hooks.of(c.Name)
	if h == nil || !h.Outgoing() || h.Number != c.Number {
		return refused(ErrNoHook)
	}
	if h.Stopped {
		return refused(ErrNotSo)
	}
	h.Stopped = true
	rows.hook(*h, false)
	stopped := *h
	return Result{Name: h.Name, Hook: &stopped}
}

// hooksSent notes how far the receivers of outgoing hooks are. That never goes back, and never
// goes beyond what there is.
func (s *State) hooksSent(c *command.HooksSent, rows *Rows) Result {
	for _, v := range c.Hooks {
		i := slices.IndexFunc(s.hooks, func(h Hook) bool { return h.Outgoing() && h.Number == v.Hook })
		if i >= 0 && v.UpTo > max(s.hooks[i].Sent, v.Hook) && v.UpTo <= s.last {
			s.hooks[i].Sent = v.UpTo
			rows.hook(s.hooks[i], false)
		}
	}
	return Result{}
}

// dropHook ends a hook, and its account with it.
func (s *State) dropHook(at time.Time, c *command.DropHook, rows *Rows) Result {
	if s.hooks.of(c.Name) == nil {
		return refused(ErrNoHook)
	}
	return s.deleteAccount(at, &command.DeleteAccount{Name: c.Name}, rows)
}

// forgetHook notes that the account of a hook, if it is one's, is gone, and returns the hook.
func (s *State) forgetHook(name string, rows *Rows) *Hook {
	i, is := s.hooks.find(name)
	if !is {
		return nil
	}
	h := s.hooks[i]
	rows.hook(h, true)
	s.hooks = slices.Delete(s.hooks, i, i+1)
	return &h
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
