package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"parley/users"
	"parley/users/state"
)

// The environment that makes this binary another process of the test.
const (
	childRole   = "PARLEY_STORE_TEST_ROLE"
	childFolder = "PARLEY_STORE_TEST_FOLDER"
)

func child(role, dir string) error {
	sync := SyncAlways
	if role == "flood without sync" {
		sync = SyncNone
	}
	s, err := Open(dir, options(sync))
	if err != nil {
		return err
	}
	defer s.Close()
	switch role {
	case "serve":
	case "talk":
		return talk(s)
	default:
		return flood(s)
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
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

func TestFolderInUse(t *testing.T) {
	dir := t.TempDir()
	server := start(t, "serve", dir)
	server.line(t)
	_, err := Open(dir, options(SyncAlways))
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
	server.in.Close()
	if err := server.cmd.Wait(); err != nil {
		t.Error(err)
	}
	mustOpen(t, dir)
}

// flood commits as fast as it can until it is killed, and tells what is safe. Of a number
// it keeps a message with its request, a direct message, an account and a block, and what
// addRooms says.
func flood(s *Store) error {
	kept, err := s.Load(context.Background())
	if err != nil {
		return err
	}
	random := mathrand.New(mathrand.NewPCG(kept.Last, 0))
	s.sweptAtOnce = 2
	for last := kept.Last; ; {
		var rows state.Rows
		first := last + 1
		for range 1 + random.IntN(20) {
			last++
			add(&rows, last)
		}
		if err := s.Commit(&rows); err != nil {
			return err
		}
		if err := s.SweepStep(context.Background()); err != nil {
			return err
		}
		for number := first; number <= last; number++ {
			fmt.Println(number)
		}
	}
}

func add(rows *state.Rows, number uint64) {
	name := fmt.Sprint("user", number)
	switch number % 2 {
	case 0:
		m := message(number)
		if number%4 == 0 {
			m.Room = "den"
		}
		rows.Messages = append(rows.Messages, m)
		rows.Requests = append(rows.Requests, request(number, name))
	default:
		rows.Directs = append(rows.Directs, direct(number, name, "user0"))
	}
	rows.Accounts = append(rows.Accounts, state.AccountRow{Account: account(name)})
	rows.Blocks = append(rows.Blocks, state.BlockRow{Block: users.Block{Blocker: name, Blocked: "user0"}})
	addRooms(rows, number, name)
	rows.Last, rows.Time = number, noon
	rows.Count++
}

// addRooms has the user of a number join the den, be invited to it and have read it, and
// one of before leave it. Now and then it ends, and there is another one.
func addRooms(rows *state.Rows, number uint64, name string) {
	if number%100 == 1 {
		den := state.Room{Name: "den", Number: number}
		rows.Rooms = append(rows.Rooms, state.RoomRow{Room: den, Gone: true, UpTo: number}, state.RoomRow{Room: den})
	}
	rows.Members = append(rows.Members, state.MemberRow{Member: state.Member{Room: "den", Person: name, Since: number}})
	if number > 50 {
		who := state.Member{Room: "den", Person: fmt.Sprint("user", number-50)}
		rows.Members = append(rows.Members, state.MemberRow{Member: who, Gone: true})
	}
	rows.RoomInvitations = append(rows.RoomInvitations, state.RoomInvitationRow{RoomInvitation: state.RoomInvitation{Room: "den", Person: name, By: "user0"}})
	rows.ReadCursors = append(rows.ReadCursors, state.ReadCursorRow{ReadCursor: state.ReadCursor{Person: name, Room: "den", Number: number}})
}

// TestKill kills a process that commits at random moments. Whatever it has said to be safe
// is there, and everything of a number or nothing.
func TestKill(t *testing.T) {
	for _, role := range []string{"flood", "flood without sync"} {
		t.Run(role, func(t *testing.T) { testKill(t, role) })
	}
}

func testKill(t *testing.T, role string) {
	const kills = 10
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := mathrand.New(mathrand.NewPCG(seed, 0))
	dir := t.TempDir()
	var safe uint64
	for range kills {
		p := start(t, role, dir)
		for range random.IntN(500) {
			p.line(t)
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for p.out.Scan() { // what it had said before
			if _, err := fmt.Sscan(p.out.Text(), &safe); err != nil {
				t.Fatal(err)
			}
		}
		p.cmd.Wait()
		same(t, "kept", wholeUpTo(t, dir) >= safe, true)
	}
	t.Logf("%d kills, %d said to be safe, %d kept", kills, safe, wholeUpTo(t, dir))
}

// wholeUpTo returns the last number that is kept, having seen that all of them are, each
// with all that was kept with it, in the words of add.
func wholeUpTo(t *testing.T, dir string) uint64 {
	t.Helper()
	s := mustOpen(t, dir)
	defer mustClose(t, s)
	var verdict string
	if err := s.write.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatal(verdict, err)
	}
	kept := mustLoad(t, s)
	want := state.NewTable()
	var rows state.Rows
	for number := uint64(1); number <= kept.Last; number++ {
		add(&rows, number)
	}
	want.Put(&rows)
	if kept.Last > 0 {
		same(t, "kept", kept, want.Kept())
	}
	for after := uint64(0); after < kept.Last; {
		rooms := []state.RoomFrom{{Room: state.Lobby}, {Room: "den"}}
		page, reached, err := s.MessagesAfter(context.Background(), rooms, after, kept.Last, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		wanted, _, _ := want.MessagesAfter(context.Background(), rooms, after, reached, 1<<30)
		same(t, "messages", list(page), list(wanted))
		after = reached
	}
	return kept.Last
}
