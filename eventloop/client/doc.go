// Package client is the chat client: a state machine that turns typed lines and
// a server's responses into requests and lines on a screen.
//
// # Who owns what
//
// One goroutine, the caller of [App.Run], owns all state. It selects over typed
// lines, pressed keys, what connections report, one alarm and the end of its
// context; sockets to peers will be further cases of the same select. Each
// connection has a goroutine that reads and one that writes from a bounded
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
//	after a loss          texts in doubt are named        they are looked for in the history
//	                                                      and sent again if they are not there
//	message twice         known by sender, text and       known by the number, as long as
//	                      timestamp, counted              the log is the same
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
// nothing is sent: one day a password will stand behind the name.
//
// # Leaving
//
// /quit, /logout, Ctrl-D and the end of a pipe send what is waiting, then the
// logout, and wait half a second or until the server closes. From a pipe, texts
// are out when an extended server has accepted them, or when a plain one has
// been sent them. A signal sends the logout at once and gives up the rest.
//
// # Safety
//
// Whatever comes from others goes through sanitize before it is printed. What is
// printed by [JSON] keeps every character, hidden ones as escapes.
package client
