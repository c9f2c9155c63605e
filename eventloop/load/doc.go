// Package load is the load tester: it brings many clients to a chat server, has
// them do what a scenario says, and tells how long things took and whether
// everything arrived.
//
// # The open model
//
// At a rate, every message has a time at which it is due that depends on nothing
// that the server does, and its latency counts from then until a receiver has
// read it. So a server that stalls is seen in every message that was due
// meanwhile, not in one. The text carries the due time, so nothing has to be
// remembered for it. How late the tester itself was is told beside it: if that
// is not small against the latencies, the tester or its machine is too slow.
// With rate 0 as many messages are under way as the window allows; then latency
// counts from when the window opened, and is only as good as that.
//
// # What is checked
//
// Every text names its sender and its number. Where all clients are there from
// the beginning to the end (room, dm) every receiver must hear every message of
// every sender once and in order; 4 bytes per receiver and sender see to that.
// What the server refused with an error counts as refused, not as lost. Clients
// whom the server disconnected have missed what came afterwards.
//
// Where clients come and go (mixed, reconnect) it is not known beforehand who is to
// hear a message. There the server's own numbers are used: they have no holes, the
// history at login ends with one, and everything behind it must come once and in
// order until the client leaves. At the end one client says a last word, and who is
// there must have heard everything up to it. What a client would have heard between
// its last message and its own leaving cannot be judged. Plain servers do not
// number: there each sender's messages are checked from the first one that a client
// hears after its login.
//
// In private both sides must be told of the same session, with each other.
//
// # Who owns what
//
//	round      one scenario: its goroutine decides what happens
//	meter      a goroutine per round: total and seconds
//	clients    each is its round's, or of the person, pair or worker that plays it
//	readers    a goroutine per connection: what the client was told
//	senders    a goroutine each in room, dm and reconnect, so that a connection
//	           that is not read holds up nobody else
//	workers    a few buffers with histograms, handed from reader to reader through
//	           a channel: whoever has taken one owns it
//
// Counters that all of them add to are atomic. What is rare (errors, differences,
// refused messages) is behind a mutex.
//
// # What it costs
//
// A frame of Parley that holds one of our messages is compared, not decoded. A
// read is one system call, into a buffer of 256 KiB that belongs to no connection.
// CPU per delivery of the tester in us, beside a generator with one epoll thread
// that looks for a mark and reads no JSON; parley serve --data :memory: --rate 0,
// 1,000 clients, 4 senders, 100 bytes, medians of three rounds by turns, 2 cores of
// an AMD EPYC that were shared with other jobs, Go 1.26.8, 2026-11-21:
//
//	                               tester   generator   ratio
//	--rate 0 --window 64            0.30      0.27       1.1
//	--rate 0 --window 1             9.8       6.8        1.4
//	--rate 100                      5.0       4.9        1.0
//
// Three quarters of that and more is the kernel's: read(2) and epoll_wait(2).
// Tried and left: one processor (GOMAXPROCS=1), which costs the same in all and
// makes latencies worse; net.Conn's Read, which needs a second system call to
// learn that nothing more is there.
package load
