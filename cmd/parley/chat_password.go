package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// commandDelay is how long is waited for what a password command has started,
// once the command itself was ended. Nobody wants its output any more.
const commandDelay = 100 * time.Millisecond

// passwordFlags say where a password comes from.
type passwordFlags struct {
	PasswordCmd string `help:"If the name has a password, run this with sh -c and take the first line of its output. The environment variable PARLEY_PASSWORD may hold the password itself. Without either, a person at a terminal is asked." placeholder:"COMMAND"`
}

// password returns where a password comes from if nobody is to type it, nil if
// from nowhere.
func (c *passwordFlags) password(p *process) func(context.Context) (string, error) {
	known := p.getenv("PARLEY_PASSWORD")
	switch {
	case c.PasswordCmd != "":
		return func(ctx context.Context) (string, error) { return firstLine(ctx, c.PasswordCmd) }
	case known != "":
		return func(context.Context) (string, error) { return known, nil }
	}
	return nil
}

// firstLine runs a command and returns the first line of its output. What it
// says on standard error comes with the error, since the screen is in use.
func firstLine(ctx context.Context, command string) (string, error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.WaitDelay = commandDelay
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	line, _, _ := strings.Cut(string(out), "\n")
	if err != nil {
		return "", fmt.Errorf("the command failed (%w): %s", err, strings.TrimSpace(words.String()))
	}
	return strings.TrimSuffix(line, "\r"), nil
}
