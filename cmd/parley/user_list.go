package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"parley/eventloop/admin"
	"parley/users"
)

type userListCmd struct {
	JSON bool `name:"json" help:"Print an object of JSON for each account, on a line of its own." env:"-"`
}

// Run lists the accounts in the order of their names.
func (c *userListCmd) Run(p *process, u *userCmd) error {
	var accounts []admin.Account
	err := u.with(func(owner *admin.Client) (err error) {
		if accounts, err = owner.Accounts(); err != nil {
			return err
		}
		hooks, err := owner.Hooks()
		accounts = slices.DeleteFunc(accounts, func(a admin.Account) bool { return isHook(hooks, a.Name) })
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		lines := json.NewEncoder(p.stdout)
		for _, a := range accounts {
			if err := lines.Encode(a); err != nil {
				return err
			}
		}
		return nil
	}
	if len(accounts) == 0 {
		return report(p, nil, "There are no accounts in %s.", dataFolder(u.Data))
	}
	table := newTable(p.stdout)
	fmt.Fprintln(table, "NAME\tREGISTERED\tLAST SEEN\tROLE")
	for _, a := range accounts {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.Name, moment(a.Registered), lastSeen(a), users.Role(a.Role))
	}
	return table.Flush()
}

type userShowCmd struct {
	Name accountName `arg:"" help:"The name of the account."`
	JSON bool        `name:"json" help:"Print an object of JSON." env:"-"`
}

// shownJSON is what parley user show --json prints.
type shownJSON struct {
	admin.Account
	Lockout *loginBlockJSON  `json:"login_block,omitempty"`
	From    []loginBlockJSON `json:"login_blocks_from,omitempty"`
	Blocks  []string         `json:"blocks"`  // whom the user does not want to hear
	Waiting int              `json:"waiting"` // direct messages that the user has not seen
}

// loginBlockJSON is there if wrong passwords for the name are remembered. It is
// blocked if until is in the future.
type loginBlockJSON struct {
	Address  string    `json:"address,omitempty"` // from which they came, "socket" of a Unix socket; missing: all
	Until    time.Time `json:"until,omitzero"`
	Failures int       `json:"failures"` // since the last block
	Blocks   int       `json:"blocks"`   // one after the other
	Last     time.Time `json:"last"`     // wrong password
}

// Run shows an account.
func (c *userShowCmd) Run(p *process, u *userCmd) error {
	account, err := u.account(c.Name)
	if err != nil {
		return err
	}
	shown := show(account)
	if c.JSON {
		return json.NewEncoder(p.stdout).Encode(shown)
	}
	blocks := "nobody"
	if len(shown.Blocks) > 0 {
		blocks = strings.Join(shown.Blocks, ", ")
	}
	table := newTable(p.stdout)
	rows := [][2]string{
		{"name", shown.Name},
		{"registered", moment(shown.Registered)},
		{"last seen", lastSeen(shown.Account)},
		{"role", users.Role(shown.Role).String()},
		{"logins", shown.Lockout.words(time.Now())},
		{"has blocked", blocks},
		{"direct messages waiting", fmt.Sprint(shown.Waiting)},
	}
	for _, b := range shown.From {
		rows = append(rows, [2]string{"logins from " + b.Address, b.words(time.Now())})
	}
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	return table.Flush()
}

func show(d admin.Details) shownJSON {
	shown := shownJSON{Account: d.Account, Blocks: append([]string{}, d.Blocks...), Waiting: d.Waiting}
	if b := d.Lockout; b != nil {
		all := blockJSON(*b)
		shown.Lockout = &all
	}
	for _, b := range d.From {
		one := blockJSON(b)
		_, addr := b.Pair()
		one.Address = users.AddrText(addr)
		shown.From = append(shown.From, one)
	}
	return shown
}

func blockJSON(b users.Lockout) loginBlockJSON {
	return loginBlockJSON{Until: b.Until, Failures: b.Failures, Blocks: b.Level, Last: b.Last}
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

// lastSeen is one word, too.
func lastSeen(a admin.Account) string {
	if a.Online {
		return "online"
	}
	return moment(a.LastSeen)
}

// moment is one word, so that a column stays one, in the time of the place.
func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format(time.RFC3339)
}
