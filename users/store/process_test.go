package store

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/users"
	"parley/users/rooms"
)

// The environment that makes this binary another process of the test.
const (
	childRole   = "PARLEY_STORE_TEST_ROLE"
	childFolder = "PARLEY_STORE_TEST_FOLDER"
)

func child(role, dir string) error {
	s, err := Open(dir, rand.Reader)
	if err != nil {
		return err
	}
	defer s.Close()
	if role == "flood" {
		return flood(s)
	}
	// A server that is idle: for each line it tells the changes.
	fmt.Println("ready")
	var told uint64
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		changes, last, err := s.Changes(context.Background(), told)
		if err != nil {
			return err
		}
		told = last
		for _, c := range changes {
			fmt.Print(c.Key, " ", c.Account != nil, " ")
		}
		fmt.Println()
	}
	return nil
}

// A process is a child and its pipes.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func start(t *testing.T, role, dir string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), childRole+"="+role, childFolder+"="+dir,
		"GORACE=atexit_sleep_ms=0") // the race detector sleeps a second at every end
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) line(t *testing.T) string {
	t.Helper()
	if !p.out.Scan() {
		t.Fatal("the other process has ended:", p.out.Err())
	}
	return p.out.Text()
}

func (p *process) ask(t *testing.T) string {
	t.Helper()
	if _, err := fmt.Fprintln(p.in); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(p.line(t))
}

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	server := start(t, "serve", dir)
	server.line(t)
	_, err := Open(dir, rand.Reader)
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
	server.in.Close()
	if err := server.cmd.Wait(); err != nil {
		t.Error(err)
	}
	mustOpen(t, dir)
}

// TestBesideAServer changes accounts while another process serves.
func TestBesideAServer(t *testing.T) {
	dir := t.TempDir()
	server := start(t, "serve", dir)
	server.line(t)
	defer server.cmd.Wait()
	defer server.in.Close()
	s, err := OpenBeside(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, s)
	same(t, "changes", server.ask(t), "")
	mustWrite(t, s.register(account("Bob")), s.register(account("carol")))
	same(t, "changes", server.ask(t), "bob true carol true")
	same(t, "changes", server.ask(t), "")
	mustWrite(t, s.delete("carol"))
	same(t, "changes", server.ask(t), "carol false")
}

func TestChanges(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	server := mustOpen(t, dir)
	mustWrite(t, server.register(account("alice")), server.register(account("bob")))
	mustWrite(t, func(done func(error)) error { return server.PutLoginBlock(users.LoginBlock{Key: "bob"}, done) })
	beside, err := OpenBeside(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, beside)
	same(t, "accounts seen beside", len(mustLoad(t, beside).Accounts), 2)
	if err := beside.AppendMessage(message(1), "", nil); err == nil {
		t.Error("two number the messages")
	}
	changes, last, err := server.Changes(ctx, 0)
	if err != nil || len(changes) > 0 || last != 0 {
		t.Fatal("told of its own:", changes, last, err)
	}
	mustWrite(t,
		func(done func(error)) error { return beside.SetHash("ALICE", "", "new", done) },
		func(done func(error)) error { return beside.DeleteLoginBlock("bob", done) },
		func(done func(error)) error { return beside.DeleteLoginBlock("nobody", done) },
		func(done func(error)) error {
			return beside.PutLoginBlock(users.LoginBlock{Key: "addr", Level: 1}, done)
		},
		func(done func(error)) error { return beside.SetHash("alice", "", "newer", done) })
	changes, last, err = server.Changes(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	alice, bob := account("alice"), account("bob")
	alice.Hash = "newer"
	same(t, "changes", changes, []Change{
		{Key: "alice", Account: &alice}, {Key: "bob", Account: &bob}, {Key: "nobody"}, {Key: "addr", LoginBlock: &users.LoginBlock{Key: "addr", Level: 1}},
	})
	changes, again, err := server.Changes(ctx, last)
	if err != nil || len(changes) > 0 || again != last {
		t.Error(changes, last, again, err)
	}
	mustClose(t, server)
	changes, _, err = mustOpen(t, dir).Changes(ctx, 0)
	if err != nil || len(changes) > 0 {
		t.Error("told of what it has loaded:", changes, err)
	}
}

// TestBothWrite has a server and a command write at the same time, both what
// reads first: neither may find that what it has read is out of date.
func TestBothWrite(t *testing.T) {
	dir := t.TempDir()
	server := mustOpen(t, dir)
	beside, err := OpenBeside(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, beside)
	mustWrite(t, server.register(account("bob")))
	const each = 300
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range each {
			if err := Wait(server.send(users.Direct{ID: uint64(i + 1), To: "bob"}, "")); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Go(func() {
		for i := range each {
			if err := Wait(beside.register(account(fmt.Sprint("user", i)))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	state := mustLoad(t, server)
	same(t, "accounts and directs", [2]int{len(state.Accounts), state.Waiting.Len("bob")}, [2]int{each + 1, each})
}

// TestMigrationBesideAServer has a command of a newer version, which must not
// change the schema while a server of this one may run.
func TestMigrationBesideAServer(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	newer := append(steps, "ALTER TABLE messages ADD COLUMN room TEXT")
	dir := t.TempDir()
	server := mustOpen(t, dir)
	if _, err := openWith(newer, dir, rand.Reader, true); !errors.Is(err, ErrInUse) {
		t.Error(err)
	}
	mustWrite(t, server.say(1, ""))
	mustClose(t, server)
	beside, err := openWith(newer, dir, rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, beside)
	if _, err := Open(dir, rand.Reader); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
	server, err = openWith(newer, dir, rand.Reader, false)
	if err != nil {
		t.Fatal("the command still has the folder:", err)
	}
	mustClose(t, server)
}

// flood writes as fast as it can until it is killed, and tells what is safe.
func flood(s *Store) error {
	state, err := s.Load(context.Background())
	if err != nil {
		return err
	}
	places := make(chan struct{}, 300)
	told := func(kind string, id uint64) func(error) {
		return func(err error) {
			if err != nil {
				kind = "error " + err.Error()
			}
			fmt.Println(kind, id)
			<-places
		}
	}
	// Registers the receiver of the direct messages, the first time.
	if err := Wait(func(done func(error)) error { return s.AddAccount(users.Account{Name: "user0"}, done) }); err != nil &&
		!errors.Is(err, users.ErrRegistered) {
		return err
	}
	const unsettled = 1000 // more than may have been numbered and not told when the last one was killed
	for id := max(state.Last, state.LastDirect) + unsettled; ; id++ {
		places <- struct{}{}
		name := fmt.Sprint("user", id)
		var err error
		switch id % 5 {
		default:
			m := rooms.Message{ID: id, Sender: name, Text: fmt.Sprint("text ", id)}
			err = s.AppendMessage(m, fmt.Sprint("request ", id), told("message", id))
		case 2:
			err = s.AddAccount(users.Account{Name: name, Hash: "hash"}, told("account", id))
		case 3:
			err = s.PutBlock(users.Block{Blocker: "user0", Blocked: name}, told("block", id))
		case 4:
			err = s.PutDirect(users.Direct{ID: id, From: name, To: "user0", Text: "psst"}, "", told("direct", id))
		}
		if err != nil {
			return err
		}
	}
}

// TestKill kills a writing process at random moments. Whatever it was told to be
// safe is there, once and in order.
func TestKill(t *testing.T) {
	const kills = 20
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := mathrand.New(mathrand.NewPCG(seed, 0))
	dir := t.TempDir()
	safe := map[string]bool{}
	for range kills {
		p := start(t, "flood", dir)
		for range random.IntN(500) {
			safe[p.line(t)] = true
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for p.out.Scan() { // what it had said before
			safe[p.out.Text()] = true
		}
		p.cmd.Wait()
	}
	s := mustOpen(t, dir)
	kept := keptBy(t, s)
	lost := 0
	for line := range safe {
		if !kept[line] {
			lost++
			t.Errorf("lost: %s", line)
		}
	}
	t.Logf("%d kills, %d acknowledged, %d kept, %d lost", kills, len(safe), len(kept), lost)
	var verdict string
	if err := s.write.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Error(verdict, err)
	}
}

// keptBy returns what is in the store, in the words of flood.
func keptBy(t *testing.T, s *Store) map[string]bool {
	t.Helper()
	kept := map[string]bool{}
	requests := map[uint64]bool{}
	state := mustLoad(t, s)
	for _, r := range state.Requests {
		requests[r.Number] = true
	}
	for before := state.Last + 1; ; {
		page, err := s.Before(context.Background(), before, PageLimit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for i, m := range page {
			if i > 0 && m.ID <= page[i-1].ID || m.ID >= before || m.Text != fmt.Sprint("text ", m.ID) || !requests[m.ID] {
				t.Errorf("message %+v, request remembered: %v", m, requests[m.ID])
			}
			kept[fmt.Sprint("message ", m.ID)] = true
		}
		before = page[0].ID
	}
	for _, a := range state.Accounts {
		kept[strings.Replace(a.Name, "user", "account ", 1)] = true
	}
	for _, b := range state.Blocks {
		kept[strings.Replace(b.Blocked, "user", "block ", 1)] = true
	}
	directs, err := s.Directs(context.Background(), "user0")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range directs {
		kept[fmt.Sprint("direct ", d.ID)] = true
	}
	return kept
}
