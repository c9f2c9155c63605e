//go:build unix

package main

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"parley/eventloop/cluster/natstest"
)

// A trap stands between one process and a server of NATS. When the server answers a request of the
// process, that is killed; or the answer is lost, where kill does nothing.
type trap struct {
	url    string
	listen net.Listener
	words  []byte        // in the request
	sprung chan struct{} // it has come, and its answer is lost
	once   sync.Once
}

// setTrap sets one before a server, for a request that has some words in it.
func setTrap(t *testing.T, server, words string) *trap {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &trap{url: "nats://" + l.Addr().String(), listen: l, words: []byte(words), sprung: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.pass(near, strings.TrimPrefix(server, "nats://")) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return s
}

// pass passes on what the process sends, and what the server sends but for the answer.
func (s *trap) pass(near net.Conn, server string) {
	defer near.Close()
	far, err := net.Dial("tcp", server)
	if err != nil {
		return // it has ended
	}
	defer far.Close()
	asked := make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() {
		defer far.Close()
		b, seen, was := make([]byte, 32<<10), []byte(nil), false
		for {
			n, err := near.Read(b)
			if err != nil {
				return
			}
			if seen = append(seen, b[:n]...); !was && bytes.Contains(seen, s.words) {
				was = true
				close(asked)
			}
			seen = seen[max(0, len(seen)-len(s.words)):]
			if _, err := far.Write(b[:n]); err != nil {
				return
			}
		}
	})
	both.Go(func() {
		defer near.Close()
		b := make([]byte, 32<<10)
		for {
			n, err := far.Read(b)
			if err != nil {
				return
			}
			lost := false
			select {
			case <-asked:
				s.once.Do(func() { lost = true; close(s.sprung) })
			default:
			}
			if lost {
				continue
			}
			if _, err := near.Write(b[:n]); err != nil {
				return
			}
		}
	})
	both.Wait()
}

// An import that is killed, wherever that is, or does not hear that the stream was made, has made the cluster or it has not: then it can be
// done again, and else a node begins with what was imported. Either way there is one snapshot.
func TestAnImportIsKilled(t *testing.T) {
	alone := t.TempDir()
	anna := &returning{t: t, name: "anna"}
	s := serveIn(t, alone, nil, "127.0.0.1:0")
	anna.at(s.addrs[0], "before")
	end := &fleet{t: t, nodes: []serving{s}}
	end.end(0, syscall.SIGTERM)
	nats := natstest.Start(t, 1)
	url := nats.URLs()[0]
	for _, c := range []struct {
		name, words string // of the request behind which it is killed; NAME is the cluster's
		made        bool
		says        string // if only the answer is lost
	}{
		{"store", "$JS.API.STREAM.CREATE.OBJ_parley-NAME-snapshots ", false, ""},
		{"half", "PUB $O.parley-NAME-snapshots.C.", false, ""},
		{"object", "PUB $O.parley-NAME-snapshots.M.", false, ""},
		{"stream", "$JS.API.STREAM.CREATE.parley-NAME ", true, ""},
		{"answer", "$JS.API.STREAM.CREATE.parley-NAME ", true, "do not say whether the stream parley-answer is made; try again"},
		{"message", "PUB parley.NAME.turns ", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := " --cluster-replicas 1 --cluster-name " + c.name + " --cluster "
			trap := setTrap(t, url, strings.ReplaceAll(c.words, "NAME", c.name))
			cmd := parley(t, strings.Fields("cluster import --data "+alone+to+trap.url)...)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			var err error
			select {
			case <-trap.sprung:
				if c.says == "" {
					_ = cmd.Process.Kill()
				}
				err = <-ended
			case err = <-ended:
			}
			if err == nil || !strings.Contains(out.String(), c.says) || c.says == "" && out.Len() > 0 {
				t.Fatalf("%v: it says %s", err, out.String())
			}
			if again := "cluster import --data " + alone + to + url; c.made {
				tries(t, true, "an import has made it, and no node has begun there yet; to import again, delete its stream parley-"+c.name, again)
			} else {
				tries(t, false, "has all that is kept", again)
			}
			f := &fleet{t: t, nats: nats, nodes: make([]serving, 1), data: []string{t.TempDir()}, flags: []string{"--cluster-replicas", "1", "--cluster-name", c.name}}
			f.start(0)
			f.says(0, "it begins with a snapshot of the cluster")
			here := *anna
			here.t = t
			here.at(f.nodes[0].addrs[0], "on a node")
			tries(t, true, "there is a cluster of that name already; take another --cluster-name, or delete its stream", "cluster import --data "+alone+to+url)
			f.end(0, syscall.SIGTERM)
			_, js := nats.Connect(t)
			objects, err := js.ObjectStore(t.Context(), "parley-"+c.name+"-snapshots")
			if err != nil {
				t.Fatal(err)
			}
			if all, err := objects.List(t.Context()); len(all) != 1 || err != nil {
				t.Errorf("there are %d snapshots: %v", len(all), err)
			}
		})
	}
}
