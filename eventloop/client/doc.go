// Package client is the chat client: a state machine that turns typed lines and
// a server's responses into requests and lines on a screen.
//
// # Who owns what
//
// One goroutine, the caller of [App.Run], owns all state. It selects over typed
// lines, pressed keys, what the connection to the server reports, what the links
// to peers report, one alarm and the end of its context. Each connection has a goroutine that reads and one that writes from a bounded
// queue; both only move bytes, so a server that does not read cannot freeze the
// prompt. An event carries the generation of its connection, and what a closed
// connection reports late is ignored. Keyboard and screen ([Terminal]), clock,
// randomness and dialer are given to it. Apart from Run no method of the App
// waits for anything: the tests call them one by one, with a clock of their own.
//
// # What a server must do, and what it need not
//
// A server is treated as a plain one, which speaks nothing but the standard,
// until an answer to the login carries data; then it speaks Parley's extension.
//
//	                      plain or not yet known          extended
//	between requests      250 ms                          nothing
//	size of a request     under 4,096 bytes               64 KiB
//	login succeeded       the first info or history       event login
//	login failed          an error                        an error
//	own text              shown when typed; its echo      the same; each has a ref and an id,
//	                      is dropped if it comes          and an error with that ref names it
//	after a loss          texts in doubt are named        they are sent again with the id that
//	                                                      they had: the server knows it
//	message twice         known by sender, text and       known by the number, as long as
//	                      timestamp, counted              the log is the same
//	is the server there   what the system says            a ping after 30 s of silence, lost
//	                                                      after 75 s
//	direct messages,      nothing is sent; the person     requests with a ref
//	presence, accounts,   is told
//	private sessions
//
// Nothing that a plain server may leave out is waited for: no greeting, no
// history, no echo, no answer to the logout. A greeting may come; so within two
// seconds an error may still take back a login that an info seemed to confirm.
// A text that does not fit into a plain server's request is refused and not
// cut: the reader of half a sentence would not know that there is more.
//
// # What typed lines mean
//
// A line is chat unless it begins with a slash; two slashes say one. The five
// words of the specification work without a slash where their arguments fit.
// See read in input.go and the table in commands.go, which drives dispatch, the
// check of arguments, /help and completion. From a pipe only the slash makes a
// command. /login while logged in is a mistake, with or without the slash, and
// nothing is sent: a password may stand behind the name.
//
// # Passwords
//
// A password is never part of a line. When the server wants one it comes from
// Config.Password, once, and else from a question, for which the terminal hides
// what is typed; see question in password.go. It is sent only to a server that
// has shown by an answer with data that it is Parley, and kept in memory so that
// a lost connection comes back without asking. What looks like a password typed
// by mistake is neither said nor remembered.
//
// # Private sessions
//
// Package p2p knows what happens between two who talk privately; a [Transport],
// which is given, moves the bytes. The App shows what the one tells and has the
// server asked by it; see private.go. They take a person at a terminal and a
// server that speaks the extension: a pipe declines what it is asked for.
//
// Lines can be for one peer alone, which the prompt shows. Then only the slash
// makes a command, and no line goes anywhere else by mistake: not when the session
// ends, not when a name is asked for, and not as one of the words that work without
// a slash. What cannot be said there is refused and can be fetched with Up.
//
// A line that a peer has not acknowledged waits in p2p for the next session as long
// as the program runs. That one is writing is told when keys are pressed while
// lines are for somebody alone, and shown in the title of the window only.
//
// # Losing and leaving a session
//
// A lost connection is made again, and what was typed meanwhile is sent then. Who
// was logged out for doing nothing is not brought back, since that would keep a
// name for nobody: the next thing that is typed does it. A pipe ends.
//
// # Leaving
//
// /quit, /logout, Ctrl-D and the end of a pipe send what is waiting, then the
// logout, and wait half a second or until the server closes. From a pipe, texts
// are out when an extended server has accepted them, or when a plain one has
// been sent them. A signal sends the logout at once and gives up the rest. Peers
// are told first, and are waited for for a second at most.
//
// # Safety
//
// Whatever comes from others goes through sanitize before it is printed. What is
// printed by [JSON] keeps every character, hidden ones as escapes.
package client
