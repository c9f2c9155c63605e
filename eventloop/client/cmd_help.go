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
		Slash: a.to.Alone() || a.cfg.Mode != Interactive,
	}
	if a.to.Alone() {
		f.Alone = a.to.called()
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
