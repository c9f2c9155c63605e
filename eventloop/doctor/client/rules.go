package client

import (
	"parley/eventloop/doctor"
	"parley/eventloop/doctor/dialect"
)

// Groups of points.
const (
	groupRequests = "requests" // what the client sends
	groupShown    = "shown"    // what it shows
	groupLeaving  = "leaving"
	groupServers  = "servers" // with which servers it gets on
)

// Groups are those that an examination of a client has.
var Groups = []string{groupRequests, groupShown, groupLeaving, groupServers}

// IDs of the points that a run judges.
const (
	pConnects     = "connects"
	pHelp         = "help_request"
	pHelpShown    = "help_text_shown"
	pErrorShown   = "error_text_shown"
	pLogin        = "login_request"
	pLoginShown   = "login_info_shown"
	pHistory      = "history_shown"
	pMessage      = "message_shown"
	pSender       = "message_sender_shown"
	pMsg          = "msg_request"
	pMsgUnicode   = "msg_request_unicode"
	pOnce         = "own_text_once"
	pNames        = "names_request"
	pNamesShown   = "names_shown"
	pTwo          = "two_messages_shown"
	pUnicode      = "message_unicode_shown"
	pCloses       = "message_unbalanced_brace_shown"
	pOpens        = "message_open_brace_shown"
	pQuote        = "message_quote_backslash_shown"
	pLong         = "message_3000_shown"
	pLateError    = "late_error_shown"
	pGreeting     = "greeting_shown"
	pStays        = "runs_until_logout"
	pLogout       = "logout_request"
	pEnds         = "ends_with_its_terminal"
	pHangup       = "logs_out_with_its_terminal"
	pJSON         = "requests_are_json"
	pKeys         = "keys"
	pWords        = "words"
	pContent      = "content_there"
	pContentKind  = "content_is_text"
	pOneByOne     = "one_request_a_segment"
	dialectPrefix = "server_"
)

// Habits that some of the measured servers cannot bear; needs.json has how many.
const (
	habitApart   doctor.Habit = "requests glued or split"
	habitAbsent  doctor.Habit = "content left out"
	habitObject  doctor.Habit = "content is an object"
	habitNewline doctor.Habit = "newline behind requests"
	habitDrops   doctor.Habit = "leaves without logout"

	cannotBear = "cannot bear " // and the name of a dialect
)

// rules are what is asked of a client at the basic server, in the order of the report.
var rules = []doctor.Rule{
	{ID: pConnects, Group: groupRequests, Asks: "It connects to the server that it is told of.", Section: "requests",
		Change: "Connect to the host and port of the command line."},
	{ID: pJSON, Group: groupRequests, Asks: "All that it sends are JSON objects.", Section: "requests",
		Change: "Write each request with a JSON encoder: double quotation marks, and nothing else between two objects than white space."},
	{ID: pKeys, Group: groupRequests, Asks: `The keys of a request are "request" and "content", in lower case.`, Section: "requests", World: "64 of 65 clients do it",
		Change: `Call the keys "request" and "content", exactly so.`},
	{ID: pWords, Group: groupRequests, Asks: "The words of requests are login, logout, msg, names and help.", Section: "requests", World: "64 of 65 clients do it",
		Change: "Send the words of the specification, in lower case, whatever your users type."},
	{ID: pContent, Group: groupRequests, Asks: `Each request has the key "content", also if there is nothing to say in it.`, World: "a missing key ends the connection on about 12 of 29 servers",
		Change: `Send "content": null where a request has no argument.`},
	{ID: pContentKind, Group: groupRequests, Asks: "The content is a text or null.", Section: "requests", World: "an object ends the connection on 20 of 27 servers",
		Change: "Send the argument as a JSON string."},
	{ID: pOneByOne, Group: groupRequests, Asks: "Each request goes in one segment, and no other one with it.", World: "28 of 29 servers fail on requests in pieces or glued together",
		Change: "Write a request with one call, and wait a quarter of a second before the next one."},
	{ID: pLogin, Group: groupRequests, Asks: "A login is sent with the name.", Section: "login",
		Change: `Send {"request": "login", "content": NAME}.`},
	{ID: pMsg, Group: groupRequests, Asks: "What is said is sent as msg, as it was typed.", Section: "msg",
		Change: `Send {"request": "msg", "content": TEXT} with all words of the line.`},
	{ID: pMsgUnicode, Group: groupRequests, Asks: "Letters that are not ASCII are sent as they were typed.", Section: "msg",
		Change: "Read what is typed as UTF-8, and leave the encoding to the JSON encoder."},
	{ID: pNames, Group: groupRequests, Asks: "The names can be asked for.", Section: "names", Change: `Send {"request": "names", "content": null}.`},
	{ID: pHelp, Group: groupRequests, Asks: "Help can be asked for.", Section: "help", Change: `Send {"request": "help", "content": null}.`},

	{ID: pHelpShown, Group: groupShown, Asks: "It shows the help of the server.", Section: "help", Change: "Show the content of an info."},
	{ID: pErrorShown, Group: groupShown, Asks: "It shows an error before the login.", Section: "error", Change: "Show the content of an error, also before the login."},
	{ID: pLoginShown, Group: groupShown, Asks: "It shows the answer to a login.", Section: "info", Change: "Show the content of an info."},
	{ID: pHistory, Group: groupShown, Asks: "It shows what was said before the login.", Section: "history", World: "40 of 65 clients bear a list of strings, 25 one of objects",
		Change: "Show each message in the content of a history: it is a list, of response objects or of strings that hold one each."},
	{ID: pMessage, Group: groupShown, Asks: "It shows a message when it comes.", Section: "message",
		Change: "Read the connection while the keyboard is waited for, in a thread of its own, and show the content of a message."},
	{ID: pSender, Group: groupShown, Asks: "It shows who has said a message.", Section: "message", Change: "Show the sender in front of the content."},
	{ID: pOnce, Group: groupShown, Asks: "It shows one's own message once.", World: "22 of 27 servers send a message back to who said it",
		Change: "Show your own message either when it is typed or when it comes back, and not both."},
	{ID: pTwo, Group: groupShown, Asks: "It shows several messages, one after the other.", Section: "message", Change: "Go on reading behind a message."},
	{ID: pNamesShown, Group: groupShown, Asks: "It shows the answer to names.", Section: "names", Change: "Show the content of an info, all of it."},
	{ID: pUnicode, Group: groupShown, Asks: "It shows letters that are not ASCII.", Section: "message", Change: "Decode the JSON, and write UTF-8 to the terminal."},
	{ID: pCloses, Group: groupShown, Asks: "It shows a text with a closing brace.", Section: "message", Change: useDecoder},
	{ID: pOpens, Group: groupShown, Asks: "It shows a text with an opening brace.", Section: "message", Change: useDecoder},
	{ID: pQuote, Group: groupShown, Asks: "It shows a text with a quotation mark and a backslash.", Section: "message", Change: useDecoder},
	{ID: pLateError, Group: groupShown, Asks: "It shows an error that nobody has asked for.", Section: "error", Change: "Show the content of an error whenever it comes."},

	{ID: pStays, Group: groupLeaving, Asks: "It runs and stays connected until it is told to leave.", Section: "logout", Change: "Find out what has ended it: the last lines of its screen say so."},
	{ID: pLogout, Group: groupLeaving, Asks: "A logout is sent.", Section: "logout", Change: `Send {"request": "logout", "content": null} before you leave.`},
	{ID: pEnds, Group: groupLeaving, Asks: "It ends when its terminal is closed.", World: "a client that goes on has nobody to talk to",
		Change: "End when the input is over, and do not ignore SIGHUP."},
	{ID: pHangup, Group: groupLeaving, Asks: "It logs out when its terminal is closed.", World: "21 of 27 servers keep the name of who just drops",
		Change: "Send a logout also on SIGHUP, SIGINT and SIGTERM."},
}

const useDecoder = "Find where an object ends with a JSON decoder, not by looking for braces."

// dialectRule returns the rule of a dialect.
func dialectRule(d dialect.Dialect) doctor.Rule {
	return doctor.Rule{ID: dialectPrefix + d.Name, Group: groupServers, Asks: "It gets on with a server that " + d.Does + ".", World: d.World, Change: d.Change}
}
