package conn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"parley/eventloop/cert"
	"parley/eventloop/client/known"
)

const (
	// handshakePatience is how long a TLS handshake may take. A server bounds it, too.
	handshakePatience = 10 * time.Second

	// partingPatience is how long the last word of TLS may wait for a server that does not
	// read: whoever closes a connection waits for it.
	partingPatience = 50 * time.Millisecond
)

// Secure is how a server is connected to with TLS 1.2 or higher, and which key is the
// right one: the one that was said beforehand; else one that the certificate authorities
// of the system vouch for, in the name of the host; else the one that the server had
// before, or any if it is met for the first time. Nothing that a user sends goes to a
// server with another key.
type Secure struct {
	Server string                                      // HOST:PORT
	Dial   func(ctx context.Context) (net.Conn, error) // connects to it without TLS
	Pin    string                                      // fingerprint of the key that was said beforehand; "": none was
	Roots  *x509.CertPool                              // whom to believe; nil: those whom the system believes
	Known  *known.Servers                              // nil: no server is, and nothing is kept
}

// A FirstKey is the key of a server that is met for the first time and for whose key
// nobody vouches.
type FirstKey struct {
	Fingerprint string
	Why         error // no certificate authority does
}

// A WrongKeyError says that a server has not the key that it should have.
type WrongKeyError struct {
	Server string
	Now    string // fingerprint of the key that it has
	Right  string // that of the one it should have; "": it is not known, and nobody vouches for this one
	Pinned bool   // Right was said beforehand
	Why    error  // no certificate authority vouches for Now; nil if Pinned
}

func (e *WrongKeyError) Error() string {
	switch {
	case e.Pinned:
		return fmt.Sprintf("the key of %s is %s, and not %s", e.Server, e.Now, e.Right)
	case e.Right == "":
		return fmt.Sprintf("nobody vouches for the key of %s, %s (%v)", e.Server, e.Now, e.Why)
	}
	return fmt.Sprintf("the key of %s has changed from %s to %s", e.Server, e.Right, e.Now)
}

// A MemoryError says that it cannot be known which key a server had before, or kept which
// one it has, and nobody vouches for it.
type MemoryError struct {
	Server string
	Err    error
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("it is not known which key %s had before: %v", e.Server, e.Err)
}

func (e *MemoryError) Unwrap() error { return e.Err }

// A NotTLSError says that what a server has answered to a TLS handshake is something else.
type NotTLSError struct {
	Server string
	Said   string // the first line of it, fit to be shown; "": it is not readable. Anybody on the way may have said it.
}

func (e *NotTLSError) Error() string {
	text := e.Server + " does not speak TLS: what it answers is something else"
	if e.Said != "" {
		text += fmt.Sprintf(", %q", e.Said)
	}
	return text
}

// A HandshakeError says that a TLS handshake was not answered to its end.
type HandshakeError struct {
	Server string
	Err    error
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("the TLS handshake with %s has failed: %v", e.Server, e.Err)
}

func (e *HandshakeError) Unwrap() error { return e.Err }

// secureConn is a connection to a server with the right key.
type secureConn struct {
	*tls.Conn
	first  *FirstKey // nil: it was right before
	unkept error     // the key is right, and could not be kept
}

// Connect connects. Its errors beside those of Dial are a *HandshakeError, a
// *NotTLSError, a *WrongKeyError and a *MemoryError.
func (s *Secure) Connect(ctx context.Context) (net.Conn, error) {
	raw, err := s.Dial(ctx)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(s.Server)
	if err != nil {
		raw.Close()
		return nil, err
	}
	heard := &listener{Conn: raw}
	c := &secureConn{Conn: tls.Client(hasty{heard}, &tls.Config{
		ServerName:         host,
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // judge does it, before anything is sent
	})}
	if err := s.shake(ctx, c.Conn, heard); err != nil {
		raw.Close()
		return nil, err
	}
	if err := s.judge(c, host); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// shake makes the handshake, with which the server shows that it has its key.
func (s *Secure) shake(ctx context.Context, c *tls.Conn, heard *listener) error {
	patience, cancel := context.WithTimeout(ctx, handshakePatience)
	defer cancel()
	err := c.HandshakeContext(patience)
	switch {
	case err == nil:
		heard.first, heard.over = nil, true
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	var other tls.RecordHeaderError
	said := heard.words() // also if it said so and closed before it was sent anything
	if said != "" || errors.As(err, &other) {
		return &NotTLSError{s.Server, said}
	}
	return &HandshakeError{s.Server, err}
}

// judge returns an error if the server has not the right key.
func (s *Secure) judge(c *secureConn, host string) error {
	chain := c.ConnectionState().PeerCertificates
	now := cert.Fingerprint(chain[0])
	var why error
	switch s.Pin {
	case "":
		why = s.doubt(chain, host)
	case now:
	default:
		return &WrongKeyError{Server: s.Server, Now: now, Right: s.Pin, Pinned: true}
	}
	if s.Known == nil {
		if why != nil {
			return &WrongKeyError{Server: s.Server, Now: now, Why: why}
		}
		return nil
	}
	before, err := s.Known.Meet(s.Server, now, why == nil)
	switch {
	case why == nil:
		c.unkept = err
	case err != nil:
		return &MemoryError{s.Server, err}
	case before == "":
		c.first = &FirstKey{now, why}
	case before != now:
		return &WrongKeyError{Server: s.Server, Now: now, Right: before, Why: why}
	}
	return nil
}

// doubt is why no certificate authority vouches for a chain in the name of a host; nil:
// one does.
func (s *Secure) doubt(chain []*x509.Certificate, host string) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{Roots: s.Roots, Intermediates: between}); err != nil {
		return err // it says more than that the name is another one
	}
	host, _, _ = strings.Cut(host, "%") // certificates know no zones of addresses
	return chain[0].VerifyHostname(host)
}

// hasty is a connection on which a write that is to end at some time ends soon. Only the
// last word of TLS is, for which crypto/tls would wait for 5 s.
type hasty struct{ net.Conn }

func (c hasty) SetWriteDeadline(t time.Time) error {
	if soon := time.Now().Add(partingPatience); t.After(soon) {
		t = soon
	}
	return c.Conn.SetWriteDeadline(t)
}
