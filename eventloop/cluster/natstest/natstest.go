// Package natstest runs servers of NATS with JetStream for tests, each in a process of its own
// that can be killed or stopped. The processes are the program of the test itself.
package natstest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// variable has the options of a process that is to be a server of NATS.
const variable = "PARLEY_TEST_NATS"

// patience is how long something may take that comes about by itself, on a busy machine.
const patience = 60 * time.Second

// A setup is what a process is told.
type setup struct {
	Name      string
	Port      int
	Route     int // 0: it is alone
	Routes    []string
	Folder    string
	Payload   int32
	JetStream bool
}

// Main is a server of NATS, and does not return, if the process was started to be one. It is
// called first of all by TestMain.
func Main() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	if err := serve(text); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve serves until standard input ends: then nobody is there any more who would end it.
func serve(text string) error {
	var s setup
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: s.Name, Host: "127.0.0.1", Port: s.Port, JetStream: s.JetStream, StoreDir: s.Folder, SyncAlways: true, MaxPayload: s.Payload,
		NoSigs: true, NoLog: true, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 30,
	}
	if s.Route != 0 {
		// Clients are not told of the other servers: they stay at the addresses that a test gives them.
		o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: s.Route, NoAdvertise: true}
		for _, r := range s.Routes {
			u, err := url.Parse(r)
			if err != nil {
				return err
			}
			o.Routes = append(o.Routes, u)
		}
	}
	n, err := server.NewServer(o)
	if err != nil {
		return err
	}
	n.Start()
	if !n.ReadyForConnections(patience) {
		return fmt.Errorf("%s is not ready", s.Name)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return nil
}

// A Server is one of NATS.
type Server struct {
	Name string
	URL  string
	t    testing.TB
	to   setup
	cmd  *exec.Cmd
	in   io.Closer
	out  *bufio.Reader
}

// Servers are some that form a cluster, or one that is alone.
type Servers []*Server

// Start starts so many servers, with JetStream, that end with the test.
func Start(t testing.TB, n int) Servers {
	return begin(t, n, setup{JetStream: true})
}

// StartWithoutJetStream starts one that has none.
func StartWithoutJetStream(t testing.TB) Servers { return begin(t, 1, setup{}) }

// StartSmall starts one that takes messages of so many bytes.
func StartSmall(t testing.TB, payload int32) Servers {
	return begin(t, 1, setup{JetStream: true, Payload: payload})
}

func begin(t testing.TB, n int, as setup) (all Servers) {
	folder := t.TempDir()
	ports := freePorts(t, 2*n)
	var routes []string
	for i := range n {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[n+i]))
	}
	for i := range n {
		to := as
		to.Name, to.Port, to.Folder = fmt.Sprintf("nats%d", i+1), ports[i], filepath.Join(folder, fmt.Sprint(i))
		if n > 1 {
			to.Route, to.Routes = ports[n+i], routes
		}
		all = append(all, &Server{Name: to.Name, URL: fmt.Sprintf("nats://127.0.0.1:%d", to.Port), t: t, to: to})
	}
	for _, s := range all {
		s.start()
	}
	t.Cleanup(func() {
		for _, s := range all {
			s.Kill()
		}
	})
	for _, s := range all {
		s.awaitReady()
	}
	return all
}

// freePorts returns ports of which nobody is served now.
func freePorts(t testing.TB, n int) (ports []int) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func (s *Server) start() {
	s.t.Helper()
	text, err := json.Marshal(s.to)
	if err != nil {
		s.t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(program)
	s.cmd.Env = append(os.Environ(), variable+"="+string(text))
	s.cmd.Stderr = os.Stderr
	if s.in, err = s.cmd.StdinPipe(); err == nil {
		var out io.ReadCloser
		if out, err = s.cmd.StdoutPipe(); err == nil {
			if err = s.cmd.Start(); err == nil {
				s.out = bufio.NewReader(out)
			}
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) awaitReady() {
	s.t.Helper()
	if line, err := s.out.ReadString('\n'); line != "ready\n" {
		s.t.Fatalf("%s: %q, %v", s.Name, line, err)
	}
}

// Start starts it again, with what it has kept.
func (s *Server) Start() {
	s.t.Helper()
	s.start()
	s.awaitReady()
}

// Kill ends it as kill -9 does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()
	_ = s.in.Close()
	s.cmd = nil
}

// PID returns that of its process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Signal sends it a signal.
func (s *Server) Signal(signal os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// URLs returns how all are reached.
func (s Servers) URLs() (all []string) {
	for _, one := range s {
		all = append(all, one.URL)
	}
	return all
}

// Leader returns the one that leads a stream, when one does.
func (s Servers) Leader(t testing.TB, stream string) *Server {
	t.Helper()
	conn, js := s.Connect(t)
	defer conn.Close()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		found, err := js.Stream(ctx, stream)
		cancel()
		if err != nil {
			continue
		}
		for _, one := range s {
			if of := found.CachedInfo().Cluster; of != nil && of.Leader == one.Name {
				return one
			}
		}
	}
	t.Fatalf("nobody leads the stream %s", stream)
	return nil
}

// AwaitWhole waits until a stream has a leader, and all its copies are complete: then one of the
// servers may end.
func (s Servers) AwaitWhole(t testing.TB, stream string) {
	t.Helper()
	conn, js := s.Connect(t)
	defer conn.Close()
	for end := time.Now().Add(patience); ; <-time.After(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		found, err := js.Stream(ctx, stream)
		cancel()
		if err == nil && isWhole(found.CachedInfo().Cluster, len(s)) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the stream %s has not got all its copies back: %v", stream, err)
		}
	}
}

// isWhole reports whether there is a leader, and whether the others have all that it has.
func isWhole(of *jetstream.ClusterInfo, servers int) bool {
	if of == nil || of.Leader == "" || len(of.Replicas) != servers-1 {
		return false
	}
	for _, r := range of.Replicas {
		if !r.Current || r.Offline {
			return false
		}
	}
	return true
}

// Connect connects a test itself. It ends with the test, if not before.
func (s Servers) Connect(t testing.TB) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	var urls string
	for i, u := range s.URLs() {
		if i > 0 {
			urls += ","
		}
		urls += u
	}
	conn, err := nats.Connect(urls)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return conn, js
}
