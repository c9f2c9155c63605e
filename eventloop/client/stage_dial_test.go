package client

import (
	"context"
	"errors"
	"strings"

	"parley/eventloop/client/conn"
)

// The fingerprints of a stage.
var (
	firstKey = "sha256:" + strings.Repeat("a1", 32)
	otherKey = "sha256:" + strings.Repeat("b2", 32)
)

func (s *stage) dial(result string) {
	if s.dials == 0 {
		s.t.Fatalf("%s: the App does not dial", s.where)
	}
	s.dials--
	server, why := s.cfg.Target.Address, errors.New("x509: certificate signed by unknown authority")
	e := conn.Event{Gen: s.app.gen, Kind: conn.Dialled}
	switch result {
	case "ok":
	case "first":
		e.First = &conn.FirstKey{Fingerprint: firstKey, Why: why}
	case "unkept":
		e.Unkept = errors.New("keeping the key of " + server + ": no space left on device")
	case "refused":
		e.Err = errors.New("connection refused")
	case "changed":
		e.Err = &conn.WrongKeyError{Server: server, Now: otherKey, Right: firstKey, Why: why}
	case "pinned":
		e.Err = &conn.WrongKeyError{Server: server, Now: otherKey, Right: firstKey, Pinned: true}
	case "no-tls":
		e.Err = &conn.NotTLSError{Server: server}
	case "full":
		e.Err = &conn.NotTLSError{Server: server, Said: "The server is full. Please try again later."}
	case "silent":
		e.Err = &conn.HandshakeError{Server: server, Err: context.DeadlineExceeded}
	case "unknown":
		e.Err = &conn.MemoryError{Server: server, Err: errors.New("known_servers:3: a line is HOST:PORT sha256:HEX: correct it or remove it")}
	default:
		s.t.Fatalf("%s: what is a dial that is %s?", s.where, result)
	}
	if e.Err == nil {
		s.link = &stageLink{s: s}
		s.decoder, s.gen = conn.NewDecoder(s.app.gen), s.app.gen
		e.Link = s.link
	}
	s.app.happened(e)
}
