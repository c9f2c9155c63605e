package main

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"parley/eventloop"
	"parley/eventloop/cert"
	"parley/users/store"
)

// tlsListenFlags are those of parley serve that are about TLS.
type tlsListenFlags struct {
	TLSListen        []string      `name:"tls-listen" help:"Addresses to listen on with TLS, 1.2 and above: HOST:PORT, such as 0.0.0.0:9999, or systemd:NAME." placeholder:"ADDRESS"`
	TLSCert          string        `name:"tls-cert" help:"File with the certificate for TLS, in PEM, with those of its issuers behind it. It and the key are read again when they change, and on SIGHUP." placeholder:"FILE"`
	TLSKey           string        `name:"tls-key" help:"File with the key of that certificate, in PEM." placeholder:"FILE"`
	TLSSelf          bool          `name:"tls-self" help:"Have a certificate of the server's own. Its key is made at the first start and kept in the data folder; clients know it by its fingerprint, which the log tells."`
	TLSHandshakes    int           `name:"tls-handshakes" help:"Handshakes of TLS that are under way at once, at most; others wait for their turn, for --handshake-timeout in all."`
	HandshakeTimeout time.Duration `help:"How long a connection may take until the PROXY header is there, if it is from a proxy, and the handshake of TLS is over."`
	HandshakeInput   int           `help:"Kilobytes that a connection may send before its handshake of TLS is over, in any case."`
	HandshakeMemory  int           `help:"Megabytes that all connections of a loop may have sent together before their handshakes are over, up to which one may send more than --handshake-input; beyond it that one is closed."`
	ACME             acmeFlags     `embed:""`
	PlainPasswords   bool          `help:"Take passwords from other hosts also without TLS, where everybody on the way can read them, and through proxies that do not say whether there is TLS."`
}

// validate refuses settings that make no sense. behindProxy says that TLS is spoken at
// addresses for proxies, too; data is the data folder.
func (c *tlsListenFlags) validate(behindProxy bool, data string) error {
	listens := len(c.TLSListen) > 0 || behindProxy
	files, acme := c.TLSCert != "" || c.TLSKey != "", len(c.ACME.ACME) > 0
	switch {
	case listens && !files && !c.TLSSelf && !acme:
		return errors.New("--tls-listen needs a certificate: --acme NAME for one of an authority, --tls-cert FILE and --tls-key FILE, or --tls-self for one of the server's own")
	case (files || c.TLSSelf || acme) && !listens:
		return errors.New("there is a certificate, and no address for TLS: --tls-listen ADDRESS, such as 0.0.0.0:9999")
	case files && c.TLSSelf:
		return errors.New("--tls-self is instead of --tls-cert and --tls-key: choose one")
	case acme && (files || c.TLSSelf):
		return errors.New("--acme is instead of --tls-cert, --tls-key and --tls-self: choose one")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key belong together: give both")
	case c.TLSHandshakes < 1:
		return fmt.Errorf("--tls-handshakes is %d; it can be 1 or more", c.TLSHandshakes)
	case c.HandshakeTimeout <= 0 || c.HandshakeInput < 1 || c.HandshakeMemory < 1:
		return errors.New("--handshake-timeout must be more than 0s, and --handshake-input and --handshake-memory 1 or more")
	}
	return c.ACME.validate(data)
}

// use bounds the handshakes of the loops.
func (c *tlsListenFlags) use(cfg *eventloop.Config) {
	cfg.MaxHandshakes, cfg.HandshakeTimeout = c.TLSHandshakes, c.HandshakeTimeout
	cfg.HandshakeInput, cfg.HandshakeMemory = c.HandshakeInput<<10, c.HandshakeMemory<<20
}

// certificateFiles returns those of the flags, nil if there are none.
func (c *tlsListenFlags) certificateFiles(p *process) (*cert.Files, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	return cert.NewFiles(c.TLSCert, c.TLSKey, time.Now, p.log)
}

// config returns what TLS is spoken with, nil for none.
func (c *tlsListenFlags) config(p *process, files *cert.Files, folder string) (*tls.Config, error) {
	switch {
	case files != nil:
		return files.Config(), nil
	case !c.TLSSelf:
		return nil, nil
	case folder == store.Memory:
		own, err := cert.NewOwn(rand.Reader, time.Now())
		return tellOwn(p, own, err, "the server's own, with a key that is not kept: it is another one at the next start")
	}
	own, err := cert.OpenOwn(folder, rand.Reader, time.Now())
	return tellOwn(p, own, err, "the server's own, with the key of the data folder")
}

func tellOwn(p *process, own *cert.Own, err error, which string) (*tls.Config, error) {
	if err != nil {
		return nil, err
	}
	p.log.Info("TLS has a certificate", "which", which, "fingerprint", own.Fingerprint())
	return own.Config(), nil
}
