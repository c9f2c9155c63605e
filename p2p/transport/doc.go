// Package transport makes the links of private sessions: it listens, dials,
// shakes hands and moves bytes. It does what package p2p asks through
// p2p.Transport and reports on one channel. It uses real timers and sockets.
//
// # A link
//
//	TCP, or a stream of relayed frames through the server
//	  proof     32 bytes from either side; not over the relay
//	  TLS 1.3   the smaller name is the client, whoever dialled; both show their
//	            certificate; the key must be the one that the plan names
//	  frames    of the protocol, one line each
//
// The proof is SHA-256 of "parley-p2p/2", the token that the server has told the
// two, the fingerprint of its sender and that of the one it is for, with a blank
// between. It shows that a connection is for a session; whose it is, TLS does. Who
// accepts a connection reads before it writes, so a stranger learns nothing.
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
// The addresses come from the peer and the server, who may name what is not
// theirs. So there are limits: 10 addresses, 3 ports, none below 1024, 40 tries of
// each, 3 of one at which something else answers, and nothing is sent there that
// either could have chosen. Loopback is dialled if the server is there, too, or if
// that is what Config.Listen names.
//
// A server's Unix socket has no port, and shows the server no address. Whoever
// came by it is on the server's host, so the listener is on loopback then, on any
// port, and that is the address that is told. Others, who came by TCP, are dialled
// from there, but come in only at a Config.Listen.
//
// # Who learns which address
//
// Of a peer one tells the addresses of all interfaces, which are those in a LAN or
// a VPN, too, and the one that the server sees. With a Config.Listen that names an
// address one tells that one, and the one to advertise, and dials from that one
// only, and only where it is seen itself: from a private address no public ones,
// and no others than those to which the way begins at its interface. With
// Config.Listen "off" one tells none, but dials, so a peer that listens sees from
// where. With Config.RelayOnly nobody learns anything.
//
// What Config.Listen names is listened on while a plan is waited for or tried, and
// by one chat at a time: another one is told that the port is taken.
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
