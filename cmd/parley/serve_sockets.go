package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"strconv"
	"strings"

	"parley/eventloop"
)

// socketFlags are those of parley serve that say who may use its Unix sockets.
type socketFlags struct {
	SocketMode       socketMode  `help:"Mode of the Unix sockets of --listen and --proxy-listen, in octal, such as 0660: who may connect. Without it the umask says so, or it is 0660 where there is --socket-owner." placeholder:"MODE"`
	SocketOwner      socketOwner `help:"To whom the Unix sockets of --listen and --proxy-listen are given: USER, USER:GROUP or :GROUP, as names or numbers." placeholder:"USER:GROUP"`
	AdminSocketMode  socketMode  `help:"Mode of the Unix socket of --admin. Without it only the user may connect who runs the server, or who owns the socket and its group where there is --admin-socket-owner." placeholder:"MODE"`
	AdminSocketOwner socketOwner `help:"To whom the Unix socket of --admin is given." placeholder:"USER:GROUP"`
	HooksSocketMode  socketMode  `help:"Mode of the Unix socket of --hooks. Without it only the user may connect who runs the server, or who owns the socket and its group where there is --hooks-socket-owner." placeholder:"MODE"`
	HooksSocketOwner socketOwner `help:"To whom the Unix socket of --hooks is given." placeholder:"USER:GROUP"`
}

// validate refuses settings that make no sense.
func (c *socketFlags) validate(listen []string, admin, hooks string) error {
	sockets := 0
	for _, addr := range listen {
		if strings.HasPrefix(addr, "unix:") {
			sockets++
		}
	}
	switch {
	case sockets == 0 && c.listen() != (eventloop.SocketRights{}):
		return errors.New("--socket-mode and --socket-owner are for Unix sockets, of which --listen and --proxy-listen have none: --listen unix:PATH")
	case !strings.HasPrefix(admin, "unix:") && c.admin() != (eventloop.SocketRights{}):
		return errors.New("--admin-socket-mode and --admin-socket-owner are for a Unix socket: --admin unix:PATH")
	case !strings.HasPrefix(hooks, "unix:") && c.hooks() != (eventloop.SocketRights{}):
		return errors.New("--hooks-socket-mode and --hooks-socket-owner are for a Unix socket: --hooks unix:PATH")
	}
	return nil
}

func (c *socketFlags) listen() eventloop.SocketRights {
	return eventloop.SocketRights{Mode: fs.FileMode(c.SocketMode), Owner: c.SocketOwner.SocketOwner}
}

func (c *socketFlags) admin() eventloop.SocketRights {
	return eventloop.SocketRights{Mode: fs.FileMode(c.AdminSocketMode), Owner: c.AdminSocketOwner.SocketOwner}
}

func (c *socketFlags) hooks() eventloop.SocketRights {
	return eventloop.SocketRights{Mode: fs.FileMode(c.HooksSocketMode), Owner: c.HooksSocketOwner.SocketOwner}
}

// A socketMode is one in octal.
type socketMode fs.FileMode

// UnmarshalText reads "0660", "660" or "0o660"; "" is none.
func (m *socketMode) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = 0
		return nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(string(text), "0o"), 8, 32)
	if err != nil || n == 0 || n > 0o777 {
		return fmt.Errorf("%q is no mode of a socket, which is an octal number up to 0777, such as 0660", text)
	}
	*m = socketMode(n)
	return nil
}

// A socketOwner is one whose numbers have been looked up.
type socketOwner struct{ *eventloop.SocketOwner }

// UnmarshalText reads "USER", "USER:GROUP" or ":GROUP"; "" is none.
func (o *socketOwner) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		o.SocketOwner = nil
		return nil
	}
	name, group, _ := strings.Cut(string(text), ":")
	if name == "" && group == "" {
		return fmt.Errorf("%q is nobody: write USER, USER:GROUP or :GROUP", text)
	}
	found := &eventloop.SocketOwner{UID: -1, GID: -1, Name: string(text)}
	var err error
	if name != "" {
		if found.UID, err = numberOf(name, func() (string, error) {
			u, err := user.Lookup(name)
			if err != nil {
				return "", fmt.Errorf("there is no user %q on this machine", name)
			}
			return u.Uid, nil
		}); err != nil {
			return err
		}
	}
	if group != "" {
		if found.GID, err = numberOf(group, func() (string, error) {
			g, err := user.LookupGroup(group)
			if err != nil {
				return "", fmt.Errorf("there is no group %q on this machine", group)
			}
			return g.Gid, nil
		}); err != nil {
			return err
		}
	}
	o.SocketOwner = found
	return nil
}

// numberOf returns a number that is written as one, or else looked up.
func numberOf(name string, lookup func() (string, error)) (int, error) {
	if n, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(n), nil
	}
	number, err := lookup()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0, fmt.Errorf("a Unix socket cannot be given to %q on this system: leave the setting out", name)
	}
	return n, nil
}
