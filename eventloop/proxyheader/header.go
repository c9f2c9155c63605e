package proxyheader

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/pires/go-proxyproto"
	"github.com/pires/go-proxyproto/tlvparse"
)

const (
	maxV1   = 107 // bytes of a header of version 1, with its CRLF; section 2.1
	fixedV2 = 16  // bytes of a header of version 2 before those that it counts; section 2.2

	// maxCounted is how many bytes behind those there may be. 65535 could be; addresses take
	// 216 at most, and a client's certificate, which is the largest of what else is sent, 2000.
	maxCounted = 4096

	// Max is how many bytes a header has at most.
	Max = fixedV2 + maxCounted
)

var (
	// ErrNone says that what a connection begins with is no header.
	ErrNone = errors.New("there is no PROXY header")
	// ErrTooLong says that a header is longer than it may be.
	ErrTooLong = errors.New("the PROXY header is too long")
)

// nginx writes an IPv4 address behind TCP6 where it listens on both.
func init() { proxyproto.V1AcceptIPv4InTCP6 = true }

// A Header is what a proxy says of a client.
type Header struct {
	// Client is the client's address, IPv4 never as IPv6. It is the zero AddrPort if there is
	// none: the proxy speaks for itself (LOCAL), does not know (UNKNOWN), or was reached
	// through a Unix socket. The client is then where the connection comes from.
	Client netip.AddrPort

	SaysTLS bool // the proxy says whether the client speaks TLS with it: in version 2 only, and not all do
	TLS     bool // the client does
}

// Parse reads the header that b begins with and returns how many bytes it has: 0 if the
// end is still to come. An error is found as soon as it can be.
func Parse(b []byte) (h Header, size int, err error) {
	if size, err = sizeOf(b); err != nil || size == 0 || size > len(b) {
		return Header{}, 0, err
	}
	read, err := proxyproto.Read(bufio.NewReaderSize(bytes.NewReader(b[:size]), size))
	if err != nil {
		return Header{}, 0, fmt.Errorf("the PROXY header cannot be used: %w", err)
	}
	if read.Command.IsLocal() {
		return Header{}, size, nil
	}
	switch source := read.SourceAddr.(type) {
	case *net.TCPAddr:
		client := source.AddrPort()
		h.Client = netip.AddrPortFrom(client.Addr().Unmap(), client.Port())
	case *net.UnixAddr:
	default:
		return Header{}, 0, fmt.Errorf("the PROXY header cannot be used: it tells of a client that uses no TCP, but %s", source.Network())
	}
	if tlvs, err := read.TLVs(); err == nil { // what else they say is nothing to us
		var ssl tlvparse.PP2SSL
		ssl, h.SaysTLS = tlvparse.FindSSL(tlvs)
		h.TLS = h.SaysTLS && ssl.ClientSSL()
	}
	return h, size, nil
}

// sizeOf returns how many bytes the header has that b begins with, 0 if that cannot be
// known yet.
func sizeOf(b []byte) (int, error) {
	switch {
	case begins(b, proxyproto.SIGV1):
		if i := bytes.IndexByte(b[:min(len(b), maxV1)], '\n'); i >= 0 {
			return i + 1, nil
		}
		if len(b) >= maxV1 {
			return 0, ErrTooLong
		}
		return 0, nil
	case begins(b, proxyproto.SIGV2):
		if len(b) < fixedV2 {
			return 0, nil
		}
		counted := int(binary.BigEndian.Uint16(b[fixedV2-2:]))
		if counted > maxCounted {
			return 0, ErrTooLong
		}
		return fixedV2 + counted, nil
	}
	return 0, ErrNone
}

// begins reports whether b begins with a signature, or may do so when more of it is there.
func begins(b, signature []byte) bool {
	n := min(len(b), len(signature))
	return bytes.Equal(b[:n], signature[:n])
}
