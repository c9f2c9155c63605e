package client

import (
	"parley/eventloop/client/command"
	"parley/eventloop/client/timeline"
)

// cmdHelp explains a topic or a command. A server that may be a plain one has a
// help of its own, which is shown below ours.
func (a *App) cmdHelp(about string) {
	if about == command.OfServer {
		a.ask("help", "")
		return
	}
	kind := timeline.Notice
	text, known := a.commands.Help(about, command.Facts{Plain: a.dialect == plain, History: a.cfg.History})
	if !known {
		kind = timeline.Error
	}
	a.tell(kind, "%s", text)
	if about == "" && a.phase >= connected && a.dialect != extended {
		a.ask("help", "")
	}
}
