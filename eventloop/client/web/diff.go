package web

import (
	"maps"
	"slices"
	"strings"
)

// diff returns what has become of a state, nil if nothing has.
func diff(was, is *State) *State {
	d := new(State)
	changed := field(&d.Self, was.Self, is.Self)
	changed = field(&d.Server, was.Server, is.Server) || changed
	changed = field(&d.Connection, was.Connection, is.Connection) || changed
	changed = field(&d.Question, was.Question, is.Question) || changed
	changed = field(&d.To, was.To, is.To) || changed
	changed = field(&d.Writing, was.Writing, is.Writing) || changed
	d.Conversations = members(was.Conversations, is.Conversations, same[Conversation])
	d.People = members(was.People, is.People, samePerson)
	d.Peers = members(was.Peers, is.Peers, samePeer)
	if !maps.Equal(was.Settings, is.Settings) {
		d.Settings = is.Settings
	}
	if changed || d.Conversations != nil || d.People != nil || d.Peers != nil || d.Settings != nil {
		return d
	}
	return nil
}

func field[T comparable](d **T, was, is *T) bool {
	if *was == *is {
		return false
	}
	*d = is
	return true
}

// members returns those that are new or are others now, and nil for those that are gone; nil
// if there are none.
func members[T any](was, is map[string]*T, same func(x, y *T) bool) map[string]*T {
	var d map[string]*T
	set := func(key string, value *T) {
		if d == nil {
			d = make(map[string]*T)
		}
		d[key] = value
	}
	for key, value := range is {
		if before := was[key]; before == nil || before != value && !same(before, value) {
			set(key, value)
		}
	}
	for key := range was {
		if is[key] == nil {
			set(key, nil)
		}
	}
	return d
}

func same[T comparable](x, y *T) bool { return *x == *y }

func samePerson(x, y *Person) bool {
	return x.Name == y.Name && x.Away == y.Away && x.Why == y.Why && slices.Equal(x.Rooms, y.Rooms)
}

func samePeer(x, y *Peer) bool {
	a, b := *x, *y
	known := a.Known == b.Known || a.Known != nil && b.Known != nil && *a.Known == *b.Known
	a.Known, b.Known = nil, nil
	return known && a == b
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }
