package transport

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"parley/p2p"
	"parley/p2p/identity"
)

const (
	protocolName  = "parley-p2p/2" // of ALPN, and the beginning of a proof
	exporterLabel = "EXPORTER-parley-p2p-words"
)

// A proof shows that its sender has the token of a session. A hash of the token
// goes out and not the token itself: a server must not choose the bytes that are
// sent to an address that it names, which may be that of something else.
type proof [sha256.Size]byte

// newProof returns the proof of the person whose key is from, for the one whose
// key is to. As that of the other one differs, an echo proves nothing.
func newProof(token, from, to string) proof {
	return sha256.Sum256([]byte(protocolName + " " + token + " " + from + " " + to))
}

// showFirst sends the proof on a connection that was dialled.
func (a *attempt) showFirst(conn net.Conn) error {
	conn.SetDeadline(time.Now().Add(a.t.cfg.Handshake))
	_, err := conn.Write(a.mine[:])
	if err != nil {
		return err
	}
	var shown proof
	stop := context.AfterFunc(a.ctx, func() { conn.Close() })
	defer stop()
	if _, err := io.ReadFull(conn, shown[:]); err != nil {
		return fmt.Errorf("the other end does not know the session: %w", err)
	}
	if shown != a.theirs {
		return errors.New("the other end is something else")
	}
	return nil
}

// greet shakes hands with one who came and has shown the proof.
func (a *attempt) greet(conn net.Conn, from netip.AddrPort, until time.Time) error {
	conn.SetDeadline(until)
	if _, err := conn.Write(a.mine[:]); err != nil {
		conn.Close()
		return err
	}
	return a.secure(conn, p2p.Path{Address: from.String()}, until)
}

// relayClient begins the handshake over the relay.
func (a *attempt) relayClient() {
	a.note(relayName, a.secure(a.relay, p2p.Path{Relay: true}, time.Now().Add(a.t.cfg.RelayPatience)))
}

// relayServer waits for the peer to begin over the relay.
func (a *attempt) relayServer() {
	until := time.Now().Add(a.t.cfg.Patience + a.t.cfg.RelayPatience)
	if a.direct.After(until) {
		until = a.direct
	}
	err := a.relay.wait(a.ctx, until)
	if err != nil {
		a.relay.Close()
	} else {
		err = a.secure(a.relay, p2p.Path{Relay: true}, time.Now().Add(a.t.cfg.RelayPatience))
	}
	a.note(relayName, err)
}

// secure makes a link of a connection, or closes it.
func (a *attempt) secure(conn net.Conn, path p2p.Path, until time.Time) error {
	conn.SetDeadline(until)
	stop := context.AfterFunc(a.ctx, func() { conn.Close() })
	sealed, words, err := a.seal(conn)
	if !stop() {
		err = errOver
	}
	if err == nil {
		conn.SetDeadline(time.Time{})
		err = a.t.newLink(a, conn, sealed, path, words)
	}
	if err != nil {
		conn.Close()
	}
	return err
}

// seal does the handshake of TLS.
func (a *attempt) seal(conn net.Conn) (*tls.Conn, []string, error) {
	config := &tls.Config{
		Certificates:           []tls.Certificate{a.t.cfg.Identity.Certificate()},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{protocolName},
		SessionTicketsDisabled: true,
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true, // there is no authority: the key itself is compared
		VerifyConnection:       a.verify,
	}
	sealed := tls.Server(conn, config)
	if a.plan.Client {
		sealed = tls.Client(conn, config)
	}
	if err := sealed.Handshake(); err != nil {
		return nil, nil, err
	}
	state := sealed.ConnectionState()
	secret, err := state.ExportKeyingMaterial(exporterLabel, nil, 32)
	if err != nil {
		return nil, nil, err
	}
	smaller, larger := a.fingerprints()
	return sealed, identity.Words(secret, smaller, larger), nil
}

// verify compares the peer's key with that of the plan.
func (a *attempt) verify(state tls.ConnectionState) error {
	if state.NegotiatedProtocol != protocolName || len(state.PeerCertificates) == 0 {
		return errors.New("the other end speaks another protocol")
	}
	if got := identity.Fingerprint(state.PeerCertificates[0]); got != a.plan.Fingerprint {
		return &wrongKeyError{name: a.plan.Name, got: got, want: a.plan.Fingerprint}
	}
	return nil
}

// plain returns an error in words for a person.
func plain(err error) error {
	var remote *net.OpError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the other side has closed the connection")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the other side takes nothing any more")
	case errors.As(err, &remote) && remote.Op == "remote error":
		return fmt.Errorf("the other side refused the connection, perhaps because it expects another key of you (%w)", err)
	}
	return err
}
