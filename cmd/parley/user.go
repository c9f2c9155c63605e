package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"parley/eventloop/admin"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/store"
)

// userCmd is parley user: what the owner of a server does with its accounts, with
// the server running or not. Nothing of it is logged.
type userCmd struct {
	Data string `help:"Folder of the server. The default is parley in the folder for the state of programs." placeholder:"FOLDER"`

	Add     userAddCmd     `cmd:"" help:"Add an account. The password is asked for, or is a line of standard input."`
	Passwd  userPasswdCmd  `cmd:"" help:"Give an account another password. It is asked for, or is a line of standard input."`
	List    userListCmd    `cmd:"" help:"List the accounts."`
	Show    userShowCmd    `cmd:"" help:"Show what is kept of an account."`
	Unblock userUnblockCmd `cmd:"" help:"Forget the wrong passwords for a name or from an address, and let logins happen again."`
	Role    userRoleCmd    `cmd:"" help:"Say who keeps order on the server: an owner, a moderator, or none of both any more."`
	Delete  userDeleteCmd  `cmd:"" help:"Delete an account, its direct messages that wait and its blocks. What it said stays."`
	Import  userImportCmd  `cmd:"" help:"Add the accounts in a file: a name, a space and a password on each line. Blank lines and those that begin with # are skipped."`
}

// Validate is called by kong.
func (c *userCmd) Validate() error {
	if c.Data == store.Memory {
		return errors.New("--data " + store.Memory + " is out of reach: what a server keeps in memory only it can change")
	}
	return nil
}

// with has do ask the server that runs at the data folder or, if none does, the one that
// has the folder in its place.
func (c *userCmd) with(do func(*admin.Client) error) error {
	owner, end, err := reachFolder(dataFolder(c.Data), folderWait)
	if err != nil {
		return err
	}
	return errors.Join(do(owner), end())
}

// propose has a command carried out, and returns why it was not.
func (c *userCmd) propose(one command.Command) error {
	return c.with(func(owner *admin.Client) error {
		refused, err := owner.Propose(one)
		return errors.Join(append(refused, err)...)
	})
}

// account returns what is known of an account.
func (c *userCmd) account(name accountName) (details admin.Details, err error) {
	err = c.with(func(owner *admin.Client) (err error) {
		if details, err = owner.Account(string(name)); err != nil {
			return err
		}
		return refuseHook(owner, details.Name)
	})
	return details, c.explain(err, name)
}

// refuseHook returns an error if a name is that of a hook, which is kept as an account is and
// is none; else nil.
func refuseHook(owner *admin.Client, name string) error {
	hooks, err := owner.Hooks()
	if err == nil && isHook(hooks, name) {
		return fmt.Errorf("%s is a hook. Use: parley hook list, or parley hook remove %s", name, name)
	}
	return err
}

func isHook(hooks []admin.Hook, name string) bool {
	return slices.ContainsFunc(hooks, func(h admin.Hook) bool { return users.Fold(h.Name) == users.Fold(name) })
}

// explain returns err in words, if it is that there is no account of that name.
func (c *userCmd) explain(err error, name accountName) error {
	if errors.Is(err, users.ErrUnknownUser) {
		return c.unknown(name)
	}
	return err
}

// unknown says where was looked, because the wrong folder is the likeliest reason.
func (c *userCmd) unknown(name accountName) error {
	return fmt.Errorf("there is no account of the name %s in %s. Is that the folder of your server? See --data, and parley user list", name, dataFolder(c.Data))
}

// accountName is an argument that is the name of an account.
type accountName string

// Decode implements kong.MapperValue. It looks at what follows too: kong would
// print a password that somebody writes there.
func (n *accountName) Decode(ctx *kong.DecodeContext) error {
	var name string
	if err := ctx.Scan.PopValueInto("name", &name); err != nil {
		return err
	}
	mayBeValue := false // of the flag before
	for _, next := range ctx.Scan.PeekAll() {
		if next.IsValue() && !mayBeValue {
			return errors.New("only a name can stand here: a password is asked for, or read from standard input")
		}
		mayBeValue = !next.IsValue() && !strings.Contains(next.String(), "=")
	}
	if err := protocol.CheckName(name); err != nil {
		return errors.New(strings.TrimSuffix(err.Text, "."))
	}
	*n = accountName(name)
	return nil
}

type userAddCmd struct {
	Name accountName `arg:"" help:"Letters and digits."`
}

// checkReserved returns an error for a name that nobody can log in with.
func checkReserved(name string) error {
	if why, ok := users.NewReserved(nil).Lookup(name); ok {
		return fmt.Errorf("the name %s is reserved, and nobody can log in with it: %s", name, why)
	}
	return nil
}

// Run adds an account.
func (c *userAddCmd) Run(p *process, u *userCmd) error {
	if err := checkReserved(string(c.Name)); err != nil {
		return err
	}
	taken := fmt.Errorf("the name %s is registered already. To give it another password: parley user passwd %s", c.Name, c.Name)
	var others users.Lookalikes
	err := u.with(func(owner *admin.Client) error {
		accounts, err := owner.Accounts()
		if err != nil {
			return err
		}
		for _, a := range accounts {
			others.Put(a.Name)
		}
		_, err = owner.Account(string(c.Name))
		return err
	})
	switch {
	case err == nil:
		return taken
	case !errors.Is(err, users.ErrUnknownUser):
		return err
	}
	password, err := newPassword(p, string(c.Name))
	if err != nil {
		return err
	}
	err = u.propose(&command.AddAccount{Name: string(c.Name), Hash: passwords.Hash(password, salt())})
	if errors.Is(err, users.ErrRegistered) {
		return taken
	}
	if err := report(p, err, "%s has an account.", c.Name); err != nil {
		return err
	}
	if like, is := others.Find(string(c.Name), nil); is {
		fmt.Fprintf(p.stderr, "Note: the name %s looks like %s, which has an account, too. To take it back: parley user delete %s\n", c.Name, like, c.Name)
	}
	return nil
}

type userPasswdCmd struct {
	Name accountName `arg:"" help:"The name of the account."`
}

// Run sets a password. Whoever is logged in stays so.
func (c *userPasswdCmd) Run(p *process, u *userCmd) error {
	account, err := u.account(c.Name)
	if err != nil {
		return err
	}
	password, err := newPassword(p, account.Name)
	if err != nil {
		return err
	}
	err = u.propose(&command.SetHash{Name: account.Name, Hash: passwords.Hash(password, salt())})
	return report(p, u.explain(err, c.Name), "%s has a new password.", account.Name)
}

type userUnblockCmd struct {
	Who string `arg:"" name:"name|address" help:"A name, with an account or without, or an IP address, with a port or without."`
}

// Run lifts a block of logins.
func (c *userUnblockCmd) Run(p *process, u *userCmd) error {
	who := c.Who
	if addr := users.RemoteAddr(who); addr.IsValid() {
		who = addr.String()
	} else if err := protocol.CheckName(who); err != nil {
		return exitError{exitUsage, errors.New("that is neither a name nor an IP address")}
	}
	err := u.propose(&command.Unlock{Who: who})
	if errors.Is(err, users.ErrUnknownUser) {
		return fmt.Errorf("%s is not blocked, nor are wrong passwords remembered in %s", who, dataFolder(u.Data))
	}
	return report(p, err, "The wrong passwords of %s are forgotten.", who)
}

type userDeleteCmd struct {
	Name accountName `arg:"" help:"The name of the account."`
	Yes  bool        `help:"Do not ask. It is needed where there is no terminal." env:"-"`
}

// Run deletes an account.
func (c *userDeleteCmd) Run(p *process, u *userCmd) error {
	atTerminal := isatty.IsTerminal(p.stdin.Fd())
	if !c.Yes && !atTerminal {
		return exitError{exitUsage, errors.New("without a terminal to ask at, deleting an account needs --yes")}
	}
	account, err := u.account(c.Name)
	if err != nil {
		return err
	}
	if !c.Yes {
		fmt.Fprintf(p.stderr, "This deletes the account %s, the direct messages that wait for it (%d) and its blocks. The name is free for anybody then.\nType the name to delete it: ",
			account.Name, account.Waiting)
		typed, _ := readLine(p.stdin)
		if users.Fold(typed) != users.Fold(account.Name) {
			return errors.New("that is another name: nothing is deleted")
		}
	}
	err = u.propose(&command.DeleteAccount{Name: account.Name})
	return report(p, u.explain(err, c.Name), "The account %s is deleted.", account.Name)
}

// report says that something was done, if it was.
func report(p *process, err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, format+"\n", args...)
	return err
}
