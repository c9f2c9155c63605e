package web

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"parley/eventloop/client"
	"parley/eventloop/client/timeline"
)

// Limits of HTTP requests: they are small, and come from this machine.
const (
	headerTime  = 5 * time.Second
	readTime    = 10 * time.Second // of a request; a WebSocket is none any more
	maxHeaders  = 16 << 10
	maxToken    = 1 << 10 // bytes of the body that has the token
	stopTime    = 2 * time.Second
	maxRunBytes = 64 // of the run in a query
)

// Config is what a Site is made of.
type Config struct {
	Listener net.Listener // on a loopback address, or with Remote; closed by Stop
	Remote   *Remote      // nil: the page is for this machine
	Page     fs.FS        // what is served: index.html, and what it names
	Rand     io.Reader    // of secrets
	Log      *slog.Logger // of what goes wrong; nothing that was asked is in it
}

// A Site shows one chat to the tabs of a browser.
type Site struct {
	hub     *hub
	door    *door
	page    map[string]*file
	asks    chan client.Ask
	http    *http.Server
	url     string
	log     *slog.Logger
	rand    io.Reader
	stopped context.Context // ends with Stop
	stop    context.CancelFunc
	served  chan struct{} // is closed when nothing is accepted any more
	tabs    sync.WaitGroup
}

// Listen listens on an address of this machine: ADDRESS:PORT with the address in digits, or
// localhost; port 0 is a free one. An address that others can reach is refused unless remote
// is true: what a page shows and does needs a password and TLS there.
func Listen(address string, remote bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is not ADDRESS:PORT, such as 127.0.0.1:7777", address)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	switch _, err := netip.ParseAddr(host); {
	case !remote && IsRemote(address):
		return nil, fmt.Errorf("the page is for this machine only, and %q is none of its loopback addresses: use 127.0.0.1 or [::1]; from elsewhere, ssh -L reaches it", host)
	case err != nil:
		return nil, fmt.Errorf("%q is no address in digits, such as 192.168.1.5 or 0.0.0.0", host)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("the page cannot be served: %w", err)
	}
	return l, nil
}

// New returns a Site that serves nothing before Start.
func New(c Config) (*Site, error) {
	secrets := make([]byte, 2*secretSize)
	if _, err := io.ReadFull(c.Rand, secrets); err != nil {
		return nil, fmt.Errorf("the page needs secrets: %w", err)
	}
	run, err := newRun(c.Rand)
	if err != nil {
		return nil, err
	}
	page, err := filesOf(c.Page)
	if err != nil {
		return nil, err
	}
	address := c.Listener.Addr().(*net.TCPAddr)
	s := &Site{
		hub: newHub(run), page: page, asks: make(chan client.Ask), log: c.Log, rand: c.Rand, served: make(chan struct{}),
		door: newDoor(address, secrets[:secretSize], secrets[secretSize:]),
	}
	s.url = "http://" + address.String() + "/#token=" + s.door.token
	listener := c.Listener
	if r := newRemote(c.Remote); r != nil {
		s.door.opens(r)
		s.url = "https://" + r.address(address) + "/"
		listener = tls.NewListener(listener, r.TLS)
	}
	s.stopped, s.stop = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: headerTime, ReadTimeout: readTime, MaxHeaderBytes: maxHeaders, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	go s.serve(listener)
	return s, nil
}

// newRun names a run.
func newRun(rand io.Reader) (string, error) {
	b := make([]byte, runSize)
	if _, err := io.ReadFull(rand, b); err != nil {
		return "", fmt.Errorf("the page needs a name for its run: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// handler answers requests.
func (s *Site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /session", s.door.letIn)
	mux.HandleFunc("GET /session", s.door.known)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /", s.serveFile)
	return s.door.guard(mux)
}

func (s *Site) serve(l net.Listener) {
	defer close(s.served)
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("the page is not served any more", "error", err)
	}
}

// URL is where a browser gets in. Without Remote it has the token, so it is for the person alone.
func (s *Site) URL() string { return s.url }

// Changed is told each change of the timeline.
func (s *Site) Changed(c timeline.Change) { s.hub.Changed(c) }

// Watch is told how the chat is.
func (s *Site) Watch(m client.Model) { s.hub.Watch(m) }

// Asks gives what pages ask.
func (s *Site) Asks() <-chan client.Ask { return s.asks }

// Anew says that the chat is over and another one, of somebody else, is about to begin: what
// tabs have of the one before is void.
func (s *Site) Anew() error {
	run, err := newRun(s.rand)
	if err == nil {
		s.hub.anew(run)
	}
	return err
}

// Over says that the chat is over: pages are told, and their WebSockets closed.
func (s *Site) Over() { s.hub.close() }

// Stop ends everything. Tabs that are being told that the chat is over have a moment for that.
func (s *Site) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	<-s.served
	if s.hub.isClosed() {
		late := time.AfterFunc(closeTime, s.stop)
		defer late.Stop()
	} else {
		s.stop()
	}
	s.tabs.Wait()
	s.stop()
}

// events is a WebSocket for one tab.
func (s *Site) events(w http.ResponseWriter, r *http.Request) {
	s.tabs.Add(1) // before it is a WebSocket, which Shutdown does not wait for
	defer s.tabs.Done()
	if !s.door.isIn(r) {
		http.Error(w, wordsNotIn, http.StatusUnauthorized)
		return
	}
	run := r.URL.Query().Get("run")
	after, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64)
	if err != nil || len(run) > maxRunBytes {
		run = "" // it gets a snapshot
	}
	conn, err := websocket.Accept(w, r, nil) // which refuses another origin, too
	if err != nil {
		return // it was answered
	}
	defer conn.CloseNow()
	reading, cut := context.WithCancel(context.Background())
	defer cut()
	t := newTab(conn, cut)
	if !s.hub.join(t, run, after) {
		t.end(websocket.StatusTryAgainLater, "there are too many tabs, or the chat is over")
		return
	}
	defer s.hub.leave(t)
	s.attend(reading, t)
}

// attend reads and writes until the tab is gone, or nothing more comes.
func (s *Site) attend(reading context.Context, t *tab) {
	writing, done := context.WithCancel(s.stopped)
	defer done()
	var reader sync.WaitGroup
	reader.Go(func() {
		defer done()
		t.read(reading, s.hub, s.asks)
	})
	t.write(writing, s.hub)
	t.cut()
	reader.Wait()
}
