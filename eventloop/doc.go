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
// # What gnet v2.10.0 does, and what follows
//
//   - Execute does not keep the order once 1,024 tasks wait: a loop has a mailbox
//     of its own, and Execute is its doorbell. (TestPostKeepsTheOrder)
//   - A write that fails closes the connection inside the call: the handler is
//     told when no list is being walked. (TestWriteThatFailsInTheFlush)
//   - A write to a closed connection reaches whoever has its file descriptor now:
//     a Conn knows that it is closed, and is named by an id that is never used
//     again. (TestConnIDIsNotUsedAgain)
//   - What a client does not read is buffered without limit: above a limit the
//     connection is closed. (TestSlowClient)
//   - When accept fails for want of files, the engine ends and all clients are
//     dropped: connections are refused below the limit of open files, which is
//     raised at the start, and an engine that ends by itself is an error.
//     (TestConnectionsAreRefusedBelowTheFileLimit, TestRunThatEndsByItself)
//   - A loop cannot be had before something happens on it: loops are numbered in
//     the order in which they first see a connection.
//   - There are no timers: a loop has one of its own, which rings.
//   - With SO_REUSEPORT, which lets each loop accept for itself, a second server
//     could share the port: whether it is free is tried first. (TestAddressInUse)
//
// A connection that we close is not closed at once. First it is sent what is
// left and the end of the stream, then the peer has a second to close its side:
// unread input would turn the close into a reset, which destroys the last words
// on their way. (TestLastWordsArrive)
package eventloop
