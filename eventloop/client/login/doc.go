// Package login knows under which name a chat logs in and with which password, and
// asks the person for what is missing.
//
// It is pure: what comes from the server and from the person is handed to a
// Machine, and what it wants to be sent and said goes out by its Config. No call
// of it waits for anything.
//
// # To whom a password goes
//
// Each connection is a stranger until it has shown what it is, also one to the same
// address as before: another program may listen there by now. So every connection
// begins with a login without a password. Only when that is answered with data, and
// the answer asks for a password, it goes. A refusal carries nothing that outlasts a
// connection: the name of the log comes with the login that succeeds, when the
// password has gone, so that it can only be said afterwards that it is another log
// than before. A program that answers as Parley does gets the password therefore.
// The key of TLS will tell it from the server of before; until then a password is as
// safe as the way to the address.
//
// # Questions
//
// What is typed at a question is hidden, from the question to its end. It goes
// through these states:
//
//	open    one of its answers is asked for
//	ready   all are there, and wait: for a block or a busy server to be over, or
//	        for a session
//	sent    the server has them and has not answered
//	over    it has ended without the person; what is being typed is dropped at the
//	        next Enter
//
// A refusal opens it again, at the answer that was refused. It ends when the server
// has taken the answers, when it will not take any, or by Ctrl-C; and whatever else
// ends it shows nothing that is typed before the next Enter, since somebody may be
// in the midst of a password.
//
// What was typed as a password is never sent as anything else; see Tried.
package login
