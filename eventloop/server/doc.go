// Package server is the chat server as a handler of event loops.
//
// # Who owns what
//
//	sockets   loop 0 .. loop N-1     a shard each: decodes requests, paces plain
//	             |    ^               sessions, keeps the list of its own members
//	    requests |    | frames        of the room
//	             v    |
//	          Core (on loop 0)        every session, name and message
//
// [Core] is a state machine with one owner. It is told what happened
// (connection, request, time) and answers through [Effects]; it has no locks, no
// clock and no I/O, so a simulation runs it as well as gnet does. Between loops
// everything travels through the loops' mailboxes, which keep their order. With
// one loop, which is the default, nothing is handed over: a request is decoded,
// answered and delivered in one turn.
//
// A message is encoded once for plain and once for extended sessions, not once
// per receiver. Extended members of the room are a group of the event loop: the
// turn's messages lie in one buffer that is written to each of them, so the cost
// of a message does not depend on how many there are until it is written.
//
// # What is kept, and when it is told
//
// What must survive the process goes to a [Keeper], what takes long to a
// [Hasher]; both answer later, on the core's own goroutine. A session that waits
// for one of them is busy: what it asks meanwhile waits too, so answers keep
// their order. A connection that is gone by then is known by its id and its
// session, never by its name alone.
//
// A message is numbered and told at once; that it was accepted is told when it is
// on the disk. So a crash can lose what was heard but never what was
// acknowledged. When a message could not be kept, the next ones are told only
// after they are, until the disk works again.
//
// # People
//
// Who has blocked somebody is excepted when that one's messages are delivered;
// the shared frame stays shared. Coming and going is told to all but those of
// whom one has blocked the other, and to nobody while there is a crowd: n logins
// would be n squared lines. Names that nobody has behave like registered ones
// when a password is wrong, in words and in time.
//
// # Who does nothing, and who is gone
//
// Once a second one loop looks at the times at which users did something last:
// the one that owns the core and so every session; on the others there is
// nothing to look at. A hundred thousand take 0.3 ms (users.Idle), less than
// handing the times over would. Dead connections are found by TCP after 75 s.
// A client of an extended session that has pinged once is expected to go on: it
// is dropped after 75 s without a request, which finds those that hang.
//
// # Private sessions
//
// The server introduces two who agree, and forgets them: it keeps invitations
// that wait for an answer, and between whom something is relayed with what is
// under way. Addresses go from one to the other in the introduction and at no
// other time. What is relayed cannot flood anybody: one window for each of so many
// relays as one may have, with the credit for it, is less than may wait for a
// connection. Too much at once ends a relay; too fast means that credit comes late.
//
// # Plain sessions
//
// Most third-party clients read one response per recv, so a plain session gets a
// pause after each response ([Config] Pace). When more than a handful wait, the
// pause is given up: a client in a busy room must not fall behind, and it never
// slows anybody else.
//
// # Limits
//
// A session has a bucket of units from which every request takes its cost, as
// the verb table says. A connection has to log in within a time, and it is
// closed after three malformed frames in a row and when it does not read what
// it is sent.
package server
