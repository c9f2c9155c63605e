package client

// A handler runs a command with what was typed behind its name.
type handler func(a *App, arg string)

// newHandlers returns what runs each command of the table, by its name. What is
// more than a call to the part that it is about has a file of its own: cmd_*.go.
func newHandlers() map[string]handler {
	handlers := map[string]handler{
		"msg":    func(a *App, text string) { a.say("", text) },
		"dm":     (*App).cmdDirect,
		"reply":  (*App).cmdReply,
		"query":  (*App).cmdQuery,
		"lobby":  (*App).cmdLobby,
		"unsent": (*App).cmdUnsent,

		"startprivate": withName("startprivate", (*App).startPrivate),
		"accept":       withOnly("accept", asksOne, (*App).acceptPrivate),
		"decline":      withOnly("decline", asksOne, (*App).declinePrivate),
		"private":      (*App).cmdPrivate,
		"stopprivate":  withOnly("stopprivate", isUnderWay, (*App).stopPrivate),
		"peers":        (*App).cmdPeers,
		"verify":       verifyOnly,
		"trust":        withName("trust", (*App).trustKey),

		"login":    (*App).cmdLogin,
		"takeover": (*App).cmdTakeover,
		"register": (*App).cmdRegister,
		"passwd":   (*App).cmdPasswd,
		"logout":   (*App).cmdLogout,
		"quit":     (*App).cmdQuit,

		"bell":  (*App).cmdBell,
		"show":  (*App).cmdShow,
		"clear": func(a *App, _ string) { a.view.Clear() },
		"edit":  func(a *App, text string) { a.keyboard.Edit(text) },
		"ping":  (*App).cmdPing,
		"help":  (*App).cmdHelp,
	}
	for _, verb := range []string{"names", "whoelse", "whoelsesince", "whois", "block", "unblock", "blocked", "away", "back"} {
		handlers[verb] = func(a *App, arg string) { a.ask(verb, arg) }
	}
	return handlers
}
