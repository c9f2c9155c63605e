// Package users knows who is there. It is pure: no sockets, no clock, no disk, no
// randomness, and no goroutine; what it needs of them are arguments.
//
// A Registry holds the names of the users who are logged in, Accounts all users
// who are registered, Presence who was online when and what the others are told
// of it, Blocks who does not want to hear whom, Mailboxes how much waits for whom,
// Invitations and Relays who has asked whom for a private session and what is passed
// on in it. A Guard blocks logins after wrong passwords, and an Idle finds the
// sessions that do nothing.
// Each is owned by one goroutine. What has to outlast the process is returned by
// what changes it, as an Account, a Block, a LoginBlock or a Direct, for the store
// to keep.
package users

import (
	"errors"
	"slices"
	"strings"
)

// ErrNameTaken is returned for a name that somebody has who is logged in.
var ErrNameTaken = errors.New("name taken")

// A Registry is the users who are logged in, each under one name and one
// session. Names are unique without regard to case; each is shown as its user
// wrote it. One goroutine owns a Registry.
type Registry struct {
	sessions map[string]uint64 // by folded name
	sorted   []string          // names as they are shown, in the order of their folded form
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{sessions: make(map[string]uint64)} }

// Fold returns what is the same for all spellings of a name. Names are ASCII.
func Fold(name string) string { return strings.ToLower(name) }

// Claim gives name to session. It returns ErrNameTaken if somebody has it.
func (r *Registry) Claim(name string, session uint64) error {
	folded := Fold(name)
	if _, taken := r.sessions[folded]; taken {
		return ErrNameTaken
	}
	r.sessions[folded] = session
	i, _ := slices.BinarySearchFunc(r.sorted, folded, compareFolded)
	r.sorted = slices.Insert(r.sorted, i, name)
	return nil
}

// Release frees a name.
func (r *Registry) Release(name string) {
	folded := Fold(name)
	if _, ok := r.sessions[folded]; !ok {
		return
	}
	delete(r.sessions, folded)
	if i, ok := slices.BinarySearchFunc(r.sorted, folded, compareFolded); ok {
		r.sorted = slices.Delete(r.sorted, i, i+1)
	}
}

func compareFolded(name, folded string) int { return strings.Compare(Fold(name), folded) }

// Lookup returns the session of the user with that name, however it is spelled.
func (r *Registry) Lookup(name string) (session uint64, ok bool) {
	session, ok = r.sessions[Fold(name)]
	return session, ok
}

// Names returns the names in alphabetical order, in memory of the caller's own.
func (r *Registry) Names() []string { return slices.Clone(r.sorted) }

// Len returns how many users there are.
func (r *Registry) Len() int { return len(r.sorted) }
