// Package transport makes the links of private sessions: it listens, dials,
// shakes hands and moves bytes. It does what package p2p asks through
// p2p.Transport and reports on one channel. It uses real timers and sockets.
//
// # A link
//
//	TCP, or a stream of relayed frames through the server
//	  token     32 bytes from either side; not over the relay
//	  TLS 1.3   the smaller name is the client, whoever dialled; both show their
//	            certificate; the key must be the one that the plan names
//	  frames    of the protocol, one line each
//
// The token is SHA-256 of "parley-p2p/1", the server's number of the session in
// decimal, the fingerprint of the smaller name and that of the larger one, with
// nothing between. It tells the session that a connection is for. Who accepts a
// connection reads before it writes, so a stranger learns nothing.
//
// # Connecting
//
// All addresses of a plan are dialled at once and again after 50 to 150 ms, from
// the port of the connection to the server, while a listener waits on the same
// port: the peer does likewise, and what is a SYN to one's own router is the
// answer that the other router lets in (RFC 5128, section 3.4). Every connection
// that finishes its handshake is reported as p2p.Linked; package p2p chooses.
// The relay begins when nothing has come of that for a while, or at once if
// there is nothing to dial; then the dialling goes on, seldom.
//
// A server's Unix socket has no port, and shows the server no address. Whoever
// came by it is on the server's host, so the listener is on loopback then, on any
// port, and that is the address that is told. Others, who came by TCP, are dialled
// from there, but come in only at a Config.Listen. Only addresses at which somebody
// listens are told: with a Listen that names one, no other.
//
// # Who waits for whom
//
// Every link has a reader and a writer of its own. The channel of events has no
// buffer, so each goroutine has at most one event under way, and those that wait
// are served in turn: a peer that floods has one place in the queue like all
// others, and its own socket fills up. A peer that does not read fills its own
// queue of frames, and Send returns false.
//
// # Figures
//
// BenchmarkPrivate of cmd/parley compares links, with package p2p on them, with
// messages through the server; its comment has the figures.
package transport
