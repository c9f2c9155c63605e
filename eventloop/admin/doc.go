// Package admin lets the owner of a server manage its accounts while it runs, through a
// Unix socket in the data folder, which only the owner may use. What the owner wants is
// proposed to the server's log like everything else, so that there is one that decides.
//
// Requests and answers are objects of JSON, each on a line of its own. A request has one
// answer, but for the list of accounts, which comes in as many as it takes.
//
// Where no server runs, [Within] has the same commands answered by whoever has the
// folder in its place.
package admin

import (
	"context"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// A Server is what can be asked for a data folder. Its methods may be called from any
// goroutine.
type Server interface {
	// Propose has commands carried out in this order, and returns what became of each
	// when all are committed. An error says that none is, but for the one of ctx: then
	// they may be, or will be.
	Propose(ctx context.Context, commands []command.Command) ([]state.Result, error)

	// Kept returns what is kept, as the newest commit left it. It may take long, and
	// must not keep the server from its work.
	Kept(ctx context.Context) (state.Kept, error)

	// Online returns the names of all who are logged in.
	Online(ctx context.Context) ([]string, error)
}

// An Account is what a list shows of one.
type Account struct {
	Name       string    `json:"name"` // as it was registered
	Registered time.Time `json:"registered"`
	LastSeen   time.Time `json:"last_seen,omitzero"` // the end of the last time online; zero: never was
	Online     bool      `json:"online,omitzero"`
}

// Details are all that is shown of one account.
type Details struct {
	Account
	Blocks  []string       `json:"blocks,omitempty"`     // whom the user does not want to hear, in order
	Lockout *users.Lockout `json:"login_block,omitzero"` // the wrong passwords for the name that are remembered
	Waiting int            `json:"waiting,omitzero"`     // direct messages that the user has not seen
}
