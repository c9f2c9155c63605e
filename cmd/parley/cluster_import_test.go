//go:build unix

package main

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster/natstest"
	"parley/protocol"
)

// A returning is somebody who comes to one server after the other, which are the same one.
type returning struct {
	t                *testing.T
	token, log, name string
	newest           uint64 // number that was heard
}

// at comes back to a server, and says something there. It must be told what has come since, and
// nothing else.
func (r *returning) at(addr, says string, missed ...string) {
	r.t.Helper()
	c, err := dial(addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	p := &person{c, r.t}
	again := r.token != ""
	p.send(protocol.Request{Verb: "login", Ref: "login", Content: protocol.Content{Text: r.name}, Extended: true, Token: r.token, Log: r.log, After: r.newest, HasAfter: again})
	in := p.hears(protocol.EventLogin, "")
	if again && (in.Data.Log != r.log || in.Data.Resume != protocol.ResumeFollows || in.Data.Token != r.token) {
		r.t.Errorf("%s comes back to the log %s, and is told %+v", r.name, r.log, *in.Data)
	}
	r.log, r.token = in.Data.Log, in.Data.Token
	for _, words := range missed {
		r.newest = p.hears(protocol.EventMessage, words).Data.ID
	}
	said := p.until("msg", protocol.EventAccepted, "text", says)
	if said.Data.ID <= r.newest {
		r.t.Errorf("what is said has the number %d behind %d", said.Data.ID, r.newest)
	}
	r.newest = said.Data.ID
}

// tries runs a command, which must say something, and fail if so wanted.
func tries(t *testing.T, fails bool, words, args string) {
	t.Helper()
	out, err := parley(t, strings.Fields(args)...).CombinedOutput()
	if (err != nil) != fails || !strings.Contains(string(out), words) {
		t.Errorf("parley %s: %v: it says %s, and not %s", args, err, out, words)
	}
}

// A single server becomes a cluster, whose log is trimmed; nodes come that are new, or were away,
// and begin with a snapshot, also where the newest is damaged; a node becomes a single server.
// Whoever was there comes back every time as if nothing had been.
func TestASingleServerBecomesAClusterAndBack(t *testing.T) {
	alone := t.TempDir()
	anna, bert := &returning{t: t, name: "anna"}, &returning{t: t, name: "bert"}
	s := serveIn(t, alone, nil, "127.0.0.1:0")
	bert.at(s.addrs[0], "I am bert")
	anna.at(s.addrs[0], "before")
	f := &fleet{t: t, nats: natstest.Start(t, 1), nodes: []serving{s, {}, {}}, data: []string{t.TempDir(), t.TempDir(), t.TempDir()}}
	url := f.nats.URLs()[0]
	tries(t, true, "stop it first", "cluster import --data "+alone+" --cluster-replicas 1 --cluster "+url)
	f.end(0, syscall.SIGTERM)
	tries(t, true, "3 copies of the log are wanted", "cluster import --data "+alone+" --cluster "+url)
	tries(t, false, "has all that is kept", "cluster import --data "+alone+" --cluster-replicas 1 --cluster "+url)
	tries(t, true, "there is a cluster of that name already", "cluster import --data "+alone+" --cluster-replicas 1 --cluster "+url)
	tries(t, true, "keeps nothing", "cluster import --data "+f.data[0]+" --cluster "+url)

	f.flags = []string{"--cluster-replicas", "1", "--cluster-snapshots", "2s"}
	f.start(0)
	f.says(0, "it begins with a snapshot of the cluster")
	anna.at(f.nodes[0].addrs[0], "on a node")
	f.start(1)
	bert.at(f.nodes[1].addrs[0], "on another", "before", "on a node")
	f.end(1, syscall.SIGKILL)
	anna.at(f.nodes[0].addrs[0], "more", "on another")
	f.trimmed(f.last())
	f.start(1)
	f.says(1, "it begins with a snapshot of the cluster")
	bert.at(f.nodes[1].addrs[0], "back", "more")

	f.end(0, syscall.SIGTERM)
	f.end(1, syscall.SIGTERM)
	f.damageNewest()
	f.start(2)
	f.says(2, "a snapshot of the cluster cannot be used")
	f.says(2, "it begins with a snapshot of the cluster")
	anna.at(f.nodes[2].addrs[0], "on the third", "back")
	f.end(2, syscall.SIGTERM)

	single := filepath.Join(t.TempDir(), "single")
	tries(t, true, "the log has messages up to", "cluster export --data "+f.data[0]+" --to "+single+" --cluster "+url)
	tries(t, true, "say where that is", "cluster export --data "+f.data[2]+" --to "+single)
	tries(t, true, "does not belong to a node", "cluster export --data "+alone+" --to "+single+" --behind")
	tries(t, false, "is the data folder of a single server", "cluster export --data "+f.data[2]+" --to "+single+" --cluster "+url)
	tries(t, true, "has a database already", "cluster export --data "+f.data[2]+" --to "+single+" --behind")
	s = serveIn(t, single, nil, "127.0.0.1:0")
	bert.at(s.addrs[0], "at home", "on the third")
	anna.at(s.addrs[0], "me, too", "at home")
}

// says waits until a node has said something.
func (f *fleet) says(i int, words string) {
	f.t.Helper()
	for until := time.Now().Add(deadline); !strings.Contains(f.nodes[i].log.String(), words); <-time.After(10 * time.Millisecond) {
		if time.Now().After(until) {
			f.t.Fatalf("node %d does not say %q: %s", i, words, f.nodes[i].log)
		}
	}
}

// last returns the position of the newest message of the log.
func (f *fleet) last() uint64 { return f.log().LastSeq }

func (f *fleet) log() jetstream.StreamState {
	f.t.Helper()
	conn, js := f.nats.Connect(f.t)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(f.t.Context(), deadline)
	defer cancel()
	stream, err := js.Stream(ctx, "parley-parley")
	if err != nil {
		f.t.Fatal(err)
	}
	return stream.CachedInfo().State
}

// trimmed waits until the log begins behind a position.
func (f *fleet) trimmed(behind uint64) {
	f.t.Helper()
	for end := time.Now().Add(6 * deadline); f.log().FirstSeq <= behind; <-time.After(100 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatalf("the log is not trimmed: it begins at %d, and not behind %d; %s", f.log().FirstSeq, behind, f.nodes[0].log)
		}
	}
}

// damageNewest puts other bytes in the place of the last ones of the newest snapshot.
func (f *fleet) damageNewest() {
	f.t.Helper()
	const bucket = "parley-parley-snapshots"
	conn, js := f.nats.Connect(f.t)
	defer conn.Close()
	objects, err := js.ObjectStore(f.t.Context(), bucket)
	if err != nil {
		f.t.Fatal(err)
	}
	all, err := objects.List(f.t.Context())
	if err != nil || len(all) != 2 {
		f.t.Fatal(all, err)
	}
	newest := all[0]
	if all[1].Name > newest.Name {
		newest = all[1]
	}
	inside, err := js.Stream(f.t.Context(), "OBJ_"+bucket)
	if err != nil {
		f.t.Fatal(err)
	}
	subject := "$O." + bucket + ".C." + newest.NUID
	part, err := inside.GetLastMsgForSubject(f.t.Context(), subject)
	if err == nil {
		err = inside.DeleteMsg(f.t.Context(), part.Sequence)
	}
	if err == nil {
		_, err = js.Publish(f.t.Context(), subject, part.Data[1:])
	}
	if err != nil {
		f.t.Fatal(err)
	}
}
