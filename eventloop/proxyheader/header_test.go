package proxyheader

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/pires/go-proxyproto"
)

// v2 is a header of version 2, its length in one byte.
func v2(command, family byte, counted string) string {
	return string(proxyproto.SIGV2) + string([]byte{command, family, byte(len(counted) >> 8), byte(len(counted))}) + counted
}

const (
	local, proxy = 0x20, 0x21

	unspec, tcp4, udp4, tcp6, unixStream = 0x00, 0x11, 0x12, 0x21, 0x31

	four = "\xc6\x33\x64\x07" + "\x0a\x00\x00\x01" + "\xdc\xbe" + "\x27\x0e" // 198.51.100.7:56510 to 10.0.0.1:9998
	six  = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07" +
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" + "\xdc\xbe" + "\x27\x0e"
	mapped = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc6\x33\x64\x07" +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x0a\x00\x00\x01" + "\xdc\xbe" + "\x27\x0e"

	authority = "\x02\x00\x0bexample.com"
	overTLS   = "\x20\x00\x0f\x01\x00\x00\x00\x00" + "\x21\x00\x07TLSv1.3" // PP2_CLIENT_SSL, with the version
	plainSSL  = "\x20\x00\x05\x00\x00\x00\x00\x00"
)

// longUnknown is the longest header of version 1.
var longUnknown = "PROXY UNKNOWN " + strings.Repeat("ffff:", 7) + "ffff " + strings.Repeat("ffff:", 7) + "ffff 65535 65535\r\n"

var headers = []struct {
	name, sent string
	client     string // "": none
	says, tls  bool
	err        string // "": none
}{
	{name: "1, IPv4", sent: "PROXY TCP4 198.51.100.7 10.0.0.1 56510 9998\r\n", client: "198.51.100.7:56510"},
	{name: "1, IPv6", sent: "PROXY TCP6 2001:db8::7 2001:db8::1 56510 9998\r\n", client: "[2001:db8::7]:56510"},
	{name: "1, IPv4 as IPv6", sent: "PROXY TCP6 ::ffff:198.51.100.7 ::ffff:10.0.0.1 56510 9998\r\n", client: "198.51.100.7:56510"},
	{name: "1, IPv4 behind TCP6, as of nginx", sent: "PROXY TCP6 198.51.100.7 10.0.0.1 56510 9998\r\n", client: "198.51.100.7:56510"},
	{name: "1, unknown", sent: "PROXY UNKNOWN\r\n"},
	{name: "1, unknown, with addresses", sent: longUnknown},
	{name: "2, IPv4", sent: v2(proxy, tcp4, four), client: "198.51.100.7:56510"},
	{name: "2, IPv6", sent: v2(proxy, tcp6, six), client: "[2001:db8::7]:56510"},
	{name: "2, IPv4 as IPv6", sent: v2(proxy, tcp6, mapped), client: "198.51.100.7:56510"},
	{name: "2, a Unix socket", sent: v2(proxy, unixStream, "/run/x"+strings.Repeat("\x00", 210))},
	{name: "2, of the proxy itself", sent: v2(local, unspec, "")},
	{name: "2, of the proxy itself, with addresses", sent: v2(local, tcp4, four)},
	{name: "2, of the proxy itself, with something else", sent: v2(local, tcp4, "x")},
	{name: "2, with more", sent: v2(proxy, tcp4, four+authority), client: "198.51.100.7:56510"},
	{name: "2, with more that is damaged", sent: v2(proxy, tcp4, four+"\x20\xff"), client: "198.51.100.7:56510"},
	{name: "2, with TLS", sent: v2(proxy, tcp4, four+authority+overTLS), client: "198.51.100.7:56510", says: true, tls: true},
	{name: "2, without TLS", sent: v2(proxy, tcp4, four+plainSSL), client: "198.51.100.7:56510", says: true},
	{name: "2, with a part about TLS that is damaged", sent: v2(proxy, tcp4, four+"\x20\x00\x01\x01"), client: "198.51.100.7:56510"},
	{name: "2, a Unix socket, with TLS", sent: v2(proxy, unixStream, "/run/x"+strings.Repeat("\x00", 210)+overTLS), says: true, tls: true},
	{name: "2, of the proxy itself with TLS", sent: v2(local, tcp4, four+overTLS)},
	{name: "2, the longest", sent: v2(proxy, tcp4, four+"\x04\x0f\xf1"+strings.Repeat("\x00", maxCounted-15)), client: "198.51.100.7:56510"},

	{name: "JSON", sent: `{"request":"login"}`, err: "no PROXY header"},
	{name: "TLS", sent: "\x16\x03\x01", err: "no PROXY header"},
	{name: "HTTP", sent: "POST / HTTP/1.1\r\n\r\n", err: "no PROXY header"},
	{name: "1, too long", sent: "PROXY UNKNOWN " + strings.Repeat("x", maxV1), err: "too long"},
	{name: "1, a line of LF", sent: "PROXY TCP4 198.51.100.7 10.0.0.1 56510 9998\n", err: "must end with"},
	{name: "1, no such family", sent: "PROXY TCP5 198.51.100.7 10.0.0.1 56510 9998\r\n", err: "cannot be used"},
	{name: "1, no address", sent: "PROXY TCP4 a.example 10.0.0.1 56510 9998\r\n", err: "cannot be used"},
	{name: "1, no port", sent: "PROXY TCP4 198.51.100.7 10.0.0.1 99999 9998\r\n", err: "cannot be used"},
	{name: "1, a word that begins so", sent: "PROXYX\r\n", err: "cannot be used"},
	{name: "2, too long", sent: v2(proxy, tcp4, four+strings.Repeat("x", maxCounted)), err: "too long"},
	{name: "2, no such version", sent: v2(0x11, tcp4, four), err: "cannot be used"},
	{name: "2, no such family", sent: v2(proxy, 0x55, four), err: "cannot be used"},
	{name: "2, no address", sent: v2(proxy, unspec, ""), err: "cannot be used"},
	{name: "2, half an address", sent: v2(proxy, tcp4, four[:8]), err: "cannot be used"},
	{name: "2, UDP", sent: v2(proxy, udp4, four), err: "no TCP, but udp"},
}

// feed gives Parse what comes, the first n bytes at once and then one after the other.
func feed(b []byte, first int) (h Header, size int, err error) {
	for n := first; n <= len(b); n++ {
		if h, size, err = Parse(b[:n]); err != nil || size > 0 {
			break
		}
	}
	return h, size, err
}

// However a header comes, it says the same; what is behind it is not looked at.
func TestHeaders(t *testing.T) {
	for _, tt := range headers {
		t.Run(tt.name, func(t *testing.T) {
			for _, behind := range []string{"", `{"request":"login"}`, "\n", "PROXY UNKNOWN\r\n"} {
				stream := []byte(tt.sent + behind)
				for first := range stream[:min(len(stream), 64)] {
					h, size, err := feed(stream, first)
					if tt.err != "" {
						if err == nil || !strings.Contains(err.Error(), tt.err) {
							t.Fatalf("after %d bytes: %+v, %d, %v", first, h, size, err)
						}
						continue
					}
					if err != nil || size != len(tt.sent) || h.SaysTLS != tt.says || h.TLS != tt.tls || h.Client.IsValid() != (tt.client != "") || tt.client != "" && h.Client.String() != tt.client {
						t.Fatalf("after %d bytes: %+v, %d of %d, %v", first, h, size, len(tt.sent), err)
					}
				}
			}
			if tt.err == "" {
				if h, size, err := Parse([]byte(tt.sent[:len(tt.sent)-1])); size != 0 || err != nil {
					t.Errorf("without the last byte: %+v, %d, %v", h, size, err)
				}
			}
		})
	}
}

// Whatever comes: the same is read of it in one piece and byte by byte, no more is waited for
// than a header can have, and where a header ends is what the library says, which reads a
// stream.
func FuzzParse(f *testing.F) {
	for _, tt := range headers {
		f.Add([]byte(tt.sent))
		f.Add([]byte(tt.sent + "x"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, size, err := Parse(b)
		if slow, slowSize, slowErr := feed(b, 0); slow != h || slowSize != size || (err == nil) != (slowErr == nil) {
			t.Fatalf("in one piece %+v, %d, %v; byte by byte %+v, %d, %v", h, size, err, slow, slowSize, slowErr)
		}
		if err == nil && size == 0 && len(b) >= Max {
			t.Fatalf("more is waited for than %d bytes", len(b))
		}
		if size > len(b) || size > Max || err != nil && size != 0 {
			t.Fatalf("%d bytes of %d, %v", size, len(b), err)
		}
		if h.Client.IsValid() && h.Client.Addr().Is4In6() {
			t.Fatalf("the address is %s", h.Client)
		}
		in := bytes.NewReader(b)
		buffered := bufio.NewReaderSize(in, max(len(b), 16))
		_, want := proxyproto.Read(buffered)
		read := len(b) - in.Len() - buffered.Buffered()
		switch {
		case err == nil && size > 0 && (want != nil || read != size):
			t.Fatalf("%d bytes; the library reads %d, %v", size, read, want)
		case errors.Is(err, ErrNone) && !errors.Is(want, proxyproto.ErrNoProxyProtocol):
			t.Fatalf("%v; the library says %v", err, want)
		}
	})
}
