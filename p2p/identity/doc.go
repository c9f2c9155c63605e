// Package identity is who a person is to peers: an ed25519 key in a file, the
// certificate that shows it, the keys of others that are remembered, and the
// words by which two people find out that nobody is between them.
//
// A folder holds three files, all 0600:
//
//	identity.pem  the key, PKCS #8 in PEM (RFC 5958, RFC 7468)
//	peers.txt     the keys of others; see [Pins]
//	lock          held for a moment while one of the two is written
package identity
