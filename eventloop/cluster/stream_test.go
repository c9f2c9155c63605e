package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
	"parley/users/log"
	"parley/users/state"
)

// names returns so many of accounts.
func names(prefix string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%s%03d", prefix, i))
	}
	return all
}

// together has nodes make accounts at the same time, and do something when each has made some.
func together(nodes []*node, n int, prefix string, meanwhile func()) {
	var all sync.WaitGroup
	half := make(chan struct{}, len(nodes))
	for _, one := range nodes {
		all.Go(func() {
			one.add(names(prefix+one.name, n/2)...)
			half <- struct{}{}
			one.add(names(prefix+one.name+"x", n/2)...)
		})
	}
	for range nodes {
		<-half
	}
	meanwhile()
	all.Wait()
}

// Three nodes at three servers of NATS. Followers and leaders of the stream are killed while all
// nodes talk; nothing that was acknowledged is lost, and no two nodes ever differ.
func TestServersAreKilled(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 3)
	nodes := []*node{join(t, servers, "a", state.NewTable()), join(t, servers, "b", state.NewTable()), join(t, servers, "c", state.NewTable())}
	for _, n := range nodes {
		n.begun()
	}
	together(nodes, 40, "first", func() {})
	sameEverywhere(t, nodes...)

	leader := servers.Leader(t, "parley-test")
	follower := servers[slices.IndexFunc(servers, func(s *natstest.Server) bool { return s != leader })]
	together(nodes, 40, "second", follower.Kill)
	sameEverywhere(t, nodes...)
	follower.Start()

	leader = servers.Leader(t, "parley-test")
	began := time.Now()
	together(nodes, 40, "third", leader.Kill)
	t.Logf("the leader was killed; all was acknowledged %.1f s later", time.Since(began).Seconds())
	sameEverywhere(t, nodes...)
	if got := len(nodes[0].accounts()); got != 3*3*40 {
		t.Errorf("there are %d accounts", got)
	}
}

// A node that comes later, or comes back, reads what has happened meanwhile, and does not keep
// again what it has kept.
func TestANodeComesBack(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	a, table := join(t, servers, "a", state.NewTable()), state.NewTable()
	b := join(t, servers, "b", table)
	a.begun()
	b.begun()
	a.add(names("first", 300)...) // more than are fetched at once
	b.until("b has all", func() bool { return len(b.state.AccountList()) == 300 })
	b.leave()
	mark := table.Kept().Mark
	a.add(names("second", 20)...)
	b = join(t, servers, "b", table)
	c := join(t, servers, "c", state.NewTable())
	b.begun()
	c.begun()
	b.add(names("third", 5)...)
	sameEverywhere(t, a, b, c)
	if after := table.Kept().Mark; mark.Position < 300 || after.Position <= mark.Position {
		t.Errorf("the mark was %v, and is %v", mark, after)
	}
	if len(table.Kept().Accounts) != 325 {
		t.Errorf("%d accounts are kept", len(table.Kept().Accounts))
	}
}

// What is heard may be lost on its way, and doubled: fetching fills it.
func TestNothingIsHeard(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	a := join(t, servers, "a", state.NewTable())
	a.begun()
	conn, js := servers.Connect(t)
	ctx := t.Context()
	stream, err := js.Stream(ctx, "parley-test")
	if err != nil {
		t.Fatal(err)
	}
	cfg := stream.CachedInfo().Config
	was := cfg.RePublish
	cfg.RePublish = nil
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	a.add(names("deaf", 3)...)
	cfg.RePublish = was
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	raw, err := stream.GetMsg(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	again := &nats.Msg{Subject: was.Destination, Data: raw.Data, Header: nats.Header{
		jetstream.SequenceHeader: {"2"}, "Nats-Time-Stamp": {raw.Time.UTC().Format(time.RFC3339Nano)}}}
	for range 3 {
		if err := conn.PublishMsg(again); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Publish(was.Destination, []byte("noise")); err != nil {
		t.Fatal(err)
	}
	a.add(names("hears", 3)...)
	if got := a.accounts(); len(got) != 6 || a.ended() != nil {
		t.Errorf("there are %v; %v", got, a.ended())
	}
}

// What is asked for comes as it is in the stream, and no more of it than is asked for.
func TestFetch(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	s := open(t, servers, "a")
	defer s.Close()
	_, js := servers.Connect(t)
	var want []log.Message
	for i := range 10 {
		data := bytes.Repeat([]byte{byte(i)}, i+1)
		if _, err := js.Publish(t.Context(), "parley.test.turns", data); err != nil {
			t.Fatal(err)
		}
		want = append(want, log.Message{Position: uint64(i + 1), Data: data})
	}
	posts := make(chan func(), 100)
	if err := s.Start(cluster.Node{Post: func(f func()) { posts <- f }, Arrived: func(log.Message) {}, Look: func() {}}); err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		from  uint64
		n     int
		found []log.Message
	}{{1, 256, want}, {1, 3, want[:3]}, {4, 2, want[3:5]}, {10, 256, want[9:]}, {11, 256, nil}, {500, 5, nil}} {
		var found []log.Message
		told := false
		s.Fetch(try.from, try.n, func(got []log.Message, err error) {
			if found, told = got, true; err != nil {
				t.Errorf("%d from %d: %v", try.n, try.from, err)
			}
		})
		for !told {
			(<-posts)()
		}
		if !slices.EqualFunc(found, try.found, func(a, b log.Message) bool {
			return a.Position == b.Position && bytes.Equal(a.Data, b.Data) && time.Since(a.Time) < time.Hour
		}) {
			t.Errorf("%d from %d are %v", try.n, try.from, found)
		}
	}
}

// A stream that is not the one of before, or not all of it, is found at the start.
func TestAnotherStream(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	_, js := servers.Connect(t)
	s := open(t, servers, "a")
	id := s.ID()
	s.Close()
	for range 3 {
		if _, err := js.Publish(t.Context(), "parley.test.turns", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	check := func(mark state.Mark) error {
		t.Helper()
		s := open(t, servers, "a")
		defer s.Close()
		return s.Check(mark, 0)
	}
	for mark, words := range map[state.Mark]string{
		{}:                         "",
		{Stream: id, Position: 3}:  "",
		{Stream: id, Position: 4}:  "message 4 was there, and is missing or another one now",
		{Stream: "?", Position: 2}: "the data folder belongs to the stream ?",
	} {
		if err := check(mark); (words == "") != (err == nil) || err != nil && (!errors.Is(err, log.ErrStream) || !strings.Contains(err.Error(), words)) {
			t.Errorf("with %v it says %v", mark, err)
		}
	}
	stream, err := js.Stream(t.Context(), "parley-test")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(3)); err != nil {
		t.Fatal(err)
	}
	if err := check(state.Mark{}); !errors.Is(err, log.ErrStream) || !strings.Contains(err.Error(), "it begins at message 3, and this node needs 1") {
		t.Errorf("of a stream that was trimmed it says %v", err)
	}
	if err := js.DeleteStream(t.Context(), "parley-test"); err != nil {
		t.Fatal(err)
	}
	if err := check(state.Mark{Stream: id, Position: 3}); !errors.Is(err, log.ErrStream) || !strings.Contains(err.Error(), "connect to that one, or begin with an empty data folder") {
		t.Errorf("of a new stream it says %v", err)
	}
}

// The stream loses its end while a node runs: it stops, and says what to do.
func TestTheStreamLosesItsEnd(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1)
	a := join(t, servers, "a", state.NewTable())
	a.begun()
	a.add(names("before", 5)...)
	_, js := servers.Connect(t)
	cfg := jetstream.StreamConfig{}
	if stream, err := js.Stream(t.Context(), "parley-test"); err != nil {
		t.Fatal(err)
	} else {
		cfg = stream.CachedInfo().Config
	}
	if err := js.DeleteStream(t.Context(), "parley-test"); err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); a.ended() == nil && time.Now().Before(end); <-time.After(10 * time.Millisecond) {
	}
	if err := a.ended(); !errors.Is(err, log.ErrStream) || !strings.Contains(err.Error(), "the stream has lost its end") {
		t.Errorf("it ends with %v", err)
	}
}

// What waiting does not help is refused at once, in words about what to do.
func TestWhatCannotBeOpened(t *testing.T) {
	t.Parallel()
	alone := natstest.Start(t, 1)
	_, js := alone.Connect(t)
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "parley-test", Subjects: []string{"parley.test.turns"}, MaxAge: time.Hour}); err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		urls     []string
		replicas int
		err      error
		words    string
	}{
		{natstest.StartWithoutJetStream(t).URLs(), 1, cluster.ErrServer, "JetStream is not enabled; begin them with: jetstream { store_dir: FOLDER, sync_interval: always }"},
		{natstest.StartSmall(t, 64<<10).URLs(), 1, cluster.ErrServer, "they take messages of 65536 bytes, and 589824 are needed; set max_payload: 1MB"},
		{natstest.Start(t, 1).URLs(), 3, cluster.ErrServer, "3 copies of the log are wanted of a server that is alone"},
		{alone.URLs(), 1, cluster.ErrStream, "it was not made by parley serve, it forgets messages by itself, it does not republish, or to another subject, its copies cannot be read (allow_direct); take another --cluster-name"},
	} {
		s, err := tryOpen(t, try.urls, "a", try.replicas)
		if !errors.Is(err, try.err) || !strings.Contains(err.Error(), try.words) {
			t.Errorf("it says %v, and not %s", err, try.words)
		}
		if err == nil {
			s.Close()
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := cluster.Open(ctx, cluster.Config{Servers: []string{"nats://127.0.0.1:1"}, Name: "test", Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "no server of NATS is reached at nats://127.0.0.1:1") {
		t.Errorf("without a server it says %v", err)
	}
	if _, err := cluster.Open(ctx, cluster.Config{Name: "a.b"}); err == nil || !strings.Contains(err.Error(), `"a.b" is no name of a cluster`) {
		t.Errorf("with a bad name it says %v", err)
	}
}
