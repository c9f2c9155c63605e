package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"parley/eventloop/admin"
	"parley/protocol"
)

// auditCmd is parley audit: it tells who has done what to keep order, with the server
// running or not.
type auditCmd struct {
	Data  string `help:"Folder of the server. The default is parley in the folder for the state of programs." placeholder:"FOLDER"`
	Room  string `help:"Only what was done in this room." placeholder:"ROOM"`
	Name  string `help:"Only what was done by or to this person." placeholder:"NAME"`
	Count int    `help:"Only so many, the newest." default:"1000" placeholder:"COUNT"`
	JSON  bool   `name:"json" help:"Print an object of JSON for each act, on a line of its own." env:"-"`
}

// Validate is called by kong.
func (c *auditCmd) Validate() error {
	switch {
	case c.Count < 1:
		return errors.New("--count must be at least 1")
	case c.Name != "" && protocol.CheckName(c.Name) != nil:
		return errors.New("--name: nobody can have that name")
	case c.Room != "" && protocol.CheckRoom(c.Room) != nil:
		return errors.New("--room: no room can have that name")
	}
	return (&userCmd{Data: c.Data}).Validate()
}

// Run prints the audit log, the newest act last.
func (c *auditCmd) Run(p *process) error {
	var acts []admin.Act
	err := (&userCmd{Data: c.Data}).with(func(owner *admin.Client) (err error) {
		acts, err = owner.Acts(c.Room, c.Name, c.Count)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		lines := json.NewEncoder(p.stdout)
		for _, a := range acts {
			if err := lines.Encode(a); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case len(acts) == 0 && c.Room == "" && c.Name == "":
		return report(p, nil, "The audit log of %s is empty.", dataFolder(c.Data))
	case len(acts) == 0:
		return report(p, nil, "There is no such act in the audit log of %s.", dataFolder(c.Data))
	}
	for _, a := range acts {
		act := protocol.Act{Act: a.Act, By: a.By, Name: a.Name, Address: a.Address, Room: a.Room, Message: a.Message, Why: a.Why, Set: a.Set, Until: a.Until}
		if _, err := fmt.Fprintf(p.stdout, "%s %s\n", moment(a.Time), act.Sentence("", nil)); err != nil {
			return err
		}
	}
	return nil
}
