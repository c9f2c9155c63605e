package dialect

import "slices"

// A Dialect is a habit of servers that was seen in the wild.
type Dialect struct {
	Name   string
	Does   string // what the server does, to be read behind "a server that"
	World  string // what was measured
	Change string // a sentence: what a client that cannot bear it has to change
	apply  func(*Habits)
}

// Plain is the name of the dialect without any habit.
const Plain = "plain"

// What to change, where several dialects have the same answer.
const (
	readStream = "Read the connection as a stream: keep what has come, and take an object off its front when its last brace is there."
	keepRest   = "When an object is complete keep the rest of what was read: it is the beginning of the next."
	skipSpace  = "Skip white space between two objects."
	anyHistory = "Look at what the content of a history is before it is used: a list of objects, a list of strings (JSON or plain text), or one string."
	anyOrder   = "Take each response by its kind, in whatever order they come."
	anyStamp   = "Show a timestamp as it came, and take none for granted: it may be a string, a number or null."
	anySender  = "Show a sender that is no name as the server's own word."
	anyNames   = "Show the content of an answer whatever it is: a string or a list."
	anyKind    = "Show a response of a kind that you do not know as information."
	useDecoder = "Take objects apart with a JSON decoder, not by looking for characters."
	hearLogout = "After a logout wait neither for an answer nor for the connection to stay open."
)

const seen = "seen in the wild"

// All returns the dialects, the plain one first.
func All() []Dialect { return slices.Concat(framing(), histories(), fields(), manners()) }

// Find returns the dialect with a name.
func Find(name string) (Dialect, bool) {
	all := All()
	i := slices.IndexFunc(all, func(d Dialect) bool { return d.Name == name })
	if i < 0 {
		return Dialect{}, false
	}
	return all[i], true
}

// Over returns the habits of the dialect in a server that has some already.
func (d Dialect) Over(h Habits) Habits {
	d.apply(&h)
	return h
}

// framing is how responses are cut and put together.
func framing() []Dialect {
	return []Dialect{
		{Plain, "sends nothing behind an object", "27 of 27 clients read it", readStream, func(h *Habits) { h.End = "" }},
		{"newline", "ends each response with a newline", "27 of 27 clients read it", skipSpace, func(h *Habits) { h.End = "\n" }},
		{"crlf", `ends each response with \r\n`, "27 of 27 clients read it", skipSpace, func(h *Habits) { h.End = "\r\n" }},
		{"lone-newline", "sends the newline behind a response in a segment of its own", "7 of 27 clients read it", skipSpace,
			func(h *Habits) { h.End, h.EndLate = "\n", true }},
		{"indent", "indents its JSON", "25 of 27 clients read it", readStream, func(h *Habits) { h.Indent = true }},
		{"split", "sends a response in two segments", "3 of 27 clients read it", readStream, func(h *Habits) { h.Split = Halves }},
		{"one-byte", "sends a response byte by byte", "3 of 27 clients read a response in pieces", readStream, func(h *Habits) { h.Split = Bytes }},
		{"one-byte-utf8", "sends a response byte by byte, with letters of several bytes", "3 of 27 clients read a response in pieces",
			"Decode UTF-8 when an object is complete, and not what one read brought.", func(h *Habits) { h.Split, h.UTF8 = Bytes, true }},
		{"glued", "sends two messages in one segment", "3 to 5 of 27 clients read it", keepRest, func(h *Habits) { h.Pairs = true }},
		{"glued-newline", "sends two messages in one segment, each with a newline", "3 to 5 of 27 clients read it", keepRest,
			func(h *Habits) { h.Pairs, h.End = true, "\n" }},
		{"login-glued", "sends the info and the history of a login in one segment", "19 of 29 servers do it", keepRest,
			func(h *Habits) { h.GlueLogin = true }},
		{"login-glued-newline", "sends the info and the history of a login in one segment, each with a newline", "19 of 29 servers glue them", keepRest,
			func(h *Habits) { h.GlueLogin, h.End = true, "\n" }},
		{"login-back-to-back", "sends the history of a login at once behind the info", seen, keepRest, func(h *Habits) { h.Gap = 0 }},
		{"utf8", "sends letters that are not ASCII as they are", "27 of 27 clients read it", "Decode what comes as UTF-8.", func(h *Habits) { h.UTF8 = true }},
		{"escape-braces", `writes braces in texts as \u007b and \u007d`, "27 of 27 clients read it", useDecoder, func(h *Habits) { h.Braces = true }},
		{"not-json", "says words that are no JSON before all else", seen, "Skip what is no JSON up to the next object.", func(h *Habits) { h.Greets = GreetWords }},
	}
}

// histories are the forms in which a login is told what was said before.
func histories() []Dialect {
	form := func(name, does, world string, f History) Dialect {
		return Dialect{name, does, world, anyHistory, func(h *Habits) { h.History = f }}
	}
	return []Dialect{
		form("history-strings", "sends the history as a list of strings, each of them an object", "40 of 65 clients bear it", HistoryStrings),
		form("objects", "sends the history as a list of objects", "25 of 65 clients bear it", HistoryObjects),
		{"newline-objects", "sends the history as a list of objects, and ends each response with a newline", "25 of 65 clients bear it", anyHistory,
			func(h *Habits) { h.History, h.End = HistoryObjects, "\n" }},
		form("objects-username", "sends the history as a list of objects with username, message and timestamp", seen, HistoryUsernames),
		form("history-triples", "sends the history as a list of triples: time, name, text", seen, HistoryTriples),
		form("history-lines", "sends the history as a list of lines", seen, HistoryLines),
		form("history-text", "sends the history as one text", "22 of 65 clients bear it", HistoryText),
		form("history-json-text", "sends the history as one text that is JSON", seen, HistoryInString),
		form("history-per-entry", "sends a history response for each message", "9 of 27 clients read it", HistoryOneByOne),
		form("history-replay", "sends a message response for each earlier message", "58 of 65 clients bear it", HistoryReplay),
		form("history-array", "sends the history as an array that is no response", seen, HistoryArray),
		form("history-none", "sends no history", "58 of 65 clients go on without one", HistoryNone),
		form("history-empty", "sends an empty list as history", "53 of 61 clients bear it", HistoryEmpty),
		form("history-blank", "sends an empty string as history", "26 of 29 clients bear it", HistoryBlank),
		form("history-blank-replay", "sends an empty history and a message response for each earlier message", "26 of 29 clients bear it", HistoryBlankReplay),
		form("history-empty-replay", "sends an empty list as history and a message response for each earlier message", "50 of 65 clients bear it", HistoryEmptyReplay),
		{"history-first", "sends the history before the info", "27 of 27 clients read either order", anyOrder, func(h *Habits) { h.Order = HistoryInfo }},
		{"history-only", "answers a login with a history only", seen, anyOrder, func(h *Habits) { h.Order = HistoryOnly }},
	}
}

// fields are what stands in responses.
func fields() []Dialect {
	stamp := func(name, does, world string, s Stamp) Dialect {
		return Dialect{name, does, world, anyStamp, func(h *Habits) { h.Stamp = s }}
	}
	sender := func(name, does, world string, who any) Dialect {
		return Dialect{name, does, world, anySender, func(h *Habits) { h.Sender = who }}
	}
	return []Dialect{
		stamp("epoch-int", "sends timestamps as whole numbers", "17 of 27 clients bear it", StampSeconds),
		stamp("epoch-float", "sends timestamps as numbers with a fraction", "17 of 27 clients bear it", StampFloat),
		stamp("epoch-str", "sends timestamps as digits in a string", "27 of 27 clients bear it", StampDigits),
		stamp("iso", "sends timestamps as RFC 3339 has them", "26 of 27 clients bear a text", StampISO),
		stamp("timestamp-null", "sends null as timestamp", "17 of 27 clients bear it", StampNull),
		{"timestamp-missing", "leaves the timestamp out", seen, anyStamp, func(h *Habits) { h.Leave = []string{"timestamp"} }},
		sender("sender-empty", "sends an empty sender with its own words", "27 of 27 clients bear it", ""),
		sender("sender-null", "sends null as sender of its own words", "20 of 27 clients bear it", nil),
		sender("sender-list", "sends a list as sender of its own words", seen, []string{"Server"}),
		{"sender-name", "calls the key of the sender name", seen, "Look for the sender under the key name if there is no sender.", func(h *Habits) { h.Rename = [2]string{"sender", "name"} }},
		{"sender-colours", "colours senders with ANSI codes", seen, "Leave control characters out of what you show.", func(h *Habits) { h.Colours = true }},
		{"names-list", "sends the names as a list", "16 of 27 clients read it", anyNames, func(h *Habits) { h.Names = NamesList }},
		{"names-objects", "sends the names as a list of objects", seen, anyNames, func(h *Habits) { h.Names = NamesObjects }},
		{"names-newline", "sends the names on lines of their own", seen, anyNames, func(h *Habits) { h.Names = NamesLines }},
		{"names-kind", "sends the names in a response of the kind names", "5 of 27 clients read it", anyKind, func(h *Habits) { h.Names = NamesKind }},
		{"message-kind", "sends messages as the kind msg", seen, "Take msg for message.", func(h *Habits) { h.MessageAs = "msg" }},
		{"unknown-kind", "sends a response of a kind that no client knows", seen, anyKind, func(h *Habits) { h.UnknownToo = true }},
		{"extra-string", "has a further key in each response, a string", "27 of 27 clients bear it", "Pass over keys that you do not know.",
			func(h *Habits) { h.Extra = map[string]any{"room": "lobby"} }},
		{"extra-object", "has a further key in each response, an object", "26 of 27 clients bear it", "Pass over keys that you do not know.",
			func(h *Habits) { h.Extra = map[string]any{"meta": map[string]any{"id": 7, "tags": []int{}}} }},
		{"title-case", "writes kinds with a capital", seen, "Compare kinds without regard to the case of letters.",
			func(h *Habits) { h.Titles, h.End, h.History = true, "\n", HistoryText }},
	}
}

// manners are what a server does, and when.
func manners() []Dialect {
	logout := func(name, does, world string, l Logout) Dialect {
		return Dialect{name, does, world, hearLogout, func(h *Habits) { h.Logout = l }}
	}
	return []Dialect{
		{"greeting", "greets before the login", "27 of 27 clients bear it", anyOrder, func(h *Habits) { h.Greets = GreetInfo }},
		{"early-message", "sends a message before the login", seen, anyOrder, func(h *Habits) { h.Greets = GreetMessage }},
		{"no-echo", "does not send messages back to who said them", "5 of 27 servers do it", "Do not wait for your own message to come back.", func(h *Habits) { h.NoEcho = true }},
		{"receipt", "confirms each message", seen, anyKind, func(h *Habits) { h.Receipt = true }},
		{"long", "sends a message of 3,000 letters", "20 of 27 clients read it", readStream, func(h *Habits) { h.Long = true }},
		{"no-login-words", "answers a login without the word successful", seen, "Take any info or history behind a login for success, and an error for failure.",
			func(h *Habits) { h.LoginText = "Welcome" }},
		logout("logout-close", "closes at a logout, without a word", "27 of 27 clients bear it", LogoutClose),
		logout("logout-info-close", "closes at a logout, with a last word", "27 of 27 clients bear it", LogoutInfoClose),
		logout("logout-nothing", "does not answer a logout", seen, LogoutNothing),
	}
}
