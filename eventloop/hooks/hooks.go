package hooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"parley/eventloop"
	"parley/eventloop/monitor"
	"parley/users/command"
	"parley/users/state"
)

const (
	// maxConns is how many connections are answered at once. Others wait.
	maxConns = 32

	// maxHeader is how many bytes the head of a request may have.
	maxHeader = 8 << 10

	// readTimeout is how long a request may take to come.
	readTimeout = 5 * time.Second

	// answerTimeout is how long the server may take to keep a message. Then it is not
	// known whether it is said.
	answerTimeout = 10 * time.Second

	// writeTimeout is how long all of that may take, and the answer to go out.
	writeTimeout = readTimeout + answerTimeout + 5*time.Second

	// closeTimeout is how long answers that are under way may take at the end.
	closeTimeout = time.Second
)

// A Server is who says things.
type Server interface {
	// Propose has commands carried out, and returns what became of each when that is
	// safe. It may be called from any goroutine.
	Propose(ctx context.Context, commands []command.Command) ([]state.Result, error)
}

// A Config says where requests come to, and how many may.
type Config struct {
	Address  string // "HOST:PORT" or "unix:PATH"
	Anywhere bool   // other machines may reach it
	Rate     Rate   // of each hook
	Log      *slog.Logger
}

// A Listener answers requests. Its methods may be called from any goroutine; those of one
// that is nil do nothing.
type Listener struct {
	cfg      Config
	listener net.Listener
	http     *http.Server
	paces    paces
	end      context.CancelFunc
	all      sync.WaitGroup
}

// CheckAddress returns nil for an address that only this machine reaches, or where it may be
// any, for all.
func CheckAddress(addr string, anywhere bool) error {
	if anywhere || len(addr) > 5 && addr[:5] == "unix:" {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is no address: it is HOST:PORT, such as 127.0.0.1:9997, or unix:PATH", addr)
	}
	if monitor.IsLocal(host) {
		return nil
	}
	return fmt.Errorf("%s may be reached from other machines, and tokens and texts go there unencrypted: use 127.0.0.1:PORT or unix:PATH, behind a proxy with TLS, or add --hooks-anywhere", addr)
}

// Listen begins to answer, for a server that need not have begun.
func Listen(cfg Config, srv Server) (*Listener, error) {
	if err := CheckAddress(cfg.Address, cfg.Anywhere); err != nil {
		return nil, err
	}
	l, err := eventloop.ListenForOwner(cfg.Address, eventloop.SocketRights{})
	if err != nil {
		return nil, err
	}
	if a := l.Addr(); a.Network() != "unix" { // which name of a host that is, the system has decided
		if err := CheckAddress(a.String(), cfg.Anywhere); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	life, end := context.WithCancel(context.Background())
	h := &Listener{cfg: cfg, listener: l, end: end, paces: newPaces(cfg.Rate)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hooks/{token}", func(w http.ResponseWriter, r *http.Request) { h.say(w, r, srv) })
	h.http = &http.Server{Handler: mux, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: readTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return life }}
	h.all.Go(func() { _ = h.http.Serve(netutil.LimitListener(l, maxConns)) })
	return h, nil
}

// Address returns where that is, with the real port: "HOST:PORT" or "unix:PATH".
func (h *Listener) Address() string {
	if a := h.listener.Addr(); a.Network() != "unix" {
		return a.String()
	}
	return h.cfg.Address
}

// Close ends all that is being answered. Nothing is asked of the server any more when it
// returns.
func (h *Listener) Close() error {
	if h == nil {
		return nil
	}
	h.end()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := h.http.Shutdown(ctx)
	if err != nil {
		err = h.http.Close() // somebody has connected and asks for nothing
	}
	h.all.Wait()
	return err
}
