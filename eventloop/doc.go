// Package eventloop moves bytes: loops, connections, mailboxes, timers, and
// groups of connections that are sent the same. It knows nothing of chat.
//
// A [Loop] owns its connections. It is turned by a driver: by gnet in [Run], by
// package sim in a simulation. In a turn the handler is told what has come; what
// it sends is gathered, and at the end of the turn every connection that has
// something gets it in one write. This is what redis does before it sleeps
// (networking.c, handleClientsWithPendingWrites). gnet has no such hook, so the
// turn is posted with Execute, which runs after the sockets that are ready.
//
// What one write a turn is worth (BenchmarkRoom, CPU time of server and 60
// clients per delivery, 2 cores of an AMD EPYC, Go 1.26.8, 2026-11-21):
//
//	one flush per turn      0.7 us
//	a write per recipient  20   us
//
// One loop is the default. On the same two cores, shared with the clients, two
// loops cost twice as much per delivery in a busy room of 1,000 (0.79 us against
// 0.33), because they drain sooner and batch less, and no less when there is
// little to do (11.1 against 9.6); they pay when cores are free.
//
// # Groups
//
// A connection is in any number of groups. What a group is sent is kept once, in an
// outbox that the group has for the turn; what is sent to a connection alone, in an outbox
// of that. Outboxes are cut where something else was sent in between, and the cuts have
// stamps that grow: a connection that hears several outboxes gets their pieces in the
// order of the stamps, in one write. One that hears a single one gets it uncopied. A turn
// costs what the members of those groups cost that spoke, and the pieces that are put
// together. A member that is excepted, or comes in the middle of a turn, has a chain of
// what it does not hear; the others pay nothing for that.
//
// A membership takes 18 to 42 bytes, of which 32 are its two sides and the rest the group
// and what lists have in reserve; the first side of a connection's first one is part of
// the Conn (BenchmarkMemberships).
//
// # TLS
//
// gnet has none. A connection to an address with TLS is a secureSocket: crypto/tls runs on
// the loop, over a wire that has what came in this turn and then says that there is no
// more for now, after which crypto/tls can go on. It cannot in a handshake, so that is done
// by a goroutine, and the handler is told of the connection when it is over. A handshake
// begins when its first record is there, and there are not more at once than may be; the
// others wait, and all that have not done with it in time are closed. What begins otherwise
// than with TLS is answered in plain words.
//
// A record of which a socket takes only a part cannot be taken back. The secureSocket keeps the
// rest, and what crypto/tls answers by itself: that waits as all else does, for each limit, and
// whatever goes out of it is progress (TestPartsOfRecords, TestTLSAnswersCount). A client that
// changes its keys, or has ours changed, again and again is dropped: crypto/tls is given one record
// after the other, so that those without data can be counted, and the next one refused when they
// are too many (TestTLSKeyUpdatesInExcess).
//
// A connection that is idle takes 5.4 kB, with its client's file, and 14 kB if a record of
// 16 kB has come by it (TestIdleTLSConnectionIsSmall). A delivery in a busy room costs 0.86 us
// of CPU for both ends, and 0.62 without TLS (BenchmarkRoom, medians of 4 runs, the same kind of
// machine, 2026-11-26).
//
// # Proxies
//
// Where a proxy or load balancer is before the server, a connection begins with a header that
// says whom it is from (package proxyheader), before TLS. It is an unknownPeer until the header
// is there, which is read on the loop in whatever pieces it comes; then it is met as if it had
// come from there. Only proxies that are trusted may say so, and not more than so many may have
// said nothing yet. Whether the client speaks TLS with the proxy is known where the header says it,
// which not all do. (TestProxiedConnections)
//
// # What gnet v2.10.0 does, and what follows
//
//   - Execute does not keep the order once 1,024 tasks wait: a loop has a mailbox
//     of its own, and Execute is its doorbell. (TestPostKeepsTheOrder)
//   - A write that fails closes the connection inside the call: the handler is
//     told when no list is being walked. (TestWriteThatFailsInTheFlush)
//   - When the peer ends its side gnet closes the connection, and what it has not
//     written is lost: a socket outlives that with a file of its own, until the handler
//     closes it and everything is out. (TestRequestsAndEndInOneGo, TestManyAnswersAfterTheEnd)
//   - A write to a closed connection reaches whoever has its file descriptor now:
//     a Conn knows that it is closed, and is named by an id that is never used
//     again. (TestConnIDIsNotUsedAgain)
//   - What a client does not read is buffered without limit, and when it is out is not
//     said: we write past gnet, and what a socket does not take is a backlog of the
//     connection, which is tried again on a timer. Above a limit for one, or one for
//     all, connections are closed, and so are those that take nothing for too long.
//     What a handler keeps itself, to send it later, counts with it: it sets that aside.
//     (TestSlowClient, TestBacklog, TestMemoryForAll, TestStalled, TestAccountsOfWhatIsSetAside)
//   - When accept fails for want of files, the engine ends and all clients are
//     dropped: connections are refused below the limit of open files, which is
//     raised at the start and leaves what loops and listeners need, and an engine that
//     ends by itself is an error. That holds on Linux for any mix of addresses and
//     loops, elsewhere for one loop or Unix sockets alone: with more, gnet accepts all
//     who wait at a port before it says so of the first.
//     (TestConnectionsAreRefusedBelowTheFileLimit, TestRunThatEndsByItself)
//   - It would do so at all addresses if one is a Unix socket: those are ours, and who
//     comes is handed over to a loop, one after the other. With nothing else to listen
//     on gnet's Client turns the loops.
//   - It listens at addresses and not with sockets that it is given: those that another
//     process has opened are accepted from as Unix sockets are. (TestInheritedSockets)
//   - It cannot stop listening before it ends: who comes while the loops drain is refused in
//     words. At an inherited socket they wait for the next process. (TestDrain,
//     TestInheritedSocketOutlivesTheProcess)
//   - It boots before it has its loops, which its first tick says, and an engine that
//     is stopped before that goes on. (TestStopWhileStarting)
//   - A loop cannot be had before something happens on it: loops are numbered in
//     the order in which they first see a connection.
//   - There are no timers: a loop has one of its own, which rings.
//   - With SO_REUSEPORT, which lets each loop accept for itself, a second server
//     could share the port: a probe that asks for it later holds the port alone until
//     gnet listens there. (TestAddressInUse, TestServersThatStartAtOnce)
//   - TCP's keepalive is silent while something is on its way, and then a peer that is
//     gone is found out after a quarter of an hour: TCP_USER_TIMEOUT on Linux, and what
//     other systems have, bounds that. It also ends a connection whose peer reads
//     nothing at all for as long while more waits than fits. (TestPeerThatVanishes)
//
// Times are those of the driver's clock, which goes on evenly when somebody sets it:
// nothing is kept as nanoseconds since 1970. (TestClockThatIsSet)
//
// A connection that we close is not closed at once. First it is sent what is
// left, for as long as the peer goes on reading, and the end of the stream; from then on
// the peer has a second to close its side: unread input would turn the close into a reset,
// which destroys the last words on their way. While the loops end all that is limited by
// Config.Drain. (TestLastWordsArrive, TestCloseWaitsForTheBacklog, TestDrainWaitsForSlowReaders)
package eventloop
