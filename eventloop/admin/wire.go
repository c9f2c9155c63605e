package admin

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"

	"github.com/go-json-experiment/json"

	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/state"
)

const (
	// MaxCommands is how many commands one request may have: a batch for the log.
	MaxCommands = 256

	// maxRequest is how long the line of a request may be, in bytes. A command to add
	// an account has up to 350.
	maxRequest = 128 << 10

	// maxAnswer is how long the line of an answer may be, in bytes, and pageSize how
	// many accounts one has, of up to 200 each. One account with as many blocks as it
	// may have takes 40,000.
	maxAnswer = 1 << 20
	pageSize  = 1000

	// maxActs is how many acts one answer has, of up to 9,000 bytes each.
	maxActs = 100
)

// A request is a line from the owner. It has one of these.
type request struct {
	Commands []proposal `json:"commands,omitempty"`
	List     bool       `json:"list,omitzero"`
	Show     string     `json:"show,omitzero"` // the name of an account
	Audit    *audit     `json:"audit,omitzero"`
	Hooks    bool       `json:"hooks,omitzero"` // the list of hooks
}

// An audit asks for the newest acts of the audit log.
type audit struct {
	Room   string `json:"room,omitzero"`   // in which they were, however it is spelled; "": anywhere
	Name   string `json:"name,omitzero"`   // by or about whom; "": anybody
	Before uint64 `json:"before,omitzero"` // only those with numbers before it; 0: all
}

// A proposal is a command.
type proposal struct {
	Do   string `json:"do"`
	Name string `json:"name"`          // of an account; to unlock, an IP address too
	Hash string `json:"hash,omitzero"` // to add, or to set
	Was  string `json:"was,omitzero"`  // to set: the hash until now; empty: whatever it is
	Role string `json:"role,omitzero"` // to give: "owner", "moderator" or "none"

	Room  string `json:"room,omitzero"`  // of a hook
	Token string `json:"token,omitzero"` // the command.TokenID of its token

	URL    string `json:"url,omitzero"` // of an outgoing hook
	Secret string `json:"secret,omitzero"`
}

// What a proposal can do.
const (
	doAdd     = "add"
	doDelete  = "delete"
	doSetHash = "set_hash"
	doUnlock  = "unlock"
	doRole    = "role"
	doAddHook = "add_hook"
	doForward = "add_outgoing_hook"
	doEndHook = "end_hook"
)

// An answer is a line to the owner.
type answer struct {
	Error  string `json:"error,omitzero"`  // why there is no answer
	Unsure bool   `json:"unsure,omitzero"` // with Error: the commands may be carried out all the same

	Outcomes []outcome `json:"outcomes,omitempty"` // one for each command
	Accounts []Account `json:"accounts,omitempty"`
	More     bool      `json:"more,omitzero"`    // of Accounts, in another answer; of Acts, to be asked for
	Account  *Details  `json:"account,omitzero"` // missing: there is none of that name
	Acts     []Act     `json:"acts,omitempty"`   // oldest first
	Hooks    []Hook    `json:"hooks,omitempty"`  // in the order of their names
}

// An outcome is why a command was refused, or nothing.
type outcome struct {
	Code string `json:"code,omitzero"`
	Text string `json:"text,omitzero"`
}

// refusals are the errors that the owner's side tells apart.
var refusals = []struct {
	code string
	err  error
}{
	{"registered", users.ErrRegistered},
	{"unknown", users.ErrUnknownUser},
	{"stale", state.ErrStale},
	{"guest", state.ErrGuest},
	{"so_already", state.ErrNotSo},
	{"no_hook", state.ErrNoHook},
	{"no_room", state.ErrNoRoom},
	{"is_hook", state.ErrHook},
	{"taken", users.ErrNameTaken},
}

// toOutcome returns what tells the owner's side of an error.
func toOutcome(err error) outcome {
	if err == nil {
		return outcome{}
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return outcome{Code: r.code, Text: err.Error()}
		}
	}
	return outcome{Code: "refused", Text: err.Error()}
}

// err returns the error that an outcome tells of.
func (o outcome) err() error {
	if o == (outcome{}) {
		return nil
	}
	for _, r := range refusals {
		if o.Code == r.code {
			return r.err
		}
	}
	return errors.New(o.Text)
}

// toProposal returns what tells the server of a command.
func toProposal(c command.Command) (proposal, error) {
	switch c := c.(type) {
	case *command.AddAccount:
		return proposal{Do: doAdd, Name: c.Name, Hash: c.Hash}, nil
	case *command.DeleteAccount:
		return proposal{Do: doDelete, Name: c.Name}, nil
	case *command.SetHash:
		return proposal{Do: doSetHash, Name: c.Name, Was: c.Was, Hash: c.Hash}, nil
	case *command.Unlock:
		return proposal{Do: doUnlock, Name: c.Who}, nil
	case *command.AddHook:
		return proposal{Do: doAddHook, Name: c.Name, Hash: c.Hash, Room: c.Room, Token: c.Token}, nil
	case *command.AddOutgoingHook:
		return proposal{Do: doForward, Name: c.Name, Hash: c.Hash, Room: c.Room, URL: c.URL, Secret: c.Secret}, nil
	case *command.DropHook:
		return proposal{Do: doEndHook, Name: c.Name}, nil
	case *command.SetRole:
		if *c == (command.SetRole{Name: c.Name, Role: c.Role}) {
			return proposal{Do: doRole, Name: c.Name, Role: c.Role.String()}, nil
		}
	}
	return proposal{}, fmt.Errorf("%T is not for the owner to propose", c)
}

// command returns the command, if all that it says can be: the state does not look.
func (p proposal) command() (command.Command, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	switch p.Do {
	case doAdd:
		return &command.AddAccount{Name: p.Name, Hash: p.Hash}, nil
	case doDelete:
		return &command.DeleteAccount{Name: p.Name}, nil
	case doSetHash:
		return &command.SetHash{Name: p.Name, Was: p.Was, Hash: p.Hash}, nil
	case doAddHook:
		return &command.AddHook{Name: p.Name, Room: p.Room, Token: p.Token, Hash: p.Hash}, nil
	case doForward:
		return &command.AddOutgoingHook{Name: p.Name, Room: p.Room, URL: p.URL, Secret: p.Secret, Hash: p.Hash}, nil
	case doEndHook:
		return &command.DropHook{Name: p.Name}, nil
	case doUnlock:
		return &command.Unlock{Who: p.Name}, nil
	case doRole:
		role, _ := users.ParseRole(p.Role)
		return &command.SetRole{Name: p.Name, Role: role}, nil
	}
	return nil, errors.New("there is no such command")
}

func (p proposal) check() error {
	_, err := netip.ParseAddr(p.Name)
	_, isRole := users.ParseRole(p.Role)
	switch isAddr := err == nil; {
	case !users.ValidName(p.Name) && !(isAddr && p.Do == doUnlock):
		return errors.New("that is no name that somebody can have")
	case p.Do == doAddHook && !isTokenID(p.Token):
		return errors.New("that is not what is kept of a token")
	case p.Do == doForward:
		_, err := users.HookKey(p.Secret)
		return errors.Join(err, users.CheckHookURL(p.URL), passwords.Check(p.Hash))
	case p.Do == doAdd || p.Do == doSetHash || p.Do == doAddHook:
		return passwords.Check(p.Hash)
	case p.Do == doRole && !isRole:
		return errors.New("there is no such role")
	}
	return nil
}

// isTokenID reports whether a text may be a command.TokenID.
func isTokenID(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == len(command.TokenID("a token"))
}

// parse reads a request. What this version does not know is an error: it would be left
// undone without a word.
func parse(line []byte) (r request, err error) {
	if err := json.Unmarshal(line, &r, json.RejectUnknownMembers(true)); err != nil {
		return r, fmt.Errorf("that is no request: %w", err)
	}
	asks := 0
	for _, asked := range []bool{len(r.Commands) > 0, r.List, r.Show != "", r.Audit != nil, r.Hooks} {
		if asked {
			asks++
		}
	}
	if asks != 1 {
		return r, errors.New("that is no request: it must have one of commands, list, show, audit and hooks")
	}
	if len(r.Commands) > MaxCommands {
		return r, fmt.Errorf("a request can have %d commands", MaxCommands)
	}
	return r, nil
}

// commands returns those of a request, or the error of the first that cannot be.
func (r request) commands() ([]command.Command, error) {
	all := make([]command.Command, len(r.Commands))
	for i, p := range r.Commands {
		c, err := p.command()
		if err != nil {
			return nil, fmt.Errorf("command %d: %w", i+1, err)
		}
		all[i] = c
	}
	return all, nil
}
