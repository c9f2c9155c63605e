package main

import (
	"crypto/rand"
	"net/url"

	"parley/eventloop/endpoint"
	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
)

type hookForwardCmd struct {
	Room string `arg:"" help:"A room that is there, or lobby. The hook ends with it."`
	Name string `arg:"" help:"Of the hook, as those in the room are told it: letters and digits, with Hook or Bot at the end. Nobody can log in with it."`
	URL  string `arg:"" name:"url" help:"Where it is sent to: http:// or https://, on this machine, unless the server runs with --hook-urls-anywhere."`
}

// hookKeySize is how many bytes a key has that signs: those of a SHA-256.
const hookKeySize = 32

// Run makes an outgoing hook.
func (c *hookForwardCmd) Run(p *process, h *hookCmd) error {
	if err := checkHookName(c.Name); err != nil {
		return err
	}
	if err := users.CheckHookURL(c.URL); err != nil {
		return exitError{exitUsage, err}
	}
	key := make([]byte, hookKeySize)
	_, _ = rand.Read(key) // never fails
	secret, elsewhere := users.HookSecret(key), ""
	if u, err := url.Parse(c.URL); err == nil && !endpoint.IsLocal(u.Hostname()) {
		elsewhere = "\nIf that is another machine the server has to run with --hook-urls-anywhere."
	}
	err := h.make(c.Name, c.Room, &command.AddOutgoingHook{Name: c.Name, Room: c.Room, URL: c.URL, Secret: secret, Hash: passwords.Hash(token(), salt())})
	return report(p, err, `What is said in %s from now on is sent to %s by %s, also if the room is private, and those who are there are told so. Direct messages are not sent.
It is signed as Standard Webhooks has it, with this secret, which is not shown again:
%s%s`, c.Room, c.URL, c.Name, secret, elsewhere)
}
