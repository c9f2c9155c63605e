package state

import (
	"fmt"
	"slices"
	"time"

	"parley/users/command"
)

// What is saved of nodes and hooks: see Snapshot.

type savedNodes struct {
	Log  string      `cbor:"1,keyasint,omitzero"`
	All  []savedNode `cbor:"2,keyasint,omitempty"` // in the order of their numbers
	Beat uint64      `cbor:"3,keyasint,omitzero"`
}

type savedNode struct {
	Node  savedNodeFields        `cbor:"1,keyasint"`
	Beats [BeatsUntilGone]uint64 `cbor:"2,keyasint"`
}

type savedNodeFields struct {
	Name   string `cbor:"1,keyasint"`
	Number uint32 `cbor:"2,keyasint"`
	Epoch  uint64 `cbor:"3,keyasint"`
	Run    string `cbor:"4,keyasint"`
	Turn   uint64 `cbor:"5,keyasint,omitzero"`
	Gone   bool   `cbor:"6,keyasint,omitzero"`

	Kinds command.Kind `cbor:"7,keyasint,omitzero"`
	Mark  uint64       `cbor:"8,keyasint,omitzero"`
	Sum   uint64       `cbor:"9,keyasint,omitzero"`
	Beat  uint64       `cbor:"10,keyasint,omitzero"`

	beats [BeatsUntilGone]uint64
}

func (t *nodes) save() savedNodes {
	saved := savedNodes{Log: t.log, Beat: t.beat}
	for _, n := range t.all {
		saved.All = append(saved.All, savedNode{savedNodeFields(*n), n.beats})
	}
	return saved
}

func (t *nodes) load(saved savedNodes) error {
	t.log, t.beat = saved.Log, saved.Beat
	for i, v := range saved.All {
		if v.Node.Number != uint32(i+1) || t.named(v.Node.Name) != nil || len(t.all) >= MaxNodes {
			return fmt.Errorf("node %d, %q, cannot be", v.Node.Number, v.Node.Name)
		}
		n := Node(v.Node)
		n.beats = v.Beats
		t.all = append(t.all, &n)
	}
	return nil
}

type savedHook struct {
	Name  string    `cbor:"1,keyasint"`
	Room  string    `cbor:"2,keyasint"`
	Token string    `cbor:"3,keyasint,omitzero"`
	Made  time.Time `cbor:"4,keyasint,omitzero"`

	URL     string `cbor:"5,keyasint,omitzero"`
	Secret  string `cbor:"6,keyasint,omitzero"`
	Number  uint64 `cbor:"7,keyasint,omitzero"`
	Stopped bool   `cbor:"8,keyasint,omitzero"`
	Sent    uint64 `cbor:"9,keyasint,omitzero"` // since version 2
}

func (h hooks) save() []savedHook {
	all := make([]savedHook, len(h))
	for i, v := range h {
		all[i] = savedHook(v)
	}
	return all
}

func (h *hooks) load(all []savedHook) error {
	for _, v := range all {
		*h = append(*h, Hook(v))
	}
	if !slices.IsSortedFunc(*h, func(a, b Hook) int { return compareFolded(a.Name, b.Name) }) || len(*h) > MaxHooks {
		return fmt.Errorf("the hooks are in another order, or too many")
	}
	return nil
}
