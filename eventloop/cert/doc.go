// Package cert gives a server the certificate that it shows its clients: [Files] that
// somebody issues and renews, or one of the server's [Own], which clients know by its
// fingerprint.
package cert
