package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/users"
	"parley/users/state"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		if err := child(role, os.Getenv(childFolder)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC)

func options(sync Sync) Options { return Options{Random: rand.Reader, Sync: sync} }

func mustOpen(t testing.TB, dir string) *Store { return mustOpenWith(t, dir, SyncAlways) }

func mustOpenWith(t testing.TB, dir string, sync Sync) *Store {
	t.Helper()
	s, err := Open(dir, options(sync))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func mustCommit(t testing.TB, s *Store, batches ...state.Rows) {
	t.Helper()
	for i := range batches {
		batches[i].Count = 1
		if err := s.Commit(&batches[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func mustRefuse(t testing.TB, s *Store, rows state.Rows, want error) {
	t.Helper()
	rows.Count = 1
	if err := s.Commit(&rows); !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func mustLoad(t testing.TB, s *Store) state.Kept {
	t.Helper()
	kept, err := s.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// message is the one with a number, in the lobby.
func message(number uint64) state.Message {
	return state.Message{
		Number: number, Room: state.Lobby, Time: noon.Add(time.Duration(number)), Sender: "Alice", Text: fmt.Sprint("text ", number),
	}
}

// said are the rows of messages, each of which was asked for by a request of its number.
func said(numbers ...uint64) (rows state.Rows) {
	for _, number := range numbers {
		m := message(number)
		rows.Messages = append(rows.Messages, m)
		rows.Requests = append(rows.Requests, request(number, "alice"))
		rows.Last, rows.Time = number, m.Time
	}
	return rows
}

// request is the one with a serial, which created what has the same number.
func request(serial uint64, person string) state.Request {
	return state.Request{
		Serial: serial, Person: person, ID: fmt.Sprint("r", serial), Digest: 1<<63 + serial, Number: serial,
		Time: noon.Add(time.Duration(serial)),
	}
}

func direct(number uint64, from, to string) state.Direct {
	return state.Direct{
		Number: number, Time: noon.Add(time.Duration(number)), Sender: "The" + from, From: from, To: "The" + to, Person: to,
		Text: fmt.Sprint("psst ", number),
	}
}

func account(name string) users.Account {
	return users.Account{Name: name, Hash: "$argon2id$" + name, Registered: noon}
}

// lobby is what is read of all that was said there.
var lobby = []state.RoomFrom{{Room: state.Lobby}}

func newest(t testing.TB, s *Store) []state.Message {
	t.Helper()
	page, err := s.Newest(context.Background(), state.Lobby, PageLimit)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}
