package monitor

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/eventloop/endpoint"
)

var (
	errStarting = errors.New("the server is starting")
	errStopping = errors.New("the server is stopping")
)

// handler returns what answers all requests.
func (m *Monitor) handler(metrics prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, "healthy", m.health()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		counts, err := m.counts(r.Context())
		answer(w, "ready", m.readiness(counts, err))
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", m.symbol)
	return m.onlyHere(mux)
}

// symbol names functions whose addresses are in the body of a request, as they may be many.
func (m *Monitor) symbol(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(m.cfg.Timeout))
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	pprof.Symbol(w, r)
}

// answer says in one line that all is well, or why not.
func answer(w http.ResponseWriter, well string, why error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if why != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		well = "not " + well + ": " + why.Error()
	}
	fmt.Fprintln(w, well)
}

// onlyHere refuses what a page in a browser asks for that has made the browser believe that
// this is a host of its own (DNS rebinding): then a name is asked for that is not this
// machine's. Where other machines may ask, names are as they like.
func (m *Monitor) onlyHere(next http.Handler) http.Handler {
	if m.cfg.Anywhere || strings.HasPrefix(m.cfg.Address, "unix:") {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if !endpoint.IsLocal(strings.Trim(host, "[]")) {
			http.Error(w, "The host of a request must be localhost or an address of loopback here.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
