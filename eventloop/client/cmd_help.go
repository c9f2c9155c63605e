package client

import (
	"parley/eventloop/client/command"
	"parley/eventloop/client/timeline"
)

// cmdHelp explains a topic or a command. A server that may be a plain one has a help of
// its own, which is shown below ours.
func (a *App) cmdHelp(about string) {
	if about == command.OfServer {
		a.ask("help", "")
		return
	}
	kind := timeline.Notice
	f := command.Facts{
		Plain: a.dialect == plain, History: a.cfg.History, KeepsAlone: a.cfg.KeepAlone,
		Slash: a.to.Alone() || a.to.isNobody() || a.cfg.Mode != Interactive,
	}
	switch {
	case a.to.Alone(), a.to.isNobody():
		f.Alone = a.to.called()
	case a.to.Place == timeline.Room:
		f.Room = a.to.name
	}
	text, known := a.commands.Help(about, f)
	if !known {
		kind = timeline.Error
	}
	a.tell(kind, "%s", text)
	if about == "" && a.phase >= connected && a.dialect != extended {
		a.ask("help", "")
	}
}
