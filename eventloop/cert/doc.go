// Package cert gives a server the certificate that it shows its clients: [Files] that
// somebody issues and renews, one that it obtains itself from an authority ([ACME]), or one of the server's [Own], which clients know by its
// fingerprint.
package cert
