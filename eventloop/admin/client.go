package admin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"parley/users"
	"parley/users/command"
)

// answerTime is how long a client waits for an answer: longer than a server takes at
// worst, as long as it is one.
const answerTime = requestTime + writeTime

// ErrUnsure is returned where a command may have been carried out, or will be: its answer
// is missing.
var ErrUnsure = errors.New("whether it is done is not known: parley user list and parley user show tell")

// A Client asks a server on behalf of its owner. One goroutine owns it.
type Client struct {
	conn  net.Conn
	lines *bufio.Scanner
	wait  func() // for the other side's end, where that is in this process
}

// Dial connects to the server that runs at a data folder. An error says that there is
// none, or that it cannot be asked: whose lock the folder has tells which.
func Dial(folder string) (*Client, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	var conn net.Conn
	err = reach(folder, func(path string) (err error) {
		conn, err = net.DialTimeout("unix", path, writeTime)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newClient(conn, func() {}), nil
}

// Within returns a client of a server in this process, which is asked for nothing any
// more when the client is closed.
func Within(srv Server) *Client {
	near, far := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		converse(context.Background(), far, srv)
	}()
	return newClient(near, func() { <-ended })
}

func newClient(conn net.Conn, wait func()) *Client {
	c := &Client{conn: conn, lines: bufio.NewScanner(conn), wait: wait}
	c.lines.Buffer(nil, maxAnswer)
	return c
}

// Propose has at most MaxCommands carried out in this order, and returns for each why it
// was refused, or nil: users.ErrRegistered, users.ErrUnknownUser, state.ErrStale, ErrGuest or
// ErrNotSo, or a text. An error says that none is carried out, or is ErrUnsure.
func (c *Client) Propose(commands ...command.Command) ([]error, error) {
	var r request
	for _, one := range commands {
		p, err := toProposal(one)
		if err != nil {
			return nil, err
		}
		r.Commands = append(r.Commands, p)
	}
	a, err := c.ask(r)
	if err == nil && len(a.Outcomes) != len(commands) {
		err = fmt.Errorf("the server answers %d commands with %d outcomes: %w", len(commands), len(a.Outcomes), ErrUnsure)
	}
	if err != nil {
		return nil, err
	}
	refused := make([]error, len(commands))
	for i, o := range a.Outcomes {
		refused[i] = o.err()
	}
	return refused, nil
}

// Accounts returns all accounts, in the order of their names.
func (c *Client) Accounts() ([]Account, error) {
	a, err := c.ask(request{List: true})
	all := a.Accounts
	for err == nil && a.More {
		a, err = c.next()
		all = append(all, a.Accounts...)
	}
	return all, err
}

// Account returns all that is shown of an account, or users.ErrUnknownUser.
func (c *Client) Account(name string) (Details, error) {
	a, err := c.ask(request{Show: name})
	if err != nil {
		return Details{}, err
	}
	if a.Account == nil {
		return Details{}, users.ErrUnknownUser
	}
	return *a.Account, nil
}

// Hooks returns all hooks, in the order of their names.
func (c *Client) Hooks() ([]Hook, error) {
	a, err := c.ask(request{Hooks: true})
	return a.Hooks, err
}

// Acts returns the newest acts of the audit log, n at most, oldest first: of a room and by or
// about a name, "" for all.
func (c *Client) Acts(room, name string, n int) (acts []Act, err error) {
	asked := audit{Room: room, Name: name}
	for more := true; more && len(acts) < n; {
		a, err := c.ask(request{Audit: &asked})
		if err != nil {
			return nil, err
		}
		acts = append(a.Acts, acts...)
		if more = a.More && len(a.Acts) > 0; more {
			asked.Before = a.Acts[0].Number
		}
	}
	return acts[max(0, len(acts)-n):], nil
}

// Close ends the connection.
func (c *Client) Close() error {
	err := c.conn.Close()
	c.wait()
	return err
}

// ask sends a request and returns its answer, or the first of them.
func (c *Client) ask(r request) (answer, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return answer{}, err
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, unsent := c.conn.Write(append(line, '\n'))
	a, err := c.next() // also if it could not be sent: why may have been said before
	switch lost := err != nil && a.Error == ""; {
	case lost && unsent != nil:
		return a, fmt.Errorf("the server cannot be asked: %w", unsent)
	case len(r.Commands) > 0 && err != nil && (lost || a.Unsure):
		return a, fmt.Errorf("%w; %w", err, ErrUnsure)
	}
	return a, err
}

// next reads an answer. Its error is that of the answer, if it has one.
func (c *Client) next() (answer, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(answerTime))
	if !c.lines.Scan() {
		err := c.lines.Err()
		if err == nil {
			err = io.EOF
		}
		return answer{}, fmt.Errorf("the server has stopped or does not answer: %w", err)
	}
	var a answer
	if err := json.Unmarshal(c.lines.Bytes(), &a); err != nil {
		return answer{}, fmt.Errorf("the server answers in a way that is not known here: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}
