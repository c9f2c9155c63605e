// Package identity is who a person is to peers: an ed25519 key in a file, the
// certificate that shows it, the keys of others that are remembered, and the
// words by which two people find out that nobody is between them.
//
// A folder holds four files, all 0600; what others can read or write is refused:
//
//	identity.pem  the key, PKCS #8 in PEM (RFC 5958, RFC 7468)
//	peers.txt     the keys of others; see [Pins]
//	servers.txt   at which addresses which server was met
//	lock          held for a moment while one of them is read to be written
//
// # Servers
//
// A name means something at one server only, so a key is kept for NAME@SERVER. A
// server is known by every address at which it was met, and by the name of its log,
// which it tells at the login. That is no proof, and none is possible as long as
// anybody may sit between a client and a server: who has no key to prove something
// with can pass on what a real server says. So what a server tells is believed only
// where the harm is a warning too many. The addresses at which it was met before
// keep their pins whatever it tells, so that none gets rid of a pin by telling
// something new; a new address that tells the log of a known server has its pins,
// and the person is told. One that lies there cannot be taken for the people of the
// other one, whose keys it does not have. An identity of its own would prove as
// little, and the log has a name already.
package identity
