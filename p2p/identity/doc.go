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
package identity
