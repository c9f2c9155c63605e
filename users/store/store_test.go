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
	"parley/users/rooms"
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

func mustOpen(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A write is a call that is lacking its done.
type write func(done func(error)) error

func mustWrite(t *testing.T, writes ...write) {
	t.Helper()
	for _, w := range writes {
		if err := Wait(w); err != nil {
			t.Fatal(err)
		}
	}
}

func mustRefuse(t *testing.T, w write, want error) {
	t.Helper()
	if err := Wait(w); !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
}

func message(id uint64) rooms.Message {
	return rooms.Message{ID: id, Time: noon.Add(time.Duration(id)), Sender: "Alice", Text: fmt.Sprint("text ", id)}
}

func (s *Store) say(id uint64, request string) write {
	return func(done func(error)) error { return s.AppendMessage(message(id), request, done) }
}

func (s *Store) register(a users.Account) write {
	return func(done func(error)) error { return s.AddAccount(a, done) }
}

func (s *Store) send(d users.Direct, request string) write {
	return func(done func(error)) error { return s.PutDirect(d, request, done) }
}

func (s *Store) delete(name string) write {
	return func(done func(error)) error { return s.DeleteAccount(name, done) }
}

func account(name string) users.Account {
	return users.Account{Name: name, Hash: "$argon2id$" + name, Registered: noon}
}

func mustLoad(t *testing.T, s *Store) State {
	t.Helper()
	state, err := s.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// hold keeps the writer busy with a callback until release is called: what is
// written meanwhile waits.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	err := s.DeleteLoginBlock("nobody", func(error) { close(held); <-free })
	if err != nil {
		t.Fatal(err)
	}
	<-held
	return func() { close(free) }
}

// outcomes collects what becomes of n writes, in the order in which it is told.
type outcomes struct {
	ch chan outcome
}

type outcome struct {
	number int
	err    error
}

func newOutcomes() outcomes { return outcomes{make(chan outcome, QueueLimit)} }

func (o outcomes) done(number int) func(error) {
	return func(err error) { o.ch <- outcome{number, err} }
}

func (o outcomes) wait(n int) []outcome {
	all := make([]outcome, n)
	for i := range all {
		all[i] = <-o.ch
	}
	return all
}
