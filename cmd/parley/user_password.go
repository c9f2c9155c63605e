package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"parley/users"
)

var errNotText = errors.New("that password is not UTF-8 text, and no client could send it")

// newPassword asks for a password that a user of that name may have: at a
// terminal twice and without showing it, otherwise by reading a line.
func newPassword(p *process, name string) (password string, err error) {
	if !isatty.IsTerminal(p.stdin.Fd()) {
		if password, err = readLine(p.stdin); err != nil {
			return "", fmt.Errorf("no password could be read from standard input: %w", err)
		}
		return password, checkNewPassword(name, password)
	}
	err = hidden(p, func(ask func(prompt string) (string, error)) error {
		if password, err = ask("New password for " + name + ": "); err != nil {
			return err
		}
		if err := checkNewPassword(name, password); err != nil {
			return err
		}
		again, err := ask("The same once more: ")
		if err == nil && again != password {
			err = errors.New("the two passwords are not the same: nothing is changed")
		}
		return err
	})
	return password, err
}

func checkNewPassword(name, password string) error {
	if !utf8.ValidString(password) {
		return errNotText
	}
	return users.CheckPassword(name, password)
}

// readLine reads a line without its end. What is longer than any password is
// cut off, but not to one that is allowed.
func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, users.MaxPassword+int64(len("\r\n")))).ReadString('\n')
	if line == "" {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// hidden runs questions at a terminal that shows nothing of the answers, and
// leaves it as it was, also if a signal ends the program. Raw mode is on before
// the first question is seen: what is typed at once is not shown either, and
// Ctrl-Z cannot leave the shell without echo.
func hidden(p *process, questions func(ask func(prompt string) (string, error)) error) error {
	fd := int(p.stdin.Fd())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	before, err := term.MakeRaw(fd)
	if err != nil {
		return fmt.Errorf("the terminal cannot hide a password: %w", err)
	}
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{p.stdin, p.stderr}, "")
	interrupted := errors.New("interrupted: nothing is changed")
	answered := make(chan error, 1)
	go func() { answered <- questions(terminal.ReadPassword) }()
	select {
	case err = <-answered:
	case <-signals: // the goroutine waits for a key until the program ends
		err = interrupted
	}
	err = errors.Join(err, term.Restore(fd, before))
	if errors.Is(err, io.EOF) { // Ctrl-C and Ctrl-D
		err = interrupted
	}
	if errors.Is(err, interrupted) {
		fmt.Fprintln(p.stderr)
	}
	return err
}
