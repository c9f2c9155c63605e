package client

import "parley/eventloop/client/private"

// A handler runs a command with what was typed behind its name.
type handler func(a *App, arg string)

// newHandlers returns what runs each command of the table, by its name. What is
// more than a call to the part that it is about has a file of its own: cmd_*.go.
func newHandlers() map[string]handler {
	handlers := map[string]handler{
		"msg":    (*App).cmdMsg,
		"dm":     (*App).cmdDirect,
		"reply":  (*App).cmdReply,
		"query":  (*App).cmdQuery,
		"lobby":  (*App).cmdLobby,
		"unsent": (*App).cmdUnsent,

		"history":  cmdLookUp("history", "history"),
		"around":   cmdLookUp("around", "history"),
		"search":   (*App).cmdSearch,
		"versions": cmdLookUp("versions", "versions"),
		"edit":     (*App).cmdEdit,
		"remove":   (*App).cmdRemove,
		"react":    cmdReact("react", lastOfOthers),
		"unreact":  cmdReact("unreact", lastWith),
		"ids":      (*App).cmdIDs,

		"join":   (*App).cmdJoin,
		"create": (*App).cmdCreate,
		"leave":  (*App).cmdLeave,
		"topic":  (*App).cmdTopic,
		"invite": (*App).cmdInvite,
		"room":   (*App).cmdRoom,
		"unread": (*App).cmdUnread,
		"recent": (*App).cmdRecent,
		"hold":   (*App).cmdHold,

		"startprivate": askingPeer("startprivate", (*private.Machine).Start),
		"accept":       askingPeer("accept", (*private.Machine).Accept),
		"decline":      withName("decline", (*private.Machine).Decline),
		"private":      (*App).cmdPrivate,
		"stopprivate":  withName("stopprivate", (*private.Machine).End),
		"peers":        func(a *App, _ string) { a.private.List() },
		"verify":       func(a *App, arg string) { a.private.Verify(arg) },
		"trust":        withName("trust", (*private.Machine).Trust),

		"login":    (*App).cmdLogin,
		"takeover": (*App).cmdTakeover,
		"register": (*App).cmdRegister,
		"passwd":   (*App).cmdPasswd,
		"export":   (*App).cmdExport,
		"forget":   (*App).cmdForget,
		"logout":   (*App).cmdLogout,
		"quit":     (*App).cmdQuit,

		"bell":    (*App).cmdBell,
		"show":    (*App).cmdShow,
		"clear":   func(a *App, _ string) { a.view.Clear() },
		"compose": func(a *App, text string) { a.keyboard.Edit(text) },
		"ping":    (*App).cmdPing,
		"help":    (*App).cmdHelp,
	}
	for _, verb := range []string{"report", "kick", "mute", "unmute", "ban", "unban", "bans", "role", "announce", "lockdown", "slow", "keep", "audit"} {
		handlers[verb] = cmdOrder(verb)
	}
	for _, verb := range []string{"names", "whoelse", "whoelsesince", "whois", "block", "unblock", "blocked", "away", "back", "rooms", "sessions", "reports"} {
		handlers[verb] = func(a *App, arg string) { a.ask(verb, arg) }
	}
	return handlers
}
