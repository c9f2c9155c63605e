package identity

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// A server has a name in the file of pins, which is the address at which it was
// first met. It may have other addresses, and then its identity, which it tells at
// the login, is what they have in common.
type server struct {
	name     string // behind the @ of pins
	identity string // the last one that was told at this address; noIdentity if none was
}

const (
	serversTitle = "# Servers, by every address at which they were met: ADDRESS NAME IDENTITY"
	noIdentity   = "-"
)

// Address returns the one spelling of the address of a server, HOST:PORT: names in
// lower case and without dots at the end, numbers in their shortest form, and the
// own computer as localhost. What is no such address stays as it is.
func Address(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return s
	}
	host = strings.TrimRight(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.Unmap().String()
	}
	if host == "127.0.0.1" || host == "::1" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// parseServers reads the text of a file of servers into the book.
func (b *book) parseServers(text string) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		f := strings.Fields(line)
		switch {
		case line == "" || line[0] == '#':
		case len(f) != 3 || !utf8.ValidString(line):
			return fmt.Errorf("line %d is not ADDRESS NAME IDENTITY: correct or delete it", number)
		default:
			b.servers[Address(f[0])] = server{Address(f[1]), f[2]}
		}
	}
	return nil
}

func (b *book) serversText() []byte {
	var out strings.Builder
	fmt.Fprintln(&out, serversTitle)
	for _, address := range slices.Sorted(maps.Keys(b.servers)) {
		fmt.Fprintln(&out, address, b.servers[address].name, b.servers[address].identity)
	}
	return []byte(out.String())
}

// nameOf returns the name of the server at an address, as far as it is known.
func (b *book) nameOf(address string) string { return cmp.Or(b.servers[address].name, address) }

// meet notes that the server at an address has told its identity. It returns its
// name from now on, and another one that it has been known by.
//
// A server may tell what it likes, so an identity can only add: pins that were
// known at an address stay known there, whatever it says next. One that tells the
// identity of another server has their people's keys compared with that one's,
// which can only warn too often: it does not have their keys.
func (b *book) meet(address, identity string) (name, also string) {
	here, known := b.servers[address]
	if !known && b.hasPins(address) { // kept before there was a file of servers
		here, known = server{address, noIdentity}, true
	}
	other := ""
	for _, a := range slices.Sorted(maps.Keys(b.servers)) {
		if s := b.servers[a]; a != address && s.identity == identity {
			other = s.name
			break
		}
	}
	switch {
	case !known:
		here.name, also = cmp.Or(other, address), other
	case other == "" || other == here.name:
	case here.identity == noIdentity:
		b.join(here.name, other)
		here.name, also = other, other
	default: // it was another one, which cannot become this one
		return here.name, ""
	}
	b.servers[address] = server{here.name, identity}
	return here.name, also
}

func (b *book) hasPins(server string) bool {
	for who := range b.pins {
		if _, at, _ := strings.Cut(who, "@"); at == server {
			return true
		}
	}
	return false
}

// join makes the pins of one name of a server those of another.
func (b *book) join(from, to string) {
	for _, who := range slices.Sorted(maps.Keys(b.pins)) {
		if name, at, _ := strings.Cut(who, "@"); at == from {
			pin := b.pins[who]
			delete(b.pins, who)
			b.add(name+"@"+to, who, pin)
		}
	}
}
