// Package endpoint answers HTTP at an address that the server's owner has chosen, which only
// this machine reaches unless the owner says otherwise.
package endpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"parley/eventloop"
)

// closeTimeout is how long answers that are under way may take at the end.
const closeTimeout = time.Second

// A Config says where requests come to, and how many.
type Config struct {
	Address string                  // "HOST:PORT" or "unix:PATH"
	Socket  eventloop.SocketRights  // of a Unix socket; zero: only this user may use it
	Check   func(addr string) error // returns why nothing is to be answered at an address
	Conns   int                     // connections that are answered at once; others wait
	Faulted func()                  // is told that an answer has panicked; nil: nobody is
	Log     *slog.Logger            // is told at the level of debugging what net/http complains of
}

// An Endpoint answers requests. Its methods may be called from any goroutine.
type Endpoint struct {
	address  string
	listener net.Listener
	http     *http.Server
	end      context.CancelFunc
	all      sync.WaitGroup
}

// Listen begins to answer, with a server that is used for nothing else. The contexts of requests
// end when the endpoint is closed.
func Listen(cfg Config, with *http.Server) (*Endpoint, error) {
	if err := cfg.Check(cfg.Address); err != nil {
		return nil, err
	}
	l, err := eventloop.ListenForOwner(cfg.Address, cfg.Socket)
	if err != nil {
		return nil, err
	}
	if a := l.Addr(); a.Network() != "unix" { // which name of a host that is, the system has decided
		if err := cfg.Check(a.String()); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	life, end := context.WithCancel(context.Background())
	with.Handler = Contain(with.Handler, cfg.Log, cfg.Faulted)
	with.ErrorLog = slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)
	with.BaseContext = func(net.Listener) context.Context { return life }
	e := &Endpoint{address: cfg.Address, listener: l, http: with, end: end}
	e.all.Go(func() { _ = with.Serve(netutil.LimitListener(l, cfg.Conns)) })
	return e, nil
}

// Contain has a panic in an answer end its connection, be logged with its stack, and be told to
// faulted, which may be nil. net/http ends the connection, too, but says so only where nobody looks.
func Contain(h http.Handler, log *slog.Logger, faulted func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler { // else it was meant
				log.Error("an answer by HTTP failed", "pattern", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				if faulted != nil {
					faulted()
				}
			}
			panic(http.ErrAbortHandler)
		}()
		h.ServeHTTP(w, r)
	})
}

// Address returns where that is, with the real port: "HOST:PORT" or "unix:PATH".
func (e *Endpoint) Address() string {
	if a := e.listener.Addr(); a.Network() != "unix" {
		return a.String()
	}
	return e.address
}

// Close ends all that is being answered. No request is handled any more when it returns.
func (e *Endpoint) Close() error {
	e.end()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := e.http.Shutdown(ctx)
	if err != nil {
		err = e.http.Close() // somebody has connected and asks for nothing
	}
	e.all.Wait()
	return err
}

// CheckAddress returns nil for an address, "HOST:PORT" or "unix:PATH", that only this machine
// reaches, or where it may be any, for all: a Unix socket that has rights, or the host localhost
// or an address of loopback. Of another one the error says why not, and what to do; of what is
// no address which port one has for example.
func CheckAddress(addr string, anywhere bool, port, why string) error {
	if strings.HasPrefix(addr, "unix:") {
		return eventloop.CheckForOwner(addr)
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is no address: it is HOST:PORT, such as 127.0.0.1:%s, or unix:PATH", addr, port)
	}
	if err := eventloop.CheckHostPort(addr); err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	if anywhere || IsLocal(host) {
		return nil
	}
	return fmt.Errorf("%s may be reached from other machines, and %s", addr, why)
}

// IsLocal reports whether a host is this machine and nothing else.
func IsLocal(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
