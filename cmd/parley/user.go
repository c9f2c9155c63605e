package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"parley/protocol"
	"parley/users"
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

// load returns what is stored. A folder without a database has nothing, and is
// left as it is: it may be a typing error.
func (c *userCmd) load() (state store.State, err error) {
	if !store.Exists(dataFolder(c.Data)) {
		return state, nil
	}
	err = c.open(func(s *store.Store) (err error) {
		state, err = s.Load(context.Background())
		return err
	})
	return state, err
}

// write has one change stored. It makes the folder if there is none.
func (c *userCmd) write(change func(s *store.Store, done func(error)) error) error {
	return c.open(func(s *store.Store) error {
		return store.Wait(func(done func(error)) error { return change(s, done) })
	})
}

func (c *userCmd) open(do func(*store.Store) error) (err error) {
	s, err := store.OpenBeside(dataFolder(c.Data), rand.Reader)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// account returns what is stored, with the account of that name in it.
func (c *userCmd) account(name accountName) (store.State, users.Account, error) {
	state, err := c.load()
	if err != nil {
		return state, users.Account{}, err
	}
	i := slices.IndexFunc(state.Accounts, name.is)
	if i < 0 {
		return state, users.Account{}, c.unknown(name)
	}
	return state, state.Accounts[i], nil
}

// unknown says where was looked, because the wrong folder is the likeliest reason.
func (c *userCmd) unknown(name accountName) error {
	return fmt.Errorf("there is no account of the name %s in %s. Is that the folder of your server? See --data, and parley user list", name, dataFolder(c.Data))
}

// accountName is an argument that is the name of an account.
type accountName string

func (n accountName) is(a users.Account) bool { return users.Fold(a.Name) == users.Fold(string(n)) }

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
	state, err := u.load()
	if err != nil {
		return err
	}
	taken := fmt.Errorf("the name %s is registered already. To give it another password: parley user passwd %s", c.Name, c.Name)
	if slices.ContainsFunc(state.Accounts, c.Name.is) {
		return taken
	}
	password, err := newPassword(p, string(c.Name))
	if err != nil {
		return err
	}
	account := users.Account{Name: string(c.Name), Hash: passwords.Hash(password, salt()), Registered: time.Now()}
	err = u.write(func(s *store.Store, done func(error)) error { return s.AddAccount(account, done) })
	if errors.Is(err, users.ErrRegistered) {
		return taken
	}
	return report(p, err, "%s has an account.", c.Name)
}

type userPasswdCmd struct {
	Name accountName `arg:"" help:"The name of the account."`
}

// Run sets a password. Whoever is logged in stays so.
func (c *userPasswdCmd) Run(p *process, u *userCmd) error {
	_, account, err := u.account(c.Name)
	if err != nil {
		return err
	}
	password, err := newPassword(p, account.Name)
	if err != nil {
		return err
	}
	hash := passwords.Hash(password, salt())
	err = u.write(func(s *store.Store, done func(error)) error { return s.SetHash(account.Name, "", hash, done) })
	if errors.Is(err, users.ErrUnknownUser) {
		return u.unknown(c.Name)
	}
	return report(p, err, "%s has a new password.", account.Name)
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
	// A guard that has seen nothing tells the key all the same.
	nothing, _ := users.NewGuard(users.DefaultGuardLimits()).Unblock(who)
	state, err := u.load()
	if err != nil {
		return err
	}
	if store.Exists(dataFolder(u.Data)) { // a running server may have a block that is not stored: its disk may be full
		err = u.write(func(s *store.Store, done func(error)) error { return s.DeleteLoginBlock(nothing.Key, done) })
	}
	if _, ok := loginBlock(state, nothing.Key); !ok && err == nil {
		return fmt.Errorf("%s is not blocked, nor are wrong passwords remembered in %s. If a server runs there, it forgets them all the same", who, dataFolder(u.Data))
	}
	return report(p, err, "The wrong passwords of %s are forgotten.", who)
}

func loginBlock(state store.State, key string) (users.LoginBlock, bool) {
	i := slices.IndexFunc(state.LoginBlocks, func(b users.LoginBlock) bool { return b.Key == key })
	if i < 0 {
		return users.LoginBlock{}, false
	}
	return state.LoginBlocks[i], true
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
	state, account, err := u.account(c.Name)
	if err != nil {
		return err
	}
	if !c.Yes {
		fmt.Fprintf(p.stderr, "This deletes the account %s, the direct messages that wait for it (%d) and its blocks. The name is free for anybody then.\nType the name to delete it: ",
			account.Name, state.Waiting.Len(account.Name))
		typed, _ := readLine(p.stdin)
		if !accountName(typed).is(account) {
			return errors.New("that is another name: nothing is deleted")
		}
	}
	err = u.write(func(s *store.Store, done func(error)) error { return s.DeleteAccount(account.Name, done) })
	if errors.Is(err, users.ErrUnknownUser) {
		return u.unknown(c.Name)
	}
	return report(p, err, "The account %s is deleted.", account.Name)
}

// report says that something was done, if it was.
func report(p *process, err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, format+"\n", args...)
	return err
}
