package client

import (
	"strings"

	"parley/protocol"
)

// decoration is what servers put around a name that stands before a text.
const decoration = " \t<>[](){}:*~-"

// mayBeOwn reports whether m says that it is from oneself, or leaves it open. Some
// servers put colours and brackets around names, or say everything in their own.
func (a *App) mayBeOwn(m protocol.Response) bool {
	sender := strings.Trim(m.Sender, decoration)
	return strings.EqualFold(sender, a.login.Name()) || isServerName(sender) && m.Data == nil
}

// isOwnText reports whether m says body as what oneself has said: as it is, or with
// one's name before it. Whoever leaves the sender open must have the name.
func (a *App) isOwnText(body string, m protocol.Response) bool {
	body, content := strings.TrimSpace(sanitize(body)), strings.TrimSpace(sanitize(m.Content))
	before, ok := strings.CutSuffix(content, body)
	if !ok {
		return false
	}
	if before == "" {
		return m.Sender == "" || !isServerName(strings.Trim(m.Sender, decoration))
	}
	return strings.EqualFold(strings.Trim(before, decoration), a.login.Name()) && strings.ContainsAny(before, "<>[]():")
}
