package cluster_test

import (
	"io"
	"net"
	"testing"
	"time"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/users/log"
)

// silentServer takes connections as a server of NATS, and says nothing. It returns its URL, and
// the connections.
func silentServer(t *testing.T) (url string, taken <-chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conns, ended := make(chan net.Conn, 1000), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns <- conn
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
		close(conns)
		for conn := range conns {
			_ = conn.Close()
		}
	})
	return "nats://" + l.Addr().String(), conns
}

// isAwaited speaks at last, ends the connection, and returns whether it was still waited for.
func isAwaited(conn net.Conn) bool {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, `INFO {"server_id":"silent","version":"2.15.3","headers":true,"max_payload":1048576}`+"\r\n"); err != nil {
		return false
	}
	answer := make([]byte, len("CONNECT"))
	_, err := io.ReadFull(conn, answer)
	return err == nil && string(answer) == "CONNECT"
}

// A connection to NATS that is lost is made anew, which takes as long as servers do not answer.
// The node's goroutine, which is that of all who are connected there, does not wait for that.
func TestNobodyWaitsForAConnection(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	url, taken := silentServer(t)
	s, err := tryOpen(t, append(servers.URLs(), url), "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Start(cluster.Node{Post: func(f func()) { f() }, Arrived: func(log.Message) {}, Look: func() {}}); err != nil {
		t.Fatal(err)
	}
	servers[0].Kill()
	for n := range uint32(5) { // it may be slow once, and one connection may be from before
		var conn net.Conn
		select {
		case conn = <-taken:
		case <-time.After(patience):
			t.Fatal("it does not try to connect")
		}
		s.Publish([]byte("a turn"))
		s.Publish([]byte("the same turn"))
		s.Listen(n + 1)
		if isAwaited(conn) {
			return
		}
	}
	t.Error("what is published waits until a server was given up")
}
