package state_test

import (
	"fmt"
	"testing"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// remembered is a state that remembers so many names, each of an account that was there, has
// said something and is in a room.
func remembered(b *testing.B, names int) *state.State {
	b.Helper()
	s := state.New(state.Kept{}, noon)
	limits := command.Limits{Accounts: names, Sessions: 5, GuestGrace: time.Hour, Lockouts: users.DefaultLockoutLimits()}
	s.Apply(noon, &limits, nil)
	do := func(i int, c command.Command) {
		if r := s.Apply(noon.Add(time.Duration(i)*time.Millisecond), c, nil); r.Err != nil {
			b.Fatalf("%T: %v", c, r.Err)
		}
	}
	for i := range names {
		name, session := fmt.Sprint("name", i), command.Session{Node: 1, Number: uint64(i + 1)}
		by := command.By{Name: name, Session: session}
		do(i, &command.Enter{Name: name, Session: session, Addr: "addr:192.0.2.1", Token: fmt.Sprintf("%032d", i),
			Hash: "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g"})
		do(i, &command.Message{By: by, ID: fmt.Sprint("id", i), Room: state.Lobby, Text: "hi"})
		room := fmt.Sprint("room", i/100)
		if i%100 == 0 {
			do(i, &command.CreateRoom{By: by, Room: room})
		} else {
			do(i, &command.JoinRoom{By: by, Room: room})
		}
		if i%2 == 0 {
			do(i, &command.Leave{By: by, Why: users.LoggedOut})
		}
	}
	return s
}

// What a snapshot of 100,000 names costs: on the loop that owns the state only copying it. What
// was measured is an upper bound, since others had most of the machine (load 12 on 2 shared cores of
// an AMD EPYC, Linux, Go 1.26.8, 2026-11-27, -benchtime 5x):
//
//	copy      498 ms, 50 MB of memory
//	encode    6.5 s with copying, 35 MB of bytes, on another goroutine
//	restore   3.1 s
func BenchmarkSnapshot(b *testing.B) {
	const names = 100_000
	s := remembered(b, names)
	encoded, err := s.Snapshot().Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("copy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Snapshot()
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Snapshot().Encode(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(encoded)), "bytes")
	})
	b.Run("restore", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := state.DecodeSnapshot(encoded)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := v.Restore(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
