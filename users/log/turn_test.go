package log

import (
	"bytes"
	"errors"
	"testing"

	"parley/users/command"
)

func encodedForTest(t testing.TB, commands ...command.Command) (all [][]byte) {
	for _, c := range commands {
		b, err := command.Append(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

func TestTurns(t *testing.T) {
	begin, sweep := &command.Begin{Node: "a", Epoch: 1}, &command.Sweep{}
	got, err := decodeTurn(encodedTurn{Node: 3, Epoch: 4, Number: 5, Commands: encodedForTest(t, sweep, sweep)}.encode(), Kinds{}.orOwn())
	if err != nil || got.node != 3 || got.epoch != 4 || got.number != 5 || len(got.commands) != 2 || got.begins() != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = decodeTurn(encodedTurn{Epoch: 1, Commands: encodedForTest(t, begin)}.encode(), Kinds{}.orOwn())
	if err != nil || got.begins() == nil {
		t.Errorf("a beginning: %+v, %v", got, err)
	}
	newer := encodedTurn{Node: 1, Epoch: 1, Number: 1}.encode()
	newer[1] = turnVersion + 1
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":      {nil, errTurn},
		"text":         {[]byte("hello"), errTurn},
		"nobody's":     {encodedTurn{Epoch: 1, Number: 1, Commands: encodedForTest(t, sweep)}.encode(), errTurn},
		"two begin":    {encodedTurn{Epoch: 1, Commands: encodedForTest(t, begin, begin)}.encode(), errTurn},
		"newer":        {newer, command.ErrVersion},
		"no command":   {encodedTurn{Node: 1, Epoch: 1, Commands: [][]byte{{1}}}.encode(), command.ErrEncoding},
		"a later kind": {encodedTurn{Node: 1, Commands: [][]byte{{0x83, 0x19, 0x27, 0x0f, 1, 0xa0}}}.encode(), command.ErrKind},
	} {
		if _, err := decodeTurn(c.b, Kinds{}.orOwn()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// No bytes break the decoder; what it takes says the same when it is encoded again.
func FuzzDecodeTurn(f *testing.F) {
	f.Add(encodedTurn{Node: 3, Epoch: 4, Number: 5, Commands: encodedForTest(f, &command.Sweep{}, &command.Seen{Number: 7})}.encode())
	f.Add(encodedTurn{Epoch: 1, Commands: encodedForTest(f, &command.Begin{Node: "a", Epoch: 1})}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		one, err := decodeTurn(b, Kinds{}.orOwn())
		if err != nil {
			return
		}
		again := encodedTurn{Node: one.node, Epoch: one.epoch, Number: one.number, Commands: encodedForTest(t, one.commands...)}.encode()
		other, err := decodeTurn(again, Kinds{}.orOwn())
		if err != nil || other.node != one.node || other.epoch != one.epoch || other.number != one.number {
			t.Fatalf("%+v became %+v, %v", one, other, err)
		}
		for i, c := range encodedForTest(t, one.commands...) {
			if !bytes.Equal(c, encodedForTest(t, other.commands[i])[0]) {
				t.Errorf("command %d is another", i)
			}
		}
	})
}
