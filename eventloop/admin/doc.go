// Package admin lets the owner of a server manage its accounts, and read what was done to
// keep order, while it runs: through a Unix socket in the data folder, which only the owner
// may use. What the owner wants is proposed to the server's log like everything else, so
// that there is one that decides.
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

	// Acts returns the newest acts of the audit log that a filter wants, n at most, oldest
	// first, likewise.
	Acts(ctx context.Context, f state.ActFilter, n int) ([]state.Act, error)

	// Online returns the names of all who are logged in.
	Online(ctx context.Context) ([]string, error)
}

// An Account is what a list shows of one.
type Account struct {
	Name       string    `json:"name"` // as it was registered
	Registered time.Time `json:"registered"`
	LastSeen   time.Time `json:"last_seen,omitzero"` // the end of the last time online; zero: never was
	Online     bool      `json:"online,omitzero"`
	Role       string    `json:"role,omitzero"` // of the whole server: "owner" or "moderator"
}

// An Act is one of the audit log: what somebody has done to keep order.
type Act struct {
	Number  uint64    `json:"id"`
	Time    time.Time `json:"time"`
	Act     string    `json:"act"`              // such as "ban"; a verb of the protocol
	By      string    `json:"by,omitzero"`      // who; "": the server's owner at its command line
	Name    string    `json:"name,omitzero"`    // whom
	Address string    `json:"address,omitzero"` // or which addresses
	Room    string    `json:"room,omitzero"`    // where; "": on the whole server
	Message uint64    `json:"message,omitzero"` // the number of the message that it is about
	Why     string    `json:"why,omitzero"`     // also the text of an announcement
	Set     string    `json:"set,omitzero"`     // what was set: the role, "on" or "off", how many seconds
	Until   time.Time `json:"until,omitzero"`   // zero: for ever, or it has no end
}

// MaxFrom is how many addresses are shown of which wrong passwords for one account are remembered.
const MaxFrom = 20

// A Hook is one through which programs say things in a room, or by which what is said there is
// sent to a program.
type Hook struct {
	Name    string    `json:"name"` // an account's
	Room    string    `json:"room"`
	Made    time.Time `json:"made"`
	URL     string    `json:"url,omitzero"`     // where it is sent to; "": programs say things
	Stopped bool      `json:"stopped,omitzero"` // nothing is sent any more: the receiver has answered that it is gone
}

// Details are all that is shown of one account.
type Details struct {
	Account
	Blocks  []string        `json:"blocks,omitempty"`            // whom the user does not want to hear, in order
	Lockout *users.Lockout  `json:"login_block,omitzero"`        // the wrong passwords for the name that are remembered
	From    []users.Lockout `json:"login_blocks_from,omitempty"` // those from one address, at most MaxFrom, the one first that is blocked for longest
	Waiting int             `json:"waiting,omitzero"`            // direct messages that the user has not seen
}
