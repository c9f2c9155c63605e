package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"parley/users"
	"parley/users/store"
)

type userListCmd struct {
	JSON bool `name:"json" help:"Print an object of JSON for each account, on a line of its own." env:"-"`
}

// accountJSON is a line of parley user list --json.
type accountJSON struct {
	Name       string    `json:"name"`
	Registered time.Time `json:"registered"`
	LastSeen   time.Time `json:"last_seen,omitzero"` // missing: never
}

// Run lists the accounts in the order of their names.
func (c *userListCmd) Run(p *process, u *userCmd) error {
	state, err := u.load()
	if err != nil {
		return err
	}
	if c.JSON {
		lines := json.NewEncoder(p.stdout)
		for _, a := range state.Accounts {
			if err := lines.Encode(accountJSON{a.Name, a.Registered, a.LastSeen}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(state.Accounts) == 0 {
		return report(p, nil, "There are no accounts in %s.", dataFolder(u.Data))
	}
	table := newTable(p.stdout)
	fmt.Fprintln(table, "NAME\tREGISTERED\tLAST SEEN")
	for _, a := range state.Accounts {
		fmt.Fprintf(table, "%s\t%s\t%s\n", a.Name, moment(a.Registered), moment(a.LastSeen))
	}
	return table.Flush()
}

type userShowCmd struct {
	Name accountName `arg:"" help:"The name of the account."`
	JSON bool        `name:"json" help:"Print an object of JSON." env:"-"`
}

// shownJSON is what parley user show --json prints.
type shownJSON struct {
	accountJSON
	LoginBlock *loginBlockJSON `json:"login_block,omitempty"`
	Blocks     []string        `json:"blocks"`  // whom the user does not want to hear
	Waiting    int             `json:"waiting"` // direct messages, until the next login
}

// loginBlockJSON is there if wrong passwords for the name are remembered. It is
// blocked if until is in the future.
type loginBlockJSON struct {
	Until    time.Time `json:"until,omitzero"`
	Failures int       `json:"failures"` // since the last block
	Blocks   int       `json:"blocks"`   // one after the other
	Last     time.Time `json:"last"`     // wrong password
}

// Run shows an account.
func (c *userShowCmd) Run(p *process, u *userCmd) error {
	state, account, err := u.account(c.Name)
	if err != nil {
		return err
	}
	shown := show(state, account)
	if c.JSON {
		return json.NewEncoder(p.stdout).Encode(shown)
	}
	blocks := "nobody"
	if len(shown.Blocks) > 0 {
		blocks = strings.Join(shown.Blocks, ", ")
	}
	table := newTable(p.stdout)
	for _, row := range [][2]string{
		{"name", shown.Name},
		{"registered", moment(shown.Registered)},
		{"last seen", moment(shown.LastSeen)},
		{"logins", shown.LoginBlock.words(time.Now())},
		{"has blocked", blocks},
		{"direct messages waiting", fmt.Sprint(shown.Waiting)},
	} {
		fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

func show(state store.State, a users.Account) shownJSON {
	folded := users.Fold(a.Name)
	shown := shownJSON{accountJSON: accountJSON{a.Name, a.Registered, a.LastSeen}, Blocks: []string{}, Waiting: state.Waiting.Len(a.Name)}
	for _, b := range state.Blocks {
		if users.Fold(b.Blocker) == folded {
			shown.Blocks = append(shown.Blocks, b.Blocked)
		}
	}
	if b, ok := loginBlock(state, folded); ok {
		shown.LoginBlock = &loginBlockJSON{Until: b.Until, Failures: b.Failures, Blocks: b.Level, Last: b.Last}
	}
	return shown
}

func (b *loginBlockJSON) words(now time.Time) string {
	switch {
	case b == nil:
		return "allowed"
	case b.Until.After(now):
		return fmt.Sprintf("blocked until %s, blocks in a row: %d. To lift it: parley user unblock", moment(b.Until), b.Blocks)
	}
	return fmt.Sprintf("allowed; wrong passwords in a row: %d, the last one at %s, blocks before: %d", b.Failures, moment(b.Last), b.Blocks)
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// moment is one word, so that a column stays one, in the time of the place.
func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format(time.RFC3339)
}
