// Package load is the load tester: it brings many clients to a chat server, has
// them do what a scenario says, and tells how long things took and whether
// everything arrived.
//
// # The open model
//
// At a rate, every message has a time at which it is due that depends on nothing
// that the server does, and its latency counts from then until a receiver has
// read it. So a server that stalls is seen in every message that was due
// meanwhile, not in one, and by the second in which they were due. The text carries the
// due time, so nothing has to be remembered for it. In mixed, who is there says
// what is due. With rate 0 as many messages are under way as the window allows; then
// latency counts from when the window opened, and is only as good as that.
//
// # The tester's own lateness
//
// It is measured in two places: from when a message was due until its sender, if it
// was idle, writes it; and from when something can be read until a reader gets to
// it, by a byte that the tester sends to itself through the same poller (probe.go). Both
// are part of every latency and no fault of the server. If they are half of a percentile or
// more, the report says so, and a threshold that is crossed only with them is not
// judged. A sender that the server keeps waiting is late by the server's fault.
//
// # What is checked
//
// Every text names its sender, its number and when it was due, under a checksum; so
// does every ref. Each receiver must hear every message of every sender once, whole, and
// in the order in which all others hear it:
//
//	room, mixed, reconnect   by the numbers of Parley's log. A receiver's numbers have no
//	                         holes and go up, from the history at its login or the trial message
//	                         until it leaves. A ledger knows what was told as each number:
//	                         sender, message and timestamp. Whoever differs from most is
//	                         wrong, so nobody has to be believed, neither the server's
//	                         numbers nor who is told first
//	dm                       by the numbers of the one sender; the timestamp by the clock
//	plain room               by each sender's numbers, and the order over all senders by comparing
//	                         receivers. Histories have many forms and are not looked at
//	resume                   the same, and a stay does not end with a lost connection: the numbers
//	                         go on behind it. The login is over when all that was missed was told,
//	                         and what comes until then is in no latency. Each message has an id,
//	                         under which it is asked for again if the connection was lost before
//	                         the answer: then it must be told once all the same
//	room, resume in rooms    by the numbers that each sender has for its messages in a room, from
//	                         the history that comes with the joining (what was said first, if
//	                         nothing was) until the leaving or the end, and by the log's numbers:
//	                         over all its rooms together a client's go up. Whoever is in a room
//	                         must hear what anybody has heard there
//	plain mixed, reconnect   by each sender's numbers, from the first one that a client hears
//	                         after its login
//
// What a sender was told to be accepted must have been told to somebody, once, and
// as the number that the answer says. What was refused must not. Every request must be
// answered once. What was due and never sent is an error.
//
// One thing that is spoiled is one fault: a message with an altered number or text is
// not lost as well, two that have changed places are one, a request that the server
// carries out twice is one and not one for each receiver.
//
// What the server refused with an error counts as refused, not as lost. Clients
// whom the server disconnected have missed what came afterwards. What a client
// would have heard between its last message and its own leaving cannot be judged.
//
// A number that nobody was told is that of a direct message between other people. A message
// that nobody was told has none either: that it was accepted is what shows it.
//
// Nothing of a room may be told before the answer to the request to join it, and nothing from
// the answer to the request to leave it on. What had a number before that a client was told
// before this answer must have been told.
//
// In private both sides must be told of the same session, with each other.
//
// # Several addresses
//
// The server may be several machines: each login is at the next of their addresses, and an
// address that lets nobody in is passed over. In resume a client that is disconnected, or hears
// nothing for 5 s in spite of pings, comes back at the next address, for 60 s if need be. So the
// same checks hold while machines are killed, stopped and ended: what was acknowledged on one is
// told by all, once and in one order.
//
// # Who owns what
//
//	round      one scenario: its goroutine decides what happens
//	meter      a goroutine per round: total and seconds
//	clients    each is its round's, or of the person, pair or worker that plays it
//	keepers    in resume, a goroutine per client who does not send: brings it back
//	readers    a goroutine per connection: what the client was told
//	senders    a goroutine each but in mixed, so that a connection
//	           that is not read holds up nobody else
//	plan       who is in which room does not change; who is there now are atomic counters
//	ledger     all readers look things up without a lock; entries are made under one
//	probe      a goroutine per round
//	workers    a few buffers with histograms, handed from reader to reader through
//	           a channel: whoever has taken one owns it
//
// Counters that all of them add to are atomic. What is rare (errors, differences,
// refused messages) is behind a mutex.
//
// # What it costs
//
// A frame of Parley that holds one of our messages is compared, not decoded: with the
// frame that others were told as the number that is to come next, byte for byte, or, for who
// hears it first, with what is known of it beforehand. In the lobby of 100 that takes 65 ns
// a delivery with all checks and histograms, half of what it took without the ledger
// (BenchmarkConsume, 2026-11-25). In other rooms, where a receiver does not know which number
// comes next, it takes 100 ns. A read is one system call, into a buffer of 256 KiB that
// belongs to no connection.
// CPU per delivery of the tester in us, beside a generator with one epoll thread
// that looks for a mark and reads no JSON; parley serve --data :memory: --flood off,
// 1,000 clients, 4 senders, 100 bytes, medians of three rounds by turns, 2 cores of
// an AMD EPYC that were shared with other jobs, Go 1.26.8, 2026-11-21:
//
//	                               tester   generator   ratio
//	--rate 0 --window 64            0.30      0.27       1.1
//	--rate 0 --window 1             9.8       6.8        1.4
//	--rate 100                      5.0       4.9        1.0
//
// That was before the ledger: beside it today's tester takes 0.75, 0.84 and 0.87 of the CPU in
// these three (2026-11-25, medians of three rounds by turns, the same kind of machine).
// Three quarters of that and more is the kernel's: read(2) and epoll_wait(2).
// Tried and left: one processor (GOMAXPROCS=1), which costs the same in all and
// makes latencies worse; net.Conn's Read, which needs a second system call to
// learn that nothing more is there.
package load
