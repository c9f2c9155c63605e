// Package sending owns what is to be said to a chat server: what waits, what was sent
// and is not answered, and when the next request may go. It is pure: it has no
// goroutine and no clock of its own, and puts no words on a screen. It hands bytes to a
// [Door] and says there what becomes of each text; an [Outcome] is the same at every
// server.
//
// A server is treated as a plain one, which speaks nothing but the standard, until
// its answer to the login has shown that it speaks Parley's extension; see [Dialect].
//
// # Taking turns
//
// 28 of 29 servers of the standard fail on requests that arrive together, and four
// of another 29 take only the first request of a read and sleep or work before they
// read, 0.6 s at a login. So a plain server has one request at a time, and the next
// one goes when it was answered: a login or a command by an info or an error, a text
// by its echo, which 22 of 27 servers send. What comes behind a text and is no echo
// says nothing: it may be the history, or somebody who logs in. Without an answer the
// next one goes after turnPatience, or from a pipe, where nobody waits, pipePatience.
// An extended server takes any number at once.
//
// When the first text does not come back, the server is asked for names, which is
// not shown (a probe). If it answers, it has read what was sent before, without an
// error: the text has arrived, and the server is one that sends no texts back. From
// then on a text is followed by the next after a short pause (pace), and at the end of
// a pipe names are asked for again. If it does not answer, or with an error, one may not
// be logged in, which is a [Doubt]: some servers refuse a login with an info. So it is
// when errors answer one text after the other, and when somebody else speaks in one's
// name. A server that has sent back a text before is not trusted in the same way: a
// text that does not come back there is in doubt.
//
// # After a loss
//
// An extended server is sent again, with the id that it had, what it has not accepted:
// it knows an id that it has met. What a plain server was sent and has not answered is
// in doubt, and is not sent again: most people would rather miss a line than read it
// twice.
//
// # Names
//
// A line goes out under the name under which it was typed, and under no other: who
// reads it takes it for what that name has said. When another name is tried or logged
// in, what waits, or was sent and not answered, is parked. If its name comes back before
// another one was logged in, it goes as if nothing had been; after that only when the
// person asks for it.
package sending
