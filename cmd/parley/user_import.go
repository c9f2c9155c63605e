package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mattn/go-isatty"

	"parley/eventloop/admin"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
)

type userImportCmd struct {
	File    string `arg:"" help:"The file; - is standard input."`
	SkipBad bool   `help:"Import the other lines if there are bad ones. Without it nothing is imported then." env:"-"`
	Weak    bool   `help:"Take passwords that are against the rules for new ones, such as the short ones in the files of old courses." env:"-"`
}

// entry is a good line.
type entry struct {
	line           int
	name, password string
	hash           string
}

// badLine says nothing of what is in the line: that may be a password.
type badLine struct {
	line   int
	reason string
	weak   bool // --weak takes it
}

// Run imports a file. Everything is checked and hashed before the first account
// is stored, so that what ends it until then leaves no account behind.
func (c *userImportCmd) Run(p *process, u *userCmd) error {
	text, err := c.read(p)
	if err != nil {
		return err
	}
	var accounts []admin.Account
	err = u.with(func(owner *admin.Client) (err error) {
		accounts, err = owner.Accounts()
		return err
	})
	if err != nil {
		return err
	}
	good, bad := c.parse(text, accounts)
	weak := 0
	for _, b := range bad {
		fmt.Fprintf(p.stderr, "line %d: %s\n", b.line, b.reason)
		if b.weak {
			weak++
		}
	}
	hint := ""
	if weak > 0 {
		hint = fmt.Sprintf(". Of the bad lines %d have a password that is against the rules: --weak takes them", weak)
	}
	switch {
	case len(bad) > 0 && !c.SkipBad:
		return fmt.Errorf("nothing is imported: bad lines: %d, good ones: %d. Correct them, or use --skip-bad%s", len(bad), len(good), hint)
	case len(good) == 0:
		return fmt.Errorf("nothing is imported: there is no good line%s", hint)
	}
	var late []badLine
	hashAll(good, hashProgress(p, len(good)))
	err = u.with(func(owner *admin.Client) (err error) {
		late, err = addAll(owner, good)
		return err
	})
	for _, b := range late {
		fmt.Fprintf(p.stderr, "line %d: %s\n", b.line, b.reason)
	}
	if err == nil && len(late) > 0 && !c.SkipBad {
		err = errors.New("not all accounts are imported")
	}
	return report(p, err, "Accounts imported: %d. Lines skipped: %d%s.", len(good)-len(late), len(bad)+len(late), hint)
}

func (c *userImportCmd) read(p *process) (string, error) {
	if c.File == "-" {
		text, err := io.ReadAll(p.stdin)
		return string(text), err
	}
	text, err := os.ReadFile(c.File)
	return string(text), err
}

// parse sorts the lines.
func (c *userImportCmd) parse(text string, existing []admin.Account) (good []entry, bad []badLine) {
	taken := make(map[string]string, len(existing))
	for _, a := range existing {
		taken[users.Fold(a.Name)] = "the name is registered already"
	}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, password := line, ""
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			name, password = line[:i], strings.TrimSpace(line[i:])
		}
		reason, weak := c.check(name, password)
		if other := taken[users.Fold(name)]; other != "" && (reason == "" || weak) {
			reason, weak = other, false
		}
		if reason != "" {
			bad = append(bad, badLine{number, reason, weak})
			continue
		}
		taken[users.Fold(name)] = fmt.Sprintf("the name is in line %d already", number)
		good = append(good, entry{line: number, name: name, password: password})
	}
	return good, bad
}

// check returns what is wrong with a line, or nothing; weak says that --weak would
// take it.
func (c *userImportCmd) check(name, password string) (reason string, weak bool) {
	if err := protocol.CheckName(name); err != nil {
		return err.Text, false
	}
	if err := checkReserved(name); err != nil {
		return err.Error(), false
	}
	if password == "" {
		return "there is no password behind the name", false
	}
	err := checkNewPassword(name, password)
	weak = err != nil && !errors.Is(err, users.ErrPasswordLong) && !errors.Is(err, errNotText)
	if err == nil || weak && c.Weak {
		return "", false
	}
	return err.Error(), weak
}

// hashAll gives every entry its hash, on all cores. done is told how many have
// one, on this goroutine.
func hashAll(entries []entry, done func(int)) {
	var next atomic.Int64
	hashed := make(chan struct{}, len(entries))
	for range min(runtime.GOMAXPROCS(0), len(entries)) {
		go func() {
			for i := next.Add(1) - 1; i < int64(len(entries)); i = next.Add(1) - 1 {
				entries[i].hash = passwords.Hash(entries[i].password, salt())
				hashed <- struct{}{}
			}
		}()
	}
	for i := range entries {
		<-hashed
		done(i + 1)
	}
}

// hashProgress tells a person how far it is: a thousand passwords take half a
// minute on two cores.
func hashProgress(p *process, total int) func(int) {
	if !isatty.IsTerminal(p.stderr.Fd()) {
		return func(int) {}
	}
	return func(done int) {
		fmt.Fprintf(p.stderr, "\rPasswords hashed: %d of %d", done, total)
		if done == total {
			fmt.Fprintln(p.stderr)
		}
	}
}

// addAll adds accounts, as many at once as one request may have. It returns the lines
// whose names were registered since they were checked.
func addAll(owner *admin.Client, entries []entry) (late []badLine, err error) {
	for batch := range slices.Chunk(entries, admin.MaxCommands) {
		commands := make([]command.Command, len(batch))
		for i, e := range batch {
			commands[i] = &command.AddAccount{Name: e.name, Hash: e.hash}
		}
		refused, err := owner.Propose(commands...)
		for i, why := range refused {
			switch {
			case errors.Is(why, users.ErrRegistered):
				late = append(late, badLine{line: batch[i].line, reason: "the name was registered just now"})
			case why != nil:
				err = why
			}
		}
		if err != nil {
			return late, fmt.Errorf("not all accounts are stored (--skip-bad passes over those the next time): %w", err)
		}
	}
	return late, nil
}
