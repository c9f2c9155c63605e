package main

import (
	"errors"
	"fmt"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

type userRoleCmd struct {
	Name string `arg:"" help:"The name of the account."`
	Role string `arg:"" enum:"owner,moderator,none" help:"owner, moderator or none."`
}

// Run gives an account a role of the whole server, or takes it away.
func (c *userRoleCmd) Run(p *process, u *userCmd) error {
	if err := protocol.CheckName(c.Name); err != nil {
		return exitError{exitUsage, errors.New(strings.TrimSuffix(err.Text, "."))}
	}
	account, err := u.account(accountName(c.Name))
	if err != nil {
		return err
	}
	role, _ := users.ParseRole(c.Role) // kong has looked
	err = u.propose(&command.SetRole{Name: account.Name, Role: role})
	if errors.Is(err, state.ErrNotSo) {
		return fmt.Errorf("%s %s already", account.Name, roleWords(role))
	}
	return report(p, err, "%s %s now.", account.Name, roleWords(role))
}

// roleWords say that somebody has a role.
func roleWords(role users.Role) string {
	if role == users.NoRole {
		return "has no role"
	}
	return "is " + string(role) + " of the server"
}
