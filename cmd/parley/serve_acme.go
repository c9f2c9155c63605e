package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"parley/eventloop"
	"parley/eventloop/cert"
	"parley/eventloop/endpoint"
	"parley/users/store"
)

const (
	// acmeFolder is where in the data folder keys and the certificate are.
	acmeFolder = "acme"

	// httpPatience is how long a request to the port for the authority may take, and
	// httpConns how many may be open: an authority looks from a handful of places.
	httpPatience = 10 * time.Second
	httpConns    = 50
)

// acmeFlags are those of parley serve that are about a certificate of an authority.
type acmeFlags struct {
	ACME          []string `name:"acme" help:"Names of this server, such as chat.example, for which a certificate authority is asked for a certificate (by ACME, as of Let's Encrypt), whose terms you agree to. It is kept in the data folder and renewed, and nobody is dropped." placeholder:"NAME"`
	ACMEHTTP      string   `name:"acme-http" help:"Where the authority sees that the names are this server's. It always comes to port 80 (HTTP) or 443 (TLS) of each name. HOST:PORT, to answer it by HTTP there; none, to answer it at the addresses with TLS. The default is none if one of these has port 443, else :80." placeholder:"ADDRESS"`
	ACMEDirectory string   `name:"acme-directory" help:"The authority: the URL of its directory." default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL"`
	ACMEEmail     string   `name:"acme-email" help:"Where the authority may write to about the certificate." placeholder:"ADDRESS"`
}

// validate refuses settings that make no sense. data is the data folder.
func (c *acmeFlags) validate(data string) error {
	if len(c.ACME) == 0 {
		if c.ACMEHTTP != "" || c.ACMEEmail != "" {
			return errors.New("--acme-http and --acme-email are for a certificate of an authority: say for which name, --acme NAME")
		}
		return nil
	}
	if data == store.Memory {
		return errors.New("--acme needs a data folder: authorities issue only some certificates in a week, so they are kept")
	}
	for _, name := range c.ACME {
		if net.ParseIP(name) != nil || !strings.Contains(name, ".") || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
			return fmt.Errorf("--acme %s: authorities know names such as chat.example, without a port", name)
		}
	}
	u, err := url.Parse(c.ACMEDirectory)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--acme-directory %s is none: it is a URL with https", c.ACMEDirectory)
	}
	if c.ACMEHTTP != "" && c.ACMEHTTP != "none" {
		if err := eventloop.CheckHostPort(c.ACMEHTTP); err != nil {
			return fmt.Errorf("--acme-http %s: it is HOST:PORT, or none: %w", c.ACMEHTTP, err)
		}
	}
	return nil
}

// byHTTP returns where the authority is answered by HTTP, "" for nowhere. listen are the
// addresses with TLS.
func (c *acmeFlags) byHTTP(listen []string) string {
	switch c.ACMEHTTP {
	case "none":
		return ""
	case "":
		for _, addr := range listen {
			if _, port, err := net.SplitHostPort(addr); err == nil && (port == "443" || port == "https") {
				return ""
			}
		}
		return ":80"
	}
	return c.ACMEHTTP
}

// obtain begins to have a certificate, which lasts until stop is called.
func (c *acmeFlags) obtain(ctx context.Context, log *slog.Logger, listen []string, data string, faulted func()) (_ *tls.Config, stop func(), err error) {
	addr := c.byHTTP(listen)
	a, err := cert.OpenACME(cert.ACMEConfig{Names: c.names(), Directory: c.ACMEDirectory, Email: c.ACMEEmail,
		Folder: filepath.Join(data, acmeFolder), OverTLS: addr == "", Clock: time.Now, Log: log})
	if err != nil {
		return nil, nil, err
	}
	var work sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	stop = func() { cancel(); work.Wait() }
	if addr != "" {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			cancel()
			return nil, nil, fmt.Errorf("cannot answer the certificate authority at %s (--acme-http): %w", addr, err)
		}
		log.Info("the certificate authority is answered by HTTP, and comes to port 80 of each name", "address", l.Addr().String(), "names", c.names())
		s := &http.Server{Handler: endpoint.Contain(a, log, faulted), ReadTimeout: httpPatience, WriteTimeout: httpPatience, MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
		work.Go(func() { _ = s.Serve(netutil.LimitListener(l, httpConns)) })
		context.AfterFunc(ctx, func() { s.Close() })
	} else {
		log.Info("the certificate authority is answered where TLS is spoken, and comes to port 443 of each name", "names", c.names())
	}
	work.Go(func() { a.Run(ctx) })
	return a.Config(), stop, nil
}

// names returns them as certificates have them.
func (c *acmeFlags) names() (all []string) {
	for _, name := range c.ACME {
		all = append(all, strings.ToLower(name))
	}
	return all
}
