// Package client is the chat client: a state machine that turns typed lines and
// a server's responses into requests and lines on a screen.
//
// # Who owns what
//
// One goroutine, the caller of [App.Run], owns all state. It selects over typed
// lines, pressed keys, what the connection to the server reports, what the links
// to peers report, one alarm and the end of its context. Each connection has a
// goroutine that reads and one that writes from a bounded queue; both only move bytes,
// so a server that does not read cannot freeze the prompt: package conn. What waits to
// be sent, and what has become of it, is known by package sending, which says what to
// write; what was shown before, by package seen. An event carries the generation of its
// connection, and what a closed one reports late is ignored. Keyboard and screen ([Terminal]), clock,
// randomness and dialer are given to it. Apart from Run no method of the App
// waits for anything: the tests call them one by one, with a clock of their own.
//
// # What a server must do, and what it need not
//
// A server is treated as a plain one, which speaks nothing but the standard,
// until an answer to the login carries data; then it speaks Parley's extension.
//
//	                      plain or not yet known          extended
//	between requests      250 ms, and the answer to the   nothing
//	                      one before: see Taking turns
//	size of a request     under 4,096 bytes               64 KiB
//	behind a request      a newline; once the server has  a newline
//	                      answered, what it puts behind
//	                      its own responses
//	login succeeded       the first info or history, or   event login
//	                      a message and no error within
//	                      1 s
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
// Nothing that a plain server may leave out is needed: no greeting, no history, no
// echo, no answer to the logout. A greeting may come; so within two seconds an
// error may still take back a login that an info seemed to confirm. A text that
// does not fit into a plain server's request is refused and not cut: the reader of
// half a sentence would not know that there is more. What is no JSON is shown as
// the server's words; who has never said anything else is no chat server.
//
// All ten servers whose sessions were recorded read requests without a newline,
// and eight of them send none; one that was met later dies of one. It also counts
// braces in strings, so these are escaped, as Parley's server does.
//
// # Taking turns
//
// 28 of 29 servers of the standard fail on requests that arrive together, and four
// of another 29 take only the first request of a read and sleep or work before they
// read, 0.6 s at a login. So one request is out at a time, and the next one goes
// when it was answered: a login or a command by an info or an error, a text by its
// echo, which 22 of 27 servers send. What comes behind a text and is no echo says
// nothing: it may be the history, or somebody who logs in. Without an answer the
// next one goes after 1 s, or 3 s from a pipe, where nobody waits. See turns.go in
// package sending.
//
// When the first text does not come back, the server is asked for names, which is
// not shown. If it answers, it has read what was sent before, without an error: the
// text has arrived, and the server is one that sends no texts back. From then on a
// text is followed by the next after 250 ms, and at the end of a pipe names are
// asked for again. If it does not answer, or with an error, one may not be logged
// in, and that is said: some servers refuse a login with an info. It is said as
// well when errors answer one text after the other, and when somebody else speaks
// in one's name. A server that has sent back a text before is not trusted in the
// same way: a text that does not come back there is in doubt.
//
// others_test.go runs the client at servers with each of the habits that were seen,
// and says how many have them.
//
// # What typed lines mean
//
// Package command has the table of commands and reads a line. What runs a command
// is in handlers.go. From a pipe only the slash makes a command; commands wait there for the login, as
// texts do, and their answers are waited for. /login while logged in is a mistake,
// with or without the slash, and nothing is sent: a password may stand behind the
// name.
//
// # Passwords
//
// A password is never part of a line. When the server wants one it comes from
// Config.Password, once, and else from a question, for which the terminal hides
// what is typed, until the server has taken it or the person goes back; see package
// login. It is kept in memory so that a lost connection comes back without asking.
//
// It is sent only to a server that has shown on this very connection, by answering
// a login without it with data, that it speaks as Parley does. Nothing in that answer
// tells one such server from another: who listens at the address of before, and
// answers so, gets it. That it is the same server will be proved by its key when
// there is TLS.
//
// What looks like a password typed by mistake is neither said nor remembered, and
// what was typed as one is never sent as anything else: see reveals in password.go.
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
// has an account says in the login with the password that it takes over: what may still hold the
// name is one's own dead connection. Who was logged out for doing nothing, or has
// logged in elsewhere, is not brought back, since that would keep a name for nobody,
// or fight with oneself: the next thing that is typed does it. A pipe ends.
// Private talk, of which the server sees nothing, is told to it three times within
// its timeout, and the first key after its warning at once.
//
// A line goes out under the name under which it was typed. When another name is tried
// or logged in, what waits, or was sent and not answered, is parked and told: /unsent
// lists it, says it under the present name, or drops it. If its name comes back before
// another one was logged in, it is sent as if nothing had been; after that it is shown
// and offered. See parked.go in package sending.
//
// # Leaving
//
// /quit, /logout, Ctrl-D and the end of a pipe send what is waiting, then the
// logout, and wait half a second or until the server closes. Nothing follows a
// logout. From a pipe, texts are out when an extended server has accepted them, or
// when they came back from a plain one or names did, as above; what is in doubt, was
// refused or not answered is told and makes the exit status 1. A signal sends the
// logout at once and gives up the rest. Peers are told first, and are waited for
// for a second at most.
//
// # Safety
//
// Whatever comes from others goes through sanitize before it is printed. What is
// printed by [JSON] keeps every character, hidden ones as escapes.
package client
