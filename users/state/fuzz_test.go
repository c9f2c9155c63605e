package state_test

import (
	"testing"

	"parley/users/command"
	"parley/users/state"
)

// No bytes that are a command break a state in which there is something, nor what is
// kept of it.
func FuzzApply(f *testing.F) {
	for seed := range uint64(8) {
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		for range commandsPerSeed {
			at, c := g.next(s)
			s.Apply(at, c, nil)
			b, err := command.Append(nil, c)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(seed, b)
		}
	}
	for _, c := range command.Kinds() {
		b, err := command.Append(nil, c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint64(0), b)
	}
	f.Fuzz(func(t *testing.T, seed uint64, b []byte) {
		c, err := command.Decode(b)
		if err != nil {
			return
		}
		g, s := newGenerator(seed), state.New(state.Kept{}, noon)
		table := state.NewTable()
		var rows state.Rows
		for range commandsPerSeed / 2 {
			at, c := g.next(s)
			s.Apply(at, c, &rows)
		}
		for i := range uint64(2) {
			if c, enters := c.(*command.Enter); enters { // with a session of its own, as all have
				c.Session.Number = 1<<40 + i
			}
			s.Apply(g.at, c, &rows)
		}
		for range commandsPerSeed / 8 {
			at, c := g.next(s)
			s.Apply(at, c, &rows)
		}
		if wrong := s.Contradiction(); wrong != "" {
			t.Errorf("%+v: %s", c, wrong)
		}
		table.Put(&rows)
		state.New(table.Kept(), g.at).Digest()
	})
}
