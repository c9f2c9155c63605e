//go:build unix

package main

import (
	"testing"

	"parley/eventloop/cert"
)

// A person sees the key of a new server before anything is sent, and a loud warning when it
// is another one, which is not talked to. When the one of before is back, it goes on.
func TestTLSInATerminal(t *testing.T) {
	t.Parallel()
	s, first, second := serve(t, "127.0.0.1:0"), ownCertificate(t), ownCertificate(t)
	f := newFront(t, s.addrs[0], first)
	c := open(t, "parleys://alice@"+f.addr)
	c.shows("¦ The key of " + f.addr + " is new here")
	c.shows("¦ " + cert.Fingerprint(first.Leaf))
	c.shows("* Login successful")
	f.use(second)
	f.cut()
	c.shows("Connection to " + f.addr + " lost")
	c.shows("¦ The key of " + f.addr + " HAS CHANGED, so nothing was sent there:")
	c.shows(cert.Fingerprint(second.Leaf))
	c.shows("parleys://alice@" + f.addr)
	f.use(first)
	c.shows("Connected again.")
	c.types("\x04")
	c.ends(exitDone)
}
