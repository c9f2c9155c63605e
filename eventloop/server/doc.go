// Package server is the chat server as a handler of event loops.
//
// # Who owns what
//
//	sockets   loop 0 .. loop N-1     a shard each: decodes requests, paces plain
//	             |    ^               sessions, knows which of its connections hear
//	    requests |    | frames        which room
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
// What all users share (names, accounts, messages, blocks, invitations) is a
// [state.State], which only commands change that go through a [log.Log]; the core has
// the sessions, their timers and limits, and tells. There is one way:
//
//	request -> propose(command) -> Apply(state) -> Applied: those who are concerned
//	                                            -> then:    who has asked
//
// A message is encoded once for plain and once for extended sessions, not once
// per receiver. The extended sessions that hear a room are a group of the event loop: the
// turn's messages lie in one buffer that is written to each of them, so the cost
// of a message does not depend on how many there are until it is written.
//
// # Rooms
//
// Everybody is in the lobby. Who is in which other room, since when, is in the state; which
// room a session hears is the core's (room_sessions.go). An extended session hears all that
// its person is in, a plain one its current room, and is told of each line of another room
// than the lobby which one that is. Hearing and hearing no more are effects in the queue
// like others, so who was in a room when something was decided hears it.
//
// Who joins is told the newest of what was said there. What is not in the tail any more is
// read from the file before the joining is decided, so that nothing can come in between.
// What was said before one's newest joining is shown by public rooms only; who comes back
// is told nothing from before it in any.
//
// Who logs in or out is told through the lobby, once: all share it. Where the lobby is a
// crowd, those are told who share another room with them that is none.
//
// An account may have several sessions, if they are extended and all were let in with the
// password. Each hears the rooms by itself, is told what another one of them does (that it
// has joined, left, read), and hears the direct messages that another one has sent. A private
// session belongs to the two sessions that have agreed. A guest has one name and one
// session: a token of somebody who is here under another name is not taken.
//
// How far an account has read is in the state (read), one cursor for each conversation;
// what is behind it (unread) is counted in the tail and then in the file, on another
// goroutine.
//
// A search is answered from the file alone, when all is there that was decided before it. Of
// a server that keeps nothing the tail is looked through, on another goroutine, too. What was
// found and is changed until it is told is told as it is then, or looked for again; if it has
// not the words any more, it is not told.
//
// # What is kept, and when it is told
//
// Nobody is told what a crash can lose. A command is applied as it comes; what it has
// changed goes to the [log.Keeper] at the end of the turn, with all others of the turn,
// in one commit; and what is to be told of it waits in one queue (held) until that is
// safe, in the order in which it was decided. Who comes and goes is in the queue too, so
// a message is heard by those who were there when it was decided. An answer that shows
// nothing that is kept (protocol.Verb.Shows) goes at once, unless something of its own
// session waits: answers keep the order of the requests.
//
// While the disk fails, what was decided is tried again until it is kept, and nothing is
// undone. What needs the log is refused before it is decided, logins too; ping, help,
// names and private sessions go on, and nothing waits for them. That somebody is gone is
// always accepted. At most [log.MaxWaiting] commands wait.
//
// A [Hasher] and a [Reader] answer later, on the core's own goroutine. A session that
// waits for a hash, for what was said in a room or for a count is busy: what it asks
// meanwhile waits too. A connection that is gone by then is known by its id and its
// session, never by its name alone.
//
// # Direct messages, and coming back
//
// Every message and direct message has a number, of one sequence. The newest are in the
// tail, in memory; the others in the file. A session that is behind is a cursor, not a
// queue (catchUp): it is told what is behind its number in pages of 16 KB, the next one
// when the last has gone out, and hears what comes as it comes from the turn on in which
// all it lacks was in the tail. At most 256 are told of the past at once; the others wait
// in a line. Nothing is kept for a session, missed, or told twice.
//
// A direct message is seen when its receiver's client says so (seen), comes back behind
// it, or, in a plain session, asks for something after it has gone out or leaves in
// peace. What was not seen comes again at the next login. So a connection that is dead
// and not yet known to be loses nothing, and a client comes back with the token of its
// own older session, which ends in the same command.
//
// # Several nodes
//
// Where a log is shared (Start.Shared, [log.Replicated]), a command is decided when it has come
// back, and not when it is proposed. All that goes through proposeFor and insistFor, and through
// callbacks that [log.Log] calls later. A session that waits is busy and undecided: what it asks
// meanwhile waits, whatever it costs, unless the log stands still. What a session asks of the
// state when its request comes is therefore what its own requests before have made of it; what
// others have just done may be on its way. A login is decided behind all that its client has been
// told, so there is nothing to wait for on a node that is behind.
//
// The state knows all sessions of all nodes; of and connections return those that are here. What
// is due for all, and what is to be kept no more, the first node proposes that lives. Each node
// proposes its limits when it begins: those of the node that began last hold for all. A node that
// the others have taken for gone closes its sessions, which come back there or elsewhere.
//
// # Private sessions between nodes
//
// That two have agreed is in the log, with where they can be reached, and each node tells its own
// (introduce.go): so an introduction is not lost, and both are told the same secret, which the
// nodes make of what is in the log. What is relayed then goes from node to node beside the log
// (Nodes), since it is for one session and may be lost; nothing else does. It names the two
// sessions by node, epoch and number, the private session by its number and by the position in
// the log at which it has begun: what is late, for a process that has ended or for a session
// before, reaches nobody (crossing.go).
//
//	node one                                           node two
//	relay ──► window, rates of Ann ──► frame 1, 2, 3 ──► window, next one? ──► relayed
//	credit ◄── rates of Ann ◄── frame 1, 2 ◄── was so much sent? ◄── relay
//
// Frames of a relay are counted in each direction. One that has come before is dropped. One that
// is not the next one ends the relay for both: clients rely on order and on nothing being lost, and
// a new private session costs less than frames that are kept until they are confirmed. The same
// happens when a node cannot send. If that it is over is lost, who sends on is told then; and who
// is gone, with its node or without, is told by the log. Where all of a window is lost nothing comes
// behind it, since the client that has sent it waits for credit, with its pings, too. So a node that
// has been given no credit for half a window, and sends nothing for 5 to 10 s, sends a frame with
// nothing in it, three times at most and not while the log stands still (crossing_check.go). It is
// counted as any other, by nodes of older versions, too. What comes before the log has said here
// that the two have agreed waits, 384 KiB of it at most.
//
// Bytes of a user and of an address are counted, and held to their rates, at the node of who sends
// them, since the credit that slows them goes through it; what the window allows is looked at by
// both, so that no node relies on another one. A relay is ended by its user from every node at which
// one of the two has it. It is not from a third one, where a user has another session: that says that
// there is nothing to stop.
//
// # Limits of several nodes
//
// These are in the state, are decided by commands, and hold for all nodes together:
//
//	wrong passwords of a name, of an address   else there would be as many tries as there are nodes
//	sessions of an account; accounts           those of all nodes are in the state in any case
//	invitations that wait, and the pause       two people have one, wherever they are
//	  after a refusal
//	how slow a room is, bans, mutes, reports   they are about people, not about connections
//	what was sent under an id before           a client sends it again at another node
//
// These are each node's own, so that all nodes together allow as many times that as there are nodes:
//
//	connections of an address, open and new    are refused before anything is known of them: a
//	                                           flood must cost the other nodes nothing
//	passwords of an address that wait          they wait for the processors of this node
//	guests of an address, names that it        of a session, or a login that succeeds, of which
//	  registers                                there are few; accounts in all are in the state
//	what a user may send                       every request would be a command; an account has at
//	                                           most so many sessions, and so many allowances
//	messages of an incoming hook               likewise, at each address of --hooks
//	bytes that are relayed                     see above
//	invitations in a time, private sessions    of a session, which is at one node; relays are
//	  of a user                                counted where they are
//
// How many wait for an answer of one person is looked at before the command is on its way, so that
// several nodes may let in one each at the same moment. Settings that say who may come at all
// (accounts required, registration closed, reserved names) are each node's, too: give all the same.
//
// A node keeps a snapshot of its state (Shared.Keep) every 10 minutes or 2^20 messages, whichever
// comes first, and once more when it ends, behind its own farewell: with that its next start reads
// on from there. The loop copies the state and does nothing else meanwhile; see BenchmarkSnapshot
// in package state for how long that takes.
//
// # What becomes of messages
//
// The state does not know what was said. Who wants to edit or remove a message or to react to
// it names its number; the core finds the message, in the tail or else through the [Reader]
// (finding.go), and proposes with the facts about it (command.Target). If it was changed since
// then the state says so, and it is found again. Of a message that one may not see one is told
// the same as of none.
//
//	request -> find -> propose(command with what was found) -> Apply -> deliverChange
//
// The tail gets a new version of the message, what was encoded with the old one is forgotten,
// and those are told who were told of the message or may see it. What was read from the file
// and comes back behind a change is looked at before it is told (refresh): what the tail has, or
// of which it has the last change, is taken from there, and if something else was changed it is
// read again, behind the commit of all that was decided. So who is told a text that is removed then is told of the removal behind
// it, and nobody is told the text when the removal has been told. Who comes back is told in one
// order what was said, as it is now, and the last change of each message that they have.
//
// # People
//
// Who has blocked somebody is excepted when that one's messages are delivered;
// the shared frame stays shared. Coming and going is told to all but those of
// whom one has blocked the other, and to nobody while there is a crowd: n logins
// would be n squared lines. Names that nobody has behave like registered ones
// when a password is wrong, in words and in time.
//
// Of two who register a name at one time the one has it whose hash is done first. A
// guest whose name the owner makes an account is logged out. A wrong
// password counts although who sent it has hung up, and addresses have their
// passwords looked at in turns, so that one that guesses keeps no other waiting.
//
// # Keeping order
//
// Whether somebody may do something to keep order, the state decides (state.Permissions): the
// core reads who, where, for how long and why (order_request.go), proposes, and tells. What
// was done is a [state.Act], and all that is told of it is made of that in one place
// (protocol.Act.Sentence): the answer, the last words to a session that ends, what the room
// hears, the lines of the audit log. So what the server's owner does at the command line is
// told as well. Those who keep order and are connected are asked of the state by name
// (Keepers); an announcement goes to the lobby for all extended sessions, and for plain ones
// to the room that they hear.
//
// A session that ends because of a ban ends in the turn of the ban: what it has sent before
// waits in the queue in front of it, and what comes behind is not carried out. A connection
// from an address that is banned is refused as soon as it is there, in words, and kept from
// asking; a login is checked by the state. The audit log is not in the state: it is read from
// what is kept, as history is, when all that was decided before is there. A server that keeps
// nothing has the newest acts in its attic.
//
// # Outgoing hooks
//
// What is said in a room may be sent to other programs, by a sender that the core knows nothing
// of. It says of a room with such a hook that there is something new, when that is kept
// (Forwarder.Wake), which costs no more than a signal; the sender reads from the file what it is,
// behind a cursor of its own. So the loop waits for no receiver, and what waits for one is in no
// memory. That there is a hook, that it is stopped, and how far its receiver is are commands, the
// last one for all hooks together and once a second: what was acknowledged since comes again
// behind a crash. People are told which rooms are forwarded (forward.go).
//
// Of several nodes one sends, which the core says to the sender (sendOrNot): the first that lives,
// as long as the log goes on for it. When it is gone, the next one goes on behind what receivers
// are known to have acknowledged: that is in its own file when it is told to send. A node that has
// stood still may send beside it for a moment when it wakes. Both send in order, from what was
// acknowledged on, so a receiver hears nothing for the first time out of its order.
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
// pause after each response ([Config] Pace). What was said before its login always
// has its pauses, and takes at most two seconds and protocol.MaxPlainHistory. Who comes
// and goes at one moment is told in one response. When what is said now would wait for
// more than two seconds, presence is left out, and then the pause is given up: a client in
// a busy room must not fall behind. It never slows anybody else.
//
// What waits for a pause counts as what a client does not read does, for the connection and
// for all. No pause outlasts half of what may wait for either, also of what was said before:
// who reads is never dropped for having pauses. A frame that many wait for counts for each.
//
// With a pause of 50 ms two responses still can meet in one read of a client that
// its system gives no time. To wait until TCP has acknowledged the one before would
// not help: 45 ms after a response nothing of it was unacknowledged (SIOCOUTQ, 100
// of 100 times, loopback, Linux 6.18, 2026-11-25), though the client had not read
// it. The system acknowledges for it after 40 ms.
//
// # Limits
//
// A user has an allowance of units ([FloodLimits]), for all sessions together, from which every
// request takes its cost, as the verb table says: a message 50, what else is kept 10 or more,
// what one looks up 2 to 20. What was sent because of a request takes one unit for each 512
// bytes, to one session or to each of those who are told the same. So what comes at once is less than half of what may wait for a
// connection, and nobody is dropped for what one other says. Of 5,000 one who sends 500
// whoelse in one go keeps the loop busy for a few milliseconds (BenchmarkManyBigAnswers); at
// the cost of the table alone it was 3.5 s.
//
// What comes faster waits, in the order in which it came, until there is enough for it
// (flood.go); the sessions of one user have turns. What would wait for too long is refused and
// told for how long to wait, and who goes on regardless is sent away. An answer says for how long
// its request has waited (data.seconds). What programs send by themselves (protocol.Verb.Idle)
// has an allowance of its own and never waits: a flood of texts delays no ping, and no flood of
// pings a text. What is relayed has its window.
//
// Who logs out, or whose connection ends, has what waits carried out at once: it was sent
// before. So does the end of the server, as far as nothing is read for it. The allowance pays
// for that, and is kept under the name until it is full again: who comes back has no more than
// before. What waits of a session that others end, as by a ban, and of one that is sent away is
// not carried out, nor what only asks of a connection that is gone.
//
// Each of a thousand users may have an allowance, and all can use it in the same moment. So what
// waits has turns, too: in one turn of the loop eight requests are carried out that have waited,
// and while 256 commands are not safe yet, what is to be kept waits, one request of each user in
// turn. A message then comes behind one request of everybody, and not behind all that they have
// sent. What those who leave have sent is carried out at once only as long as they are few. Before,
// 400 guests with 80 requests each who left in one moment took up to 170 ms, and others' messages were
// refused in that time, because too much was to be kept; now it is 20 ms, and none are.
// (2 shared cores of an AMD EPYC, 2026-11-27, the attack "rooms" of the benchmark of package main, in memory)
//
// A connection has to log in within a time and so many bytes, and it is closed after bytes that are no
// JSON before it has, after three malformed frames in a row and when it does not read
// what it is sent: who is slow is no more told who comes and goes, then dropped, which
// is one line of the log with the reason.
//
// One address, of IPv6 a /64, may have so many connections at once and open so many within a
// time ([AddressLimits]). That is looked at before a connection is opened, by a door that
// all loops share, so that a flood costs no sessions and no files; who is refused is told
// which limit it was, and when to come back, in one line. Guests of an address, names that
// it registers and what is relayed from it are the core's to count, the queue of its
// passwords is the Hasher's. What is counted goes with the connection; what has come within
// a time is remembered of so many addresses, and of none for longer than that. Loopback is not
// limited, unless the owner says so, and a Unix socket has no address.
//
// # How it ends
//
// At its end the server drains (drain.go): everybody is told after how many seconds to come
// back, each a little later than the one before, and the sessions are closed one after the
// other. What is asked for meanwhile is done, kept and told; who is gone is told it when they
// come back. So nothing is lost that was acknowledged, and neither the end nor the return of
// 10,000 is a storm.
//
//	                    in a second   because
//	closed              1,000         the loop has time left for those who still talk
//	guests come back      500         a handshake of TLS and a login
//	accounts come back     25         a password takes 50 ms of a core
//
// When all sessions are closed and all is safe, the server is settled. One whose disk fails
// says its last words as well, and is not waited for longer than 10 s.
//
// # What is asked of others
//
// What a request asks of a file or of a hash comes back through one place: it counts
// what a session waits for. A session whose peer has ended its side is closed when nothing is
// under way any more.
//
// # Faults of the program
//
// A panic in a request, in an answer that comes back for it, in the decoding of what a
// connection has sent, or in its opening and closing, ends that connection: it is told so in
// words, and the panic is logged with its stack and counted. So it is where a request is carried
// out later, because it had to wait. One in what was posted, or was due, costs that, and it is
// looked again.
//
// That is safe where the panic can have changed nothing but what belongs to one session. It is
// not while a command is carried out and told, or what is kept is told to those who wait for it:
// then the state, the tail or the queue may be half changed, one of two has heard a message, and
// to go on would spread that into the file. There the process ends (Config.Fatal). What was told
// is kept, and after the restart clients come back and miss nothing. What runs for many at once
// on a loop, as delivering and writing, is not guarded either, for the same reason.
//
// # What it costs
//
// Before and after the memory that a request takes was reduced; the best of four
// runs in turn, 0.2 s each, 2 shared cores of an AMD EPYC, Go 1.26.8, 2026-11-21:
// go test -run '^$' -bench . ./eventloop/server ./protocol
//
//	                                        ns          bytes         allocations
//	path: direct message               4749   3428    2546    991      15    8
//	path: message into a room of 1000 10392  10750    1558   1117      11    7
//	path: ping                         1395   1061     532    304       4    2
//	path: login and logout             8039  12266    3096   2142      40   36
//	core: direct message               1358   2366    1280    787       7    6
//	core: message                      1391   1901    1296    817       7    5
//	core: names of 1000, as before    40955  36530   59909  19076       4    1
//	core: login, logout among 10       5454   7501    2738   1908      23   25
//	core: login, logout among 10000    9615   9720    1744   1224      16   20
//	core: the same, ever new names     8089   8210    2790   1964      23   24
//	core: tick, 10000 do nothing         68     69       0      0       0    0
//	history of 100, extended         139133  74583  223104 174551     637  137
//	history of 100, plain             61521  49893   98166  71924     371  353
//	history as before                    32     33       0      0       0    0
//	decode: msg                         909    488      83     80       3    2
//	decode: dm with fields             1426    779     448    227       8    4
//	decode: relay of 8 KiB            27137   9221   12724  12483      10    4
//	decode: msg with escapes           1187   1344     147    147       4    4
//	encode: message, extended           372    341     384    384       1    1
//	encode: accepted, extended          217    260     288    288       1    1
//	encode: relayed 8 KiB             12892   6818   12576  12576       2    2
//	encode: message, plain (frames)    1185    327     760    264      10    2
//
// What says something, and who comes and goes, was measured again on 2026-11-26, since
// one log decides; then the machine had much else to do, and what was before that took
// 2406, 9189, 7303, 1349, 1393, 6272, 13054 and 6436 ns beside it (the best of five runs
// in turn). Now each message has a number and stays in memory, and all of it passes
// through a command. What stays is in these bytes while the tail grows: of a core's
// direct message they are 400 when it is full.
//
// A path goes from the bytes of a request to the bytes of its answers, without
// the network. With it, 50 pairs that talk in turn took 19.2 us of CPU per direct
// message, and 16.6 afterwards, where a bare forwarder takes 13.8: medians of five
// and ten runs. It is 14.5 beside 13.0 since a confirmation waits for 4 ms of its
// own and not for those of the oldest. In a storm of 10,000 logins the difference
// is less than the noise (50 and 45 us): most is accepting.
//
// Before one log decided and since then, user and all CPU in us, on a machine that had
// much else to do (medians of five runs in turn, of four below the first line, nothing is
// kept, 2 cores of an AMD EPYC, Go 1.26.8, 2026-11-26):
//
//	                                         user          all
//	direct message, 50 pairs              4.1    5.1   12.6   13.1
//	message to 1,000, 64 under way         32     18    258    255
//	message to 1,000, alone               620    390   7040   6790
//	login, 5,000 in a storm                20     23     56     58
//	session, 10,000 that come at once      20     19     60     53
//
// Left as it is, with the reason:
//
//   - The names sorted only when somebody asks: moving them is more than half of a login
//     among 10,000, but clients ask at their login, and sorting would cost more.
//   - Verb.Parse without memory for the arguments: 32 bytes, against 64 more in every
//     call that is passed on, and some are kept until the disk has answered.
//   - Frames for many from a pool: a frame may go to other loops, and nobody knows
//     when the last one is done with it. A frame for one session has no memory of its
//     own: 704 bytes less per direct message, and 12.4 to 11.8 us of CPU (medians of
//     five runs in turn, 2026-11-26).
//   - Edge-triggered events, each with one read (gnet): as before, 12.9 and 13.2 us per
//     direct message (medians of six runs in turn).
//   - The timestamp kept for a second: it would need an owner beside the encoder.
//   - The tail as encoded bytes, at which the collector need not look: without any tail
//     a direct message costs 0.6 us less of 14.1, so at most 2 % or so are to be had.
//   - Escapes in the quick decoder: what begins quickly and has one is read again,
//     which costs 13 % more; most texts have none.
//   - Profile-guided optimisation: with a profile of direct messages, four runs of
//     each in turn, 17 to 24 us without and 21 to 22 with it. Most is the kernel's.
//   - GOGC=400: 2.5 us less per direct message (11 %) and 9 us per login (17 %),
//     nothing in a room, and a fifth more memory per idle connection.
//     Go reads GOGC and GOMEMLIMIT from the environment: an owner with memory to
//     spare sets them. GOGC=50 is 2 % more in a small room, whose heap is small.
package server
