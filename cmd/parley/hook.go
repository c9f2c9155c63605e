package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"parley/eventloop/admin"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/state"
	"parley/users/store"
)

// hookCmd is parley hook: what the owner of a server does with its hooks, with the server
// running or not.
type hookCmd struct {
	Data string `help:"Folder of the server. The default is parley in the folder for the state of programs." placeholder:"FOLDER"`

	Add     hookAddCmd     `cmd:"" help:"Make a hook, and print its URL, once: whoever has it says things in a room by HTTP, as with curl -d TEXT URL."`
	Forward hookForwardCmd `cmd:"" help:"Have what is said in a room sent to a URL, as JSON, and print the secret that signs it, once. A private room is heard, too; those who are there are told so."`

	List   hookListCmd   `cmd:"" help:"List the hooks."`
	Remove hookRemoveCmd `cmd:"" help:"End a hook. What it said, or has sent, stays."`
}

// Validate is called by kong.
func (c *hookCmd) Validate() error {
	if c.Data == store.Memory {
		return errors.New("--data " + store.Memory + " is out of reach: what a server keeps in memory only it can change")
	}
	return nil
}

// accounts are those of the same folder.
func (c *hookCmd) accounts() *userCmd { return &userCmd{Data: c.Data} }

type hookAddCmd struct {
	Room string `arg:"" help:"A room that is there, or lobby. The hook ends with it."`
	Name string `arg:"" help:"Under which it says things: letters and digits, with Hook or Bot at the end, so that nobody takes it for a person. Nobody can log in with it."`

	Address string `help:"Where parley serve --hooks listens, for the URL that is printed." default:"127.0.0.1:9997" placeholder:"HOST:PORT"`
}

// Run makes a hook.
func (c *hookAddCmd) Run(p *process, h *hookCmd) error {
	if err := checkHookName(c.Name); err != nil {
		return err
	}
	secret := token()
	err := h.make(c.Name, c.Room, &command.AddHook{Name: c.Name, Room: c.Room, Token: command.TokenID(secret), Hash: passwords.Hash(token(), salt())})
	return report(p, err, `%s says in %s what comes to this URL, which is not shown again:
http://%s/hooks/%s
The server has to run with --hooks %s. Try: curl -d hello URL`, c.Name, c.Room, c.Address, secret, c.Address)
}

// checkHookName returns why a hook cannot have a name; nil: it may.
func checkHookName(name string) error {
	if err := protocol.CheckName(name); err != nil {
		return exitError{exitUsage, errors.New(strings.TrimSuffix(err.Text, "."))}
	}
	if !users.IsHookName(name) {
		return exitError{exitUsage, fmt.Errorf("the name of a hook ends in Hook or Bot, so that nobody takes it for a person: such as %.28sHook", name)}
	}
	return checkReserved(name)
}

// make has a hook made, of a name and for a room.
func (c *hookCmd) make(name, room string, add command.Command) error {
	err := c.accounts().propose(add)
	switch {
	case errors.Is(err, state.ErrNoRoom):
		return fmt.Errorf("there is no room %s in %s", room, dataFolder(c.Data))
	case errors.Is(err, users.ErrRegistered):
		return fmt.Errorf("the name %s is registered already. Give the hook another one", name)
	case errors.Is(err, users.ErrNameTaken):
		return fmt.Errorf("somebody is logged in as %s. Give the hook another name", name)
	}
	return err
}

type hookListCmd struct {
	JSON bool `name:"json" help:"Print an object of JSON for each hook, on a line of its own." env:"-"`
}

// Run lists the hooks in the order of their names.
func (c *hookListCmd) Run(p *process, h *hookCmd) error {
	var all []admin.Hook
	err := h.accounts().with(func(owner *admin.Client) (err error) {
		all, err = owner.Hooks()
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		lines := json.NewEncoder(p.stdout)
		for _, one := range all {
			if err := lines.Encode(one); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		return report(p, nil, "There are no hooks in %s.", dataFolder(h.Data))
	}
	table := newTable(p.stdout)
	fmt.Fprintln(table, "NAME\tROOM\tMADE\tSENDS TO")
	for _, one := range all {
		to := one.URL
		if one.Stopped {
			to += " (stopped: it is gone)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.Name, one.Room, moment(one.Made), to)
	}
	return table.Flush()
}

type hookRemoveCmd struct {
	Name string `arg:"" help:"The name of the hook."`
}

// Run ends a hook.
func (c *hookRemoveCmd) Run(p *process, h *hookCmd) error {
	if err := protocol.CheckName(c.Name); err != nil {
		return exitError{exitUsage, errors.New(strings.TrimSuffix(err.Text, "."))}
	}
	err := h.accounts().propose(&command.DropHook{Name: c.Name})
	if errors.Is(err, state.ErrNoHook) {
		return fmt.Errorf("there is no hook of the name %s in %s. See: parley hook list", c.Name, dataFolder(h.Data))
	}
	return report(p, err, "The hook %s has ended.", c.Name)
}
