package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"

	"github.com/adrg/xdg"

	"parley/eventloop/client"
	"parley/eventloop/client/conn"
	"parley/eventloop/client/known"
)

// defaultServers is where the keys of servers are in the folder for the state of programs.
const defaultServers = "parley/known_servers"

// tlsFlags say how a server is reached with TLS.
type tlsFlags struct {
	TLS    bool   `name:"tls" help:"Talk to the server with TLS, as parleys://HOST does, and never without."`
	TLSPin string `name:"tls-pin" help:"The server must have the key with this fingerprint, which it logs when it starts. Implies --tls." placeholder:"sha256:HEX"`
}

// Validate checks what the parser cannot.
func (f *tlsFlags) Validate() error {
	if f.TLSPin == "" {
		return nil
	}
	if _, err := known.ParseFingerprint(f.TLSPin); err != nil {
		return fmt.Errorf("--tls-pin: %w", err)
	}
	return nil
}

// target reads where to connect to.
func (f *tlsFlags) target(s string) (client.Target, error) {
	t, err := client.ParseTarget(s)
	if err != nil {
		return t, exitError{exitUsage, err}
	}
	return f.withTLS(t)
}

// targets reads where to connect to, which may be several machines that are one server.
func (f *tlsFlags) targets(s string) ([]client.Target, error) {
	all, err := client.ParseTargets(s)
	if err != nil {
		return nil, exitError{exitUsage, err}
	}
	for i := range all {
		if all[i], err = f.withTLS(all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// withTLS returns a target with TLS, if that is wanted.
func (f *tlsFlags) withTLS(t client.Target) (client.Target, error) {
	if !f.TLS && f.TLSPin == "" {
		return t, nil
	}
	t, err := t.WithTLS()
	if err != nil {
		return t, exitError{exitUsage, err}
	}
	return t, nil
}

// knownServers are those that were met with TLS.
func knownServers() *known.Servers {
	return known.In(filepath.Join(xdg.StateHome, defaultServers))
}

// meetAgain reads where to connect to, with TLS if the server had it before. dial connects to
// the first of several addresses that answers, and to the next one each time it is called again.
// servers is where keys are remembered.
func (f *tlsFlags) meetAgain(s string, servers *known.Servers) (t client.Target, dial func(context.Context) (net.Conn, error), err error) {
	targets, err := client.ParseTargets(s)
	if err != nil {
		return t, nil, exitError{exitUsage, err}
	}
	var dials []func(context.Context) (net.Conn, error)
	for i := range targets {
		if targets[i], err = f.remembered(targets[i], servers); err != nil {
			return targets[i], nil, err
		}
		dials = append(dials, f.secured(targets[i], dialer(targets[i]), servers))
	}
	return targets[0], inTurn(dials), nil
}

// inTurn connects in one of several ways: the first time it tries them from the first on, and
// each time that it is called again from the one on behind that which has worked.
func inTurn(dials []func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	if len(dials) == 1 {
		return dials[0]
	}
	var next atomic.Int64
	return func(ctx context.Context) (conn net.Conn, err error) {
		first := int(next.Load())
		for i := range dials {
			at := (first + i) % len(dials)
			if conn, err = dials[at](ctx); err == nil {
				next.Store(int64(at + 1))
				return conn, nil
			}
		}
		return nil, err
	}
}

// remembered returns a target with TLS if that is wanted, or if the server had it before.
func (f *tlsFlags) remembered(t client.Target, servers *known.Servers) (client.Target, error) {
	t, err := f.withTLS(t)
	if err != nil || t.Network == "unix" {
		return t, err
	}
	may := t.Secured()
	if t.TLS {
		may = []client.Target{t}
	}
	for _, secure := range may {
		before, err := servers.Fingerprint(secure.Address)
		switch {
		case err != nil && t.TLS: // it is told if it matters
		case err != nil:
			return t, exitError{exitNoConnection, fmt.Errorf("it is not known whether %s had TLS before: %w", secure.Address, err)}
		case before != "":
			secure.Remembered = servers.Path()
			return secure, nil
		}
	}
	return t, nil
}

// secured connects to a target with TLS if it is to be, on connections that dial makes.
// servers is where keys are remembered; nil: nowhere.
func (f *tlsFlags) secured(t client.Target, dial func(context.Context) (net.Conn, error), servers *known.Servers) func(context.Context) (net.Conn, error) {
	if !t.TLS {
		return dial
	}
	pin, _ := known.ParseFingerprint(f.TLSPin) // Validate has had a look at it
	secure := conn.Secure{Server: t.Address, Dial: dial, Pin: pin, Known: servers}
	return secure.Connect
}
