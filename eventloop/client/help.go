package client

import (
	"fmt"
	"strings"
)

// A group is what a command is about.
type group uint8

const (
	groupTalk group = iota
	groupPeople
	groupPrivate
	groupYou
	groupProgram
)

func (g group) String() string {
	return [...]string{groupTalk: "Talk", groupPeople: "People", groupPrivate: "Private", groupYou: "You", groupProgram: "Program"}[g]
}

// groupWidth is the width in columns of the longest name of a group and a space.
const groupWidth = len("Program") + 1

// helpText returns the answer to /help: less than the 24 rows of 80 columns that
// every terminal has.
func (t *Commands) helpText() string {
	var bare []string
	var rows [][3]string // group, commands, what they do
	for i := range t.list {
		c := &t.list[i]
		if c.Bare != notBare {
			bare = append(bare, c.Name)
		}
		if c.Beside {
			last := &rows[len(rows)-1]
			word, _ := cutWord(last[1])
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

// helpOn returns the answer to /help COMMAND.
func (t *Commands) helpOn(c *Command) string {
	s := c.Syntax() + ": " + c.Help + "."
	if len(c.Aliases) > 0 {
		s += " Also: /" + strings.Join(c.Aliases, ", /") + "."
	}
	if c.Bare != notBare {
		s += " It works without the slash, too."
	}
	return s
}

// helpOfServer is the argument of /help that asks the server for its own help.
const helpOfServer = "server"

func (a *App) cmdHelp(about string) {
	about = strings.TrimPrefix(about, "/")
	switch c := a.commands.Lookup(about); {
	case about == helpOfServer:
		a.ask("help", "")
	case c != nil:
		a.tell(ToneNotice, "%s", a.commands.helpOn(c))
	case about != "":
		a.tell(ToneError, "There is no command /%s. %s", about, a.commands.advice(about))
	default:
		a.tell(ToneNotice, "%s", a.commands.helpText())
		if a.phase >= connected && a.manner != extended {
			a.ask("help", "")
		}
	}
}
