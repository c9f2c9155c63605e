package hooks

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"parley/eventloop"
	"parley/eventloop/endpoint"
	"parley/users/command"
	"parley/users/state"
)

const (
	// MaxConns is how many connections are answered at once. Others wait.
	MaxConns = 32

	// maxHeader is how many bytes the head of a request may have.
	maxHeader = 8 << 10

	// readTimeout is how long a request may take to come.
	readTimeout = 5 * time.Second

	// answerTimeout is how long the server may take to keep a message. Then it is not
	// known whether it is said.
	answerTimeout = 10 * time.Second

	// writeTimeout is how long all of that may take, and the answer to go out.
	writeTimeout = readTimeout + answerTimeout + 5*time.Second
)

// A Server is who says things.
type Server interface {
	// Propose has commands carried out, and returns what became of each when that is
	// safe. It may be called from any goroutine.
	Propose(ctx context.Context, commands []command.Command) ([]state.Result, error)

	// MaxText returns how many bytes a text may have now. It may be called from any
	// goroutine.
	MaxText() int
}

// A Config says where requests come to, and how many may.
type Config struct {
	Address  string                 // "HOST:PORT" or "unix:PATH"
	Anywhere bool                   // other machines may reach it
	Socket   eventloop.SocketRights // of a Unix socket; zero: only this user may use it
	Rate     Rate                   // of each hook
	Log      *slog.Logger
	Faulted  func() // is told that an answer has panicked; nil: nobody is
}

// A Listener answers requests. Its methods may be called from any goroutine; those of one
// that is nil do nothing.
type Listener struct {
	endpoint *endpoint.Endpoint
	paces    paces
}

// CheckAddress returns nil for an address that only this machine reaches, or where it may be
// any, for any.
func CheckAddress(addr string, anywhere bool) error {
	return endpoint.CheckAddress(addr, anywhere, "9997", "tokens and texts go there unencrypted: use 127.0.0.1:PORT or unix:PATH, behind a proxy with TLS, or add --hooks-anywhere")
}

// Listen begins to answer, for a server that need not have begun.
func Listen(cfg Config, srv Server) (*Listener, error) {
	h := &Listener{paces: newPaces(cfg.Rate)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hooks/{token}", func(w http.ResponseWriter, r *http.Request) { h.say(w, r, srv) })
	with := &http.Server{Handler: mux, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: readTimeout, MaxHeaderBytes: maxHeader}
	at := endpoint.Config{Address: cfg.Address, Socket: cfg.Socket, Conns: MaxConns, Log: cfg.Log, Faulted: cfg.Faulted, Check: func(addr string) error { return CheckAddress(addr, cfg.Anywhere) }}
	var err error
	if h.endpoint, err = endpoint.Listen(at, with); err != nil {
		return nil, err
	}
	return h, nil
}

// Address returns where that is, with the real port: "HOST:PORT" or "unix:PATH".
func (h *Listener) Address() string { return h.endpoint.Address() }

// Close ends all that is being answered. Nothing is asked of the server any more when it
// returns.
func (h *Listener) Close() error {
	if h == nil {
		return nil
	}
	return h.endpoint.Close()
}
