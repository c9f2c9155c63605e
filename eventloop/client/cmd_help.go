package client

import (
	"strings"

	"parley/eventloop/client/command"
)

func (a *App) cmdHelp(about string) {
	about = strings.TrimPrefix(about, "/")
	switch c := a.commands.Lookup(about); {
	case about == command.OfServer:
		a.ask("help", "")
	case c != nil:
		a.tell(ToneNotice, "%s", a.commands.HelpOn(c))
	case about != "":
		a.tell(ToneError, "There is no command /%s. %s", about, a.commands.Advice(about))
	default:
		a.tell(ToneNotice, "%s", a.commands.Help())
		if a.phase >= connected && a.manner != extended {
			a.ask("help", "")
		}
	}
}
