package command

import (
	"fmt"
	"strings"
)

// A Group is what a command is about.
type Group uint8

// The groups.
const (
	GroupTalk Group = iota
	GroupPeople
	GroupPrivate
	GroupYou
	GroupProgram
)

func (g Group) String() string {
	return [...]string{GroupTalk: "Talk", GroupPeople: "People", GroupPrivate: "Private", GroupYou: "You", GroupProgram: "Program"}[g]
}

// groupWidth is the width in columns of the longest name of a group and a space.
const groupWidth = len("Program") + 1

// Help returns the answer to /help: less than the 24 rows of 80 columns that
// every terminal has.
func (t *Table) Help() string {
	var bare []string
	var rows [][3]string // group, commands, what they do
	for i := range t.list {
		c := &t.list[i]
		if c.Bare != NotBare {
			bare = append(bare, c.Name)
		}
		if c.Beside {
			last := &rows[len(rows)-1]
			word, _ := CutWord(last[1])
			if strings.Contains(last[1], ",") {
				word = last[1]
			}
			last[1] = word + ", /" + c.Name
			continue
		}
		row := [3]string{"", c.Syntax(), c.Help}
		if i == 0 || t.list[i-1].Group != c.Group {
			row[0] = c.Group.String()
		}
		if c.Short != "" {
			row[2] = c.Short
		}
		rows = append(rows, row)
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r[1]))
	}
	lines := []string{"What you type is said to everybody; //text says /text. The commands:"}
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%-*s%-*s  %s", groupWidth, r[0], width, r[1], r[2]))
	}
	lines = append(lines,
		"These work without the slash, too: "+strings.Join(bare, ", ")+".",
		"Tab completes commands and names. Ctrl-D leaves.")
	return strings.Join(lines, "\n")
}

// HelpOn returns the answer to /help COMMAND.
func (t *Table) HelpOn(c *Command) string {
	s := c.Syntax() + ": " + c.Help + "."
	if len(c.Aliases) > 0 {
		s += " Also: /" + strings.Join(c.Aliases, ", /") + "."
	}
	if c.Bare != NotBare {
		s += " It works without the slash, too."
	}
	return s
}

// OfServer is the argument of /help that asks the server for its own help.
const OfServer = "server"
